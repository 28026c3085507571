package store_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// commit commits a transaction of the steps.
func commit(w *testkit.World, steps ...func(*store.Tx)) error {
	tx := w.Store.Begin()
	for _, step := range steps {
		step(tx)
	}
	return tx.CommitAside(w.Context(), store.Origin{})
}

// must is commit for preparations: it ends the test on an error.
func must(w *testkit.World, steps ...func(*store.Tx)) {
	w.Helper()
	w.OK(commit(w, steps...))
}

func newAccount(w *testkit.World) tenancy.Account {
	id := value.AccountID(secret.NewID(w.Now()))
	return tenancy.Account{
		ID: id, Type: tenancy.AccountUser, Email: value.Email(string(id) + "@example.com"),
		PasswordHash: "hash", Active: true, Name: "Ana", Company: "Acme", Timezone: "UTC",
		Language: "en", Subscription: billing.Subscription{
			Plan:   plan.Scale,
			Limits: plan.Included(),
			Shares: map[value.ProfileID]billing.Share{},
			Anchor: w.Now(),
		},
		KnownSources: []string{"home"}, Created: w.Now(), Updated: w.Now(), LastLogin: w.Now(),
	}
}

// owning is the account with a share for each profile, equal to what the
// profile has.
func owning(a tenancy.Account, profiles ...tenancy.Profile) tenancy.Account {
	shares := maps.Clone(a.Shares)
	for _, p := range profiles {
		shares[p.ID] = billing.Share{Allocation: p.Allocation, Addons: p.Addons, Updated: p.Updated}
	}
	a.Shares = shares
	return a
}

func newProfile(w *testkit.World, owner value.AccountID) tenancy.Profile {
	return tenancy.Profile{
		ID: value.ProfileID(secret.NewID(w.Now())), Owner: owner, Name: "plant",
		LogoURL: "https://example.com/logo.png", Plan: plan.Scale, Anchor: w.Now(),
		Created: w.Now(), Updated: w.Now(),
	}
}

func newMember(w *testkit.World, p value.ProfileID) tenancy.Member {
	id := value.AccountID(secret.NewID(w.Now()))
	return tenancy.Member{
		Profile: p, Account: id, Permission: tenancy.PermissionWrite, Active: true,
		Created: w.Now(),
	}
}

func newInvitation(w *testkit.World, p tenancy.Profile) tenancy.Invitation {
	key := secret.NewCredential()
	return tenancy.Invitation{
		ID: tenancy.InvitationID(secret.NewID(w.Now())), Code: value.CodeID(key.ID),
		Hash: key.Hash(), Profile: p.ID, Owner: p.Owner,
		Email: value.Email(key.ID + "@example.com"), Permission: tenancy.PermissionRead,
		State: tenancy.InvitationPending, Created: w.Now(),
		Expires: w.Now().Add(tenancy.InvitationLife),
	}
}

func newToken(w *testkit.World, p value.ProfileID) tenancy.Token {
	key := secret.NewCredential()
	return tenancy.Token{
		ID: value.TokenID(key.ID), Hash: key.Hash(), Profile: p,
		Account: value.AccountID(secret.NewID(w.Now())), Name: "laptop",
		Permission: tenancy.PermissionFull, Created: w.Now(), AccountEpoch: 3, GrantEpoch: 4,
	}
}

func newTransfer(w *testkit.World, p tenancy.Profile, to value.Email) transfer.Transfer {
	return transfer.Transfer{
		ID: transfer.NewID(secret.NewID(w.Now())), Profile: p.ID, ProfileName: p.Name,
		Source: p.Owner, Email: to, Policy: transfer.PolicyAuto, State: transfer.Requested,
		Created: w.Now(), Expires: w.Now().Add(transfer.Life),
	}
}

// ended is a transfer that has ended in a state.
func ended(t transfer.Transfer, state transfer.State, now time.Time) transfer.Transfer {
	t.State, t.Ended, t.Retry = state, now, time.Time{}
	return t
}

func newCharge(w *testkit.World, a value.AccountID) billing.Charge {
	return billing.Charge{
		ID: secret.NewID(w.Now()), Account: a, Kind: billing.ChargeService,
		Service: plan.ServiceSMS, Limit: 100, Amount: 250, From: w.Now(),
		To: w.Now().AddDate(0, 1, 0),
	}
}

// line is a line of a report that adds to a service.
func line(s plan.Service, amount int64, event string) billing.UsageLine {
	return billing.UsageLine{Service: s, Amount: amount, Event: event, Time: testkit.Start}
}

