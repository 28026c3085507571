package service

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Tokens are the operations on account tokens.
type Tokens struct{ *base }

// NewToken is what a person gives to make a token.
type NewToken struct {
	Credentials
	Profile    ProfileRef
	Email      string
	Name       string
	Permission string // empty: full
	Expires    string // see tenancy.ParseExpiry
	tenancy.TokenLimits
}

// Made is a new token with its text, which is shown this once.
type Made struct {
	tenancy.Token
	Text string
}

// lastZone is where a day ends last.
var lastZone = time.FixedZone("UTC-12", -12*60*60)

func (b *base) mint(
	n NewToken,
	now time.Time,
	expiry func(string, time.Time) (time.Time, error),
) (Made, error) {
	key := b.NewKey()
	t := tenancy.Token{
		ID:         value.TokenID(key.ID),
		Hash:       key.Hash(),
		Permission: tenancy.PermissionFull,
		Created:    now,
	}
	var err error
	if t.Name, err = value.ParseName("name", n.Name); err != nil {
		return Made{}, err
	}
	if n.Permission != "" {
		if t.Permission, err = tenancy.ParsePermission(n.Permission); err != nil {
			return Made{}, err
		}
	}
	// Where the person is, is not known yet: a date alone is not over before it
	// is over everywhere.
	if t.Expires, err = expiry(n.Expires, now.In(lastZone)); err != nil {
		return Made{}, err
	}
	if t, err = t.Limited(n.TokenLimits); err != nil {
		return Made{}, err
	}
	return Made{t, key.Token()}, nil
}

// CreateAtLogin makes a token for a person who has none yet: the password takes
// its place. The token has full permission, as far as the person has it on the
// profile, and lives three months unless told otherwise. Errors: CodeInvalid
// naming the field, those of Accounts.Login; CodeNotFound for a profile the
// person cannot open.
func (s Tokens) CreateAtLogin(ctx context.Context, c Client, n NewToken) (Made, error) {
	now := s.now()
	email, err := value.ParseEmail(n.Email)
	if err != nil {
		return Made{}, err
	}
	made, err := s.mint(n, now, tenancy.SignInExpiry)
	if err != nil {
		return Made{}, err
	}
	made.SignIn = true
	entry := s.access.SignIn(c, email, now)
	return access.RetryAttempt(ctx, entry, func() (Made, error) {
		now := s.now()
		holder, err := entry.Reservation(ctx, now)
		if err != nil {
			return Made{}, err
		}
		batch := s.Store.Batch()
		account, factors := batch.Account(holder), batch.SecondFactors(holder)
		grant, profile := batch.Grant(holder, n.Profile.ID), batch.Profile(n.Profile.ID)
		if err := batch.Get(ctx); err != nil {
			return Made{}, err
		}
		person, err := entry.CheckPassword(ctx, account.Value, n.Password, now)
		if err != nil {
			return Made{}, err
		}
		if err := entry.CheckPin(
			ctx,
			person,
			factors.Value,
			n.Credentials,
			tenancy.ForToken,
			now,
		); err != nil {
			return Made{}, err
		}
		if !grant.OK || !profile.OK {
			return Made{}, problem.NotFound("Profile")
		}
		made := made
		tx := s.Store.Begin()
		tx.SignIn(person, problem.ErrInvalidCredentials)
		if err := s.create(tx, &made, n, person, grant.Value, profile.Value); err != nil {
			return Made{}, err
		}
		e := s.accountEntry(person.ID, "Signed in, with a new token", now)
		e.Token = made.ID
		tx.Audit(e)
		entry.Succeeded(ctx, tx)
		return made, tx.Commit(ctx)
	})
}

