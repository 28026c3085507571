package store_test

import (
	"reflect"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// draw makes domain values in which any of the fields are filled or empty.
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

// time is a time in milliseconds, which is how services read the clock, or the
// zero time.
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
	return rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 32, 32)).
		Draw(d.T, label)
}

func (d draw) id() string { return secret.NewID(d.now) }

func (d draw) permission(label string) tenancy.Permission {
	return rapid.SampledFrom([]tenancy.Permission{
		tenancy.PermissionNone,
		tenancy.PermissionRead,
		tenancy.PermissionWrite,
		tenancy.PermissionFull,
	}).Draw(d.T, label)
}

func (d draw) preferences() (p topic.Preferences) {
	for t := range p {
		p[t] = topic.Preference{Mail: topic.Mail(d.text("mail")), Hidden: d.flag("hidden")}
	}
	return p
}

func (d draw) account() tenancy.Account {
	return tenancy.Account{
		ID:                 value.AccountID(d.id()),
		Type:               tenancy.AccountType(d.text("type")),
		Email:              value.Email(d.text("email")),
		PasswordHash:       d.text("password"),
		Active:             d.flag("active"),
		Blocked:            d.flag("blocked"),
		Name:               d.text("name"),
		Company:            d.text("company"),
		Country:            d.text("country"),
		Phone:              d.text("phone"),
		Timezone:           d.text("timezone"),
		Language:           d.text("language"),
		Newsletter:         d.flag("newsletter"),
		Developer:          d.flag("developer"),
		CredentialsChanged: d.time("secured"),
		Proved:             d.time("proved"),
		Unproven:           d.flag("unproven"),
		Options: tenancy.AccountOptions{
			UserViewWelcome: d.flag("welcome"), DateFormat: d.text("date"),
			TimeFormat: d.text("time"), DecimalSeparator: d.text("decimal"),
			ThousandSeparator: d.text("thousand"), ShowLastUpdatedAt: d.text("show"),
		},
		Preferences: d.preferences(),
		Subscription: billing.Subscription{
			Plan:      plan.Plan(d.text("plan")),
			Limits:    d.amounts("limits"),
			Shares:    d.shares(),
			Anchor:    d.time("anchor"),
			PaidUntil: d.time("paid until"),
			Schedule:  d.schedule(),
		},
		Billing:  d.billing(),
		Epoch:    d.count("epoch"),
		Sessions: d.count("sessions"),
		Asked:    d.asked(),
		Undos:    d.undos(),
		Factors:  d.factors(),
		KnownSources: rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(rapid.String(), 1, 8)).
			Draw(d.T, "sources"),
		Created:   d.time("created"),
		Updated:   d.time("updated"),
		LastLogin: d.time("login"),
		Version:   rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
}

func (d draw) factors() (factors []tenancy.EnabledFactor) {
	for range rapid.IntRange(0, 2).Draw(d.T, "factors") {
		factors = append(
			factors,
			tenancy.EnabledFactor{Factor: tenancy.Factor(d.text("factor")), Since: d.time("since")},
		)
	}
	return factors
}

func (d draw) keyring(a value.AccountID) tenancy.SecondFactors {
	pin := func(name string) tenancy.Pin {
		return tenancy.Pin{MAC: d.hash(name), Expires: d.time(name)}
	}
	return tenancy.SecondFactors{
		Account: a, Authenticator: d.hash("authenticator"), Setup: d.hash("setup"),
		SetupEnds: d.time("setup"), SetupFor: d.time("for"), Step: d.count("step"),
		Mailed: pin("mailed"), First: pin("first"), SignInPin: pin("pass"),
		Recovery: [][]byte{[]byte(d.id())}, RecoveryMade: d.time("made"),
		Wrong: int(d.count("wrong")), WrongAt: d.time("wrong"),
	}
}

func (d draw) asked() (asked tenancy.AskedEmail) {
	if d.flag("asked") {
		asked.Email = value.Email("asked" + d.text("asked for"))
		asked.Expires, asked.CredentialsChanged = d.time("asked until"), d.time("asked since")
	}
	return asked
}

