// Package webhook receives Hillava's events (api/webhook.yaml): it verifies the signature over the raw body, hands the
// event to Temporal as a signal, and answers. It calls neither Hillava nor Tampuuri.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The rules of Standard Webhooks that concern us, with bounds where the specification has none.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"

	secretPrefix     = "whsec_"
	minSecretBytes   = 24              // the specification's least; a shorter one can be guessed
	tolerance        = 5 * time.Minute // both ways, as clocks differ
	maxSignatures    = 16              // tried per request; a rotation needs two
	maxTimestampSize = 12              // digits; seconds since 1970 have ten until the year 2286
)

// verifier checks Standard Webhooks signatures with one or more secrets.
type verifier struct {
	keys [][]byte
	now  func() time.Time
}

// newVerifier takes the secrets as they are configured (whsec_ and base64), the current one first. It refuses a secret
// that ParseSecret refuses. now nil means time.Now.
func newVerifier(secrets []string, now func() time.Time) (*verifier, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("no webhook secret; set HILLAVA_WEBHOOK_SECRET to the one that Hillava signs with")
	}
	if now == nil {
		now = time.Now
	}
	verifier := &verifier{now: now}
	for i, secret := range secrets {
		key, err := ParseSecret(secret)
		if err != nil {
			return nil, fmt.Errorf("webhook secret number %d: %w", i+1, err)
		}
		verifier.keys = append(verifier.keys, key)
	}
	return verifier, nil
}

// ParseSecret gives the key in a secret of the form whsec_ and base64, with padding or without, as both are copied
// around. It refuses another form and a key shorter than 24 bytes. The error never shows the secret.
func ParseSecret(secret string) ([]byte, error) {
	encoded, found := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		key, err = base64.RawStdEncoding.DecodeString(encoded)
	}
	switch {
	case !found || err != nil:
		return nil, errors.New("is not whsec_ followed by base64; copy it again from Hillava")
	case len(key) < minSecretBytes:
		return nil, fmt.Errorf("is too short, %d of at least %d bytes; make a new one in Hillava", len(key), minSecretBytes)
	}
	return key, nil
}

// verify tells which secret signed the request, counting from 1. ok is false for everything that is not proven: a
// missing or doubled header, a time out of tolerance, no signature that fits. Why is not told, so that an answer cannot
// help to guess.
func (v *verifier) verify(header http.Header, body []byte) (secretNumber int, ok bool) {
	id, okID := single(header, headerID)
	timestamp, okTime := single(header, headerTimestamp)
	signatures, okSignature := single(header, headerSignature)
	if !okID || !okTime || !okSignature || !v.timely(timestamp) {
		return 0, false
	}
	given := candidates(signatures)
	for i, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		// A hash never fails to take bytes.
		_, _ = mac.Write([]byte(id + "." + timestamp + "."))
		_, _ = mac.Write(body)
		expected := mac.Sum(nil)
		for _, signature := range given {
			if hmac.Equal(signature, expected) {
				secretNumber = i + 1
			}
		}
		if secretNumber != 0 {
			return secretNumber, true
		}
	}
	return 0, false
}

// single gives a header that came exactly once and is not empty. Two could be read differently by a proxy and by us.
func single(header http.Header, name string) (string, bool) {
	values := header.Values(name)
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}

// timely reports whether the timestamp is whole seconds since 1970 in plain digits, within the tolerance.
func (v *verifier) timely(timestamp string) bool {
	if len(timestamp) > maxTimestampSize || strings.Trim(timestamp, "0123456789") != "" {
		return false
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	apart := v.now().Sub(time.Unix(seconds, 0))
	return -tolerance <= apart && apart <= tolerance
}

// candidates decodes the v1 signatures of a header, at most maxSignatures entries of it.
func candidates(signatures string) [][]byte {
	var decoded [][]byte
	for range maxSignatures {
		var one string
		one, signatures, _ = strings.Cut(signatures, " ")
		if encoded, found := strings.CutPrefix(one, "v1,"); found && len(encoded) == base64.StdEncoding.EncodedLen(sha256.Size) {
			if signature, err := base64.StdEncoding.Strict().DecodeString(encoded); err == nil {
				decoded = append(decoded, signature)
			}
		}
		if signatures == "" {
			break
		}
	}
	return decoded
}
