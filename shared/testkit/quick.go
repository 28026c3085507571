package testkit

import (
	"fmt"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// QuickHash is a hash of Password.
var QuickHash = Passwords.Hash(Password)

// Quick makes what Account makes, straight in the table: it takes a hundredth
// of the time, and its ids are the same in every world that makes the same
// persons in the same order. It has signed in from Home.
func (w *World) Quick(name string) Person { return w.QuickIn("UTC", name) }

// QuickIn is Quick for an account with a time zone.
func (w *World) QuickIn(timezone, name string) Person {
	w.Helper()
	now := w.Now().UTC()
	account, home, err := tenancy.SignUp{
		Account:      value.AccountID(w.NextID()),
		Name:         name,
		Timezone:     timezone,
		PasswordHash: QuickHash,
		Created:      now,
	}.Confirm(value.Email(name+"@example.com"), value.ProfileID(w.NextID()), now)
	w.OK(err)
	account.Plan, account.PaidUntil = plan.Scale, account.Cycle(now).End
	home = home.Of(account)
	account = account.SignedIn(secret.Fingerprint(Home), now)
	tx := w.Store.Begin()
	tx.ReserveEmail(
		tenancy.EmailReservation{Email: account.Email, Account: account.ID},
		now,
		problem.ErrConflict,
	)
	tx.CreateAccount(account, now)
	tx.CreateProfile(home)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	p := Person{Account: account, Home: home.ID, w: w}
	p.Token = p.Mint(home.ID, "")
	return p
}

// Home is the network address that fixtures sign in from.
const Home = "192.0.2.1"

// Mint makes a full token of a profile that the person can open, without a
// password.
func (p Person) Mint(id value.ProfileID, expires string) string {
	p.w.Helper()
	batch := p.w.Store.Batch()
	account, grant := batch.Account(p.ID), batch.Grant(p.ID, id)
	p.w.OK(batch.Get(p.w.Context()))
	if !grant.OK {
		p.w.Fatalf("%s cannot open profile %s", p.Name, id)
	}
	now := p.w.Now().UTC()
	end, err := tenancy.SignInExpiry(expires, now)
	p.w.OK(err)
	key := p.w.NextKey()
	tx := p.w.Store.Begin()
	tx.CreateToken(tenancy.Token{
		ID:           value.TokenID(key.ID),
		Hash:         key.Hash(),
		Profile:      id,
		Account:      p.ID,
		Name:         "minted",
		Permission:   tenancy.PermissionFull,
		Created:      now,
		Expires:      end,
		AccountEpoch: account.Value.Epoch,
		GrantEpoch:   grant.Value.Epoch,
	})
	p.w.OK(tx.CommitAside(p.w.Context(), store.Origin{}))
	return key.Token()
}

// NextID returns an id that no other thing of this world has, in the order of
// time; each world counts from 1.
func (w *World) NextID() string { return fmt.Sprintf("%012x%012x", w.Now().UnixMilli(), w.made.Add(1)) }

// NextKey is NextID for credentials. They are secrets in form only.
func (w *World) NextKey() secret.Credential {
	n := w.made.Add(1)
	return secret.Credential{ID: fmt.Sprintf("%08d", n), Secret: fmt.Sprintf("%022d", n)}
}
