package secret_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/secret"
)

var (
	firstKey = strings.Repeat("first key ", 5)
	rotated  = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
)

func ring(t interface{ Fatal(...any) }, text string) secret.Ring {
	r, err := secret.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at are the keys of a ring at a moment.
func at(r secret.Ring, now time.Time) secret.Keys {
	r = r.At(now)
	return secret.NewKeys(func() secret.Ring { return r })
}

// turned is a ring whose second key seals from rotated on, read as a function
// reads it.
func turned(t *testing.T) (before, after secret.Ring) {
	t.Helper()
	before = ring(t, firstKey)
	after, err := before.Rotate(secret.NewMaster(), rotated.Add(-time.Hour), rotated)
	if err != nil {
		t.Fatal(err)
	}
	return before, ring(t, after.Text())
}

// Values that one key has made are read under the next one. Before its time
// comes, a key opens values that others have sealed a moment early.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	before, after := turned(t)
	early, late := rotated.Add(-time.Second), rotated
	for name, pair := range map[string][2]secret.Keys{
		"made before the rotation":           {at(before, early), at(after, late)},
		"made before its time":               {at(after, early), at(after, late)},
		"made under the new key":             {at(after, late), at(after, late)},
		"made by one whose clock is ahead":   {at(after, late), at(after, early)},
		"made before, by one who never read": {at(before, late), at(after, late)},
	} {
		maker, reader := pair[0], pair[1]
		sealed := maker.Seal("answer", "ana", []byte("plain"))
		if got, ok := reader.Open("answer", "ana", sealed); !ok || string(got) != "plain" {
			t.Errorf("what was %s opens to %q, %v", name, got, ok)
		}
		mac := maker.MAC("pin", "ana", "123456")
		if !reader.MatchesMAC(mac, "pin", "ana", "123456") ||
			reader.MatchesMAC(mac, "pin", "ana", "123457") {
			t.Errorf("the MAC that was %s does not match its texts alone", name)
		}
		if !bytes.Equal(reader.MACLike(mac, "pin", "ana", "123456"), mac) {
			t.Errorf("the MAC that was %s is not made again", name)
		}
		same := func(m []byte) bool { return bytes.Equal(m, mac) }
		if !slices.ContainsFunc(reader.MACs("pin", "ana", "123456"), same) {
			t.Errorf("the MAC that was %s is none of those to look for", name)
		}
		if !bytes.Equal(maker.Label("scope", "ana"), reader.Label("scope", "ana")) {
			t.Errorf("a label %s is another one", name)
		}
	}
	if bytes.Equal(at(after, early).MAC("pin", "1"), at(after, late).MAC("pin", "1")) {
		t.Error("the new key is not used")
	}
	if !bytes.Equal(at(after, early).MAC("pin", "1"), at(before, late).MAC("pin", "1")) {
		t.Error("the new key is used before its time")
	}
	// A process that has the old key alone must not take what it cannot read
	// for something else.
	sealed := at(after, late).Seal("answer", "ana", []byte("plain"))
	if _, ok := at(before, late).Open("answer", "ana", sealed); ok {
		t.Error("an unknown key opens")
	}
	mac := at(after, late).MAC("pin", "1")
	if at(before, late).MatchesMAC(mac, "pin", "1") ||
		at(before, late).MACLike(mac, "pin", "1") != nil {
		t.Error("the MAC under an unknown key matches")
	}
}

