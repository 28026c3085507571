package operation_test

import (
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// An account shows the address that waits for its confirmation. It also shows
// the former ones for as long as they can undo the change.
func TestAnAccountShowsItsOtherAddresses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	type other struct {
		Email   value.Email
		Expires time.Time `json:"expires_at"`
	}
	see := func(when string, asked value.Email, former ...value.Email) (until []time.Time) {
		t.Helper()
		var account struct {
			New    *other  `json:"new_email"`
			Former []other `json:"former_emails"`
		}
		w.Call(operation.AccountGet, "GET", "/account", ana.Token, nil).Into(w, &account)
		switch {
		case (account.New == nil) != (asked == ""):
			t.Fatalf("%s: the new address is %+v, want %q", when, account.New, asked)
		case account.New != nil && account.New.Email != asked:
			t.Errorf("%s: the new address is %q, want %q", when, account.New.Email, asked)
		case account.Former == nil || len(account.Former) != len(former):
			t.Fatalf("%s: the former addresses are %+v, want %v", when, account.Former, former)
		}
		if account.New != nil {
			until = append(until, account.New.Expires)
		}
		for i, f := range account.Former {
			if f.Email != former[i] {
				t.Errorf("%s: former address %d is %q, want %q", when, i, f.Email, former[i])
			}
			until = append(until, f.Expires)
		}
		return until
	}
	see("at first", "")
	emailCode(w, ana.Token, "ana@example.net")
	until := see("asked", "ana@example.net")[0]
	if want := w.Now().Add(tenancy.EmailCodeLife); !until.Equal(want) {
		t.Errorf("the new address waits until %v, want %v", until, want)
	}
	code := emailCode(w, ana.Token, "ana@example.org")
	see("asked for another one", "ana@example.org")
	w.Advance(until.Sub(w.Now()))
	see("a day later", "")
	if confirmEmail(w, code).Code == 200 {
		t.Fatal("a code that is a day old confirms")
	}

	undo := moveEmail(w, ana.Token, ana.Email, "ana@example.net")
	week := see("moved", "", ana.Email)[0]
	if want := w.Now().Add(tenancy.EmailUndoCodeLife); !week.Equal(want) {
		t.Errorf("the change can be undone until %v, want %v", week, want)
	}
	emailCode(w, ana.Token, "ana@example.org")
	see("asked after a change", "ana@example.org", ana.Email)
	w.Advance(time.Second)
	if got := setPassword(w, ana.Token, "otter lantern other", testkit.Password); got.Code != 200 {
		t.Fatalf("new password: got %d %q", got.Code, got.Message)
	}
	see("after a new password, which makes the code void", "", ana.Email)
	w.Advance(week.Sub(w.Now()))
	see("a week later", "")
	if undoEmail(w, undo).Code == 200 {
		t.Error("a change is undone after its week")
	}
}
