package operation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// Every operation with a token gets every kind of credential. Operations come from the catalogue, so that a new one is covered
// on the day it is added; bodies are such that only the credential can be what is refused.
func TestEveryOperationRefusesEveryWrongCredential(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Account("ana"), w.Account("ben"), w.Account("eve")
	second := ana.Profile("second")
	ticket := w.Offer(second, ana, "zoe@example.com")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	shared := ben.SignIn(ana.Home, "")
	expired := ana.SignIn(ana.Home, "1 hour")
	deleted := ana.With("full", "")
	w.OK(w.Tokens.Delete(t.Context(), ana.Client(), refOf(ana.Home), deleted))
	read := ana.With("read", "")
	write := ana.With("write", "")
	agents := w.Agent(w.Account("sam")).With("write", "")
	w.Advance(time.Hour)

	wrongChecksum := []byte(ana.Token)
	wrongChecksum[35] ^= 1
	otherSecret := []byte(eve.Token)
	copy(otherSecret[2:10], ana.Token[2:10])

	tried := 0
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Access == operation.Anonymous {
			continue
		}
		for _, route := range o.Routes {
			ofProfile := strings.Contains(route.Path, "{id}")
			path := strings.NewReplacer("{id}", string(ana.Home), "{token}", read[2:10], "{member}", string(ana.ID), "{button}", "accept",
				"{ticket}", string(ticket.ID)).Replace(route.Path)
			body := object{"name": "x", "password": testkit.Password + "?", "email": string(ana.Email), "permission": "read", "reason": "x", "kind": "note", "text": "x"}
			try := func(who, token string, want int) {
				t.Helper()
				tried++
				before := w.State()
				got := w.Call(o, route.Method, path, token, body)
				if got.Code != want || got.Message == "" || got.Status {
					t.Errorf("%s %s with %s: got %d %q, want %d", route.Method, path, who, got.Code, got.Message, want)
				}
				if after := w.State(); after != before {
					t.Errorf("%s %s with %s changed the table", route.Method, path, who)
				}
			}
			try("no token", "", 401)
			try("the word null", "null", 401)
			try("a malformed token", "p-short", 401)
			try("a wrong checksum", string(wrongChecksum), 401)
			try("a made-up secret for a real id", string(otherSecret), 401)
			try("an expired token", expired, 401)
			try("a deleted token", deleted, 401)
			if slices.Contains([]operation.Access{operation.Write, operation.Full, operation.Owner}, o.Access) {
				try("a read token", read, 403)
			}
			if slices.Contains([]operation.Access{operation.Full, operation.Owner}, o.Access) {
				try("a write token", write, 403)
			}
			if ofProfile || strings.Contains(route.Path, "{ticket}") {
				try("another tenant's token", eve.Token, 404)
			}
			if o.Access == operation.Owner || o.Access == operation.OwnerRead {
				try("a member's token", shared, 403)
			}
			if o.Access == operation.Agent || o.Access == operation.AgentRead {
				try("the owner's token", ana.Token, 404)
				try("a member's token", shared, 404)
			}
			if o.Access == operation.Agent {
				try("an agent's write token", agents, 403)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d requests were tried", tried)
	}
}

// What a member's token may do is bounded by the member's right, whatever the token says.
func TestAMembersTokenNeverExceedsTheMember(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	token := ben.SignIn(ana.Home, "")
	path := "/profile/" + string(ana.Home)
	if got := w.Call(operation.ProfileGet, "GET", path, token, nil); got.Code != 200 {
		t.Errorf("reading: got %d %q", got.Code, got.Message)
	}
	if got := w.Call(operation.ProfileEdit, "PUT", path, token, object{"name": "mine"}); got.Code != 403 {
		t.Errorf("editing: got %d %q, want 403", got.Code, got.Message)
	}
}

// A token works until the millisecond before its end, and not at it, with no sweep running.
func TestATokenEndsToTheMillisecond(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	token := ana.SignIn(ana.Home, "1 hour")
	w.Advance(time.Hour - time.Millisecond)
	if got := w.Call(operation.TokenInfo, "GET", "/info", token, nil); got.Code != 200 {
		t.Errorf("a millisecond before its end: got %d, want 200", got.Code)
	}
	w.Advance(time.Millisecond)
	if got := w.Call(operation.TokenInfo, "GET", "/info", token, nil); got.Code != 401 {
		t.Errorf("at its end: got %d, want 401", got.Code)
	}
}
