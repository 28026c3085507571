package store_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// draw makes domain values with any mix of filled and empty fields.
type draw struct {
	*rapid.T
	now time.Time
}

func (d draw) text(label string) string {
	return rapid.OneOf(rapid.Just(""), rapid.StringN(0, 40, 200)).Draw(d.T, label)
}

func (d draw) flag(label string) bool { return rapid.Bool().Draw(d.T, label) }

func (d draw) count(label string) int64 {
	return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Min(0)).Draw(d.T, label)
}

// time is to the millisecond, as services read the clock; the zero time stands for none.
func (d draw) time(label string) time.Time {
	return rapid.OneOf(rapid.Just(time.Time{}), rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMilli(rapid.Int64Range(1, 4_000_000_000_000).Draw(t, "ms")).UTC()
	})).Draw(d.T, label)
}

func (d draw) amounts(label string) (a plan.Amounts) {
	for i := range a {
		a[i] = d.count(label)
	}
	return a
}

func (d draw) hash(label string) []byte {
	return rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 32, 32)).Draw(d.T, label)
}

func (d draw) id() string { return secret.NewID(d.now) }

func (d draw) permission(label string) tenancy.Permission {
	return rapid.SampledFrom([]tenancy.Permission{
		tenancy.PermissionNone, tenancy.PermissionRead, tenancy.PermissionWrite, tenancy.PermissionFull,
	}).Draw(d.T, label)
}

func (d draw) account() tenancy.Account {
	return tenancy.Account{
		ID: value.AccountID(d.id()), Type: tenancy.AccountType(d.text("type")), Email: value.Email(d.text("email")),
		PasswordHash: d.text("password"), Active: d.flag("active"), Blocked: d.flag("blocked"), Name: d.text("name"),
		Company: d.text("company"), Country: d.text("country"), Phone: d.text("phone"), Timezone: d.text("timezone"),
		Language: d.text("language"), Newsletter: d.flag("newsletter"), Developer: d.flag("developer"), CredentialsChanged: d.time("secured"), Proved: d.time("proved"), Unproven: d.flag("unproven"),
		Options: tenancy.AccountOptions{
			UserViewWelcome: d.flag("welcome"), DateFormat: d.text("date"), TimeFormat: d.text("time"),
			DecimalSeparator: d.text("decimal"), ThousandSeparator: d.text("thousand"), ShowLastUpdatedAt: d.text("show"),
		},
		Plan: plan.Plan(d.text("plan")), Limits: d.amounts("limits"), Shares: d.shares(), Anchor: d.time("anchor"),
		PaidUntil: d.time("paid until"), Schedule: d.schedule(), Billing: d.billing(), Epoch: d.count("epoch"),
		Sessions: d.count("sessions"), Undos: d.undos(), Factors: d.factors(),
		KnownSources: rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(rapid.String(), 1, 8)).Draw(d.T, "sources"),
		Created:      d.time("created"), Updated: d.time("updated"), LastLogin: d.time("login"),
		Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
}

func (d draw) factors() (factors []tenancy.EnabledFactor) {
	for range rapid.IntRange(0, 2).Draw(d.T, "factors") {
		factors = append(factors, tenancy.EnabledFactor{Factor: tenancy.Factor(d.text("factor")), Since: d.time("since")})
	}
	return factors
}

func (d draw) keyring(a value.AccountID) tenancy.SecondFactors {
	pin := func(name string) tenancy.Pin { return tenancy.Pin{MAC: d.hash(name), Expires: d.time(name)} }
	return tenancy.SecondFactors{
		Account: a, Authenticator: d.hash("authenticator"), Setup: d.hash("setup"), SetupEnds: d.time("setup"), SetupFor: d.time("for"), Step: d.count("step"),
		Mailed: pin("mailed"), First: pin("first"), SignInPin: pin("pass"), Recovery: [][]byte{[]byte(d.id())},
		RecoveryMade: d.time("made"), Wrong: int(d.count("wrong")), WrongAt: d.time("wrong"),
	}
}

