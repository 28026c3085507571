package tokens

import (
	"context"
	"slices"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Selection selects tokens of an inventory. Without a field set it selects all
// tokens that work, and those that are disabled.
type Selection struct {
	NeverExpires bool // only tokens without an end
	Unused       bool // only tokens that tenancy.Token.Unused reports
	// RemovedMember selects tokens that no longer work because their makers
	// have left the team, in place of those that work.
	RemovedMember bool
	core.Paging
}

// Listed is a token of an inventory.
type Listed struct {
	UsedToken
	ProfileName string
	Former      bool // made by a former member: it does not work
}

// Inventory returns tokens of all profiles that the caller's account owns,
// without their secrets: by profile, oldest first, and of each profile by age.
// A page with a filter searches at most core.MaxScanned tokens. Errors: those
// of every request with a token; tenancy.ErrOneProfile; CodeInvalid for a
// position that no answer has given.
func (s Service) Inventory(
	ctx context.Context, c access.Client, q Selection,
) (core.List[Listed], error) {
	var none core.List[Listed]
	if err := q.Check(isPlace); err != nil {
		return none, err
	}
	who, grants, err := s.Access.AuthorizeGrants(ctx, c)
	if err != nil {
		return none, err
	}
	if who.Token.Scope != tenancy.ScopeAccount {
		return none, tenancy.ErrOneProfile
	}
	i := inventory{Service: s, Selection: q, owner: who.Account, now: s.Instant()}
	for _, g := range grants {
		if g.Own() {
			i.own = append(i.own, g)
		}
	}
	slices.SortFunc(i.own, func(a, b tenancy.Grant) int {
		return strings.Compare(string(a.Profile), string(b.Profile))
	})
	filtered := q.NeverExpires || q.Unused || q.RemovedMember
	list, err := core.ReadList(q.Paging, filtered, i.walk(ctx), i.selects,
		func(t Listed) string { return string(t.Profile) + placeMark + store.TokenCursor(t.Token) })
	if err != nil || q.Unused {
		return list, err
	}
	rows := make([]tenancy.Token, len(list.Rows))
	for n, t := range list.Rows {
		rows[n] = t.Token
	}
	used, err := withUses(ctx, s.Store, rows)
	for n := range used {
		list.Rows[n].UsedToken = used[n]
	}
	return list, err
}

// placeMark stands between the profile and the token of a position.
const placeMark = "."

// isPlace reports whether a text is a position of an inventory.
func isPlace(s string) bool {
	profile, token, _ := strings.Cut(s, placeMark)
	return value.IsID(profile) && isPosition(token)
}

// inventory is one request for an inventory.
type inventory struct {
	Service
	Selection
	owner tenancy.Account
	own   []tenancy.Grant
	now   time.Time
}

func (i inventory) selects(t Listed) bool {
	return t.Live(i.now) && t.Former == i.RemovedMember &&
		(!i.NeverExpires || t.Expires.IsZero()) && (!i.Unused || t.Unused(t.Last, i.now))
}

// walk returns the tokens of the owner's profiles from the position on.
func (i inventory) walk(ctx context.Context) func(int) func(func(Listed, error) bool) {
	return func(pageSize int) func(func(Listed, error) bool) {
		return func(yield func(Listed, error) bool) {
			from, after, _ := strings.Cut(i.After, placeMark)
			for _, g := range i.own {
				at := store.Walk{PageSize: pageSize}
				switch {
				case string(g.Profile) < from:
					continue
				case string(g.Profile) == from:
					at.After = after
				}
				if !i.profile(ctx, g, at, yield) {
					return
				}
			}
		}
	}
}

// profile yields the tokens of one profile that its owner or a former member
// has made, or a member whose membership vouches for them. It returns false
// when the walk has ended.
func (i inventory) profile(
	ctx context.Context, g tenancy.Grant, at store.Walk, yield func(Listed, error) bool,
) bool {
	alive := map[maker]bool{}
	makersOf(i.owner.ID, g.Epoch, i.owner.Epoch, i.owner.Sessions, alive)
	var members tenancy.Team
	read := false // the team is read for the first token of somebody else
	page := func(rows []tenancy.Token) bool {
		foreign := func(t tenancy.Token) bool { return t.Account != i.owner.ID }
		if !read && slices.ContainsFunc(rows, foreign) {
			read = true
			var err error
			if members, err = i.members(ctx, g.Profile, alive); err != nil {
				yield(Listed{}, err)
				return false
			}
		}
		used := make([]UsedToken, len(rows))
		for n, t := range rows {
			used[n].Token = t
		}
		if i.Unused {
			var err error
			if used, err = withUses(ctx, i.Store, rows); err != nil {
				yield(Listed{}, err)
				return false
			}
		}
		for _, t := range used {
			_, joined := members.Active(t.Account)
			former := foreign(t.Token) && !joined
			by := maker{t.Account, t.GrantEpoch, t.SignIn, t.AccountEpoch}
			if !alive[by] && !former {
				continue // revoked, and about to be removed
			}
			if !yield(Listed{t, g.Name, former}, nil) {
				return false
			}
		}
		return true
	}
	var rows []tenancy.Token
	most := min(at.PageSize, maxBatch)
	for t, err := range i.Store.TokenRows(ctx, g.Profile, at) {
		if err != nil {
			yield(Listed{}, err)
			return false
		}
		if rows = append(rows, t); len(rows) == most {
			if !page(rows) {
				return false
			}
			rows = nil
		}
	}
	return page(rows)
}

// members reads the members of a profile, and adds the makers of tokens that
// their memberships vouch for to alive.
func (i inventory) members(
	ctx context.Context, id value.ProfileID, alive map[maker]bool,
) (tenancy.Team, error) {
	_, team, err := i.Store.ProfileWithMembers(ctx, id)
	if err != nil {
		return nil, err
	}
	joined := team.Joined()
	batch := i.Store.Batch()
	accounts := make([]*store.Found[tenancy.Account], len(joined))
	for n, m := range joined {
		accounts[n] = batch.Account(m.Account)
	}
	err = batch.Get(ctx)
	for n, m := range joined {
		a := accounts[n].Value
		makersOf(m.Account, m.Epoch, a.Epoch, a.Sessions, alive)
	}
	return joined, err
}
