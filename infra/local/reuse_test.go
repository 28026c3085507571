package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
)

// After the use of a rotated token, a sweep revokes its successors within about
// a minute, and the owner gets a mail.
func TestTheUseOfARotatedTokenEndsItsFamily(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	text := func(path, token, body string) string {
		t.Helper()
		code, answer := r.call("POST", path, token, body)
		var made struct{ Result struct{ Token string } }
		if err := json.Unmarshal([]byte(answer), &made); err != nil || code != 200 ||
			made.Result.Token == "" {
			t.Fatalf("%s: got %d %s", path, code, answer)
		}
		return made.Result.Token
	}
	ana := seed.People[0].Email
	first := text("/profile/current/token", demo.Owner.Token(), `{"name":"hall","email":"`+ana+`","password":"`+demo.Password+`"}`)
	second := text("/profile/current/token/"+first[2:10]+"/rotate", first, "")
	if code, answer := r.call("GET", "/info", second, ""); code != 200 {
		t.Fatalf("the new token: got %d %s", code, answer)
	}
	r.eventually("its use is noted", func() bool {
		_, answer := r.call("GET", "/info", second, "")
		return strings.Contains(answer, `"last_address":"`)
	})
	if code, _ := r.call("GET", "/info", first, ""); code != 401 {
		t.Fatalf("the old token: got %d", code)
	}
	began := time.Now()
	r.eventually("the owner has a mail", func() bool { return strings.Contains(strings.Join(r.mails(ana), "\n"), "hall") })
	t.Logf("revoked within %v", time.Since(began))
	if code, _ := r.call("GET", "/info", second, ""); code != 401 {
		t.Errorf("the new token: got %d", code)
	}
}