func (d draw) undos() (undos []tenancy.Undo) {
	for range rapid.IntRange(0, 3).Draw(d.T, "undos") {
		undos = append(undos, tenancy.Undo{Code: value.CodeID(d.id()), Email: value.Email(d.text("email")), Expires: d.time("undone until"), Proved: d.time("proved")})
	}
	return undos
}

func (d draw) shares() map[value.ProfileID]tenancy.Share {
	shares := map[value.ProfileID]tenancy.Share{}
	for range rapid.IntRange(0, 3).Draw(d.T, "profiles") {
		shares[value.ProfileID(d.id())] = tenancy.Share{
			Allocation: d.amounts("share"), Addons: tenancy.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")}, Updated: d.time("shared"),
		}
	}
	return shares
}

// schedule is one of nothing, which a renewal finds without a change in it, as well as one of anything else, or none.
func (d draw) schedule() *tenancy.Schedule {
	if d.flag("unscheduled") {
		return nil
	}
	s := &tenancy.Schedule{Services: map[plan.Service]int64{}, Addons: map[plan.Addon][]value.ProfileID{}}
	if plan := plan.Plan(d.text("next plan")); plan != "" {
		s.Plan = &plan
	}
	for _, service := range rapid.SliceOfDistinct(rapid.SampledFrom(plan.Services()), rapid.ID).Draw(d.T, "next services") {
		s.Services[service] = d.count("next limit") // 0 is a limit too
	}
	for _, addon := range rapid.SliceOfDistinct(rapid.SampledFrom(plan.AllAddons()), rapid.ID).Draw(d.T, "next add-ons") {
		for range rapid.IntRange(1, 3).Draw(d.T, "losers") {
			s.Addons[addon] = append(s.Addons[addon], value.ProfileID(d.id()))
		}
	}
	return s
}

func (d draw) billing() tenancy.BillingAddress {
	return tenancy.BillingAddress{
		Company: d.text("payer"), Country: d.text("country"), State: d.text("state"), City: d.text("city"), Street: d.text("street"),
		ZipCode: d.text("zip"), Comments: d.text("comments"), Updated: d.time("addressed"),
	}
}

func (d draw) charge(a value.AccountID) tenancy.Charge {
	c := tenancy.Charge{
		ID: d.id(), Account: a, Amount: d.count("amount"), From: d.now, To: d.time("to"),
		Kind: rapid.SampledFrom([]tenancy.ChargeKind{tenancy.ChargePlan, tenancy.ChargeService, tenancy.ChargeAddon}).Draw(d.T, "kind"),
	}
	switch c.Kind {
	case tenancy.ChargePlan:
		c.Plan = plan.Plan(d.text("bought"))
	case tenancy.ChargeService:
		c.Service, c.Limit = rapid.SampledFrom(plan.Services()).Draw(d.T, "bought"), d.count("limit")
	default:
		c.Addon, c.Profile = rapid.SampledFrom(plan.AllAddons()).Draw(d.T, "bought"), value.ProfileID(d.id())
	}
	return c
}

