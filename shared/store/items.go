package store

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// An item is the stored form of one entity. Its private struct holds the attribute names; from and value are the two
// conversions.

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
	Undos              []undoAttribute           `dynamodbav:"undos,omitempty"`
	Factors            []factorAttribute         `dynamodbav:"factors,omitempty"`
	LastLogin          int64                     `dynamodbav:"lastLogin,omitempty"`
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

func accountFrom(a tenancy.Account) accountItem {
	return accountItem{
		key: accountKey(a.ID), ID: string(a.ID), Type: string(a.Type), Email: string(a.Email), PasswordHash: a.PasswordHash,
		Active: a.Active, Blocked: a.Blocked, Name: a.Name, Company: a.Company, Country: a.Country, Phone: a.Phone,
		Timezone: a.Timezone, Language: a.Language, Newsletter: a.Newsletter, Developer: a.Developer,
		Options: optionsAttribute(a.Options), Plan: string(a.Plan), Limits: a.Limits.Map(),
		Shares: sharesFrom(a.Shares), Anchor: millis(a.Anchor), PaidUntil: millis(a.PaidUntil), Schedule: scheduleFrom(a.Schedule),
		Billing: billingFrom(a.Billing), due: dueAt(DueRenewal, string(a.ID), a.RenewsAt()), Spent: spentFrom(a.Spent), Epoch: a.Epoch, Sessions: a.Sessions, KnownSources: a.KnownSources, Created: millis(a.Created), Updated: millis(a.Updated),
		CredentialsChanged: millis(a.CredentialsChanged), Proved: millis(a.Proved), Unproven: a.Unproven, Undos: undosFrom(a.Undos), Factors: factorsFrom(a.Factors), LastLogin: millis(a.LastLogin), Version: a.Version,
	}
}

func (i accountItem) value() tenancy.Account {
	return tenancy.Account{
		ID: value.AccountID(i.ID), Type: tenancy.AccountType(i.Type), Email: value.Email(i.Email), PasswordHash: i.PasswordHash,
		Active: i.Active, Blocked: i.Blocked, Name: i.Name, Company: i.Company, Country: i.Country, Phone: i.Phone,
		Timezone: i.Timezone, Language: i.Language, Newsletter: i.Newsletter, Developer: i.Developer,
		Options: tenancy.AccountOptions(i.Options), Plan: plan.Plan(i.Plan),
		Limits: plan.AmountsFrom(i.Limits), Shares: sharesOf(i.Shares), Anchor: fromMillis(i.Anchor), PaidUntil: fromMillis(i.PaidUntil),
		Schedule: i.Schedule.value(), Billing: i.Billing.value(), Spent: i.Spent.value(), Epoch: i.Epoch, Sessions: i.Sessions, KnownSources: i.KnownSources, Created: fromMillis(i.Created), Updated: fromMillis(i.Updated),
		CredentialsChanged: fromMillis(i.CredentialsChanged), Proved: fromMillis(i.Proved), Unproven: i.Unproven, Undos: undosOf(i.Undos), Factors: factorsOf(i.Factors), LastLogin: fromMillis(i.LastLogin), Version: i.Version,
	}
}

type reservationItem struct {
	key
	Email   string `dynamodbav:"email"`
	Account string `dynamodbav:"account"`
	Expires int64  `dynamodbav:"expires,omitempty"`
	TTL     int64  `dynamodbav:"ttl,omitempty"`
}

func reservationFrom(c tenancy.EmailReservation) reservationItem {
	i := reservationItem{key: reservationKey(c.Email), Email: string(c.Email), Account: string(c.Account), Expires: millis(c.Expires)}
	if !c.Expires.IsZero() {
		i.TTL = c.Expires.Unix()
	}
	return i
}

func (i reservationItem) value() tenancy.EmailReservation {
	return tenancy.EmailReservation{Email: value.Email(i.Email), Account: value.AccountID(i.Account), Expires: fromMillis(i.Expires)}
}

