package secret

import (
	"crypto/rand"
	"encoding/base64"
)

// NewWebhookSecret returns a random secret of 24 bytes that signs events, in
// the form of Standard Webhooks.
func NewWebhookSecret() string {
	var b [24]byte
	rand.Read(b[:])
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}