func (d draw) usage(p value.ProfileID) tenancy.Usage {
	u := tenancy.Usage{
		Profile: p, Cycle: d.time("cycle"), Hour: d.time("hour"), Used: d.amounts("used"), Updated: d.time("updated"),
		Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
	for s := range u.Alerts {
		u.Alerts[s] = tenancy.Alert{Percent: rapid.SampledFrom([]int64{0, 80, 90, 100}).Draw(d.T, "told"), Limit: d.count("of")}
	}
	return u
}

// line is one of a report, with its answer.
func (d draw) line() (tenancy.UsageLine, tenancy.UsageAnswer) {
	service := rapid.SampledFrom(plan.Services()).Draw(d.T, "reported")
	return tenancy.UsageLine{Service: service, Amount: d.count("amount"), Event: d.id(), Time: d.time("happened")},
		tenancy.UsageAnswer{Service: service, Admitted: d.flag("admitted"), Used: d.count("used"), Limit: d.count("limit"), Reset: d.time("reset")}
}

func (d draw) profile(owner value.AccountID) tenancy.Profile {
	return tenancy.Profile{
		ID: value.ProfileID(d.id()), Owner: owner, Name: d.text("name"), LogoURL: d.text("logo"), BannerURL: d.text("banner"),
		Allocation: d.amounts("allocation"), Addons: tenancy.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")},
		Plan: plan.Plan(d.text("plan")), Anchor: d.time("anchor"), OwnerEpoch: d.count("owner epoch"), OwnerSessions: d.count("owner sessions"), Epoch: d.count("epoch"),
		Transferred: d.time("transferred"), Created: d.time("created"), Updated: d.time("updated"), Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
		TokenPolicy: tenancy.TokenPolicy{LongestDays: rapid.IntRange(0, 36500).Draw(d.T, "longest days"), NoNever: d.flag("no never")},
	}
}

func (d draw) member(p value.ProfileID) tenancy.Member {
	return tenancy.Member{
		Profile: p, Account: value.AccountID(d.id()), Permission: d.permission("permission"), Epoch: d.count("epoch"),
		Active: true, Created: d.time("created"),
	}
}

func (d draw) invitation(p value.ProfileID, owner value.AccountID) tenancy.Invitation {
	return tenancy.Invitation{
		ID: tenancy.InvitationID(d.id()), Code: value.CodeID(secret.NewCredential().ID), Hash: d.hash("code"), Profile: p, Owner: owner, OwnerEpoch: d.count("owner's epoch"),
		Email: value.Email(d.id() + "@example.com"), Permission: d.permission("offered"), State: tenancy.InvitationPending,
		Reminded: d.flag("reminded"), Created: d.time("invited"), Expires: d.now.Add(time.Hour),
	}
}

func (d draw) notification(a value.AccountID) tenancy.Notification {
	return tenancy.Notification{
		ID: tenancy.NotificationID(d.id()), Account: a, Title: d.text("title"), Message: d.text("words"), Read: d.flag("read"),
		Created: d.time("notified"), Invitation: value.CodeID(d.text("offer")),
	}
}

func (d draw) token(p value.ProfileID, a value.AccountID) tenancy.Token {
	return tenancy.Token{
		ID: value.TokenID(secret.NewCredential().ID), Hash: d.hash("hash"), Profile: p, Account: a, Name: d.text("name"),
		Permission: d.permission("permission"), Created: d.time("created"), Expires: d.time("expires"),
		AccountEpoch: d.count("account epoch"), GrantEpoch: d.count("grant epoch"), SignIn: d.flag("sign in"),
		Networks: d.networks("networks"), Scope: rapid.SampledFrom([]tenancy.Scope{tenancy.ScopeAccount, tenancy.ScopeProfile}).Draw(d.T, "scope"),
		DisabledBy: value.AccountID(d.text("disabled by")), Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "token version"),
		Family: value.TokenID(d.text("family")), Retires: d.time("retires"), Previous: value.TokenID(d.text("previous")),
		PreviousRetires: d.time("previous retires"), Reused: d.flag("reused"), Reminded: d.time("reminded"),
	}
}

func (d draw) networks(label string) tenancy.Networks {
	texts := rapid.SliceOfN(rapid.SampledFrom([]string{"192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/0"}), 0, 3).Draw(d.T, label)
	list, err := tenancy.ParseNetworks(texts)
	if err != nil {
		d.Fatal(err)
	}
	return list
}

func (d draw) confirmation() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: value.CodeID(secret.NewCredential().ID), Hash: d.hash("hash"), Email: value.Email(d.text("email")),
		SignUp: tenancy.SignUp{
			Account: value.AccountID(d.text("account")), Name: d.text("name"), Company: d.text("company"), Country: d.text("country"),
			Timezone: d.text("timezone"), PasswordHash: d.text("password"), Newsletter: d.flag("newsletter"),
			Developer: d.flag("developer"), Created: d.time("created"),
		},
		Expires: d.time("expires"),
	}
}

