package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
)

const kindAccount Kind = "account"

// accountKey has no kind. With one, accounts that just fit into a kilobyte
// would exceed it, and each write of them would cost another capacity unit.
func accountKey(id value.AccountID) key { return key{"", "A#" + string(id), "A"} }

type accountItem struct {
	key
	due
	ID                 string                    `dynamodbav:"id"`
	Type               string                    `dynamodbav:"type"`
	Email              string                    `dynamodbav:"email"`
	PasswordHash       string                    `dynamodbav:"passwordHash"`
	Active             bool                      `dynamodbav:"active"`
	Blocked            bool                      `dynamodbav:"blocked"`
	Name               string                    `dynamodbav:"name"`
	Company            string                    `dynamodbav:"company,omitempty"`
	Country            string                    `dynamodbav:"country,omitempty"`
	Phone              string                    `dynamodbav:"phone,omitempty"`
	Timezone           string                    `dynamodbav:"timezone"`
	Language           string                    `dynamodbav:"language"`
	Newsletter         bool                      `dynamodbav:"newsletter"`
	Developer          bool                      `dynamodbav:"developer"`
	Options            optionsAttribute          `dynamodbav:"options"`
	Preferences        map[string]preference     `dynamodbav:"preferences,omitempty"`
	Plan               string                    `dynamodbav:"plan"`
	Limits             map[string]int64          `dynamodbav:"limits"`
	Shares             map[string]shareAttribute `dynamodbav:"shares"`
	Anchor             int64                     `dynamodbav:"anchor"`
	PaidUntil          int64                     `dynamodbav:"paidUntil,omitempty"`
	Spent              *spentAttribute           `dynamodbav:"spent,omitempty"`
	Schedule           *scheduleAttribute        `dynamodbav:"schedule,omitempty"`
	Billing            *billingAttribute         `dynamodbav:"billing,omitempty"`
	Epoch              int64                     `dynamodbav:"epoch"`
	Sessions           int64                     `dynamodbav:"sessions"`
	KnownSources       []string                  `dynamodbav:"sources,omitempty"`
	Created            int64                     `dynamodbav:"created"`
	Updated            int64                     `dynamodbav:"updated"`
	CredentialsChanged int64                     `dynamodbav:"secured,omitempty"`
	Proved             int64                     `dynamodbav:"proved,omitempty"`
	Unproven           bool                      `dynamodbav:"unproven,omitempty"`
	Asked              *askedAttribute           `dynamodbav:"asked,omitempty"`
	Undos              []undoAttribute           `dynamodbav:"undos,omitempty"`
	Factors            []factorAttribute         `dynamodbav:"factors,omitempty"`
	LastLogin          int64                     `dynamodbav:"lastLogin,omitempty"`
	RoleSince          int64                     `dynamodbav:"roleSince,omitempty"`
	RoleBy             string                    `dynamodbav:"roleBy,omitempty"`
	Version            int64                     `dynamodbav:"version"`
	TTL                int64                     `dynamodbav:"ttl,omitempty"`
}

type optionsAttribute struct {
	UserViewWelcome   bool   `dynamodbav:"userViewWelcome"`
	DateFormat        string `dynamodbav:"dateFormat,omitempty"`
	TimeFormat        string `dynamodbav:"timeFormat,omitempty"`
	DecimalSeparator  string `dynamodbav:"decimalSeparator,omitempty"`
	ThousandSeparator string `dynamodbav:"thousandSeparator,omitempty"`
	ShowLastUpdatedAt string `dynamodbav:"showLastUpdatedAt,omitempty"`
}

// preference is how the person is notified about a topic. There is one for each
// topic about which the person does not want everything at once.
type preference struct {
	Mail   string `dynamodbav:"mail,omitempty"`
	Hidden bool   `dynamodbav:"hidden,omitempty"`
}

func preferencesFrom(p topic.Preferences) map[string]preference {
	if p == (topic.Preferences{}) {
		return nil
	}
	out := map[string]preference{}
	for t, one := range p {
		if one != (topic.Preference{}) {
			out[topic.Topic(t).String()] = preference{string(one.Mail), one.Hidden}
		}
	}
	return out
}

func preferencesOf(stored map[string]preference) (p topic.Preferences) {
	for name, one := range stored {
		if t, ok := topic.Parse(name); ok {
			p[t] = topic.Preference{Mail: topic.Mail(one.Mail), Hidden: one.Hidden}
		}
	}
	return p
}