type profileItem struct {
	key
	ID            string           `dynamodbav:"id"`
	Owner         string           `dynamodbav:"owner"`
	Name          string           `dynamodbav:"name"`
	LogoURL       string           `dynamodbav:"logoURL,omitempty"`
	BannerURL     string           `dynamodbav:"bannerURL,omitempty"`
	Allocation    map[string]int64 `dynamodbav:"allocation"`
	CustomDNS     bool             `dynamodbav:"customDNS"`
	Mobile        bool             `dynamodbav:"mobile"`
	Plan          string           `dynamodbav:"plan"`
	Anchor        int64            `dynamodbav:"anchor"`
	Renews        int64            `dynamodbav:"renews"`
	OwnerEpoch    int64            `dynamodbav:"ownerEpoch"`
	OwnerSessions int64            `dynamodbav:"ownerSessions"`
	Epoch         int64            `dynamodbav:"epoch"`
	// The time of the last change of owner.
	Transferred int64 `dynamodbav:"transferred"`
	Created     int64 `dynamodbav:"created"`
	Updated     int64 `dynamodbav:"updated"`
	Version     int64 `dynamodbav:"version"`
	tokenPolicyAttributes
}

func profileFrom(p tenancy.Profile) profileItem {
	return profileItem{
		key: profileKey(p.ID), ID: string(p.ID), Owner: string(p.Owner), Name: p.Name, LogoURL: p.LogoURL, BannerURL: p.BannerURL,
		Allocation: p.Allocation.Map(), CustomDNS: p.Addons.CustomDNS, Mobile: p.Addons.Mobile, Plan: string(p.Plan),
		Anchor: millis(p.Anchor), Renews: millis(p.Renews), OwnerEpoch: p.OwnerEpoch, OwnerSessions: p.OwnerSessions, Epoch: p.Epoch, Transferred: millis(p.Transferred), Created: millis(p.Created), Updated: millis(p.Updated), Version: p.Version,
		tokenPolicyAttributes: tokenPolicyFrom(p.TokenPolicy),
	}
}

func (i profileItem) value() tenancy.Profile {
	return tenancy.Profile{
		ID: value.ProfileID(i.ID), Owner: value.AccountID(i.Owner), Name: i.Name, LogoURL: i.LogoURL, BannerURL: i.BannerURL,
		Allocation: plan.AmountsFrom(i.Allocation), Addons: tenancy.Addons{CustomDNS: i.CustomDNS, Mobile: i.Mobile},
		Plan: plan.Plan(i.Plan), Anchor: fromMillis(i.Anchor), Renews: fromMillis(i.Renews), OwnerEpoch: i.OwnerEpoch, OwnerSessions: i.OwnerSessions, Epoch: i.Epoch, Transferred: fromMillis(i.Transferred),
		Created: fromMillis(i.Created), Updated: fromMillis(i.Updated), Version: i.Version,
		TokenPolicy: i.tokenPolicyAttributes.value(),
	}
}

type grantItem struct {
	key
	Account    string `dynamodbav:"account"`
	Profile    string `dynamodbav:"profile"`
	Owner      string `dynamodbav:"owner"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Received   int64  `dynamodbav:"received,omitempty"`
	Name       string `dynamodbav:"name"`
	LogoURL    string `dynamodbav:"logoURL,omitempty"`
}

func grantFrom(g tenancy.Grant) grantItem {
	return grantItem{
		key: grantKey(g.Account, g.Profile), Account: string(g.Account), Profile: string(g.Profile), Owner: string(g.Owner),
		Permission: g.Permission.String(), Epoch: g.Epoch, Received: millis(g.Received), Name: g.Name, LogoURL: g.LogoURL,
	}
}

func (i grantItem) value() tenancy.Grant {
	return tenancy.Grant{
		Account: value.AccountID(i.Account), Profile: value.ProfileID(i.Profile), Owner: value.AccountID(i.Owner),
		Permission: storedPermission(i.Permission), Epoch: i.Epoch, Received: fromMillis(i.Received), Name: i.Name, LogoURL: i.LogoURL,
	}
}

// storedPermission reads a permission that this package wrote; one it cannot read allows nothing.
func storedPermission(s string) tenancy.Permission {
	p, err := tenancy.ParsePermission(s)
	if err != nil {
		return tenancy.PermissionNone
	}
	return p
}

// memberItem is a member, or the place in the team that an open invitation holds. The name and the address of a member are those of its
// account and not here; an older table may have copies of them, which nothing reads.
type memberItem struct {
	key
	Profile    string `dynamodbav:"profile"`
	Account    string `dynamodbav:"account,omitempty"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Active     bool   `dynamodbav:"active"`
	Email      string `dynamodbav:"email,omitempty"` // of an open invitation
	Created    int64  `dynamodbav:"created"`
	Invitation string `dynamodbav:"invitation,omitempty"`
	Code       string `dynamodbav:"code,omitempty"`
	Expires    int64  `dynamodbav:"expires,omitempty"`
}