func (d draw) securityCode() tenancy.SecurityCode {
	return tenancy.SecurityCode{
		ID: value.CodeID(secret.NewCredential().ID), Hash: d.hash("hash"), Purpose: tenancy.CodePurpose(d.text("purpose")),
		Account: value.AccountID(d.text("account")), Email: value.Email(d.text("email")), CredentialsChanged: d.time("secured"), Expires: d.time("expires"),
	}
}

func (d draw) message() tenancy.Message {
	return tenancy.Message{
		ID: tenancy.MessageID(d.id()), Kind: tenancy.MessageKind(d.text("kind")), To: d.text("to"),
		Created: d.time("created"),
	}
}

func (d draw) entry() auditlog.Entry {
	e := auditlog.Entry{
		ID: d.id(), Log: d.id(), Time: d.now, Resource: d.text("resource"), ResourceID: d.text("resource id"),
		Message: d.text("message"), Who: d.text("who"), Token: value.TokenID(d.text("token")), Source: d.text("source"), Request: d.text("request"),
	}
	for range rapid.IntRange(0, 3).Draw(d.T, "changes") {
		e.Changes = append(e.Changes, auditlog.Change{Field: d.text("field"), Before: d.text("before"), After: d.text("after")})
	}
	return e
}

func (d draw) terms(label string) tenancy.Terms {
	t := tenancy.Terms{Name: d.text(label), Owner: d.permission(label), Addons: tenancy.Addons{CustomDNS: d.flag(label), Mobile: d.flag(label)}}
	if d.flag(label) {
		t.TokenPolicy = &tenancy.TokenPolicy{LongestDays: rapid.IntRange(0, 99).Draw(d.T, label), NoNever: d.flag(label)}
	}
	if d.flag(label) {
		t.Allocation = d.amounts(label)
	}
	for range rapid.IntRange(0, 3).Draw(d.T, label) {
		if t.Members == nil {
			t.Members = map[value.AccountID]tenancy.Permission{}
		}
		t.Members[value.AccountID(d.id())] = d.permission(label)
	}
	return t
}

// codes are hashes in the order of their bytes: which is older plays no part, and the table keeps them as a set.
func (d draw) codes(label string) [][]byte {
	hashes := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 32, 32), 0, 3, func(b []byte) string { return string(b) }).Draw(d.T, label)
	if len(hashes) == 0 {
		return nil
	}
	slices.SortFunc(hashes, bytes.Compare)
	return hashes
}

func (d draw) epoch(label string) *int64 {
	if !d.flag(label) {
		return nil
	}
	n := rapid.Int64Range(0, 9).Draw(d.T, label)
	return &n
}

