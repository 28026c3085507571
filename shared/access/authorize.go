package access

import (
	"context"
	"errors"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// An authorization has four steps. A plan says what to read, from what the
// process remembers of the token. A fetch reads it: in one batch if the memory
// was right, and in two otherwise. A decision makes a verdict from the facts
// that were read. Then settle carries the verdict out.

// readPlan is what the first batch of an authorization reads.
type readPlan struct {
	guess    lastSeen
	target   value.ProfileID // empty: not known before the token is read
	standing bool            // whether to read the standing with the account of guess
}

// planCaller returns the plan for a request on the account.
func planCaller(guess lastSeen) readPlan {
	return readPlan{guess: guess, target: guess.profile, standing: guess.known()}
}

// planProfile returns the plan for a request to one profile. It leaves the
// account out if the profile alone can admit its owner.
func planProfile(guess lastSeen, ref ProfileRef) readPlan {
	target := ref.ID
	if ref.Current {
		target = guess.profile
	}
	alone := guess.own && guess.profile == target
	return readPlan{guess: guess, target: target, standing: guess.known() && !alone}
}

// has reports whether the first batch had the standing of the token.
func (p readPlan) has(t tenancy.Token) bool {
	return p.standing && p.guess.account == t.Account && p.guess.profile == t.Profile
}

// AuthorizeAccount authorizes a request on the account itself. c.Access says
// which callers are admitted. extra, if not nil, adds reads to the batch that
// knows the account. It takes one round trip if the token is remembered, and
// two otherwise. Errors: ErrNoToken, ErrInvalidToken, ErrWrongAddress;
// CodeForbidden for a token with too small a permission, for a token with the
// scope profile, and for another account where only data planes are admitted;
// CodeNotFound for another account where only support is admitted; CodeInvalid
// for a session where only data planes are admitted; CodeTooMany above a rate
// limit.
func (x *Access) AuthorizeAccount(
	ctx context.Context, c Client, extra func(*store.Batch, value.AccountID),
) (Caller, error) {
	return x.authorizeCaller(ctx, c, false, extra, nil)
}

// AuthorizeAccountWith is AuthorizeAccount with a read about the account that
// no batch can make (see aside). If the request is refused, the caller must not
// use what was read.
func (x *Access) AuthorizeAccountWith(
	ctx context.Context, c Client, read func(context.Context, value.AccountID) error,
) (Caller, error) {
	return x.authorizeCaller(ctx, c, false, nil, read)
}

// AuthorizeToken is AuthorizeAccount for a request on the token itself. It
// admits tokens of any scope.
func (x *Access) AuthorizeToken(
	ctx context.Context, c Client, extra func(*store.Batch, value.AccountID),
) (Caller, error) {
	return x.authorizeCaller(ctx, c, true, extra, nil)
}

// AuthorizeService authorizes a request of a data plane: a caller that the
// gateway has verified, or the token of a data-plane account. Errors: those of
// AuthorizeAccount.
func (x *Access) AuthorizeService(ctx context.Context, c Client) error {
	if c.Service && c.Access.DataPlanes() {
		return nil
	}
	_, err := x.AuthorizeAccount(ctx, c, nil)
	return err
}

func (x *Access) authorizeCaller(
	ctx context.Context, c Client, anyScope bool,
	extra func(*store.Batch, value.AccountID), with aside,
) (Caller, error) {
	p := planCaller(x.memory.get(c.Token))
	f, count, err := x.fetchCaller(ctx, c, p, extra, with)
	if err != nil {
		return Caller{}, err
	}
	who, v := decideCaller(f, anyScope)
	if err := x.settle(ctx, f, count, v); err != nil {
		return Caller{}, err
	}
	return who, nil
}

// AuthorizeGrants is AuthorizeToken for a request that reads all grants of the
// account: it returns those too.
func (x *Access) AuthorizeGrants(ctx context.Context, c Client) (Caller, []tenancy.Grant, error) {
	p := planCaller(x.memory.get(c.Token))
	f, grants, count, err := x.fetchGrants(ctx, c, p)
	if err != nil {
		return Caller{}, nil, err
	}
	who, v := decideCaller(f, true)
	if err := x.settle(ctx, f, count, v); err != nil {
		return Caller{}, nil, err
	}
	return who, grants, nil
}

// AuthorizeProfile authorizes a request to one profile. c.Access says which
// callers are admitted. extra, if not nil, adds reads whose keys are known from
// the request. It takes one round trip if the path names the profile and its
// owner made the token for it, or if the token is remembered, and two
// otherwise. Errors: ErrNoToken, ErrInvalidToken, ErrWrongAddress; CodeNotFound
// for a profile that the caller may not see; CodeForbidden for too small a
// right on it, and for members where only the owner is admitted; CodeInvalid
// for a request that also names another profile; CodeTooMany above a rate
// limit.
func (x *Access) AuthorizeProfile(
	ctx context.Context, c Client, ref ProfileRef, extra func(*store.Batch),
) (Rights, error) {
	p := planProfile(x.memory.get(c.Token), ref)
	f, count, err := x.fetchProfile(ctx, c, p, ref.Current, extra)
	if err != nil {
		return Rights{}, err
	}
	r, v := decideProfile(f, ref)
	if err := x.settle(ctx, f, count, v); err != nil {
		return Rights{}, err
	}
	return r, nil
}

// settle carries a verdict out. It reports the use of a rotated token past its
// grace, remembers an admitted token, forgets an invalid one, and returns the
// error of the request. If a rate limit is exceeded, that error comes before
// any other: the limit of the profile or account for an admitted token, and of
// the source for any other.
func (x *Access) settle(ctx context.Context, f facts, count *rateCounter, v verdict) error {
	t := f.token.Value
	if v.reused {
		x.reportReuse(ctx, f.client, t, f.now)
	}
	if !v.admitted {
		if ended(v.err) {
			x.memory.drop(f.client.Token)
		}
		if err := x.countRefused(ctx, f.client); err != nil {
			return err
		}
		return v.err
	}
	x.memory.put(t, v.own)
	if f.target != "" {
		x.memory.reach(t.ID, f.target, v.reaches)
	}
	if f.client.Session == "" {
		x.used(f.client, t, f.now)
	}
	if err := count.check(v.charge); err != nil {
		return err
	}
	return v.err
}

// ended reports whether a request was refused because its token, or its
// session, does not work.
func ended(err error) bool {
	return errors.Is(err, problem.ErrInvalidToken) || errors.Is(err, tenancy.ErrSessionEnded)
}