func accountFrom(a tenancy.Account) accountItem {
	return accountItem{
		key: accountKey(a.ID), ID: string(a.ID), Type: string(a.Type), Email: string(a.Email),
		PasswordHash: a.PasswordHash, Active: a.Active, Blocked: a.Blocked, Name: a.Name,
		Company: a.Company, Country: a.Country, Phone: a.Phone, Timezone: a.Timezone,
		Language: a.Language, Newsletter: a.Newsletter, Developer: a.Developer,
		Options: optionsAttribute(a.Options), Plan: string(a.Plan), Limits: a.Limits.Map(),
		Shares: sharesFrom(a.Shares), Anchor: millis(a.Anchor), PaidUntil: millis(a.PaidUntil),
		Schedule: scheduleFrom(a.Schedule), Billing: billingFrom(a.Billing),
		due: dueAt(DueRenewal, string(a.ID), a.RenewsAt()), Spent: spentFrom(a.Spent),
		Epoch: a.Epoch, Sessions: a.Sessions, KnownSources: a.KnownSources,
		Created: millis(a.Created), Updated: millis(a.Updated),
		CredentialsChanged: millis(a.CredentialsChanged), Proved: millis(a.Proved),
		Unproven: a.Unproven, Asked: askedFrom(a.Asked), Undos: undosFrom(a.Undos),
		Factors: factorsFrom(a.Factors), Preferences: preferencesFrom(a.Preferences),
		LastLogin: millis(a.LastLogin), Version: a.Version,
		RoleSince: millis(a.RoleSince), RoleBy: a.RoleBy,
	}
}

func (i accountItem) value() tenancy.Account {
	return tenancy.Account{
		ID: value.AccountID(i.ID), Type: tenancy.AccountType(i.Type),
		Email: value.Email(i.Email), PasswordHash: i.PasswordHash, Active: i.Active,
		Blocked: i.Blocked, Name: i.Name, Company: i.Company, Country: i.Country, Phone: i.Phone,
		Timezone: i.Timezone, Language: i.Language, Newsletter: i.Newsletter,
		Developer: i.Developer, Options: tenancy.AccountOptions(i.Options),
		Preferences: preferencesOf(i.Preferences),
		Subscription: billing.Subscription{
			Plan:      plan.Plan(i.Plan),
			Limits:    plan.AmountsFrom(i.Limits),
			Shares:    sharesOf(i.Shares),
			Anchor:    fromMillis(i.Anchor),
			PaidUntil: fromMillis(i.PaidUntil),
			Schedule:  i.Schedule.value(),
			Spent:     i.Spent.value(),
		},
		Billing: i.Billing.value(), Epoch: i.Epoch, Sessions: i.Sessions,
		KnownSources: i.KnownSources, Created: fromMillis(i.Created),
		Updated: fromMillis(i.Updated), CredentialsChanged: fromMillis(i.CredentialsChanged),
		Proved: fromMillis(i.Proved), Unproven: i.Unproven,
		Asked: i.Asked.value(), Undos: undosOf(i.Undos), Factors: factorsOf(i.Factors),
		LastLogin: fromMillis(i.LastLogin), Version: i.Version,
		RoleSince: fromMillis(i.RoleSince), RoleBy: i.RoleBy,
	}
}

// Account asks for an account.
func (b *Batch) Account(id value.AccountID) *Found[tenancy.Account] {
	return want(b, accountKey(id), accountItem.value)
}

// Roles scans the whole table for accounts with a role of the operator. It is
// for the operator's commands only: no function may scan.
func (s *Store) Roles(ctx context.Context) (found []tenancy.Account, err error) {
	const roles = "SK = :account AND #type IN (:support, :service)"
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String(roles), ExpressionAttributeNames: namesIn(roles),
		ExpressionAttributeValues: item{
			":account": text(accountKey("").SK),
			":support": text(string(tenancy.AccountSupport)),
			":service": text(string(tenancy.AccountService)),
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failure("Scan", err)
		}
		for _, it := range page.Items {
			if err := readable(it); err != nil {
				return nil, err
			}
			a, err := decode(it, accountItem.value)
			if err != nil {
				return nil, err
			}
			found = append(found, a)
		}
	}
	return found, nil
}

// AccountWithGrants reads an account and its grants, ordered by the creation of
// their profiles. An account that does not exist is the zero Account.
func (s *Store) AccountWithGrants(
	ctx context.Context,
	id value.AccountID,
) (tenancy.Account, []tenancy.Grant, error) {
	p, err := s.AccountWithFactors(ctx, id)
	return p.Account, p.Grants, err
}

// AccountWithFactors is AccountWithGrants with the account's second factors.
func (s *Store) AccountWithFactors(
	ctx context.Context,
	id value.AccountID,
) (AccountPartition, error) {
	return s.accountPartition(ctx, id, grantPrefix)
}

// AccountPartition is an account with the items of its partition.
type AccountPartition struct {
	Account tenancy.Account
	Factors tenancy.SecondFactors
	Grants  []tenancy.Grant
	// Sessions are the sessions in the account's places; only
	// AccountWithSessions reads them.
	Sessions []tenancy.Session
}

// AccountWithSessions is AccountWithFactors with the sessions in the account's
// places.
func (s *Store) AccountWithSessions(
	ctx context.Context,
	id value.AccountID,
) (AccountPartition, error) {
	return s.accountPartition(ctx, id, sessionPrefix)
}

