package access

import (
	"context"
	"time"

	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// WithSession returns the client with a session as its credential.
func (c Client) WithSession(s secret.Session) Client {
	c.Token, c.Session = s.Credential, value.AccountID(s.Account)
	return c
}

// RequireToken refuses (CodeInvalid) a session, for operations on the calling
// token.
func (c Caller) RequireToken() error {
	if c.Token.OfSession() {
		return tenancy.ErrTokenOnly
	}
	return nil
}

// AuthorizeSession authorizes a request that only a session can make, and
// returns the session. Errors: tenancy.ErrSessionEnded; CodeUnauthenticated
// without a session; CodeTooMany above a rate limit.
func (x *Access) AuthorizeSession(ctx context.Context, c Client) (Caller, tenancy.Session, error) {
	if c.Session == "" {
		return Caller{}, tenancy.Session{}, tenancy.ErrNoSession
	}
	f, count, err := x.fetchSession(ctx, c, "", nil)
	if err != nil {
		return Caller{}, tenancy.Session{}, err
	}
	who, v := decideCaller(f, true)
	return who, f.session.Value, x.settle(ctx, f, count, v)
}

// fetchSession reads the facts of a request with a session. It takes one batch,
// because a session names its account. target is the profile that the request
// is for; empty: the account.
func (x *Access) fetchSession(
	ctx context.Context, c Client, target value.ProfileID, extra func(*store.Batch),
	beside ...func(context.Context) error,
) (facts, *rateCounter, error) {
	id, err := value.ParseSessionID(c.Token.ID)
	if err != nil {
		return facts{}, nil, tenancy.ErrSessionEnded // its id names no place
	}
	batch := x.config.Store.Batch()
	session, account := batch.Session(c.Session, id), batch.Account(c.Session)
	profile, grant := new(store.Found[tenancy.Profile]), new(store.Found[tenancy.Grant])
	if target != "" {
		profile, grant = batch.Profile(target), batch.Grant(c.Session, target)
	}
	if extra != nil {
		extra(batch)
	}
	count := x.sessionCounter(c, target)
	if err := x.readCounted(ctx, count, append(beside, batch.Get)...); err != nil {
		return facts{}, nil, err
	}
	f := facts{
		client: c, now: x.now(), session: *session, target: target, profile: *profile,
		token:    store.Found[tenancy.Token]{Value: session.Value.Token(), OK: session.OK},
		standing: &standing{account: account.Value, grant: lasting(*grant, x.now())},
	}
	return f, count, nil
}

// fetchSessionWith is fetchSession for a request on the account, with a read
// aside.
func (x *Access) fetchSessionWith(
	ctx context.Context, c Client, extra func(*store.Batch, value.AccountID), with aside,
) (facts, *rateCounter, error) {
	var beside []func(context.Context) error
	known := x.memory.get(c.Token).known()
	if known {
		beside = with.of(c.Session)
	}
	f, count, err := x.fetchSession(ctx, c, "", func(b *store.Batch) {
		if extra != nil {
			extra(b, c.Session)
		}
	}, beside...)
	if err != nil || known || with == nil || decideToken(f).err != nil {
		return f, count, err
	}
	return f, count, with(ctx, c.Session)
}

// sessionCounter returns the counter of a request with a session: for the
// profile target, or for its account if target is empty or the session has not
// reached it before. It returns nil if the request is not counted.
func (x *Access) sessionCounter(c Client, target value.ProfileID) *rateCounter {
	id := value.TokenID(c.Token.ID)
	if !x.startCount(c, false) || !x.memory.get(c.Token).known() {
		return nil
	}
	if !x.memory.reached(id, target) {
		target = ""
	}
	subject := string(target) + "#" + string(c.Session)
	if c.Rate.Remedy {
		subject += "#" + c.Token.ID
	}
	n := x.newRateCounter(c, subject)
	n.profile = target
	return n
}

// sessionReads are the reads, in a batch, of the session that a sign-in ends;
// zero: the browser has none.
type sessionReads struct {
	session *store.Found[tenancy.Session]
	account *store.Found[tenancy.Account]
}

// readSession adds the reads for working to a batch.
func readSession(b *store.Batch, s secret.Session) sessionReads {
	id, err := value.ParseSessionID(s.ID)
	if err != nil {
		return sessionReads{}
	}
	a := value.AccountID(s.Account)
	return sessionReads{b.Session(a, id), b.Account(a)}
}

// working returns the session of the browser; nil if it does not work or the
// secret is wrong.
func (r sessionReads) working(s secret.Session, now time.Time) *tenancy.Session {
	if r.session == nil || !r.session.OK || !s.Matches(r.session.Value.Hash) ||
		!r.session.Value.AdmittedBy(r.account.Value, now) {
		return nil
	}
	return &r.session.Value
}