func memberFrom(m tenancy.Member) memberItem {
	i := memberItem{
		key: memberKey(m), Profile: string(m.Profile), Account: string(m.Account), Permission: m.Permission.String(),
		Epoch: m.Epoch, Active: m.Active, Created: millis(m.Created),
		Invitation: string(m.Invitation), Code: string(m.Code), Expires: millis(m.Expires),
	}
	if !m.Active {
		i.Email = string(m.Email)
	}
	return i
}

func (i memberItem) value() tenancy.Member {
	m := tenancy.Member{
		Profile: value.ProfileID(i.Profile), Account: value.AccountID(i.Account), Permission: storedPermission(i.Permission),
		Epoch: i.Epoch, Active: i.Active, Created: fromMillis(i.Created),
		Invitation: tenancy.InvitationID(i.Invitation), Code: value.CodeID(i.Code), Expires: fromMillis(i.Expires),
	}
	if !m.Active {
		m.Email = value.Email(i.Email)
	}
	return m
}

type invitationItem struct {
	key
	due
	ID         string `dynamodbav:"id"`
	Code       string `dynamodbav:"code"`
	Hash       []byte `dynamodbav:"hash"`
	Profile    string `dynamodbav:"profile"`
	Owner      string `dynamodbav:"owner"`
	OwnerEpoch int64  `dynamodbav:"ownerEpoch,omitempty"`
	Email      string `dynamodbav:"email"`
	Permission string `dynamodbav:"permission"`
	State      string `dynamodbav:"state"`
	Reminded   bool   `dynamodbav:"reminded"`
	Created    int64  `dynamodbav:"created"`
	Expires    int64  `dynamodbav:"expires"`
	TTL        int64  `dynamodbav:"ttl"`
}

// answeredLife is how long an invitation that has ended is kept, so that its code is answered with what became of it.
const answeredLife = 30 * 24 * time.Hour

func invitationFrom(i tenancy.Invitation) invitationItem {
	item := invitationItem{
		key: invitationKey(i.Code), ID: string(i.ID), Code: string(i.Code), Hash: i.Hash, Profile: string(i.Profile),
		Owner: string(i.Owner), OwnerEpoch: i.OwnerEpoch, Email: string(i.Email), Permission: i.Permission.String(), State: string(i.State),
		Reminded: i.Reminded, Created: millis(i.Created), Expires: millis(i.Expires), TTL: i.Expires.Add(answeredLife).Unix(),
	}
	if i.State == tenancy.InvitationPending {
		item.due = dueAt(DueInvitation, string(i.Code), i.Due())
	}
	return item
}

func (i invitationItem) value() tenancy.Invitation {
	return tenancy.Invitation{
		ID: tenancy.InvitationID(i.ID), Code: value.CodeID(i.Code), Hash: i.Hash, Profile: value.ProfileID(i.Profile),
		Owner: value.AccountID(i.Owner), OwnerEpoch: i.OwnerEpoch, Email: value.Email(i.Email), Permission: storedPermission(i.Permission),
		State: tenancy.InvitationState(i.State), Reminded: i.Reminded, Created: fromMillis(i.Created), Expires: fromMillis(i.Expires),
	}
}

// invitedItem lists an open invitation with the address it is for, so that an account is notified of it which is made for that address later.
type invitedItem struct {
	key
	Code    string `dynamodbav:"code"`
	Expires int64  `dynamodbav:"expires"`
	TTL     int64  `dynamodbav:"ttl"`
}

func invitedFrom(i tenancy.Invitation) invitedItem {
	return invitedItem{key: invitedKey(i), Code: string(i.Code), Expires: millis(i.Expires), TTL: i.Expires.Unix()}
}