// create adds the token for the account's right on the profile. That, and the
// profile's policy, must still stand when it commits. A date without a time as
// the end is that day where the person is. A token whose end nobody asked for
// ends as early as the policy wants. Errors: CodeInvalid for a day that is over
// there; CodeForbidden for an end that was asked for and is too late.
func (s Tokens) create(
	tx *store.Tx,
	made *Made,
	n NewToken,
	account tenancy.Account,
	grant tenancy.Grant,
	profile tenancy.Profile,
) error {
	expiry := tenancy.TokenExpiry
	if made.SignIn {
		expiry = tenancy.SignInExpiry
	}
	var err error
	if made.Expires, err = expiry(n.Expires, made.Created.In(account.Zone())); err != nil {
		return err
	}
	if strings.TrimSpace(n.Expires) == "" {
		made.Expires = profile.TokenPolicy.Shortened(made.Expires, made.Created)
	}
	if err := profile.TokenPolicy.Admits(made.Expires, made.Created); err != nil {
		return err
	}
	made.Token = made.By(account, grant)
	tx.CheckGrant(grant, problem.NotFound("Profile"))
	tx.CheckTokenPolicy(profile, problem.ErrConflict)
	tx.CreateToken(made.Token)
	tx.Audit(
		changing(
			s.auditEntry(
				string(made.Profile),
				made.Token,
				"token",
				string(made.ID),
				"Token created",
				made.Created,
			),
			tokenMade(made.Token)...),
	)
	return nil
}

// Create makes a token of a profile, for a signed-in person who proves the
// password again. It lives a month unless told otherwise, and has no wider
// scope or allow-list than the token in use. Errors: those of every request to
// a profile, CodeInvalid naming the field, ErrInvalidPassword, CodeTooMany,
// CodeForbidden for a life that the profile's policy refuses.
func (s Tokens) Create(ctx context.Context, c Client, n NewToken) (Made, error) {
	proven := s.access.Reauthenticate(c, n.Credentials)
	return access.RetryAttempt(ctx, proven, func() (Made, error) {
		r, err := s.access.AuthorizeProfile(ctx, c, n.Profile, tenancy.PermissionWrite, nil)
		if err != nil {
			return Made{}, err
		}
		now := s.now()
		made, err := s.mint(n, now, tenancy.TokenExpiry)
		if err != nil {
			return Made{}, err
		}
		email, err := value.ParseEmail(n.Email)
		if err != nil {
			return Made{}, err
		}
		if err := proven.Require("making a token"); err != nil {
			return Made{}, err
		}
		batch := s.Store.Batch()
		account, grant := batch.Account(r.Token.Account), batch.Grant(r.Token.Account, r.Profile.ID)
		proven.Reads(batch, r.Token.Account)
		if err := flow.Parallel(
			ctx,
			proven.Counts(r.Token.Account, now, batch.Get)...); err != nil {
			return Made{}, err
		}
		if err := proven.Check(ctx, account.Value, now); err != nil {
			return Made{}, err
		}
		if account.Value.Email != email {
			return Made{}, problem.InvalidField(
				"email",
				problem.FieldContradicts,
				"must be the address of the account that the token in use belongs to",
			)
		}
		if !grant.OK {
			return Made{}, problem.NotFound("Profile")
		}
		made.Profile = r.Profile.ID
		if made.Token, err = made.MadeWith(r.Token, n.TokenLimits); err != nil {
			return Made{}, err
		}
		tx := s.Store.Begin()
		tx.CheckAccount(account.Value, problem.ErrInvalidToken)
		if err := s.create(tx, &made, n, account.Value, grant.Value, r.Profile); err != nil {
			return Made{}, err
		}
		proven.Succeeded(ctx, tx)
		return made, tx.Commit(ctx)
	})
}

// Info returns the calling token, and its last use before this one. Errors:
// ErrNoToken, ErrInvalidToken, CodeForbidden.
func (s Tokens) Info(ctx context.Context, c Client) (UsedToken, error) {
	var use *store.Found[tenancy.Use]
	who, err := s.access.AuthorizeToken(
		ctx,
		c,
		tenancy.PermissionRead,
		func(b *store.Batch, _ value.AccountID) {
			use = b.Use(value.TokenID(c.Token.ID))
		},
	)
	if err != nil {
		return UsedToken{}, err
	}
	return UsedToken{who.Token, use.Value}, nil
}

// TokenField is a field of a token that lists can filter and sort by.
type TokenField string

const (
	TokenText       TokenField = "token"
	TokenName       TokenField = "name"
	TokenPermission TokenField = "permission"
	TokenCreated    TokenField = "created_at"
	TokenExpires    TokenField = "expire_time"
	TokenCreatedBy  TokenField = "created_by"
	TokenRef        TokenField = "ref_id"
	TokenAllowList  TokenField = auditlog.FieldAllowList
	TokenScope      TokenField = "scope"
	TokenDisabled   TokenField = "disabled"
	TokenType       TokenField = "type"
)