func (d draw) transfer(p value.ProfileID) tenancy.Transfer {
	t := tenancy.Transfer{
		ID: tenancy.NewTransferID(d.id()), Profile: p, ProfileName: d.text("profile name"), Source: value.AccountID(d.id()),
		Email: value.Email(d.text("email")), Message: d.text("message"), Offered: tenancy.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")}, Policy: tenancy.TransferPolicy(d.text("policy")),
		Reverts: tenancy.TransferID(d.text("reverts")), Reason: d.text("reason"),
		State: rapid.SampledFrom([]tenancy.TransferState{
			tenancy.TransferRequested, tenancy.TransferCompleted, tenancy.TransferCanceled, tenancy.TransferExpired,
		}).Draw(d.T, "state"),
		Confirmed: d.time("confirmed"), Accepted: d.time("accepted"), SourceEpoch: d.epoch("source epoch"), DestinationEpoch: d.epoch("destination epoch"), Terms: d.terms("terms"), Before: d.terms("before"),
		ConfirmCodes: d.codes("confirm codes"), AnswerCodes: d.codes("answer codes"),
		Question: d.flag("question"), Waiting: d.text("waiting"), Retry: d.time("retry"),
		Reminded: rapid.IntRange(0, 9).Draw(d.T, "reminded"),
		Created:  d.time("requested"), Expires: d.time("expires"), Ended: d.time("ended"), Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
	if d.flag("answered") {
		t.Destination = value.AccountID(d.id())
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "approvals") {
		t.Approvals = append(t.Approvals, value.AccountID(d.id()))
	}
	for range rapid.IntRange(0, 3).Draw(d.T, "events") {
		t.Timeline = append(t.Timeline, tenancy.TransferEvent{
			Time: d.time("event"), What: tenancy.EventKind(d.text("what")), By: tenancy.Party(d.text("by")),
			Who: value.AccountID(d.text("who")), Text: d.text("words"),
		})
	}
	return t
}

// equal compares what was read with what was written, whole: a field that an item forgets is found.
func equal[T any](t *rapid.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func ok[T any](t *rapid.T, what string, got *store.Found[T], want T) {
	t.Helper()
	if !got.OK {
		t.Errorf("%s was not found", what)
		return
	}
	equal(t, what, got.Value, want)
}

// Every entity is read back as it was written, whichever of its fields are filled, and so after it was changed.
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
		reservation := tenancy.EmailReservation{Email: value.Email(d.id() + "@example.com"), Account: account.ID, Expires: d.time("claim")}
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
		try(tx.Commit(w.Context()))
		tx = w.Store.Begin()
		tx.AddMember(profile, member)
		try(tx.Commit(w.Context()))
		factors.Version++
		profile.Version++
		invitation, notification := d.invitation(profile.ID, account.ID), d.notification(account.ID)
		tx = w.Store.Begin()
		tx.Invite(profile, invitation, tenancy.Member{})
		tx.Notify(notification)
		try(tx.Commit(w.Context()))
		profile.Version++

		read := func() (*store.Found[tenancy.Account], *store.Found[tenancy.Profile]) {
			t.Helper()
			batch := w.Store.Batch()
			gotAccount, gotProfile, gotToken := batch.Account(account.ID), batch.Profile(profile.ID), batch.Token(token.ID)
			own, shared := batch.Grant(account.ID, profile.ID), batch.Grant(member.Account, profile.ID)
			gotInvitation, gotNotification := batch.Invitation(invitation.Code), batch.Notification(account.ID, notification.ID)
			gotClaim, gotCode, gotMail := batch.EmailReservation(reservation.Email), batch.Confirmation(code.ID), batch.Message(message.ID)
			gotSecurity, gotKeyring := batch.SecurityCode(security.ID), batch.SecondFactors(account.ID)
			try(batch.Get(w.Context()))
			ok(t, "token", gotToken, token)
			ok(t, "owner's grant", own, profile.OwnerGrant())
			ok(t, "claim", gotClaim, reservation)
			ok(t, "code", gotCode, code)
			ok(t, "security code", gotSecurity, security)
			ok(t, "keyring", gotKeyring, factors)
			ok(t, "mail", gotMail, store.OutboxMail{Message: message, Sealed: sealed, Pending: true})
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
		equal(t, "team", team, tenancy.Team{member, invitation.Pending()})
		offers, err := w.Store.Offers(w.Context(), invitation.Email, w.Now())
		try(err)
		equal(t, "offers", offers, []value.CodeID{invitation.Code})
		for row, err := range w.Store.TokenRows(w.Context(), profile.ID, false, 0) {
			try(err)
			want := token
			// A row opens nothing.
			want.Hash = nil
			equal(t, "token row", row, want)
		}
		equal(t, "audit entries", entries(w, entry.Log, entry.Time), []auditlog.Entry{entry})

		edited := draw{t, w.Now()}.token(token.Profile, token.Account)
		limited := token
		limited.Name, limited.Networks, limited.Scope, limited.DisabledBy = edited.Name, edited.Networks, edited.Scope, edited.DisabledBy
		tx = w.Store.Begin()
		tx.EditToken(limited)
		try(tx.Commit(w.Context()))
		limited.Version++
		batch := w.Store.Batch()
		gotToken := batch.Token(token.ID)
		try(batch.Get(w.Context()))
		ok(t, "edited token", gotToken, limited)
		for row, err := range w.Store.TokenRows(w.Context(), profile.ID, false, 0) {
			try(err)
			want := limited
			want.Hash = nil
			equal(t, "edited token row", row, want)
		}
		token = limited

		// A change replaces what was filled by what is empty, and the other way round.
		changed, moved := d.account(), d.profile(account.ID)
		changed.ID, changed.Version, moved.ID, moved.Version = account.ID, account.Version, profile.ID, profile.Version
		tx = w.Store.Begin()
		tx.UpdateAccount(changed)
		tx.UpdateProfile(moved, team)
		try(tx.Commit(w.Context()))
		// Only signing in writes these two.
		changed.KnownSources, changed.LastLogin = account.KnownSources, account.LastLogin
		changed.Version++
		moved.Version++
		// The rest of a grant is written by what changes rights.
		renamed := profile
		renamed.Name, renamed.LogoURL = moved.Name, moved.LogoURL
		profile = renamed
		gotAccount, gotProfile = read()
		ok(t, "changed account", gotAccount, changed)
		ok(t, "changed profile", gotProfile, moved)
	})
}

