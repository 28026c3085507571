package tenancy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"profiles/shared/value"
)

// Logo is the picture of a profile, stored by this service. A logo never
// changes: another picture has another hash.
type Logo struct {
	Hash    string
	Profile value.ProfileID
	PNG     []byte
}

// logoPath is the beginning of the URLs of stored logos. They are relative,
// because functions do not know their public host name.
const logoPath = "/logo/"

// logoHash is the length of a logo's hash, in characters.
const logoHash = 32

// NewLogo returns the logo of a profile. Its hash covers the profile's id, so
// that two profiles with the same picture have different logos, and one can be
// removed without the other.
func NewLogo(p value.ProfileID, png []byte) Logo {
	sum := sha256.Sum256(append([]byte(p), png...))
	return Logo{hex.EncodeToString(sum[:])[:logoHash], p, png}
}

// WithLogo returns the profile with a stored logo.
func (p Profile) WithLogo(l Logo, now time.Time) Profile {
	p.LogoURL, p.Updated = logoPath+l.Hash, now
	return p
}

// Logo returns the hash of the profile's stored logo, or empty if it has none
// or its URL is elsewhere.
func (p Profile) Logo() string {
	hash, own := strings.CutPrefix(p.LogoURL, logoPath)
	if !own || !IsLogoHash(hash) {
		return ""
	}
	return hash
}

// IsLogoHash reports whether a text can be the hash of a logo.
func IsLogoHash(s string) bool {
	return len(s) == logoHash && strings.Trim(s, "0123456789abcdef") == ""
}