// TokenQuery selects, sorts and pages a list of tokens.
type TokenQuery struct {
	Filter     map[TokenField]string // see tenancy.Matches
	OrderBy    TokenField            // default: created_at
	Descending bool
	Page       int // from 1
	Amount     int
}

// field returns what a filter on f compares with.
func field(t tenancy.Token, f TokenField) string {
	switch f {
	case TokenText:
		return secret.Masked(string(t.ID))
	case TokenName:
		return t.Name
	case TokenPermission:
		return t.Permission.String()
	case TokenCreated:
		return t.Created.Format(value.TimeFormat)
	case TokenExpires:
		if t.Expires.IsZero() {
			return "never"
		}
		return t.Expires.Format(value.TimeFormat)
	case TokenCreatedBy:
		return string(t.Account)
	case TokenRef:
		return string(t.Profile)
	case TokenAllowList:
		return strings.Join(t.Networks.Texts(), ",")
	case TokenScope:
		return t.Scope.String()
	case TokenType:
		return "profile"
	case TokenDisabled:
		return strconv.FormatBool(t.Disabled())
	}
	return ""
}

func (q TokenQuery) matches(t tenancy.Token) bool {
	for f, pattern := range q.Filter {
		if f == TokenText {
			if id, ok := secret.ParseReference(pattern); ok {
				if id != string(t.ID) {
					return false
				}
				continue
			}
		}
		if !value.Matches(pattern, field(t, f)) {
			return false
		}
	}
	return true
}

// maker is whose grant a token was made under, and how. A token whose maker's
// grant is gone, or has another epoch, is dead, and so is one whose account has
// another epoch for tokens made in its way.
type maker struct {
	account       value.AccountID
	epoch         int64
	signIn        bool
	accountEpochs int64
}

// makersOf are the makers whose tokens an account's grant still stands for.
func makersOf(id value.AccountID, grant, epoch, sessions int64, into map[maker]bool) {
	into[maker{id, grant, false, epoch}] = true
	into[maker{id, grant, true, sessions}] = true
}

// List returns the live tokens of a profile without their secrets, each with
// its last use: all of them to the owner, their own to a member. In the order
// of age, a page costs what lies before it and in it; another order reads all
// tokens of the profile. Errors: those of every request to a profile.
func (s Tokens) List(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	q TokenQuery,
) ([]UsedToken, error) {
	rows, err := s.list(ctx, c, ref, q)
	if err != nil {
		return nil, err
	}
	return s.withUses(ctx, rows)
}

func (s Tokens) list(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	q TokenQuery,
) ([]tenancy.Token, error) {
	now := s.now()
	var rows []tenancy.Token
	var makers map[maker]bool
	var r access.Rights
	read := func(id value.ProfileID, alive map[maker]bool) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			rows, makers, err = s.rows(ctx, id, alive, q, now)
			return err
		}
	}
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = s.access.AuthorizeProfile(ctx, c, ref, tenancy.PermissionRead, nil)
		return err
	}}
	// Most callers own the profile they name, so its rows are read beside the
	// authorisation, and dropped if it fails.
	if !ref.Current {
		reads = append(reads, read(ref.ID, nil))
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, err
	}
	alive := map[maker]bool{}
	if !r.Owned() {
		batch := s.Store.Batch()
		account := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return nil, err
		}
		makersOf(r.Token.Account, r.Epoch, account.Value.Epoch, account.Value.Sessions, alive)
		err := read(r.Profile.ID, alive)(ctx)
		return rows, err
	}
	if ref.Current {
		if err := read(r.Profile.ID, nil)(ctx); err != nil {
			return nil, err
		}
	}
	makersOf(r.Profile.Owner, r.Profile.Epoch, r.Profile.OwnerEpoch, r.Profile.OwnerSessions, alive)
	if within(makers, alive) {
		return rows, nil
	}
	// Somebody else made some of them: only what current members made still
	// works.
	_, team, err := s.Store.ProfileWithMembers(ctx, r.Profile.ID)
	if err != nil {
		return nil, err
	}
	batch := s.Store.Batch()
	accounts := map[value.AccountID]*store.Found[tenancy.Account]{}
	for _, m := range team.Joined() {
		accounts[m.Account] = batch.Account(m.Account)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	for _, m := range team.Joined() {
		a := accounts[m.Account].Value
		makersOf(m.Account, m.Epoch, a.Epoch, a.Sessions, alive)
	}
	if !within(makers, alive) {
		err = read(r.Profile.ID, alive)(ctx)
	}
	return rows, err
}