// accountPartition reads an account and what follows it, up to the items whose
// sort keys begin with last.
func (s *Store) accountPartition(
	ctx context.Context,
	id value.AccountID,
	last string,
) (p AccountPartition, err error) {
	k := accountKey(id)
	p.Factors.Account = id
	for it, err := range s.query(ctx, span{pk: k.PK, from: k.SK, to: upTo(last)}) {
		if err != nil {
			return p, err
		}
		switch sk := sortKey(it); {
		case sk == k.SK:
			p.Account, err = decode(it, accountItem.value)
		case sk == factorsKey(id).SK:
			p.Factors, err = decode(it, factorsItem.value)
		case strings.HasPrefix(sk, sessionPrefix):
			var one tenancy.Session
			one, err = decode(it, sessionItem.value)
			p.Sessions = append(p.Sessions, one)
		default:
			var g tenancy.Grant
			g, err = decode(it, grantItem.value)
			p.Grants = append(p.Grants, g)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// CreateAccount adds an account. An inactive one is removed at lapses.
func (tx *Tx) CreateAccount(a tenancy.Account, lapses time.Time) {
	i := accountFrom(a)
	if !a.Active {
		i.TTL = lapses.Unix()
	}
	tx.put(i, absent)
}

// ActivateAccount replaces an unconfirmed account by the confirmed one. It
// fails with done if there is no unconfirmed one: it is active already, or the
// sign-up has expired.
func (tx *Tx) ActivateAccount(a tenancy.Account, done error) {
	a.Version++
	tx.put(accountFrom(a), condition{"#active = :no", item{":no": boolean(false)}, done})
}

// accountOfSignIn are the attributes that only SignIn writes, so that a sign-in
// does not conflict with other changes.
var accountOfSignIn = []string{"sources", "lastLogin"}

// UpdateSignUp changes an unconfirmed account that was read at a.Version. It is
// removed at lapses.
func (tx *Tx) UpdateSignUp(a tenancy.Account, lapses time.Time) {
	c := sameVersion(a.Version)
	a.Version++
	i := accountFrom(a)
	i.TTL = lapses.Unix()
	tx.put(i, c)
}

// UpdateAccount changes an account that was read at a.Version.
func (tx *Tx) UpdateAccount(a tenancy.Account) { tx.updateAccount(a, accountOfSignIn) }

func (tx *Tx) updateAccount(a tenancy.Account, except []string) {
	c := sameVersion(a.Version)
	a.Version++
	// Accounts from an earlier version may have the attribute contested, which
	// is removed.
	optional := append(optionalOf[accountItem](), "contested")
	tx.overwrite(accountKey(a.ID), accountFrom(a), optional, except, c)
}

// SyncCopies is UpdateAccount for a change without another division of the
// limits. It also writes the copies in the named profiles.
func (tx *Tx) SyncCopies(a tenancy.Account, now time.Time, profiles ...value.ProfileID) {
	tx.UpdateAccount(a)
	tx.syncCopies(a, now, nil, profiles...)
}

// Revoke is UpdateAccount for an account whose epochs have changed. It also
// writes them to each of its profiles, which revokes earlier tokens there.
func (tx *Tx) Revoke(a tenancy.Account, now time.Time) {
	tx.UpdateAccount(a)
	tx.syncCopies(a, now, nil, a.ProfileIDs()...)
}

// Expel is Revoke, and also writes the known addresses. It is for the recovery
// of an account.
func (tx *Tx) Expel(a tenancy.Account, now time.Time) {
	tx.updateAccount(a, nil)
	tx.syncCopies(a, now, nil, a.ProfileIDs()...)
}

// SignIn records a successful sign-in. It fails with refused if the account's
// tokens were revoked meanwhile.
func (tx *Tx) SignIn(a tenancy.Account, refused error) {
	sources, _ := attributevalue.Marshal(a.KnownSources)
	tx.update(accountKey(a.ID), "SET #sources = :sources, #lastLogin = :lastLogin",
		item{":sources": sources, ":lastLogin": number(millis(a.LastLogin))}, sameEpoch(a, refused))
}

// CheckAccount fails with refused if the account's tokens were revoked since it
// was read.
func (tx *Tx) CheckAccount(a tenancy.Account, refused error) {
	tx.check(accountKey(a.ID), sameEpoch(a, refused))
}

// CheckAddress fails with refused if the account's address has changed, or its
// tokens were revoked, since it was read.
func (tx *Tx) CheckAddress(a tenancy.Account, refused error) {
	c := sameEpoch(a, refused)
	c.expression += " AND #email = :email"
	c.values[":email"] = text(string(a.Email))
	tx.check(accountKey(a.ID), c)
}

// CheckAgent fails with refused if the account is no support account any more,
// or its tokens were revoked since it was read.
func (tx *Tx) CheckAgent(a tenancy.Account, refused error) {
	c := sameEpoch(a, refused)
	c.expression += " AND #type = :type"
	c.values[":type"] = text(string(tenancy.AccountSupport))
	tx.check(accountKey(a.ID), c)
}

func sameEpoch(a tenancy.Account, refused error) condition {
	return condition{
		"attribute_exists(PK) AND #epoch = :epoch AND #sessions = :sessions",
		item{":epoch": number(a.Epoch), ":sessions": number(a.Sessions)},
		refused,
	}
}
