package tenancy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"profiles/shared/value"
)

// Logo is a picture that this service keeps of a profile. It is never changed:
// another picture has another hash.
type Logo struct {
	Hash    string
	Profile value.ProfileID
	PNG     []byte
}

// logoPath is what the addresses of logos begin with. They are relative, as
// functions do not know their public name.
const logoPath = "/logo/"

// logoHash is the length of a logo's hash, in characters.
const logoHash = 32

// NewLogo returns the logo of a profile. Its hash is of the profile too: so a
// picture that two profiles have is removed for one and stays for the other.
func NewLogo(p value.ProfileID, png []byte) Logo {
	sum := sha256.Sum256(append([]byte(p), png...))
	return Logo{hex.EncodeToString(sum[:])[:logoHash], p, png}
}

// WithLogo returns the profile with a logo that this service keeps.
func (p Profile) WithLogo(l Logo, now time.Time) Profile {
	p.LogoURL, p.Updated = logoPath+l.Hash, now
	return p
}

// Logo returns the hash of the profile's logo, empty for none and for one that
// is kept elsewhere.
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
