package tokens

import (
	"context"
	"strconv"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

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

// Query selects, sorts and pages a list of tokens.
type Query struct {
	Filter     map[TokenField]string // see value.Matches
	OrderBy    TokenField            // default: created_at
	Descending bool
	core.Paging
}

// byAge reports whether the list has the order of the table.
func (q Query) byAge() bool { return q.OrderBy == "" || q.OrderBy == TokenCreated }

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

func (q Query) matches(t tenancy.Token) bool {
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

// maker says under whose grant a token was made, and how. A token is dead when
// that grant is gone or has another epoch, or when the account has another
// epoch for tokens that were made in the same way.
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
// its last use: all of them to the owner, their own to a member. Every order
// but that of age reads all tokens of the profile, which may be 10,000. Errors:
// those of every request to a profile; CodeInvalid naming the parameter.
func (s Service) List(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q Query,
) (core.List[UsedToken], error) {
	list, err := s.list(ctx, c, ref, q)
	if err != nil {
		return core.List[UsedToken]{}, err
	}
	used, err := withUses(ctx, s.Store, list.Rows)
	return core.List[UsedToken]{Rows: used, Next: list.Next}, err
}

func (s Service) list(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q Query,
) (rows core.List[tenancy.Token], err error) {
	if err := q.check(); err != nil {
		return rows, err
	}
	now := s.Instant()
	var makers map[maker]bool
	var r access.Rights
	read := func(id value.ProfileID, alive map[maker]bool) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			rows, makers, err = s.rows(ctx, id, alive, q, now)
			return err
		}
	}
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = s.Access.AuthorizeProfile(ctx, c, ref, nil)
		return err
	}}
	// Most callers own the profile they name, so its rows are read beside the
	// authorization, and dropped if it fails.
	if !ref.Current {
		reads = append(reads, read(ref.ID, nil))
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return rows, err
	}
	alive := map[maker]bool{}
	if !r.Owned() {
		batch := s.Store.Batch()
		account := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return rows, err
		}
		makersOf(r.Token.Account, r.Epoch, account.Value.Epoch, account.Value.Sessions, alive)
		err = read(r.Profile.ID, alive)(ctx)
		return rows, err
	}
	if ref.Current {
		if err := read(r.Profile.ID, nil)(ctx); err != nil {
			return rows, err
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
		return rows, err
	}
	batch := s.Store.Batch()
	accounts := map[value.AccountID]*store.Found[tenancy.Account]{}
	for _, m := range team.Joined() {
		accounts[m.Account] = batch.Account(m.Account)
	}
	if err := batch.Get(ctx); err != nil {
		return rows, err
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
// what was read before it hold.
func (s Service) rows(
	ctx context.Context,
	id value.ProfileID,
	alive map[maker]bool,
	q Query,
	now time.Time,
) (list core.List[tenancy.Token], makers map[maker]bool, err error) {
	makers = map[maker]bool{}
	selects := func(row tenancy.Token) bool {
		by := maker{row.Account, row.GrantEpoch, row.SignIn, row.AccountEpoch}
		if !row.Live(now) || alive != nil && !alive[by] || !q.matches(row) {
			return false
		}
		makers[by] = true
		return true
	}
	if !q.byAge() {
		list, err = q.sorted(s.Store.TokenRows(ctx, id, store.Walk{}), selects)
		return list, makers, err
	}
	list, err = core.ReadList(q.Paging, alive != nil || len(q.Filter) > 0,
		func(pageSize int) func(func(tenancy.Token, error) bool) {
			return s.Store.TokenRows(ctx, id, store.Walk{
				NewestFirst: q.Descending, PageSize: pageSize, After: q.After,
			})
		}, selects, store.TokenCursor)
	return list, makers, err
}