// inOrder puts the hashes of codes, which the table keeps as sets, in order.
func inOrder(found *store.Found[tenancy.Transfer]) *store.Found[tenancy.Transfer] {
	slices.SortFunc(found.Value.ConfirmCodes, bytes.Compare)
	slices.SortFunc(found.Value.AnswerCodes, bytes.Compare)
	return found
}

// So is a transfer, and a change replaces it whole.
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
		read := func(want tenancy.Transfer) {
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
		try(tx.Commit(w.Context()))
		tx = w.Store.Begin()
		tx.OpenTransfer(profile, transfer)
		try(tx.Commit(w.Context()))
		read(transfer)

		changed := d.transfer(profile.ID)
		changed.ID, changed.Version = transfer.ID, transfer.Version
		tx = w.Store.Begin()
		tx.UpdateTransfer(changed)
		try(tx.Commit(w.Context()))
		changed.Version++
		read(changed)
	})
}

// filler fills values of any type with things that are not zero, no two alike.
type filler int64

func (f *filler) fill(v reflect.Value) {
	*f++
	n := int64(*f)
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(1_900_000_000_000 + n).UTC()))
		return
	case tenancy.Permission:
		v.SetInt(1 + n%3)
		return
	case plan.Service:
		v.SetInt(1 + n%8)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %06d", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(n)
	case reflect.Uint8:
		v.SetUint(uint64(1 + n%255))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	default:
		panic("nothing fills a " + v.Type().String())
	}
}

func filled[T any]() (v T) {
	new(filler).fill(reflect.ValueOf(&v).Elem())
	return v
}

