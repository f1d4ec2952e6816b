package notice

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// ExternalID is a notice's id outside Tampuuri (ulkoinen tunniste): its Guid in lower case without braces. Where that is
// missing, not a UUID of 36 characters, or all zero, it is the UUIDv5 of the URL namespace and
// "tampuuri:<tunniste>:<id>", so that the same notice always gets the same id and equal numbers of two customers never do.
// It is assumed that a Guid never appears or changes later.
func ExternalID(tunniste string, id int64, guid string) string {
	guid = strings.TrimSpace(guid)
	if strings.HasPrefix(guid, "{") && strings.HasSuffix(guid, "}") {
		guid = strings.TrimSpace(guid[1 : len(guid)-1])
	}
	// uuid.Parse takes other lengths for URNs and bare digits, which no source says Tampuuri sends.
	const standardLength = 36
	if len(guid) == standardLength {
		if parsed, err := uuid.Parse(guid); err == nil && parsed != uuid.Nil {
			return parsed.String()
		}
	}
	name := "tampuuri:" + tunniste + ":" + strconv.FormatInt(id, 10)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}