type notificationItem struct {
	key
	ID         string `dynamodbav:"id"`
	Account    string `dynamodbav:"account"`
	Title      string `dynamodbav:"title"`
	Message    string `dynamodbav:"message"`
	Type       string `dynamodbav:"type,omitempty"`
	Read       bool   `dynamodbav:"read"`
	Created    int64  `dynamodbav:"created"`
	Invitation string `dynamodbav:"invitation,omitempty"`
	TTL        int64  `dynamodbav:"ttl"`
}

func notificationFrom(n tenancy.Notification) notificationItem {
	return notificationItem{
		key: notificationKey(n.Account, n.ID), ID: string(n.ID), Account: string(n.Account), Title: n.Title, Message: n.Message, Type: string(n.Type),
		Read: n.Read, Created: millis(n.Created), Invitation: string(n.Invitation),
		TTL: n.Created.Add(tenancy.NotificationLife).Unix(),
	}
}

func (i notificationItem) value() tenancy.Notification {
	return tenancy.Notification{
		ID: tenancy.NotificationID(i.ID), Account: value.AccountID(i.Account), Title: i.Title, Message: i.Message, Type: tenancy.NotificationType(i.Type), Read: i.Read,
		Created: fromMillis(i.Created), Invitation: value.CodeID(i.Invitation),
	}
}

// tokenItem is both the token, found by its id, and its row in the profile's list. The row has no hash: it opens nothing and is
// not due. It has the grant's epoch, which says whether the token still works.
type tokenItem struct {
	key
	due
	ID           string `dynamodbav:"id"`
	Hash         []byte `dynamodbav:"hash,omitempty"`
	Profile      string `dynamodbav:"profile"`
	Account      string `dynamodbav:"account"`
	Name         string `dynamodbav:"name"`
	Permission   string `dynamodbav:"permission"`
	Created      int64  `dynamodbav:"created"`
	Expires      int64  `dynamodbav:"expires,omitempty"`
	AccountEpoch int64  `dynamodbav:"accountEpoch,omitempty"`
	GrantEpoch   int64  `dynamodbav:"grantEpoch,omitempty"`
	SignIn       bool   `dynamodbav:"signIn,omitempty"`
	tokenLimitAttributes

	Family          string `dynamodbav:"family,omitempty"`
	Retires         int64  `dynamodbav:"retires,omitempty"`
	Previous        string `dynamodbav:"previous,omitempty"`
	PreviousRetires int64  `dynamodbav:"previousRetires,omitempty"`
	Reused          bool   `dynamodbav:"reused,omitempty"`
	Reminded        int64  `dynamodbav:"reminded,omitempty"`
	TTL             int64  `dynamodbav:"ttl,omitempty"`
}

func tokenFrom(t tenancy.Token) tokenItem {
	i := tokenItem{
		key: tokenKey(t.ID), due: dueAt(DueToken, string(t.ID), t.Due()), ID: string(t.ID), Hash: t.Hash,
		Profile: string(t.Profile), Account: string(t.Account), Name: t.Name, Permission: t.Permission.String(),
		Created: millis(t.Created), Expires: millis(t.Expires), AccountEpoch: t.AccountEpoch, GrantEpoch: t.GrantEpoch, SignIn: t.SignIn,
		tokenLimitAttributes: tokenLimitsFrom(t),
		Family:               string(t.Family), Retires: millis(t.Retires), Previous: string(t.Previous), PreviousRetires: millis(t.PreviousRetires),
		Reused: t.Reused, Reminded: millis(t.Reminded),
	}
	if t.Rotated() {
		i.TTL = t.Kept().Unix()
	}
	return i
}

func tokenRowFrom(t tenancy.Token) tokenItem {
	i := tokenFrom(t)
	i.key, i.due, i.Hash = tokenRowKey(t.Profile, t.Created, t.ID), due{}, nil
	return i
}

func (i tokenItem) value() tenancy.Token {
	return i.limit(tenancy.Token{
		ID: value.TokenID(i.ID), Hash: i.Hash, Profile: value.ProfileID(i.Profile), Account: value.AccountID(i.Account),
		Name: i.Name, Permission: storedPermission(i.Permission), Created: fromMillis(i.Created), Expires: fromMillis(i.Expires),
		AccountEpoch: i.AccountEpoch, GrantEpoch: i.GrantEpoch, SignIn: i.SignIn,
		Family: value.TokenID(i.Family), Retires: fromMillis(i.Retires), Previous: value.TokenID(i.Previous),
		PreviousRetires: fromMillis(i.PreviousRetires), Reused: i.Reused, Reminded: fromMillis(i.Reminded),
	})
}