// The draws above must name each field to try it. Here every field is filled that there is, so that one is found which both the draws
// and the item forget; and then none is.
func TestNoFieldIsForgotten(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	whole := func(what string, account tenancy.Account, profile tenancy.Profile, transfer tenancy.Transfer) {
		t.Helper()
		transfer.Profile = profile.ID
		must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) }, func(tx *store.Tx) { tx.CreateProfile(profile) })
		must(w, func(tx *store.Tx) { tx.OpenTransfer(profile, transfer) })
		profile.Version++
		check := func(when string) {
			t.Helper()
			batch := w.Store.Batch()
			gotAccount, gotProfile, gotTransfer := batch.Account(account.ID), batch.Profile(profile.ID), batch.Transfer(transfer.ID)
			w.OK(batch.Get(t.Context()))
			for name, pair := range map[string][2]any{
				"account": {gotAccount.Value, account}, "profile": {gotProfile.Value, profile}, "transfer": {inOrder(gotTransfer).Value, transfer},
			} {
				if !reflect.DeepEqual(pair[0], pair[1]) {
					t.Errorf("%s with %s fields %s:\ngot  %+v\nwant %+v", name, what, when, pair[0], pair[1])
				}
			}
		}
		check("created")
		// Once more, as a change of what is there: a change writes by names, not whole.
		must(w, func(tx *store.Tx) { tx.UpdateAccount(account) }, func(tx *store.Tx) { tx.UpdateProfile(profile, nil) },
			func(tx *store.Tx) { tx.UpdateTransfer(transfer) })
		account.Version, profile.Version, transfer.Version = account.Version+1, profile.Version+1, transfer.Version+1
		check("changed")
	}
	whole("all", filled[tenancy.Account](), filled[tenancy.Profile](), filled[tenancy.Transfer]())
	// Shares of no profile are read as an empty map.
	none := map[value.ProfileID]tenancy.Share{}
	whole("no", tenancy.Account{ID: "none", Shares: none}, tenancy.Profile{ID: "none"}, tenancy.Transfer{ID: "none"})

	// From all to none: nothing of what was there is left.
	account, profile, transfer := filled[tenancy.Account](), filled[tenancy.Profile](), filled[tenancy.Transfer]()
	emptied := tenancy.Account{ID: account.ID, Shares: none, Version: account.Version + 1}
	bare := tenancy.Profile{ID: profile.ID, Owner: profile.Owner, Version: profile.Version + 2}
	ended := tenancy.Transfer{ID: transfer.ID, Profile: profile.ID, Version: transfer.Version + 1}
	must(w, func(tx *store.Tx) { tx.UpdateAccount(emptied) }, func(tx *store.Tx) { tx.UpdateProfile(bare, nil) },
		func(tx *store.Tx) { tx.UpdateTransfer(ended) })
	batch := w.Store.Batch()
	gotAccount, gotProfile, gotTransfer := batch.Account(account.ID), batch.Profile(profile.ID), batch.Transfer(transfer.ID)
	w.OK(batch.Get(t.Context()))
	// Only signing in writes these two.
	emptied.KnownSources, emptied.LastLogin = account.KnownSources, account.LastLogin
	emptied.Version, bare.Version, ended.Version = emptied.Version+1, bare.Version+1, ended.Version+1
	same(t, "account", gotAccount.Value, emptied)
	same(t, "profile", gotProfile.Value, bare)
	same(t, "transfer", gotTransfer.Value, ended)
}

// reported is a report that leaves a profile's use as it is given, whatever rules would say.
func reported(p tenancy.Profile, before, after tenancy.Usage, now time.Time, lines ...tenancy.UsageLine) step {
	answers := make([]tenancy.UsageAnswer, len(lines))
	for i, line := range lines {
		answers[i] = tenancy.UsageAnswer{Event: line.Event, Service: line.Service, Admitted: true}
	}
	return func(tx *store.Tx) {
		tx.Report(p, lines, tenancy.UsageUpdate{Before: before, After: after, Absolute: true, Answers: answers}, now)
	}
}