func within(makers, alive map[maker]bool) bool {
	for m := range makers {
		if !alive[m] {
			return false
		}
	}
	return true
}

// rows reads a page of a profile's tokens, of the makers alone that are alive,
// or of all when alive is nil. makers are those of all tokens that the page and
// what lies before it hold.
func (s Tokens) rows(
	ctx context.Context,
	id value.ProfileID,
	alive map[maker]bool,
	q TokenQuery,
	now time.Time,
) (rows []tenancy.Token, makers map[maker]bool, err error) {
	byAge := q.OrderBy == "" || q.OrderBy == TokenCreated
	skip := (q.Page - 1) * q.Amount
	pageSize := 0
	if byAge && alive == nil && len(q.Filter) == 0 {
		pageSize = skip + q.Amount
	}
	makers = map[maker]bool{}
	for row, err := range s.Store.TokenRows(ctx, id, byAge && q.Descending, pageSize) {
		if err != nil {
			return nil, nil, err
		}
		by := maker{row.Account, row.GrantEpoch, row.SignIn, row.AccountEpoch}
		if !row.Live(now) || alive != nil && !alive[by] || !q.matches(row) {
			continue
		}
		makers[by] = true
		rows = append(rows, row)
		if byAge && len(rows) == skip+q.Amount {
			break
		}
	}
	if !byAge {
		sort.SliceStable(rows, func(i, j int) bool {
			a, b := field(rows[i], q.OrderBy), field(rows[j], q.OrderBy)
			if q.Descending {
				a, b = b, a
			}
			return value.Compare(a, b) < 0
		})
	}
	rows = rows[min(skip, len(rows)):]
	return rows[:min(q.Amount, len(rows))], makers, nil
}

// Delete removes a token of a profile; the calling token may be the one. The
// owner may remove any, a member those it made. reference is the token, its
// masked form or its id. Errors: those of every request to a profile;
// CodeNotFound for a token that is not there.
func (s Tokens) Delete(ctx context.Context, c Client, ref ProfileRef, reference string) error {
	gone := problem.NotFound("Token")
	id, known := secret.ParseReference(reference)
	var target *store.Found[tenancy.Token]
	r, err := s.access.AuthorizeProfile(ctx, c, ref, tenancy.PermissionFull, func(b *store.Batch) {
		if known {
			target = b.Token(value.TokenID(id))
		}
	})
	if err != nil {
		return err
	}
	now := s.now()
	// A rotated token that has spent its grace is kept for its use to be
	// recognised, and is no token any more.
	if !known || !target.OK || target.Value.Spent(now) || target.Value.Profile != r.Profile.ID ||
		!r.Owned() && target.Value.Account != r.Token.Account {
		return gone
	}
	tx := s.Store.Begin()
	tx.DeleteToken(target.Value, gone)
	tx.Audit(
		changing(
			s.auditEntry(string(r.Profile.ID), r.Token, "token", id, "Token deleted", now),
			tokenGone(target.Value)...),
	)
	return tx.Commit(ctx)
}

// DeleteAnywhere is Delete for clients that name no profile: the token is
// removed from the profile it belongs to.
func (s Tokens) DeleteAnywhere(ctx context.Context, c Client, reference string) error {
	var target *store.Found[tenancy.Token]
	id, known := secret.ParseReference(reference)
	if _, err := s.access.AuthorizeToken(
		ctx,
		c,
		tenancy.PermissionFull,
		func(b *store.Batch, _ value.AccountID) {
			if known {
				target = b.Token(value.TokenID(id))
			}
		},
	); err != nil {
		return err
	}
	if !known || !target.OK {
		return problem.NotFound("Token")
	}
	err := s.Delete(ctx, c, ProfileRef{ID: target.Value.Profile}, reference)
	if problem.CodeOf(err) == problem.CodeNotFound {
		// A profile that the caller may not see is not mentioned either.
		return problem.NotFound("Token")
	}
	return err
}