func (d draw) undos() (undos []tenancy.Undo) {
	for range rapid.IntRange(0, 3).Draw(d.T, "undos") {
		undos = append(
			undos,
			tenancy.Undo{
				Code:    value.CodeID(d.id()),
				Email:   value.Email(d.text("email")),
				Expires: d.time("undone until"),
				Proved:  d.time("proved"),
			},
		)
	}
	return undos
}

func (d draw) profile(owner value.AccountID) tenancy.Profile {
	return tenancy.Profile{
		ID:            value.ProfileID(d.id()),
		Owner:         owner,
		Name:          d.text("name"),
		LogoURL:       d.text("logo"),
		BannerURL:     d.text("banner"),
		Allocation:    d.amounts("allocation"),
		Addons:        billing.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")},
		Plan:          plan.Plan(d.text("plan")),
		Anchor:        d.time("anchor"),
		OwnerEpoch:    d.count("owner epoch"),
		OwnerSessions: d.count("owner sessions"),
		Epoch:         d.count("epoch"),
		Transferred:   d.time("transferred"),
		Created:       d.time("created"),
		Updated:       d.time("updated"),
		Version:       rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
		TokenPolicy: tenancy.TokenPolicy{
			LongestDays: rapid.IntRange(0, 36500).Draw(d.T, "longest days"),
			NoNever:     d.flag("no never"),

			DisableUnused: d.flag("disable unused"),
			QuietNetworks: d.flag("quiet networks"),
		},
		Soft: d.services("soft"), Alerts: d.alerts(), Cost: d.count("cost"),
	}
}

func (d draw) services(what string) (s billing.Services) {
	for i := range s {
		s[i] = d.flag(what)
	}
	return s
}

func (d draw) alerts() (alerts billing.Alerts) {
	for range rapid.IntRange(0, 3).Draw(d.T, "alerts") {
		a := billing.Alert{
			ID: billing.AlertID(d.id()), Stop: billing.StopAll, Actions: billing.AlertActions(),
			Created: d.time("created"), Updated: d.time("updated"), Armed: d.time("armed"),
		}
		if d.flag("on cost") {
			a.Cost = max(d.count("cost"), 1)
		} else {
			a.Service = rapid.SampledFrom(plan.Services()).Draw(d.T, "watched")
			a.Amount = max(d.count("amount"), 1)
		}
		alerts = append(alerts, a)
	}
	return alerts
}

func (d draw) member(p value.ProfileID) tenancy.Member {
	return tenancy.Member{
		Profile: p, Account: value.AccountID(d.id()), Permission: d.permission("permission"),
		Epoch: d.count("epoch"), Active: true, Created: d.time("created"),
	}
}

func (d draw) invitation(p value.ProfileID, owner value.AccountID) tenancy.Invitation {
	return tenancy.Invitation{
		ID: tenancy.InvitationID(d.id()), Code: value.CodeID(secret.NewCredential().ID),
		Hash: d.hash("code"), Profile: p, Owner: owner, OwnerEpoch: d.count("owner's epoch"),
		Email: value.Email(d.id() + "@example.com"), Permission: d.permission("offered"),
		State: tenancy.InvitationPending, Reminded: d.flag("reminded"), Created: d.time("invited"),
		Expires: d.now.Add(time.Hour),
	}
}

// mailReturn is a returned mail.
func (d draw) mailReturn() tenancy.MailReturn {
	return tenancy.MailReturn{Time: d.time("returned"), Invalid: d.flag("invalid")}
}

func (d draw) notification(a value.AccountID) tenancy.Notification {
	return tenancy.Notification{
		ID: tenancy.NotificationID(d.id()), Account: a, Title: d.text("title"),
		Message: d.text("words"), Read: d.flag("read"), Created: d.time("notified"),
		Invitation: value.CodeID(d.text("offer")), Alert: d.alert(),
	}
}