// statement and history are all that is kept of an account's charges and of its snapshots.
func statement(ctx context.Context, s *store.Store, a value.AccountID) (out []tenancy.Charge, err error) {
	for c, err := range s.LastCharges(ctx, a, 0) {
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.Reverse(out)
	return out, nil
}

func history(ctx context.Context, s *store.Store, a value.AccountID) ([]tenancy.Snapshot, error) {
	return s.Snapshots(ctx, a, time.UnixMilli(0), time.UnixMilli(9_999_999_999_999))
}

// What is kept of money and use is read back as it was written, too.
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
			try(tx.Commit(w.Context()))
		}
		commit(func(tx *store.Tx) {
			tx.CreateProfile(profile)
			tx.Charge(charge)
			tx.Snapshot(account, w.Now())
		})
		commit(reported(profile, tenancy.Usage{}, before, w.Now()))
		read := func(want tenancy.Usage) {
			t.Helper()
			batch := w.Store.Batch()
			got := batch.Usage(profile.ID)
			try(batch.Get(w.Context()))
			ok(t, "usage", got, want)
		}
		read(before)
		commit(func(tx *store.Tx) {
			tx.Report(profile, []tenancy.UsageLine{line}, tenancy.UsageUpdate{Before: before, After: after, Absolute: true, Answers: []tenancy.UsageAnswer{answer}}, w.Now())
		})
		read(after)
		hours, err := w.Store.Hours(w.Context(), profile.ID, w.Now(), w.Now().Add(day))
		try(err)
		past := before
		past.Alerts = tenancy.Usage{}.Alerts // history is of numbers
		equal(t, "hours", hours, []tenancy.Usage{past})
		batch := w.Store.Batch()
		event := batch.UsageEvent(profile.ID, line.Event)
		try(batch.Get(w.Context()))
		ok(t, "event", event, answer)
		charges, err := statement(w.Context(), w.Store, account.ID)
		try(err)
		equal(t, "statement", charges, []tenancy.Charge{charge})
		snapshots, err := history(w.Context(), w.Store, account.ID)
		try(err)
		equal(t, "snapshots", snapshots, []tenancy.Snapshot{{Time: w.Now(), Limits: account.Limits, Shares: account.Shares}})
	})
}

// And no field of theirs is forgotten that the draws above forget too.
func TestNoFieldOfUsageIsForgotten(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.Advance(w.Now().Truncate(time.Hour).Sub(w.Now()))
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
		}
	}
	for what, account := range map[string]tenancy.Account{
		"all": filled[tenancy.Account](), "no": {ID: "none", Shares: map[value.ProfileID]tenancy.Share{}},
	} {
		must(w, func(tx *store.Tx) { tx.Snapshot(account, w.Now()) })
		got, err := history(t.Context(), w.Store, account.ID)
		w.OK(err)
		check("snapshot with "+what+" fields", got, []tenancy.Snapshot{account.Snapshot(w.Now())})
	}

	for _, kind := range []tenancy.ChargeKind{tenancy.ChargePlan, tenancy.ChargeService, tenancy.ChargeAddon} {
		charge := filled[tenancy.Charge]()
		charge.Account, charge.Kind = value.AccountID(kind), kind
		if kind != tenancy.ChargePlan {
			charge.Plan = ""
		}
		if kind != tenancy.ChargeService {
			charge.Service = 0
		}
		if kind != tenancy.ChargeAddon {
			charge.Addon = ""
		}
		must(w, func(tx *store.Tx) { tx.Charge(charge) })
		got, err := statement(t.Context(), w.Store, charge.Account)
		w.OK(err)
		check("charge of a "+string(kind), got, []tenancy.Charge{charge})
	}

	profile := newProfile(w, "ana")
	must(w, func(tx *store.Tx) { tx.CreateProfile(profile) })
	full, line, answer := filled[tenancy.Usage](), filled[tenancy.UsageLine](), filled[tenancy.UsageAnswer]()
	full.Profile, line.Event, line.Service = profile.ID, answer.Event, answer.Service
	must(w, func(tx *store.Tx) {
		tx.Report(profile, []tenancy.UsageLine{line}, tenancy.UsageUpdate{After: full, Absolute: true, Answers: []tenancy.UsageAnswer{answer}}, w.Now())
	})
	read := func() tenancy.Usage {
		t.Helper()
		batch := w.Store.Batch()
		usage, event := batch.Usage(profile.ID), batch.UsageEvent(profile.ID, line.Event)
		w.OK(batch.Get(t.Context()))
		event.Value.Event = answer.Event // what was asked for
		check("event", event.Value, answer)
		return usage.Value
	}
	full.Coarse = false // said by an item from before fractions alone: none is written
	check("usage with all fields", read(), full)
	empty := tenancy.Usage{Profile: profile.ID, Version: full.Version + 1}
	must(w, reported(profile, full, empty, w.Now()))
	check("usage with no fields", read(), empty)
}
