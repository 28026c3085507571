package secret

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// NewPin returns a random pin of six digits.
func NewPin() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%06d", n)
}

// NewText returns a random text of n letters of an alphabet, whose length must
// divide 256.
func NewText(n int, alphabet string) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

// NewAuthenticator returns the secret of an authenticator (RFC 6238: SHA-1, six
// digits, 30 seconds, as every app supports) and its otpauth URL, which apps
// read from a QR code. issuer and account are what the app shows.
func NewAuthenticator(issuer, account string) (secret, url string) {
	key, err := totp.Generate(
		totp.GenerateOpts{Issuer: issuer, AccountName: account, SecretSize: 20},
	)
	if err != nil {
		panic(err) // only without an issuer or an account
	}
	return key.Secret(), key.URL()
}

var pinOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// AuthenticatorStep returns the first step of a span at which the authenticator
// with a secret shows a pin.
func AuthenticatorStep(secret, pin string, from, to int64) (int64, bool) {
	for step := max(from, 0); step <= to; step++ {
		if ok, err := hotp.ValidateCustom(pin, uint64(step), secret, pinOptions); err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

// AuthenticatorPin returns the pin that the authenticator with a secret shows
// at a step.
func AuthenticatorPin(secret string, step int64) (string, error) {
	return hotp.GenerateCodeCustom(secret, uint64(step), pinOptions)
}
