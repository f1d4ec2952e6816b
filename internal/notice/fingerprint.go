package notice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tampuuri-hillava/internal/mask"
)

// keyLength is the least length of a key in bytes (FINGERPRINT_KEY).
const keyLength = 32

// Keyer makes the keyed hashes that Temporal may hold in place of texts. Without the key nobody can find out what was
// hashed by trying; with a new key every hash differs, which costs one superfluous note per open notice.
type Keyer struct{ key []byte }

// NewKeyer makes a Keyer of at least 32 secret bytes. The error does not quote the key.
func NewKeyer(key []byte) (Keyer, error) {
	if len(key) < keyLength {
		return Keyer{}, fmt.Errorf("fingerprint key has %s, needs at least %d: make one with openssl rand -hex 32",
			Count(len(key), "byte"), keyLength)
	}
	return Keyer{key: slices.Clone(key)}, nil
}

// Format keeps the key out of logs and error texts, whatever the verb.
func (Keyer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// sum hashes parts, each after its length, so that no two lists of parts are encoded alike.
func (k Keyer) sum(hexDigits int, parts ...string) string {
	mac := hmac.New(sha256.New, k.key)
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil))[:hexDigits]
}

// Digest is a keyed hash (16 hex digits) of texts of our own, settings for example: equal lists of parts have equal ones.
func (k Keyer) Digest(parts ...string) string {
	const hexDigits = 16
	return k.sum(hexDigits, append([]string{"digest"}, parts...)...)
}

// Toimenpide is the fingerprint (16 hex digits) of a toimenpide's date, resource and summary, by which a planned one is found
// among those that Tampuuri has. Texts are compared in clean form, as a system between may change line breaks or Unicode
// forms.
func (k Keyer) Toimenpide(t Toimenpide) string {
	const hexDigits = 16
	date := strings.TrimSpace(t.Date)
	if moment, err := ParseMoment(date); err == nil && !moment.IsZero() {
		date = moment.day()
	}
	return k.sum(hexDigits, "toimenpide", date, mask.Clean(t.Resource), mask.Clean(t.Summary))
}

// turvakieltoFields are the keys of Fields that tell of a role's protection.
var turvakieltoFields = [roleCount]string{
	orderer: "ordererTurvakielto", reporter: "reporterTurvakielto", payer: "payerTurvakielto",
}

// personFields are the keys of Fields that tell of a role's data; the payer's is in no line. nameFields tell of the name alone:
// one that stays is the same person's.
var (
	personFields = [roleCount]string{orderer: "orderer", reporter: "reporter", payer: ""}
	nameFields   = [roleCount]string{orderer: "ordererName", reporter: "reporterName", payer: "payerName"}
)

// protectedFields are the keys of Fields that tell who is protected in a role; it has none while nobody is. They take in the
// address as well, as a text may have the former one.
var protectedFields = [roleCount]string{orderer: "ordererProtected", reporter: "reporterProtected", payer: "payerProtected"}

// extraFields are the keys of Fields that only customers with an extra have; the parent's number is always among them.
var extraFields = map[Extra]string{ExtraUrgency: "urgency", ExtraFaultClass: "faultClass", ExtraContact: "contact"}

// Fields gives one keyed hash (8 hex digits) per field that reaches the task, by an English field name that never
// changes. extras are the customer's: one that is not on has no hash, so no edit of it is a change. State, Modified,
// Toimenpiteet and the performer have none: our own writes move them, or others watch them. Different spellings of one
// value (a date's form, a phone's spacing) have one hash; equal values of two notices have different ones, so that
// Temporal's data does not show who orders twice.
func (k Keyer) Fields(n Notice, extras ...Extra) map[string]string {
	protected := protectedRoles(n)
	values := map[string][]string{
		"title":       {mask.SingleLine(n.Title)},
		"description": {mask.Clean(n.Description)},
		"space":       {mask.SingleLine(n.Space)},
		"property":    {mask.SingleLine(n.Property)},
		"propertyId":  {strconv.FormatInt(n.PropertyID, 10)},
		"additional":  {mask.Clean(n.Additional)},
		"access":      {mask.Clean(n.Access)},
		"pets":        {mask.Clean(n.Pets)},
		"parent":      {strconv.FormatInt(n.ParentID, 10)},
		"orderer":     n.Orderer.canonical(),
		"reporter":    n.Reporter.canonical(),
	}
	for field, moment := range n.dates() {
		values[field] = []string{moment.canonical()}
	}
	for extra, field := range extraFields {
		if slices.Contains(extras, extra) {
			values[field] = map[Extra][]string{
				ExtraUrgency: {mask.SingleLine(n.Urgency)}, ExtraFaultClass: {mask.SingleLine(n.FaultClass)}, ExtraContact: n.contact().canonical(),
			}[extra]
		}
	}
	for i, person := range n.roles() {
		values[nameFields[i]] = []string{mask.SingleLine(person.Name)}
		values[turvakieltoFields[i]] = []string{strconv.FormatBool(protected[i])}
		if protected[i] {
			values[protectedFields[i]] = append(person.canonical(), mask.SingleLine(person.Street), mask.SingleLine(person.PostalCode), mask.SingleLine(person.City))
		}
	}
	const hexDigits = 8
	fields := make(map[string]string, len(values))
	for field, parts := range values {
		fields[field] = k.sum(hexDigits, slices.Concat([]string{"field", strconv.FormatInt(n.ID, 10), field}, parts)...)
	}
	return fields
}

