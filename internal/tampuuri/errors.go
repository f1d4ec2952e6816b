package tampuuri

import "errors"

// Reasons that a call was not made.
var (
	errID          = errors.New("the id is not above zero")
	errBrowseInput = errors.New("the performer id must be above zero, the offset not below it, the limit 1 to 100")
	errTooManyIDs  = errors.New("more than 100 ids; ask in parts")
	errStateInput  = errors.New("the id must be above zero and the state must be given")
	errDate        = errors.New("the date is not YYYY-MM-DD")
)

// knownFields are the names that may be repeated from an error body's
// ModelState. ASSUMED that Tampuuri names fields as it spells them elsewhere.
var knownFields = []string{
	"IlmoitusIdt", "Tila", "IlmoitaOsallisille", "Paivamaara", "Päivämäärä", "Resurssi", "Yhteenveto",
	"TyonsuorittajaYritysId", "MuokattuAlkaen", "Offset", "Limit", "KohdeId",
}
