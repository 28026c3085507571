package tokens

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/secret"
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
// its last use: all of them to the owner, their own to a member. In the order
// of age, a page costs what lies before it and in it; another order reads all
// tokens of the profile. Errors: those of every request to a profile.
func (s Service) List(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q Query,
) ([]UsedToken, error) {
	rows, err := s.list(ctx, c, ref, q)
	if err != nil {
		return nil, err
	}
	return withUses(ctx, s.Store, rows)
}

func (s Service) list(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q Query,
) ([]tenancy.Token, error) {
	now := s.Instant()
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
		r, err = s.Access.AuthorizeProfile(ctx, c, ref, nil)
		return err
	}}
	// Most callers own the profile they name, so its rows are read beside the
	// authorization, and dropped if it fails.
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
func (s Service) rows(
	ctx context.Context,
	id value.ProfileID,
	alive map[maker]bool,
	q Query,
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