// setting is a line of a report that sets a level.
func setting(s plan.Service, level int64, event string) billing.UsageLine {
	l := line(s, level, event)
	l.Set = true
	return l
}

// sealed is the sealed contents of a mail.
var sealed = []byte("words")

func newMail(w *testkit.World) mailing.Message {
	return mailing.Message{
		ID:      mailing.ID(secret.NewID(w.Now())),
		Kind:    mailing.KindAccountConfirm,
		To:      "ana@example.com",
		Created: w.Now(),
	}
}

// entries are those of a month of a log.
func entries(w *testkit.World, log string, month time.Time) []auditlog.Entry {
	w.Helper()
	from := time.Date(month.UTC().Year(), month.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	return between(w, log, from, from.AddDate(0, 1, 0), "")
}

// between are the entries of a log in a span of time, after a position.
func between(
	w *testkit.World,
	log string,
	from, to time.Time,
	after string,
) (out []auditlog.Entry) {
	w.Helper()
	for e, err := range w.Store.AuditEntries(w.Context(), log, from, to, after, 0) {
		w.OK(err)
		out = append(out, e)
	}
	return out
}

// last are the entries of a log in a span of time, newest first, before a
// position.
func last(
	w *testkit.World,
	log string,
	from, to time.Time,
	before string,
) (out []auditlog.Entry) {
	w.Helper()
	for e, err := range w.Store.LastAuditEntries(w.Context(), log, from, to, before, 0) {
		w.OK(err)
		out = append(out, e)
	}
	return out
}

// foreign writes items of an unknown kind into a partition, as a later version
// of this project may do.
func foreign(w *testkit.World, pk string, sortKeys ...string) {
	w.Helper()
	for _, sk := range sortKeys {
		_, err := w.Client.PutItem(
			w.Context(),
			&dynamodb.PutItemInput{TableName: &w.Table, Item: map[string]types.AttributeValue{
				"PK":   &types.AttributeValueMemberS{Value: pk},
				"SK":   &types.AttributeValueMemberS{Value: sk},
				"name": &types.AttributeValueMemberS{Value: "foreign"},
			}},
		)
		w.OK(err)
	}
}

// raw is an item as the table has it, or nil when there is none.
func raw(w *testkit.World, pk, sk string) map[string]types.AttributeValue {
	w.Helper()
	out, err := w.Client.GetItem(
		w.Context(),
		&dynamodb.GetItemInput{TableName: &w.Table, Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: pk},
			"SK": &types.AttributeValueMemberS{Value: sk},
		}},
	)
	w.OK(err)
	return out.Item
}

// has reports whether a stored item has an attribute.
func has(it map[string]types.AttributeValue, name string) bool {
	_, ok := it[name]
	return ok
}

// numberOf is the text of a number attribute, or "" when the item lacks it.
func numberOf(it map[string]types.AttributeValue, name string) string {
	if n, ok := it[name].(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return ""
}

// same fails the test unless both values are equal in all fields.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\ngot  %.600s\nwant %.600s", what, g, w)
	}
}

const day = 24 * time.Hour

// bulk is a text of which a few items fill more than one page of a query, which
// ends at 1 MB.
var bulk = strings.Repeat("x", 300_000)

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// rows are the ids in the token rows of a profile.
func rows(w *testkit.World, id value.ProfileID, newestFirst bool, pageSize int) (out []string) {
	w.Helper()
	for row, err := range w.Store.TokenRows(w.Context(), id,
		store.Walk{NewestFirst: newestFirst, PageSize: pageSize}) {
		w.OK(err)
		out = append(out, string(row.ID))
	}
	return out
}

// due are the ids of due work, in the order of the index.
func due(w *testkit.World, kind store.DueKind, now time.Time) (out []string) {
	w.Helper()
	for entry, err := range w.Store.Due(w.Context(), kind, now) {
		w.OK(err)
		out = append(out, entry.ID)
	}
	return out
}

// paged ends the test unless the reads before it took more than one request. It
// proves that the test reads a second page.
func paged(w *testkit.World) {
	w.Helper()
	if used := w.Meter.Reset(); used.Requests < 2 {
		w.Fatalf("everything came in %d request: this tests no second page", used.Requests)
	}
}

// ms is a time in the form that keys have.
func ms(t time.Time) string { return fmt.Sprintf("%013d", t.UnixMilli()) }