// RevokeAll kills all tokens of one of the caller's own profiles in one commit,
// whatever their number: the owner's and all members', the calling one too if
// it is the profile's. Errors: those of every request to a profile;
// CodeForbidden for members.
func (s Tokens) RevokeAll(ctx context.Context, c Client, ref ProfileRef) error {
	return s.revoke(
		ctx,
		c,
		ref,
		"All tokens revoked",
		func(team tenancy.Team) (bool, tenancy.Team, error) {
			return true, team.Joined(), nil
		},
	)
}

// RevokeMember kills all tokens that a member has made for one of the caller's
// own profiles. Errors: as RevokeAll; CodeNotFound for an account that is no
// active member.
func (s Tokens) RevokeMember(ctx context.Context, c Client, ref ProfileRef, id string) error {
	return s.revoke(
		ctx,
		c,
		ref,
		"All tokens of a member revoked",
		func(team tenancy.Team) (bool, tenancy.Team, error) {
			m, ok := team.Active(value.AccountID(id))
			if !ok {
				return false, nil, problem.NotFound("Account")
			}
			return false, tenancy.Team{m}, nil
		},
	)
}

func (s Tokens) revoke(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	audit string,
	whose func(tenancy.Team) (bool, tenancy.Team, error),
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		r, team, err := s.withTeam(ctx, c, ref, tenancy.PermissionFull, nil)
		if err != nil {
			return struct{}{}, err
		}
		if err := r.RequireOwner(); err != nil {
			return struct{}{}, err
		}
		owner, members, err := whose(team)
		if err != nil {
			return struct{}{}, err
		}
		now := s.now()
		p := r.Profile
		p.Epoch = max(now.UnixMilli(), p.Epoch+1)
		for i, m := range members {
			members[i].Epoch = max(now.UnixMilli(), m.Epoch+1)
		}
		tx := s.Store.Begin()
		tx.RevokeTokens(p, owner, members)
		tx.Audit(s.auditEntry(string(p.ID), r.Token, "token", string(p.ID), audit, now))
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// Leaked revokes a token that somebody has found in public, and tells the
// account it acts for. The answer is the same for every text. Errors:
// CodeTooMany.
func (s Tokens) Leaked(ctx context.Context, c Client, text string) error {
	now := s.now()
	window := store.RateWindow{
		Subject: "leak#source#" + c.Fingerprint(),
		End:     store.WindowEnd(now, leakSpan),
	}
	key, ok := secret.Parse(text)
	batch := s.Store.Batch()
	// A text that is no token costs the same read as one that is.
	found := batch.Token(value.TokenID(key.ID + "-"))
	if ok {
		found = batch.Token(value.TokenID(key.ID))
	}
	count := 0
	if err := flow.Parallel(ctx, batch.Get, func(ctx context.Context) (err error) {
		count, err = s.Store.Count(ctx, window)
		return err
	}); err != nil {
		return err
	}
	if count > leaksBySource {
		return problem.TooMany(window.End.Sub(now))
	}
	if !ok || !found.OK || !key.Matches(found.Value.Hash) {
		return nil
	}
	t := found.Value
	if t.Rotated() && !t.Live(now) {
		// It opens nothing any more, and is kept for its use to be recognised.
		return nil
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		batch := s.Store.Batch()
		found := batch.Token(value.TokenID(key.ID))
		account, profile := batch.Account(t.Account), batch.Profile(t.Profile)
		if err := batch.Get(ctx); err != nil || !found.OK {
			return struct{}{}, err
		}
		if found.Value.Profile != t.Profile || found.Value.Rotated() != t.Rotated() {
			// It was switched to another profile meanwhile, or rotated.
			t = found.Value
			return struct{}{}, problem.ErrConflict
		}
		tx := s.Store.Begin()
		tx.DeleteToken(t, problem.ErrConflict)
		e := s.auditEntry(
			string(t.Profile),
			t,
			"token",
			string(t.ID),
			"Token revoked, as it was found in public",
			now,
		)
		e.Who = "whoever found it"
		tx.Audit(changing(e, tokenGone(t)...))
		if account.OK {
			s.send(
				tx,
				s.newMail(tenancy.MessageTokenLeaked, account.Value.Email, now, map[string]string{
					"name":    account.Value.Name,
					"profile": profile.Value.Name,
					"token":   t.Name,
					"when":    now.Format(time.RFC3339),
				}).In(account.Value.Timezone),
			)
			tx.Notify(
				s.notice(
					t.Account,
					"A token of yours was found in public",
					"The token "+value.Isolated(
						t.Name,
					)+" of the profile "+value.Isolated(
						profile.Value.Name,
					)+" is revoked. Make a new one where it was used, and look for how it got out.",
					now,
				),
			)
		}
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// expirePage is how many tokens one transaction of the sweep removes, three
// actions each.
const expirePage = 30

// Expire removes tokens whose end has come, with an audit entry each, takes
// rotated ones whose grace is over out of the lists, and reminds of ends that
// are near, as far as the time of ctx allows; the index keeps the rest for the
// next run. Tokens stop working by the clock, not by this. Two runs at once do
// each thing once. It returns how many it did.
func (s Tokens) Expire(ctx context.Context) (int, error) {
	now := s.now()
	return s.sweep(
		ctx,
		sweepWork{
			kind:  store.DueToken,
			batch: expirePage,
			do: func(ctx context.Context, due []store.DueEntry) (int, bool, error) {
				done, err := s.attend(ctx, due, now)
				return done, false, err
			},
		},
	)
}

// attend does what one page of tokens is due for.
func (s Tokens) attend(ctx context.Context, page []store.DueEntry, now time.Time) (int, error) {
	batch := s.Store.Batch()
	found := make([]*store.Found[tenancy.Token], len(page))
	for i, due := range page {
		found[i] = batch.Token(value.TokenID(due.ID))
	}
	if err := batch.Get(ctx); err != nil {
		return 0, err
	}
	var ended, near []tenancy.Token
	for _, f := range found {
		switch t := f.Value; {
		case !f.OK:
		case !t.Live(now):
			ended = append(ended, t)
		case !t.Due().After(now):
			near = append(near, t)
		}
	}
	done := 0
	if len(ended) > 0 {
		if err := s.expireTokens(ctx, ended, now); err != nil {
			return 0, err
		}
		done = len(ended)
	}
	for _, t := range near {
		if flow.TimeUp(ctx) {
			return done, errTimeUp
		}
		if err := s.remind(ctx, t, now); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (s Tokens) expireTokens(ctx context.Context, ended []tenancy.Token, now time.Time) error {
	tx := s.Store.Begin()
	for _, t := range ended {
		if !t.Expired(now) {
			// It was rotated, and its grace is over: it is kept for its use to
			// be recognised.
			tx.RetireToken(t, t.Retires, problem.ErrConflict)
			continue
		}
		tx.ExpireToken(t, now, problem.ErrConflict)
		e := s.auditEntry(string(t.Profile), t, "token", string(t.ID), "Token expired", now)
		e.Who = "token-expire"
		tx.Audit(changing(e, tokenGone(t)...))
	}
	return tx.Commit(ctx)
}

// remind tells the account that a token acts for that its end is near, unless
// it is revoked by then. tenancy.ErrConflict says that another run was faster,
// or that the token is another one by now.
func (s Tokens) remind(ctx context.Context, t tenancy.Token, now time.Time) error {
	batch := s.Store.Batch()
	account, profile, grant := batch.Account(
		t.Account,
	), batch.Profile(
		t.Profile,
	), batch.Grant(
		t.Account,
		t.Profile,
	)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	tx := s.Store.Begin()
	tx.RemindToken(t, now, problem.ErrConflict)
	if t.AdmittedBy(account.Value, grant.Value) {
		s.send(tx, s.newMail(tenancy.MessageTokenEnds, account.Value.Email, now, map[string]string{
			"name":    account.Value.Name,
			"profile": profile.Value.Name,
			"token":   t.Name,
			"expires": t.Expires.Format(time.RFC3339),
		}).In(account.Value.Timezone))
	}
	return tx.Commit(ctx)
}
