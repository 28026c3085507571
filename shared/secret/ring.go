package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// masterLength is the least length of a master key, in characters: 43 of base64
// or base62 are 256 bits.
const masterLength = 43

// Ring is the master keys of a deployment: the one that seals, and earlier
// ones, which still open what they have sealed.
type Ring struct {
	masters     []master // newest first
	present     time.Time
	maintenance Maintenance
}

// master is one master key. It seals only from a time on, by which every
// function has read it; the first key seals from the beginning.
type master struct {
	Key  string    `json:"key"`
	From time.Time `json:"from,omitzero"`
}

// ringText is a ring in the form of the secret. A secret that was never changed
// is only the key.
type ringText struct {
	Current     *master     `json:"current"`
	Previous    []master    `json:"previous"`
	Maintenance Maintenance `json:"maintenance,omitzero"`
}

// ParseRing reads the secret: a master key, which is a random text of at least
// 43 characters, or {"current": ..., "previous": [...]} with {"key": ...,
// "from": ...} for each, and "maintenance" while the service is read-only.
func ParseRing(secret string) (Ring, error) {
	text := strings.TrimSpace(secret)
	if !strings.HasPrefix(text, "{") {
		return newRing(master{Key: secret})
	}
	var read ringText
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil || read.Current == nil || decoder.More() {
		// The error of the decoder may quote the secret.
		return Ring{}, errors.New(
			`a master key is needed, or {"current": {"key": ..., "from": ...}, "previous": [...]}, which make rotate-key writes`,
		)
	}
	ring, err := newRing(append([]master{*read.Current}, read.Previous...)...)
	ring.maintenance = read.Maintenance
	return ring, err
}

func newRing(masters ...master) (Ring, error) {
	for i, m := range masters {
		if len(m.Key) < masterLength {
			return Ring{}, fmt.Errorf(
				"a random text of at least %d characters is needed, such as openssl rand -base64 48 prints",
				masterLength,
			)
		}
		if slices.ContainsFunc(
			masters[:i],
			func(other master) bool { return bytes.Equal(other.name(), m.name()) },
		) {
			return Ring{}, errors.New("one key is there twice")
		}
	}
	return Ring{masters: masters}, nil
}

// ParseKeys returns the keys of a secret as they are at one moment.
func ParseKeys(secret string, now time.Time) (Keys, error) {
	ring, err := ParseRing(secret)
	if err != nil {
		return Keys{}, err
	}
	ring = ring.At(now)
	return NewKeys(func() Ring { return ring }), nil
}

// NewMaster returns a random master key.
func NewMaster() string { return random(64) }

// At returns the ring at a time: the newest key whose time has come seals, and
// all keys open.
func (r Ring) At(now time.Time) Ring {
	r.present = now
	return r
}

func (r Ring) sealing() master {
	for _, m := range r.masters {
		if !m.From.After(r.present) {
			return m
		}
	}
	return r.first()
}

// first is the oldest key that is left.
func (r Ring) first() master { return r.masters[len(r.masters)-1] }

// named finds the master key of a sealed value or MAC by the name that it
// begins with, and returns the rest.
func (r Ring) named(made []byte) (_ master, rest []byte, ok bool) {
	if len(made) < nameLength {
		return master{}, nil, false
	}
	for _, m := range r.masters {
		if bytes.Equal(m.name(), made[:nameLength]) {
			return m, made[nameLength:], true
		}
	}
	return master{}, nil, false
}

// Rotate returns the ring with a new key that seals from the time from on. All
// earlier keys stay, because second factors and audit logs need them. It fails
// while the newest key of the ring does not seal yet, so that two rotations at
// the same time do not lose a key.
func (r Ring) Rotate(key string, now, from time.Time) (Ring, error) {
	if newest := r.masters[0]; newest.From.After(now) {
		return r, fmt.Errorf(
			"a rotation is under way: the newest key seals from %s on",
			newest.From.UTC().Format(time.RFC3339),
		)
	}
	rotated, err := newRing(
		append([]master{{Key: key, From: from.UTC().Truncate(time.Second)}}, r.masters...)...)
	rotated.maintenance = r.maintenance
	return rotated, err
}

// Text returns the ring in the form of the secret.
func (r Ring) Text() string {
	out, err := json.Marshal(ringText{&r.masters[0], r.masters[1:], r.maintenance})
	if err != nil {
		panic(err) // texts and times of four-digit years only
	}
	return string(out)
}

// Size is how many keys the ring has.
func (r Ring) Size() int { return len(r.masters) }