func (d draw) alert() *tenancy.LimitAlert {
	if !d.flag("alert") {
		return nil
	}
	return &tenancy.LimitAlert{
		ThresholdAlert: billing.ThresholdAlert{
			Service: rapid.SampledFrom(plan.Services()).Draw(d.T, "near"), Percent: d.count("percent"),
			Used: d.count("used"), Limit: d.count("limit"),
		},
		Profile: d.text("profile of an alert"), Resets: d.time("resets"),
	}
}

func (d draw) token(p value.ProfileID, a value.AccountID) tenancy.Token {
	return tenancy.Token{
		ID:           value.TokenID(secret.NewCredential().ID),
		Hash:         d.hash("hash"),
		Profile:      p,
		Account:      a,
		Name:         d.text("name"),
		Permission:   d.permission("permission"),
		Created:      d.time("created"),
		Expires:      d.time("expires"),
		AccountEpoch: d.count("account epoch"),
		GrantEpoch:   d.count("grant epoch"),
		SignIn:       d.flag("sign in"),
		Networks:     d.networks("networks"),
		Scope: rapid.SampledFrom([]tenancy.Scope{tenancy.ScopeAccount, tenancy.ScopeProfile}).
			Draw(d.T, "scope"),
		DisabledBy:      value.AccountID(d.text("disabled by")),
		Version:         rapid.Int64Range(0, 1<<40).Draw(d.T, "token version"),
		Family:          value.TokenID(d.text("family")),
		Retires:         d.time("retires"),
		Previous:        value.TokenID(d.text("previous")),
		PreviousRetires: d.time("previous retires"),
		Reused:          d.flag("reused"),
		Reminded:        d.time("reminded"),
		IdleCheck:       d.time("idle check"),
		IdleTold:        d.time("idle told"),
	}
}

func (d draw) networks(label string) value.Networks {
	texts := rapid.SliceOfN(rapid.SampledFrom([]string{"192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/0"}), 0, 3).
		Draw(d.T, label)
	list, err := value.ParseNetworks(texts)
	if err != nil {
		d.Fatal(err)
	}
	return list
}

func (d draw) confirmation() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: value.CodeID(secret.NewCredential().ID), Hash: d.hash("hash"),
		Email: value.Email(d.text("email")),
		SignUp: tenancy.SignUp{
			Account: value.AccountID(d.text("account")), Name: d.text("name"),
			Company: d.text("company"), Country: d.text("country"), Timezone: d.text("timezone"),
			PasswordHash: d.text("password"), Newsletter: d.flag("newsletter"),
			Developer: d.flag("developer"), Created: d.time("created"),
		},
		Expires: d.time("expires"),
	}
}

func (d draw) securityCode() tenancy.SecurityCode {
	return tenancy.SecurityCode{
		ID: value.CodeID(secret.NewCredential().ID), Hash: d.hash("hash"),
		Purpose: tenancy.CodePurpose(d.text("purpose")),
		Account: value.AccountID(d.text("account")), Email: value.Email(d.text("email")),
		CredentialsChanged: d.time("secured"), Expires: d.time("expires"),
	}
}

func (d draw) message() mailing.Message {
	return mailing.Message{
		ID: mailing.ID(d.id()), Kind: mailing.Kind(d.text("kind")), To: d.text("to"),
		Created: d.time("created"), Ticket: transfer.ID(d.text("ticket")),
		Invitation: value.CodeID(d.text("invitation")),
	}
}

func (d draw) entry() auditlog.Entry {
	e := auditlog.Entry{
		ID: d.id(), Log: d.id(), Time: d.now, Resource: d.text("resource"),
		ResourceID: d.text("resource id"), Message: d.text("message"), Who: d.text("who"),
		Token: value.TokenID(d.text("token")), Source: d.text("source"),
		Request: d.text("request"),
	}
	for range rapid.IntRange(0, 3).Draw(d.T, "changes") {
		e.Changes = append(
			e.Changes,
			auditlog.Change{
				Field:  d.text("field"),
				Before: d.text("before"),
				After:  d.text("after"),
			},
		)
	}
	return e
}

// equal compares all fields of what was read and what was written, so it finds
// a field that an item forgets.
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