// Values from before keys had names stay readable, also after rotations.
func TestWhatHasNoNameIsUnderTheFirstKey(t *testing.T) {
	t.Parallel()
	derive := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, []byte(firstKey), nil, "profiles "+purpose, 32)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	block, err := aes.NewCipher(derive("seal answer"))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := bytes.Repeat([]byte{7}, gcm.NonceSize())
	sealed := gcm.Seal(nonce, nonce, []byte("plain"), []byte("ana"))
	h := hmac.New(sha256.New, derive("mac pin"))
	for _, text := range []string{"ana", "123456"} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(append(length[:], text...))
	}
	mac := h.Sum(nil)
	before, after := turned(t)
	for name, keys := range map[string]secret.Keys{"before": at(before, rotated),
		"after": at(after, rotated)} {
		if got, ok := keys.Open("answer", "ana", sealed); !ok || string(got) != "plain" {
			t.Errorf("%s a rotation it opens to %q, %v", name, got, ok)
		}
		if !keys.MatchesMAC(mac, "pin", "ana", "123456") ||
			keys.MatchesMAC(mac, "pin", "ana", "123457") {
			t.Errorf("%s a rotation the MAC does not match its texts alone", name)
		}
		same := func(m []byte) bool { return bytes.Equal(m, mac) }
		if !slices.ContainsFunc(keys.MACs("pin", "ana", "123456"), same) {
			t.Errorf("%s a rotation the MAC is none of those to look for", name)
		}
		if !bytes.Equal(keys.Label("pin", "ana", "123456"), mac) {
			t.Errorf("%s a rotation a label is another one than it was", name)
		}
	}
}

func TestNothingMatchesNoMAC(t *testing.T) {
	t.Parallel()
	keys := at(ring(t, firstKey), rotated)
	for _, mac := range [][]byte{nil, {}, {1}, bytes.Repeat([]byte{1}, 4),
		bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{1}, 36)} {
		if keys.MatchesMAC(mac, "pin", "ana") {
			t.Errorf("%x matches", mac)
		}
	}
	named := keys.MAC("pin", "ana")
	for n := range named {
		if keys.MatchesMAC(named[:n], "pin", "ana") {
			t.Errorf("the first %d bytes of a MAC match", n)
		}
	}
}

func TestSecretsThatAreNoRing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 43)
	for name, text := range map[string]string{
		"nothing": "", "a short key": long[1:], "an empty object": "{}", "half an object": `{"current":`,
		"a short key inside": `{"current":{"key":"short"}}`, "a short one before": `{"current":{"key":"` + long + `"},"previous":[{"key":""}]}`,
		"one key twice": `{"current":{"key":"` + long + `"},"previous":[{"key":"` + long + `"}]}`,
		"a wrong name":  `{"current":{"key":"` + long + `"},"next":{"key":"` + long + `"}}`,
		"no time":       `{"current":{"key":"` + long + `","from":"soon"}}`,
		"more behind":   `{"current":{"key":"` + long + `"}} {}`,
	} {
		_, err := secret.ParseRing(text)
		if err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), long) {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
	for name, text := range map[string]string{"a key": long, "a ring of one": `{"current":{"key":"` + long + `"}}`} {
		if _, err := secret.ParseRing(text); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
}

func TestARotationWaitsForTheOneBefore(t *testing.T) {
	t.Parallel()
	_, after := turned(t)
	_, err := after.Rotate(secret.NewMaster(), rotated.Add(-time.Second), rotated.Add(time.Hour))
	if err == nil ||
		!strings.Contains(err.Error(), "2030-01-01T12:00:00Z") {
		t.Errorf("before the new key seals: got %v", err)
	}
	again, err := after.Rotate(secret.NewMaster(), rotated, rotated.Add(time.Hour))
	if err != nil || again.Size() != 3 {
		t.Errorf("once it seals: got %d keys, %v", again.Size(), err)
	}
	if _, err := after.Rotate(firstKey, rotated, rotated.Add(time.Hour)); err == nil {
		t.Error("a key that the ring has is new")
	}
}

// However often keys rotate, and whoever has read which ring: what was made at
// a time is read at every later one.
func TestAnyNumberOfRotations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type made struct{ sealed, mac, label []byte }
		r, now := ring(t, firstKey), rotated
		var all []made
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			keys := at(r, now)
			all = append(
				all,
				made{keys.Seal("a", "b", []byte("c")), keys.MAC("a", "b"), keys.Label("a", "b")},
			)
			if next, err := r.Rotate(secret.NewMaster(), now, now.Add(time.Minute)); err == nil {
				r = ring(t, next.Text())
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
		}
		for i, m := range all {
			keys := at(r, now)
			if _, ok := keys.Open("a", "b", m.sealed); !ok || !keys.MatchesMAC(m.mac, "a", "b") ||
				!bytes.Equal(keys.Label("a", "b"), m.label) {
				t.Fatalf("what was made in step %d cannot be read under %d keys", i, r.Size())
			}
		}
	})
}