// canonical is what of a person reaches the task, in one spelling.
func (p Person) canonical() []string {
	parts := []string{mask.SingleLine(p.Name), strings.Join(mask.EmailKeys(p.Email), " ")}
	for _, field := range []string{p.Phone, p.Phone2} {
		keys := mask.PhoneKeys(field)
		if len(keys) == 0 {
			keys = []string{mask.SingleLine(field)}
		}
		parts = append(parts, strings.Join(keys, " "))
	}
	return parts
}

// ChangedFields gives the names, sorted, of the fields whose hashes differ. A name that only one side has is a field
// that another version of this program did not know, not a change.
func ChangedFields(old, new map[string]string) []string {
	var changed []string
	for field, hash := range new {
		if before, known := old[field]; known && before != hash {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}

// NewlyProtected tells whether the changed fields (see ChangedFields) include a turvakielto that is now set: data that
// was sent before has to be removed from the task by a person.
func NewlyProtected(n Notice, changed []string) bool {
	return slices.Contains(newlyProtected(n, changed), true)
}

// newlyProtected tells it of each role: its protection is new, or its data went as its flag was set, as an edit that hides
// a person may do both. Another protected payer is new as well: no line of the task is the payer's, so only texts name one.
func newlyProtected(n Notice, changed []string) []bool {
	protected := protectedRoles(n)
	newly := make([]bool, roleCount)
	for i, person := range n.roles() {
		flagMoved := slices.Contains(changed, turvakieltoFields[i])
		dataMoved := slices.Contains(changed, personFields[i]) || slices.Contains(changed, nameFields[i])
		hidden := person.Turvakielto.Set() && !person.hasData() && !flagMoved && dataMoved
		newly[i] = protected[i] && flagMoved || hidden || role(i) == payer && slices.Contains(changed, protectedFields[i])
	}
	return newly
}

// protectedBefore tells whether the texts may name somebody whom turvakielto protects, or now would, and who can no longer
// be cut out, as the notice has their data no more: a role has lost its protection, has another person or data in it, or was
// given another name or none as it was protected.
func protectedBefore(n Notice, changed []string) bool {
	protected, newly := protectedRoles(n), newlyProtected(n, changed)
	for i := range n.roles() {
		lost := slices.Contains(changed, turvakieltoFields[i]) && !protected[i]
		if lost || slices.Contains(changed, protectedFields[i]) || newly[i] && slices.Contains(changed, nameFields[i]) {
			return true
		}
	}
	return false
}

// departed marks among the hashes that somebody whom turvakielto protected has left the notice. Texts may name them ever
// after, and nothing tells us the name any more. No notice has such a field, so the mark is never a change.
const departed = "departed"

// WithDeparted gives the hashes of a notice as it is now, with that mark once somebody has left.
func WithDeparted(n Notice, before, now map[string]string, changed []string) map[string]string {
	if protectedBefore(n, changed) {
		return withMark(now)
	}
	return KeepDeparted(before, now)
}

// KeepDeparted gives the hashes of a notice as it is now, with that mark when those before have it.
func KeepDeparted(before, now map[string]string) map[string]string {
	if before[departed] == "" || now[departed] != "" {
		return now
	}
	return withMark(now)
}

func withMark(prints map[string]string) map[string]string {
	marked := maps.Clone(prints)
	marked[departed] = "1"
	return marked
}

// IsTurvakieltoField tells the names that ChangedFields gives to turvakielto from those of contents.
func IsTurvakieltoField(name string) bool {
	return slices.Contains(turvakieltoFields[:], name) || slices.Contains(protectedFields[:], name)
}

// untold are the fields of which the task is not told: it has no line of the payer's, and the names and who is protected in
// another role show in that role's line if anywhere.
var untold = append(nameFields[:], protectedFields[orderer], protectedFields[reporter])

// Told gives those of the changed fields that the task is told of.
func Told(changed []string) []string {
	return slices.DeleteFunc(slices.Clone(changed), func(field string) bool { return slices.Contains(untold, field) })
}