// codeItem keeps the sign-up that a code confirms as an attribute of its own.
type codeItem struct {
	key
	ID      string         `dynamodbav:"id"`
	Hash    []byte         `dynamodbav:"hash"`
	Email   string         `dynamodbav:"email"`
	SignUp  tenancy.SignUp `dynamodbav:"signUp"`
	Expires int64          `dynamodbav:"expires"`
	TTL     int64          `dynamodbav:"ttl"`
}

func codeFrom(c tenancy.Confirmation) codeItem {
	return codeItem{
		key: codeKey(c.ID), ID: string(c.ID), Hash: c.Hash, Email: string(c.Email), SignUp: c.SignUp,
		Expires: millis(c.Expires), TTL: c.Expires.Unix(),
	}
}

func (i codeItem) value() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: value.CodeID(i.ID), Hash: i.Hash, Email: value.Email(i.Email), SignUp: i.SignUp, Expires: fromMillis(i.Expires),
	}
}

type messageItem struct {
	key
	due
	ID       string            `dynamodbav:"id"`
	Kind     string            `dynamodbav:"kind"`
	To       string            `dynamodbav:"to"`
	Sealed   []byte            `dynamodbav:"sealed,omitempty"` // the Data of the message
	Data     map[string]string `dynamodbav:"data,omitempty"`   // of mails from before words were sealed
	Created  int64             `dynamodbav:"created"`
	Attempts int               `dynamodbav:"attempts"`
	Early    int               `dynamodbav:"early,omitempty"`
	Dead     string            `dynamodbav:"dead,omitempty"`
	TTL      int64             `dynamodbav:"ttl,omitempty"`
}

func (i messageItem) value() tenancy.Message {
	return tenancy.Message{
		ID: tenancy.MessageID(i.ID), Kind: tenancy.MessageKind(i.Kind), To: i.To, Data: i.Data, Created: fromMillis(i.Created),
	}
}

type auditItem struct {
	key
	ID         string            `dynamodbav:"id"`
	Log        string            `dynamodbav:"log"`
	Time       int64             `dynamodbav:"time"`
	Resource   string            `dynamodbav:"resource"`
	ResourceID string            `dynamodbav:"resourceID"`
	Message    string            `dynamodbav:"message"`
	Who        string            `dynamodbav:"who"`
	Token      string            `dynamodbav:"token,omitempty"`
	Source     string            `dynamodbav:"source,omitempty"`
	Request    string            `dynamodbav:"request,omitempty"`
	Changes    []changeAttribute `dynamodbav:"changes,omitempty"`
	TTL        int64             `dynamodbav:"ttl"`
}

type changeAttribute struct {
	Field  string `dynamodbav:"field"`
	Before string `dynamodbav:"before"`
	After  string `dynamodbav:"after"`
}

func auditFrom(e auditlog.Entry) auditItem {
	i := auditItem{
		key: auditKey(e), ID: e.ID, Log: e.Log, Time: millis(e.Time), Resource: e.Resource, ResourceID: e.ResourceID, Message: e.Message,
		Who: e.Who, Token: string(e.Token), Source: e.Source, Request: e.Request,
		TTL: e.Kept().Unix(),
	}
	for _, c := range e.Changes {
		i.Changes = append(i.Changes, changeAttribute(c))
	}
	return i
}

func (i auditItem) value() auditlog.Entry {
	e := auditlog.Entry{
		ID: i.ID, Log: i.Log, Time: fromMillis(i.Time), Resource: i.Resource, ResourceID: i.ResourceID, Message: i.Message,
		Who: i.Who, Token: value.TokenID(i.Token), Source: i.Source, Request: i.Request,
	}
	for _, c := range i.Changes {
		e.Changes = append(e.Changes, auditlog.Change(c))
	}
	return e
}

type deletedProfileItem struct {
	key
	due
	Profile string `dynamodbav:"profile"`
	Deleted int64  `dynamodbav:"deleted"`
}

// formerMemberItem remembers that tokens of a membership that has ended are still to be reclaimed.
type formerMemberItem struct {
	key
	due
	Removed int64 `dynamodbav:"removed"`
}
