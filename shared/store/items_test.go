package store_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
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

func (d draw) amounts(label string) (a tenancy.Amounts) {
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
		ID: tenancy.AccountID(d.id()), Type: tenancy.AccountType(d.text("type")), Email: tenancy.Email(d.text("email")),
		PasswordHash: d.text("password"), Active: d.flag("active"), Blocked: d.flag("blocked"), Name: d.text("name"),
		Company: d.text("company"), Country: d.text("country"), Phone: d.text("phone"), Timezone: d.text("timezone"),
		Language: d.text("language"), Newsletter: d.flag("newsletter"), Developer: d.flag("developer"),
		Options: tenancy.AccountOptions{
			UserViewWelcome: d.flag("welcome"), DateFormat: d.text("date"), TimeFormat: d.text("time"),
			DecimalSeparator: d.text("decimal"), ThousandSeparator: d.text("thousand"), ShowLastUpdatedAt: d.text("show"),
		},
		Plan: tenancy.Plan(d.text("plan")), Limits: d.amounts("limits"), Allocated: d.amounts("allocated"),
		Profiles: int(rapid.Uint16().Draw(d.T, "profiles")), Epoch: d.count("epoch"),
		Sources: rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(rapid.String(), 1, 8)).Draw(d.T, "sources"),
		Created: d.time("created"), Updated: d.time("updated"), LastLogin: d.time("login"),
		Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
}

func (d draw) profile(owner tenancy.AccountID) tenancy.Profile {
	return tenancy.Profile{
		ID: tenancy.ProfileID(d.id()), Owner: owner, Name: d.text("name"), LogoURL: d.text("logo"), BannerURL: d.text("banner"),
		Allocation: d.amounts("allocation"), Addons: tenancy.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")},
		Plan: tenancy.Plan(d.text("plan")), OwnerEpoch: d.count("owner epoch"), Epoch: d.count("epoch"),
		Created: d.time("created"), Updated: d.time("updated"), Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
}

func (d draw) member(p tenancy.ProfileID) tenancy.Member {
	return tenancy.Member{
		Profile: p, Account: tenancy.AccountID(d.id()), Permission: d.permission("permission"), Epoch: d.count("epoch"),
		Active: true, Name: d.text("name"), Email: tenancy.Email(d.text("email")), Created: d.time("created"),
	}
}

func (d draw) invitation(p tenancy.ProfileID, owner tenancy.AccountID) tenancy.Invitation {
	return tenancy.Invitation{
		ID: tenancy.InvitationID(d.id()), Code: tenancy.CodeID(secret.NewCredential().ID), Hash: d.hash("code"), Profile: p, Owner: owner,
		Email: tenancy.Email(d.id() + "@example.com"), Permission: d.permission("offered"), State: tenancy.InvitationPending,
		Reminded: d.flag("reminded"), Created: d.time("invited"), Expires: d.now.Add(time.Hour),
	}
}

func (d draw) notification(a tenancy.AccountID) tenancy.Notification {
	return tenancy.Notification{
		ID: tenancy.NotificationID(d.id()), Account: a, Title: d.text("title"), Message: d.text("words"), Read: d.flag("read"),
		Created: d.time("notified"), Invitation: tenancy.CodeID(d.text("offer")),
	}
}

func (d draw) token(p tenancy.ProfileID, a tenancy.AccountID) tenancy.Token {
	return tenancy.Token{
		ID: tenancy.TokenID(secret.NewCredential().ID), Hash: d.hash("hash"), Profile: p, Account: a, Name: d.text("name"),
		Permission: d.permission("permission"), Created: d.time("created"), Expires: d.time("expires"),
		AccountEpoch: d.count("account epoch"), GrantEpoch: d.count("grant epoch"),
	}
}

func (d draw) confirmation() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: tenancy.CodeID(secret.NewCredential().ID), Hash: d.hash("hash"), Email: tenancy.Email(d.text("email")),
		SignUp: tenancy.SignUp{
			Account: tenancy.AccountID(d.text("account")), Name: d.text("name"), Company: d.text("company"), Country: d.text("country"),
			Timezone: d.text("timezone"), PasswordHash: d.text("password"), Newsletter: d.flag("newsletter"),
			Developer: d.flag("developer"), Created: d.time("created"),
		},
		Expires: d.time("expires"),
	}
}

