package secret_test

import (
	"bytes"
	"testing"
	"time"

	"profiles/shared/secret"
)

func keys(t *testing.T) secret.Keys {
	t.Helper()
	k, err := secret.ParseKeys(secret.NewMaster(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeysThatAreTooShortAreRefused(t *testing.T) {
	t.Parallel()
	for _, master := range []string{"", "secret", secret.NewMaster()[:42]} {
		if _, err := secret.ParseKeys(master, time.Time{}); err == nil {
			t.Errorf("a master key of %d characters is taken", len(master))
		}
	}
}

func TestSealedOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	k := keys(t)
	plain := []byte("JBSWY3DPEHPK3PXP")
	sealed := k.Seal("authenticator", "ana", plain)
	if got, ok := k.Open("authenticator", "ana", sealed); !ok || !bytes.Equal(got, plain) {
		t.Fatalf("got %q, %v", got, ok)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("the sealed text can be read")
	}
	if bytes.Equal(sealed, k.Seal("authenticator", "ana", plain)) {
		t.Error("the same text is sealed to the same bytes twice")
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() ([]byte, bool){
		"another purpose": func() ([]byte, bool) { return k.Open("answer", "ana", sealed) },
		"another context": func() ([]byte, bool) { return k.Open("authenticator", "ben", sealed) },
		"another key":     func() ([]byte, bool) { return keys(t).Open("authenticator", "ana", sealed) },
		"a changed byte":  func() ([]byte, bool) { return k.Open("authenticator", "ana", changed) },
		"a part":          func() ([]byte, bool) { return k.Open("authenticator", "ana", sealed[:5]) },
		"nothing":         func() ([]byte, bool) { return k.Open("authenticator", "ana", nil) },
	} {
		if got, ok := open(); ok {
			t.Errorf("%s opens it to %q", name, got)
		}
	}
}

func TestMACsAreOfOneUse(t *testing.T) {
	t.Parallel()
	k := keys(t)
	mac := k.MAC("pin", "ana", "123456")
	if !k.MatchesMAC(mac, "pin", "ana", "123456") {
		t.Fatal("the MAC does not match itself")
	}
	for name, other := range map[string][]byte{
		"another purpose": k.MAC("answer", "ana", "123456"),
		"another text":    k.MAC("pin", "ana", "123457"),
		"texts that join": k.MAC("pin", "ana1", "23456"),
		"one text":        k.MAC("pin", "ana123456"),
		"another key":     keys(t).MAC("pin", "ana", "123456"),
	} {
		if bytes.Equal(mac, other) {
			t.Errorf("%s has the same MAC", name)
		}
	}
}

func TestNoKeysNoService(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("keys that were never given protect something")
		}
	}()
	secret.Keys{}.MAC("pin", "123456")
}
