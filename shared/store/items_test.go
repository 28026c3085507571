package store_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Each entity is read back as it was written, with any of its fields filled,
// and also after a change.
func TestItemsAreReadBackWhole(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t, w.Now()}
		try := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		account := d.account()
		profile := d.profile(account.ID)
		member := d.member(profile.ID)
		token := d.token(profile.ID, account.ID)
		reservation := tenancy.EmailReservation{
			Email:   value.Email(d.id() + "@example.com"),
			Account: account.ID,
			Expires: d.time("claim"),
		}
		code, security, message, entry := d.confirmation(), d.securityCode(), d.message(), d.entry()
		factors := d.keyring(account.ID)

		tx := w.Store.Begin()
		tx.CreateAccount(account, w.Now())
		tx.CreateProfile(profile)
		tx.CreateToken(token)
		tx.ReserveEmail(reservation, w.Now(), problem.ErrConflict)
		tx.CreateConfirmation(code)
		tx.CreateSecurityCode(security)
		tx.UpdateFactors(factors)
		tx.Send(message, sealed)
		tx.Audit(entry)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		tx = w.Store.Begin()
		tx.AddMember(profile, member)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		factors.Version++
		profile.Version++
		invitation, notification := d.invitation(profile.ID, account.ID), d.notification(account.ID)
		tx = w.Store.Begin()
		place := invitation
		place.Returned = d.mailReturn()
		tx.Invite(profile, place, tenancy.Member{})
		tx.Notify(notification)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		profile.Version++

		read := func() (*store.Found[tenancy.Account], *store.Found[tenancy.Profile]) {
			t.Helper()
			batch := w.Store.Batch()
			gotAccount, gotProfile := batch.Account(account.ID), batch.Profile(profile.ID)
			own := batch.Grant(account.ID, profile.ID)
			shared := batch.Grant(member.Account, profile.ID)
			gotToken, gotInvitation := batch.Token(token.ID), batch.Invitation(invitation.Code)
			gotNotification := batch.Notification(account.ID, notification.ID)
			gotReservation := batch.EmailReservation(reservation.Email)
			gotCode, gotMail := batch.Confirmation(code.ID), batch.Message(message.ID)
			gotSecurity := batch.SecurityCode(security.ID)
			gotFactors := batch.SecondFactors(account.ID)
			try(batch.Get(w.Context()))
			ok(t, "token", gotToken, token)
			ok(t, "owner's grant", own, profile.OwnerGrant())
			ok(t, "reservation", gotReservation, reservation)
			ok(t, "code", gotCode, code)
			ok(t, "security code", gotSecurity, security)
			ok(t, "second factors", gotFactors, factors)
			ok(t, "mail", gotMail,
				store.OutboxMail{Message: message, Sealed: sealed, Pending: true})
			ok(t, "member's grant", shared, profile.MemberGrant(member))
			ok(t, "invitation", gotInvitation, invitation)
			ok(t, "notification", gotNotification, notification)
			return gotAccount, gotProfile
		}
		gotAccount, gotProfile := read()
		ok(t, "account", gotAccount, account)
		ok(t, "profile", gotProfile, profile)

		_, team, err := w.Store.ProfileWithMembers(w.Context(), profile.ID)
		try(err)
		equal(t, "team", team, tenancy.Team{member, place.Pending()})
		offers, err := w.Store.Offers(w.Context(), invitation.Email, w.Now())
		try(err)
		equal(t, "offers", offers, []value.CodeID{invitation.Code})
		for row, err := range w.Store.TokenRows(w.Context(), profile.ID, store.Walk{}) {
			try(err)
			want := token
			// The row of a token does not have its hash.
			want.Hash = nil
			equal(t, "token row", row, want)
		}
		equal(t, "audit entries", entries(w, entry.Log, entry.Time), []auditlog.Entry{entry})

		token = editedWhole(t, w, token)

		// The change empties fields that were filled, and fills fields that
		// were empty.
		changed, moved := d.account(), d.profile(account.ID)
		changed.ID, changed.Version = account.ID, account.Version
		moved.ID, moved.Version = profile.ID, profile.Version
		tx = w.Store.Begin()
		tx.UpdateAccount(changed)
		tx.UpdateProfile(moved, team)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		// Only a sign-in writes these two fields.
		changed.KnownSources, changed.LastLogin = account.KnownSources, account.LastLogin
		changed.Version++
		moved.Version++
		// The other fields of a grant are written only by what changes rights.
		renamed := profile
		renamed.Name, renamed.LogoURL = moved.Name, moved.LogoURL
		profile = renamed
		gotAccount, gotProfile = read()
		ok(t, "changed account", gotAccount, changed)
		ok(t, "changed profile", gotProfile, moved)
	})
}

// editedWhole edits all fields of a token that owners can edit, and returns the
// token as it is read back.
func editedWhole(t *rapid.T, w *testkit.World, token tenancy.Token) tenancy.Token {
	t.Helper()
	drawn := draw{t, w.Now()}.token(token.Profile, token.Account)
	edited := token
	edited.Name, edited.Networks = drawn.Name, drawn.Networks
	edited.Scope, edited.DisabledBy = drawn.Scope, drawn.DisabledBy
	edited.IdleCheck, edited.IdleTold = drawn.IdleCheck, drawn.IdleTold
	must(w, func(tx *store.Tx) { tx.EditToken(token, edited, errRefused) })
	edited.Version++
	batch := w.Store.Batch()
	got := batch.Token(token.ID)
	w.OK(batch.Get(w.Context()))
	ok(t, "edited token", got, edited)
	for row, err := range w.Store.TokenRows(w.Context(), token.Profile, store.Walk{}) {
		w.OK(err)
		want := edited
		want.Hash = nil
		equal(t, "edited token row", row, want)
	}
	return edited
}

