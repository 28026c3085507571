package access

import (
	"cmp"
	"errors"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// facts are all that a decision about a request depends on: the request, when
// it is decided, and what was read of the table.
type facts struct {
	client Client
	now    time.Time
	token  store.Found[tenancy.Token]
	// session is what the place has of the session that the request carries;
	// the token is then what it stands for.
	session store.Found[tenancy.Session]
	// standing is what the account says of the token. It is nil when it was not
	// read: for a token that is refused without it, and for one that its
	// profile alone can admit.
	standing *standing
	// shared is the token's own profile where nothing else tells its plan; see
	// rateCounter.
	shared store.Found[tenancy.Profile]
	// target is the profile that the request is for, and profile what was read
	// of it. Both are empty for a request that concerns the account.
	target  value.ProfileID
	profile store.Found[tenancy.Profile]
}

// standing is what the account of a token says of it.
type standing struct {
	account tenancy.Account
	home    tenancy.Grant              // on the token's own profile
	grant   store.Found[tenancy.Grant] // on the profile that the request is for
}

// verdict is a decision about a request; settle carries it out.
type verdict struct {
	reused   bool   // a rotated token was used past its grace, which is to be reported
	admitted bool   // the token works, whatever err refuses
	own      bool   // the account of an admitted token owns the token's profile
	reaches  bool   // an admitted token reaches the profile that the request is for
	charge   charge // the zero charge: no limit is known
	err      error  // why the request is refused; nil when it is not
}

// errNobodyAdmitted is a mistake of the program: a request that is to be
// authorized goes to an operation that admits nobody with a credential.
var errNobodyAdmitted = errors.New("the operation of the request admits nobody")

// decideToken decides what the token item alone can tell: that the token
// exists, has the secret that was presented, works, and may be used from where
// it is used. The use of a rotated token past its grace is reported, whatever
// else refuses the token, unless the client repeats its own request: that
// request may be the one that rotated it.
func decideToken(f facts) verdict {
	t := f.token.Value
	switch {
	case f.client.Access.Needs() == tenancy.PermissionNone:
		return verdict{err: errNobodyAdmitted}
	case f.client.Token.ID == "":
		return verdict{err: problem.ErrNoToken}
	case f.client.Session != "":
		return verdict{err: decideSession(f)}
	case !f.token.OK || !f.client.Token.Matches(t.Hash):
		return verdict{err: problem.ErrInvalidToken}
	case !t.Live(f.now) || t.Disabled():
		reused := t.Spent(f.now) && !f.client.replays
		return verdict{reused: reused, err: problem.ErrInvalidToken}
	case !t.Networks.Admits(f.client.Source):
		return verdict{err: tenancy.ErrWrongAddress}
	}
	return verdict{}
}

// decideSession decides whether there is the session that was presented, with
// its secret, and whether its account vouches for it.
func decideSession(f facts) error {
	s := f.session.Value
	if !f.session.OK || !f.client.Token.Matches(s.Hash) || f.standing == nil ||
		!s.AdmittedBy(f.standing.account, f.now) {
		return tenancy.ErrSessionEnded
	}
	return nil
}

// vouched reports whether the account vouches for a token that decideToken has
// let through.
func (f facts) vouched() bool {
	return f.client.Session != "" ||
		f.standing != nil && f.token.Value.AdmittedBy(f.standing.account, f.standing.home)
}

// decideCaller decides about a request that concerns the account or the token
// itself. anyScope admits a token that is for one profile only.
func decideCaller(f facts, anyScope bool) (Caller, verdict) {
	v := decideToken(f)
	if v.err != nil {
		return Caller{}, v
	}
	t := f.token.Value
	if !f.vouched() {
		return Caller{}, verdict{err: problem.ErrInvalidToken}
	}
	v = verdict{admitted: true, own: f.standing.home.Own(), charge: f.tokenCharge()}
	who := Caller{t, f.standing.account}
	v.err = who.admittedTo(f.client.Access, anyScope)
	return who, v
}

// admittedTo refuses a verified caller whom an operation does not admit. What
// is for one kind of account says so first: for others a desk does not exist,
// whatever their permission.
func (c Caller) admittedTo(a tenancy.Access, anyScope bool) error {
	var scope error
	if !anyScope && c.Token.Scope != tenancy.ScopeAccount {
		scope = tenancy.ErrOneProfile
	}
	permission := requirePermission(c.Token.Permission, a.Needs())
	switch {
	case a.Agents():
		return cmp.Or(scope, c.requireAgent(), permission)
	case a.DataPlanes():
		return cmp.Or(scope, c.RequireToken(), c.requireService(), permission)
	}
	return cmp.Or(permission, scope)
}

// decideProfile decides about a request to one profile. A profile that the
// caller may not see is not found.
func decideProfile(f facts, ref ProfileRef) (Rights, verdict) {
	v := decideToken(f)
	if v.err != nil {
		return Rights{}, v
	}
	t, p := f.token.Value, f.profile.Value
	r := Rights{Token: t, Profile: p, access: f.client.Access}
	switch s := f.standing; {
	case s == nil && t.AdmittedByOwner(p):
		r.Right, r.Granted, r.Epoch = t.Permission, tenancy.PermissionFull, t.GrantEpoch
		v = verdict{admitted: true, own: true, reaches: true}
	case !f.vouched():
		return Rights{}, verdict{err: problem.ErrInvalidToken}
	case ref.Current && f.client.Session != "":
		v = verdict{admitted: true, charge: f.tokenCharge(), err: tenancy.ErrNoOwnProfile}
		return Rights{}, v
	default:
		reaches := s.grant.OK && f.profile.OK
		v = verdict{admitted: true, own: s.home.Own(), reaches: reaches}
		if !reaches || !t.Opens(f.target) {
			v.charge, v.err = f.tokenCharge(), problem.NotFound("Profile")
			return Rights{}, v
		}
		granted := s.grant.Value.Permission
		r.Right, r.Granted, r.Epoch = t.Permission.Within(granted), granted, s.grant.Value.Epoch
	}
	v.charge = charge{p.ID, p.Plan}
	v.err = cmp.Or(
		requirePermission(r.Right, r.access.Needs()), ref.checkNamed(f.target), r.checkOwner())
	return r, v
}

// tokenCharge returns the charge for the token's own profile, and for the
// account where the request carries a session.
func (f facts) tokenCharge() charge {
	switch {
	case f.client.Session != "":
		return charge{plan: f.standing.account.Plan}
	case f.standing.home.Own():
		return charge{f.token.Value.Profile, f.standing.account.Plan}
	case f.shared.OK:
		return charge{f.token.Value.Profile, f.shared.Value.Plan}
	}
	return charge{}
}
