package web

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// guidForm is the form of a Guid after braces are gone and letters are lowered.
var guidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// externalIDSpace is the namespace of external ids that are made from a number; the specification names it (it is the one of DNS
// names in RFC 9562).
var externalIDSpace = uuid.MustParse("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

// ExternalID is the ulkoinen tunniste of a notice in wire fields, worked out from the specification on its own and not with the
// service's code, so that a mistake there shows: the Guid, or a UUIDv5 of customer and number when there is none.
func ExternalID(tunniste string, notice map[string]any) string {
	guid, _ := value(notice, "Guid").(string)
	guid = strings.ToLower(strings.Trim(strings.TrimSpace(guid), "{}"))
	if guidForm.MatchString(guid) && guid != uuid.Nil.String() {
		return guid
	}
	return uuid.NewSHA1(externalIDSpace, fmt.Appendf(nil, "tampuuri:%s:%s", tunniste, NumberOf(notice))).String()
}

// NumberOf is the notice's Id in decimal.
func NumberOf(notice map[string]any) string { return fmt.Sprint(value(notice, "Id")) }

var spelling = strings.NewReplacer("ä", "a", "ö", "o", "å", "a")

// fold makes one name of all spellings of a wire field.
func fold(name string) string { return spelling.Replace(strings.ToLower(name)) }

// value finds a field whatever its spelling; nil when it is absent.
func value(notice map[string]any, name string) any {
	if found, ok := notice[name]; ok {
		return found
	}
	for key, found := range notice {
		if fold(key) == fold(name) {
			return found
		}
	}
	return nil
}