// inOrder sorts the hashes of codes, which the table keeps as sets.
func inOrder(found *store.Found[transfer.Transfer]) *store.Found[transfer.Transfer] {
	slices.SortFunc(found.Value.ConfirmCodes, bytes.Compare)
	slices.SortFunc(found.Value.AnswerCodes, bytes.Compare)
	return found
}

// A transfer is read back as it was written, and a change replaces all of it.
func TestTransfersAreReadBackWhole(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t, w.Now()}
		try := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		read := func(want transfer.Transfer) {
			t.Helper()
			batch := w.Store.Batch()
			transfer, open := batch.Transfer(want.ID), batch.OpenTransfer(want.Profile)
			try(batch.Get(w.Context()))
			ok(t, "transfer", inOrder(transfer), want)
			ok(t, "the profile's open transfer", open, want.ID)
		}
		profile := d.profile(value.AccountID(d.id()))
		transfer := d.transfer(profile.ID)
		tx := w.Store.Begin()
		tx.CreateProfile(profile)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		tx = w.Store.Begin()
		tx.OpenTransfer(profile, transfer)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		read(transfer)

		changed := d.transfer(profile.ID)
		changed.ID, changed.Version = transfer.ID, transfer.Version
		tx = w.Store.Begin()
		tx.UpdateTransfer(changed)
		try(tx.CommitAside(w.Context(), store.Origin{}))
		changed.Version++
		read(changed)
	})
}

// reported is a report after which the usage of a profile is the given one. It
// does not apply the rules.
func reported(
	p tenancy.Profile,
	before, after billing.Usage,
	now time.Time,
	lines ...billing.UsageLine,
) step {
	answers := make([]billing.UsageAnswer, len(lines))
	for i, line := range lines {
		answers[i] = billing.UsageAnswer{Event: line.Event, Service: line.Service, Admitted: true}
	}
	return func(tx *store.Tx) {
		tx.Report(p, lines,
			billing.UsageUpdate{Before: before, After: after, Absolute: true, Answers: answers},
			nil, now)
	}
}

// statement has all charges and all snapshots of an account.
func statement(
	ctx context.Context,
	s *store.Store,
	a value.AccountID,
) (out []billing.Charge, err error) {
	for c, err := range s.AllCharges(ctx, a, store.Walk{NewestFirst: true, PageSize: 0}) {
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.Reverse(out)
	return out, nil
}

func history(ctx context.Context, s *store.Store, a value.AccountID) ([]billing.Snapshot, error) {
	return s.Snapshots(ctx, a, time.UnixMilli(0), time.UnixMilli(9_999_999_999_999))
}

// Charges and usage are read back as they were written.
func TestUsageAndStatementsAreReadBackWhole(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t, w.Now()}
		try := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		account := d.account()
		profile := d.profile(account.ID)
		charge := d.charge(account.ID)
		line, answer := d.line()
		before, after := d.usage(profile.ID), d.usage(profile.ID)
		before.Version, after.Version = max(before.Version, 1), max(after.Version, 1)
		before.Hour, after.Hour = w.Now(), w.Now().Add(time.Hour)
		if after.Cycle = before.Cycle; d.flag("another cycle") {
			after.Cycle = w.Now().Add(30 * time.Minute)
		}
		commit := func(step func(*store.Tx)) {
			t.Helper()
			tx := w.Store.Begin()
			step(tx)
			try(tx.CommitAside(w.Context(), store.Origin{}))
		}
		commit(func(tx *store.Tx) {
			tx.CreateProfile(profile)
			tx.Charge(charge)
			tx.Snapshot(account, w.Now())
		})
		commit(reported(profile, billing.Usage{}, before, w.Now()))
		read := func(want billing.Usage) {
			t.Helper()
			batch := w.Store.Batch()
			got := batch.Usage(profile.ID)
			try(batch.Get(w.Context()))
			ok(t, "usage", got, want)
		}
		read(before)
		commit(func(tx *store.Tx) {
			tx.Report(
				profile,
				[]billing.UsageLine{line},
				billing.UsageUpdate{
					Before:   before,
					After:    after,
					Absolute: true,
					Answers:  []billing.UsageAnswer{answer},
				},
				nil,
				w.Now(),
			)
		})
		read(after)
		hours, err := w.Store.Hours(w.Context(), profile.ID, w.Now(), w.Now().Add(day))
		try(err)
		past := before
		past.Alerts = billing.Usage{}.Alerts // rows of history have no alerts
		past.Reached, past.Stops = nil, billing.Services{}
		past.Receipts = billing.Receipts{}
		equal(t, "hours", hours, []billing.Usage{past})
		batch := w.Store.Batch()
		event := batch.UsageEvent(profile.ID, line.Event)
		try(batch.Get(w.Context()))
		ok(t, "event", event, answer)
		charges, err := statement(w.Context(), w.Store, account.ID)
		try(err)
		equal(t, "statement", charges, []billing.Charge{charge})
		snapshots, err := history(w.Context(), w.Store, account.ID)
		try(err)
		equal(t, "snapshots", snapshots,
			[]billing.Snapshot{{Time: w.Now(), Limits: account.Limits, Shares: account.Shares}})
	})
}
