package tenancy_test

import (
	"testing"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// A session works until it is revoked, was not extended for an hour, or is a
// day old.
func TestAnAccountVouchesForASession(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	account := tenancy.Account{ID: "a", Sessions: 2, Active: true}
	s := tenancy.NewSession(account, "192.0.2.1", "x\ny", now)
	if s.Agent != "xy" || s.Expires != now.Add(time.Hour) || s.Ends() != now.Add(24*time.Hour) {
		t.Errorf("got %+v", s)
	}
	late := s.Extended("192.0.2.1", "", now.Add(23*time.Hour+30*time.Minute))
	if late.Expires != s.Ends() || late.Created != now {
		t.Errorf("extended late: got %+v", late)
	}
	for name, c := range map[string]struct {
		change func(*tenancy.Account)
		at     time.Duration
		want   bool
	}{
		"as it is":               {func(*tenancy.Account) {}, 0, true},
		"before its end":         {func(*tenancy.Account) {}, time.Hour - time.Millisecond, true},
		"at its end":             {func(*tenancy.Account) {}, time.Hour, false},
		"signed out":             {func(a *tenancy.Account) { *a = a.SignedOut() }, 0, false},
		"revoked":                {func(a *tenancy.Account) { *a = a.Revoked() }, 0, false},
		"with a new password":    {func(a *tenancy.Account) { *a = a.NewPassword("x", now) }, 0, false},
		"blocked":                {func(a *tenancy.Account) { a.Blocked = true }, 0, false},
		"not confirmed":          {func(a *tenancy.Account) { a.Active = false }, 0, false},
		"another":                {func(a *tenancy.Account) { a.ID = "b" }, 0, false},
		"none, as it is deleted": {func(a *tenancy.Account) { *a = tenancy.Account{} }, 0, false},
	} {
		account := account
		c.change(&account)
		if got := s.AdmittedBy(account, now.Add(c.at)); got != c.want {
			t.Errorf("the account %s: got %v", name, got)
		}
	}
}

// A new session takes the first place without a working session, and that of
// the oldest session when all work.
func TestPlacesOfSessions(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)
	account := tenancy.Account{ID: "a", Active: true}
	var kept []tenancy.Session
	for i := range len(value.SessionPlaces) {
		place, was := tenancy.PlaceFor(kept, nil, account, now)
		if place != value.SessionPlaces[i] || was != nil {
			t.Fatalf("with %d: got %c and %v", i, place, was)
		}
		s := tenancy.NewSession(account, "", "", now.Add(time.Duration(20-i)*time.Second))
		s.ID = value.SessionID("s-" + value.SessionPlaces[i:i+1] + "0000000")
		kept = append(kept, s)
	}
	now = now.Add(time.Minute)
	place, was := tenancy.PlaceFor(kept, nil, account, now)
	if place != 'J' || was == nil || was.ID != "s-J0000000" {
		t.Errorf("all work: got %c and %v", place, was)
	}
	kept[7].Expires = now
	place, was = tenancy.PlaceFor(kept, nil, account, now)
	if place != '7' || was == nil || was.ID != "s-70000000" {
		t.Errorf("one has ended: got %c and %v", place, was)
	}
	kept[3].Epoch--
	if place, _ := tenancy.PlaceFor(kept, nil, account, now); place != '3' {
		t.Errorf("another was revoked: got %c", place)
	}
	before := kept[12]
	if place, was := tenancy.PlaceFor(kept, &before, account, now); place != 'C' || was != &before {
		t.Errorf("the browser has had one: got %c and %v", place, was)
	}
	before.Account = "b"
	if place, _ := tenancy.PlaceFor(kept, &before, account, now); place != '3' {
		t.Errorf("the browser has had another account's: got %c", place)
	}
}
