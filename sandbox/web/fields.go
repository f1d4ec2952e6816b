package web

import (
	"fmt"
	"slices"
)

// performerField is changed by assigning, not by editing.
const performerField = "TyonsuorittajaYritysId"

// noticeFields are the wire fields that a person can fill in, in the read spelling of the contract.
var noticeFields = []string{
	"TyötehtävänOtsikko", "TyötehtävänKuvaus", "TyötehtävänLisätiedot", "Sisäänpääsy", "Kotieläimet", "Vikaluokka", "Kiireellisyys",
	"Huoneisto", "SuoritusaikaAikaisintaan", "SuoritusaikaViimeistään", "TyöValmisViimeistään",
	"Tilaaja", "TilaajanPuhelin", "TilaajanSähköposti", "TilaajanKatuosoite", "TilaajanPostinumero", "TilaajanPostitoimipaikka",
	"Ilmoittaja", "IlmoittajanPuhelin", "IlmoittajanSähköposti", "IlmoittajanKatuosoite", "IlmoittajanPostinumero", "IlmoittajanPostitoimipaikka",
	"Maksaja", "MaksajanPuhelin", "MaksajanSähköposti",
}

// flagFields are filled in as yes or no.
var flagFields = []string{"TilaajanTurvakielto", "IlmoittajanTurvakielto", "MaksajanTurvakielto"}

// shownFields are all that the page shows of a notice.
func shownFields() []string {
	return slices.Concat(noticeFields, flagFields, []string{
		"Guid", "ParentId", "IlmoitusTehty", "Muokattu", "KohdeId", "Kiinteistö", "TyonsuorittajaYritysNimi", "TyonsuorittajaHenkiloNimi",
	})
}

// wireFields checks what came from the form. An empty text is null, as Tampuuri has it.
func wireFields(given map[string]any) (map[string]any, error) {
	fields := make(map[string]any, len(given))
	for name, value := range given {
		switch value := value.(type) {
		case string:
			if !slices.Contains(noticeFields, name) {
				return nil, fmt.Errorf("a notice has no text field %q to fill in", name)
			}
			fields[name] = value
			if value == "" {
				fields[name] = nil
			}
		case bool:
			if !slices.Contains(flagFields, name) {
				return nil, fmt.Errorf("a notice has no yes-or-no field %q to fill in", name)
			}
			fields[name] = value
		default:
			return nil, fmt.Errorf("field %q must be text or yes or no", name)
		}
	}
	return fields, nil
}