func (d draw) message() tenancy.Message {
	return tenancy.Message{
		ID: tenancy.MessageID(d.id()), Kind: tenancy.MessageKind(d.text("kind")), To: d.text("to"),
		Data: rapid.OneOf(
			rapid.Just(map[string]string(nil)), rapid.MapOfN(rapid.StringN(1, 10, 40), rapid.String(), 1, 4),
		).Draw(d.T, "data"),
		Created: d.time("created"),
	}
}

func (d draw) entry() tenancy.AuditEntry {
	return tenancy.AuditEntry{
		ID: d.id(), Log: d.id(), Time: d.now, Resource: d.text("resource"), ResourceID: d.text("resource id"),
		Message: d.text("message"), Who: d.text("who"), Token: tenancy.TokenID(d.text("token")),
	}
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
		claim := tenancy.Claim{Email: tenancy.Email(d.id() + "@example.com"), Account: account.ID, Expires: d.time("claim")}
		code, message, entry := d.confirmation(), d.message(), d.entry()

		tx := w.Store.Begin()
		tx.CreateAccount(account, w.Now())
		tx.CreateProfile(profile)
		tx.CreateToken(token)
		tx.Claim(claim, w.Now(), tenancy.ErrConflict)
		tx.CreateConfirmation(code)
		tx.Send(message)
		tx.Audit(entry)
		try(tx.Commit(w.Context()))
		tx = w.Store.Begin()
		tx.AddMember(profile, member)
		try(tx.Commit(w.Context()))
		profile.Version++
		invitation, notification := d.invitation(profile.ID, account.ID), d.notification(account.ID)
		offer := d.notification("")
		tx = w.Store.Begin()
		tx.Invite(profile, invitation, offer, tenancy.Member{})
		tx.Notify(notification)
		try(tx.Commit(w.Context()))
		profile.Version++

		read := func() (*store.Found[tenancy.Account], *store.Found[tenancy.Profile]) {
			t.Helper()
			batch := w.Store.Batch()
			gotAccount, gotProfile, gotToken := batch.Account(account.ID), batch.Profile(profile.ID), batch.Token(token.ID)
			own, shared := batch.Grant(account.ID, profile.ID), batch.Grant(member.Account, profile.ID)
			gotInvitation, gotNotification := batch.Invitation(invitation.Code), batch.Notification(account.ID, notification.ID)
			gotClaim, gotCode, gotMail := batch.Claim(claim.Email), batch.Confirmation(code.ID), batch.Message(message.ID)
			try(batch.Get(w.Context()))
			ok(t, "token", gotToken, token)
			ok(t, "owner's grant", own, profile.OwnerGrant())
			ok(t, "claim", gotClaim, claim)
			ok(t, "code", gotCode, code)
			ok(t, "mail", gotMail, store.Outgoing{Message: message, Pending: true})
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
		equal(t, "offers", offers, []tenancy.Notification{{Title: offer.Title, Message: offer.Message, Invitation: invitation.Code}})
		for row, err := range w.Store.TokenRows(w.Context(), profile.ID, false, 0) {
			try(err)
			want := token
			// A row opens nothing.
			want.Hash, want.AccountEpoch = nil, 0
			equal(t, "token row", row, want)
		}
		entries, err := w.Store.AuditEntries(w.Context(), entry.Log, entry.Time)
		try(err)
		equal(t, "audit entries", entries, []tenancy.AuditEntry{entry})

		// A change replaces what was filled by what is empty, and the other way round.
		changed, moved := d.account(), d.profile(account.ID)
		changed.ID, changed.Version, moved.ID, moved.Version = account.ID, account.Version, profile.ID, profile.Version
		tx = w.Store.Begin()
		tx.UpdateAccount(changed)
		tx.UpdateProfile(moved, team)
		try(tx.Commit(w.Context()))
		// Only signing in writes these two.
		changed.Sources, changed.LastLogin = account.Sources, account.LastLogin
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
