package main

import (
	"crypto/sha1" //nolint:gosec // UUIDv5 is defined with SHA-1 (RFC 9562); nothing is protected by it
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

var (
	// urlNamespace is 6ba7b811-9dad-11d1-80b4-00c04fd430c8, as the specification gives it.
	urlNamespace = []byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

	guidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

const noGUID = "00000000-0000-0000-0000-000000000000"

// externalIDOf works out a notice's ulkoinen tunniste anew from the specification: its Guid in lower case without
// braces, else a UUIDv5 of the customer and the number.
func externalIDOf(tunniste string, id int64, guid string) string {
	guid = strings.ToLower(strings.TrimSpace(guid))
	if inner, opened := strings.CutPrefix(guid, "{"); opened {
		if inner, closed := strings.CutSuffix(inner, "}"); closed {
			guid = strings.TrimSpace(inner)
		}
	}
	if guidShape.MatchString(guid) && guid != noGUID {
		return guid
	}
	hash := sha1.New() //nolint:gosec // see the import
	hash.Write(urlNamespace)
	fmt.Fprintf(hash, "tampuuri:%s:%d", tunniste, id)
	sum := hash.Sum(nil)[:16]
	sum[6] = sum[6]&0x0f | 0x50 // version 5
	sum[8] = sum[8]&0x3f | 0x80 // the variant of RFC 9562
	x := hex.EncodeToString(sum)
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}
