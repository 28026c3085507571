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

// facts are all that a decision about a request depends on: the request, the
// time, and what was read from the table.
type facts struct {
	client Client
	now    time.Time
	token  store.Found[tenancy.Token]
	// session is the session in the place of the one that the request carries.
	// token is then Session.Token of it.
	session store.Found[tenancy.Session]
	// standing is nil if it was not read: for a token that is refused without
	// it, and for one that its profile alone can admit.
	standing *standing
	// shared is the token's own profile, if its plan is not known otherwise
	// (see rateCounter).
	shared store.Found[tenancy.Profile]
	// target is the profile that the request is for, and profile what was read
	// of it. Both are empty for a request on the account.
	target  value.ProfileID
	profile store.Found[tenancy.Profile]
}

// standing is a token's account and its grants, by which the token is admitted.
type standing struct {
	account tenancy.Account
	home    tenancy.Grant              // on the token's own profile
	grant   store.Found[tenancy.Grant] // on the profile that the request is for
}

// verdict is a decision about a request; settle carries it out.
type verdict struct {
	reused   bool   // a rotated token was used past its grace; settle reports that
	admitted bool   // the token works, although err may refuse the request
	own      bool   // the account of an admitted token owns the token's profile
	reaches  bool   // an admitted token reaches the profile that the request is for
	charge   charge // zero: no limit is known
	err      error  // the refusal; nil: the request is admitted
}

// errNobodyAdmitted is a defect of this program: the operation of a request
// that needs authorization admits no credential, or the decision cannot enforce
// whom it admits.
var errNobodyAdmitted = errors.New("the operation of the request admits nobody")

// decideToken checks what the token's item alone can tell: that the token
// exists, has the presented secret, has not expired, is not disabled, and may
// be used from this network address. The use of a rotated token past its grace
// is reported, also if the token is refused for another reason. It is not
// reported if the client repeats its own request, because that request may have
// rotated the token.
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

// decideSession checks that the presented session exists, has the presented
// secret, and is admitted by its account.
func decideSession(f facts) error {
	s := f.session.Value
	if !f.session.OK || !f.client.Token.Matches(s.Hash) || f.standing == nil ||
		!s.AdmittedBy(f.standing.account, f.now) {
		return tenancy.ErrSessionEnded
	}
	return nil
}

// vouched reports whether neither the account nor its grant has revoked a token
// that decideToken admits.
func (f facts) vouched() bool {
	return f.client.Session != "" ||
		f.standing != nil && f.token.Value.AdmittedBy(f.standing.account, f.standing.home)
}

// decideCaller decides about a request on the account or on the token itself.
// anyScope also admits a token with the scope profile.
func decideCaller(f facts, anyScope bool) (Caller, verdict) {
	if f.client.Access.OfProfile() {
		return Caller{}, verdict{err: errNobodyAdmitted}
	}
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

// admittedTo refuses a verified caller that an operation does not admit. The
// kind of account is checked before the permission, because for other accounts
// the operations of support do not exist.
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
	case a == tenancy.AccessBrowser && !c.Token.OfSession():
		return tenancy.ErrNoSession
	}
	return cmp.Or(permission, scope)
}

// decideProfile decides about a request to one profile. A profile that the
// caller may not see is not found.
func decideProfile(f facts, ref ProfileRef) (Rights, verdict) {
	if f.client.Access.OfCaller() {
		return Rights{}, verdict{err: errNobodyAdmitted}
	}
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
	v.err = cmp.Or(r.checkRight(), ref.checkNamed(f.target), r.checkOwner())
	return r, v
}

// tokenCharge returns the charge for the token's own profile or, with a
// session, for the account.
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
