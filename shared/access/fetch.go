package access

import (
	"context"
	"slices"
	"time"

	"profiles/shared/flow"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// standingReads are the reads of a standing, in a batch.
type standingReads struct {
	account     *store.Found[tenancy.Account]
	home, grant *store.Found[tenancy.Grant]
}

// readStanding adds the reads of a standing to a batch: the account, and its
// grants on home, the token's own profile, and on target.
func readStanding(
	b *store.Batch, a value.AccountID, home, target value.ProfileID,
) standingReads {
	return standingReads{b.Account(a), b.Grant(a, home), b.Grant(a, target)}
}

func (r standingReads) standing(now time.Time) *standing {
	return &standing{r.account.Value, lasting(*r.home, now).Value, lasting(*r.grant, now)}
}

// lasting returns a grant that was read, or none if it has ended by itself. A
// sweep removes such a grant some minutes later.
func lasting(g store.Found[tenancy.Grant], now time.Time) store.Found[tenancy.Grant] {
	if !g.Value.Lasts(now) {
		return store.Found[tenancy.Grant]{}
	}
	return g
}

// fetchToken reads the first batch, while the request is counted, and returns
// the facts about the token. It reads nothing for a request without a token.
func (x *Access) fetchToken(
	ctx context.Context, c Client, p readPlan, first *store.Batch,
	beside ...func(context.Context) error,
) (facts, *rateCounter, error) {
	if c.Token.ID == "" {
		return facts{client: c, now: x.now()}, nil, nil
	}
	token := first.Token(value.TokenID(c.Token.ID))
	count := x.profileCounter(c, p.guess, p.target, first)
	if err := x.readCounted(ctx, count, append(beside, first.Get)...); err != nil {
		return facts{}, nil, err
	}
	f := facts{client: c, now: x.now(), token: *token}
	if count != nil && count.shared != nil {
		f.shared = *count.shared
	}
	return f, count, nil
}

// aside is a read about an account that no batch can make. It runs at the same
// time as the first batch if the process remembers the account of the token,
// and otherwise after the token or session was found to work. So an invalid
// credential does not cause it.
type aside func(context.Context, value.AccountID) error

// of returns the read for an account as a list for flow.Parallel; nil: none.
func (a aside) of(id value.AccountID) (reads []func(context.Context) error) {
	if a != nil {
		reads = append(reads, func(ctx context.Context) error { return a(ctx, id) })
	}
	return reads
}

// fetchCaller reads the facts of a request on the account.
func (x *Access) fetchCaller(
	ctx context.Context, c Client, p readPlan, extra func(*store.Batch, value.AccountID),
	with aside,
) (facts, *rateCounter, error) {
	if c.Session != "" {
		return x.fetchSessionWith(ctx, c, extra, with)
	}
	var reads standingReads
	read := func(b *store.Batch, a value.AccountID, home value.ProfileID) {
		reads = readStanding(b, a, home, home)
		if extra != nil {
			extra(b, a)
		}
	}
	first := x.config.Store.Batch()
	var beside []func(context.Context) error
	if p.standing {
		read(first, p.guess.account, p.guess.profile)
		beside = with.of(p.guess.account)
	}
	f, count, err := x.fetchToken(ctx, c, p, first, beside...)
	if err != nil || decideToken(f).err != nil {
		return f, count, err
	}
	if t := f.token.Value; !p.has(t) {
		second := x.config.Store.Batch()
		read(second, t.Account, t.Profile)
		if err := flow.Parallel(ctx, append(with.of(t.Account), second.Get)...); err != nil {
			return facts{}, nil, err
		}
	}
	f.standing = reads.standing(f.now)
	return f, count, nil
}

// fetchGrants is fetchCaller with all grants of the account; the standing is
// taken from these.
func (x *Access) fetchGrants(
	ctx context.Context, c Client, p readPlan,
) (facts, []tenancy.Grant, *rateCounter, error) {
	var account tenancy.Account
	var grants []tenancy.Grant
	var list aside = func(ctx context.Context, a value.AccountID) (err error) {
		account, grants, err = x.config.Store.AccountWithGrants(ctx, a)
		now := x.now()
		grants = slices.DeleteFunc(grants, func(g tenancy.Grant) bool { return !g.Lasts(now) })
		return err
	}
	if c.Session != "" {
		f, count, err := x.fetchSessionWith(ctx, c, nil, list)
		return f, grants, count, err
	}
	var beside []func(context.Context) error
	if p.standing {
		beside = list.of(p.guess.account)
	}
	f, count, err := x.fetchToken(ctx, c, p, x.config.Store.Batch(), beside...)
	if err != nil || decideToken(f).err != nil {
		return f, nil, count, err
	}
	t := f.token.Value
	if p.guess.account != t.Account {
		if err := list(ctx, t.Account); err != nil {
			return facts{}, nil, nil, err
		}
	}
	f.standing = &standing{account: account}
	for _, g := range grants {
		if g.Profile == t.Profile {
			f.standing.home = g
		}
	}
	return f, grants, count, nil
}

// fetchProfile reads the facts of a request to one profile. current says that
// it is the token's own. It reads no standing if the profile alone can admit
// its owner.
func (x *Access) fetchProfile(
	ctx context.Context, c Client, p readPlan, current bool, extra func(*store.Batch),
) (facts, *rateCounter, error) {
	if c.Session != "" {
		return x.fetchSession(ctx, c, p.target, extra)
	}
	first := x.config.Store.Batch()
	var profile *store.Found[tenancy.Profile]
	if p.target != "" {
		profile = first.Profile(p.target)
	}
	if extra != nil {
		extra(first)
	}
	var reads standingReads
	if p.standing {
		reads = readStanding(first, p.guess.account, p.guess.profile, p.target)
	}
	f, count, err := x.fetchToken(ctx, c, p, first)
	if err != nil || decideToken(f).err != nil {
		return f, count, err
	}
	t := f.token.Value
	f.target = p.target
	if current && f.target != t.Profile {
		f.target, profile = t.Profile, nil
	}
	if profile != nil && t.AdmittedByOwner(profile.Value) {
		f.profile = *profile
		return f, count, nil
	}
	if profile == nil || !p.has(t) {
		second := x.config.Store.Batch()
		reads = readStanding(second, t.Account, t.Profile, f.target)
		if profile == nil {
			profile = second.Profile(f.target)
		}
		if err := second.Get(ctx); err != nil {
			return facts{}, nil, err
		}
	}
	f.profile, f.standing = *profile, reads.standing(f.now)
	return f, count, nil
}
