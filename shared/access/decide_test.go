package access

import (
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// The people and profiles of the decisions: ana owns the plant, and ben, who
// owns the home, is a member of it.
const (
	ana, ben = value.AccountID("ana"), value.AccountID("ben")
	plant    = value.ProfileID("plant")
	home     = value.ProfileID("home")

	read, write, full = tenancy.PermissionRead, tenancy.PermissionWrite,
		tenancy.PermissionFull
	toRead, toWrite, toFull = tenancy.AccessRead, tenancy.AccessWrite, tenancy.AccessFull
)

var (
	now    = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	key    = secret.Credential{ID: "abcdefgh", Secret: "0123456789abcdefghijkl"}
	member = tenancy.Grant{
		Account: ben, Profile: plant, Owner: ana, Permission: tenancy.PermissionFull, Epoch: 5,
	}
)

// known are the facts about a request with a full token for the account, of a
// profile. Nothing in them is a reason to refuse it.
func known(a value.AccountID, of value.ProfileID) facts {
	return facts{
		client: Client{Token: key, Source: "192.0.2.1", Access: tenancy.AccessRead},
		now:    now,
		token: store.Found[tenancy.Token]{OK: true, Value: tenancy.Token{
			ID: "abcdefgh", Hash: key.Hash(), Account: a, Profile: of,
			Permission: tenancy.PermissionFull, AccountEpoch: 3, GrantEpoch: 5,
		}},
	}
}

// toPlant adds that the request is for the plant.
func (f facts) toPlant() facts {
	f.target = plant
	f.profile = store.Found[tenancy.Profile]{OK: true, Value: tenancy.Profile{
		ID: plant, Owner: ana, Plan: plan.Scale, OwnerEpoch: 3, Epoch: 5,
	}}
	return f
}

// with adds the standing: the account, its grant on the token's own profile,
// and its grant on the profile that the request is for.
func (f facts) with(own, target tenancy.Grant) facts {
	f.standing = &standing{
		account: tenancy.Account{
			ID: f.token.Value.Account, Active: true, Epoch: 3, Subscription: billing.Subscription{
				Plan: plan.Starter,
			},
		},
		home:  own,
		grant: store.Found[tenancy.Grant]{OK: target.Account != "", Value: target},
	}
	return f
}

func own(a value.AccountID, p value.ProfileID) tenancy.Grant {
	return tenancy.Grant{
		Account: a, Profile: p, Owner: a, Permission: tenancy.PermissionFull, Epoch: 5,
	}
}

// The four ways to a profile.
func ownerAlone() facts { return known(ana, plant).toPlant() }

func ownerByAccount() facts {
	return known(ana, plant).toPlant().with(own(ana, plant), own(ana, plant))
}
func memberOfPlant() facts { return known(ben, plant).toPlant().with(member, member) }
func memberAtHome() facts  { return known(ben, home).toPlant().with(own(ben, home), member) }

// refusals are the reasons that the token item alone gives.
var refusals = []struct {
	name   string
	do     func(*facts)
	want   problem.Reason
	reused bool
}{
	{
		"no token",
		func(f *facts) { f.client.Token = secret.Credential{} },
		problem.ReasonNoToken,
		false,
	},
	{"an unknown token", func(f *facts) { f.token = store.Found[tenancy.Token]{} },
		problem.ReasonTokenInvalid, false},
	{"a wrong secret", func(f *facts) { f.client.Token.Secret = "wrong" },
		problem.ReasonTokenInvalid, false},
	{"an expired token", func(f *facts) { f.token.Value.Expires = now },
		problem.ReasonTokenInvalid, false},
	{"a disabled token", func(f *facts) { f.token.Value.DisabledBy = ana },
		problem.ReasonTokenInvalid, false},
	{"a network that the token is not for", func(f *facts) {
		f.token.Value.Networks, _ = value.ParseNetworks([]string{"203.0.113.0/24"})
	}, problem.ReasonTokenWrongAddress, false},
	{"a rotated token past its grace", func(f *facts) { f.token.Value.Retires = now },
		problem.ReasonTokenInvalid, true},
	{"a rotated and disabled token past its grace", func(f *facts) {
		f.token.Value.Retires, f.token.Value.DisabledBy = now, ana
	}, problem.ReasonTokenInvalid, true},
	{"a rotated token past its grace with a wrong secret", func(f *facts) {
		f.token.Value.Retires, f.client.Token.Secret = now, "wrong"
	}, problem.ReasonTokenInvalid, false},
	{"a rotated token past its grace that repeats its own request", func(f *facts) {
		f.token.Value.Retires, f.client.replays = now, true
	}, problem.ReasonTokenInvalid, false},
	{"a rotated token whose use was dealt with", func(f *facts) {
		f.token.Value.Retires, f.token.Value.Reused = now, true
	}, problem.ReasonTokenInvalid, false},
}

// A token that its own item refuses is refused, whatever else was read.
func TestATokenIsRefused(t *testing.T) {
	t.Parallel()
	for _, refusal := range refusals {
		for way, f := range map[string]facts{
			"by the profile": ownerAlone(),
			"by the account": ownerByAccount(),
			"a member":       memberAtHome(),
		} {
			refusal.do(&f)
			r, got := decideProfile(f, ProfileRef{ID: plant})
			who, same := decideCaller(f, true)
			want := verdict{reused: refusal.reused, err: got.err}
			if problem.ReasonOf(got.err) != refusal.want || got != want || same != want {
				t.Errorf("%s, %s: got %+v and %+v", refusal.name, way, got, same)
			}
			if r.Token.ID != "" || who.Token.ID != "" {
				t.Errorf("%s, %s: a refusal comes with rights", refusal.name, way)
			}
		}
	}
}

func TestDecideProfile(t *testing.T) {
	t.Parallel()
	none := func(*facts) {}
	atPlant, atHome := charge{plant, plan.Scale}, charge{home, plan.Starter}
	ok := func(own bool, to charge) verdict {
		return verdict{admitted: true, own: own, reaches: true, charge: to}
	}
	unreached := func(own bool, to charge) verdict {
		return verdict{admitted: true, own: own, charge: to}
	}
	for _, test := range []struct {
		name string
		way  func() facts
		do   func(*facts)
		ref  ProfileRef
		need tenancy.Access
		want verdict        // but for err
		err  problem.Reason // "" admits
	}{
		{"the owner, by the profile", ownerAlone, none, ProfileRef{}, toFull, ok(true, atPlant), ""},
		{"the owner, by the account", ownerByAccount, none, ProfileRef{}, toFull,
			ok(true, atPlant), ""},
		{"a member", memberOfPlant, none, ProfileRef{}, toFull, ok(false, atPlant), ""},
		{"a member with a token of another profile", memberAtHome, none, ProfileRef{}, toFull,
			ok(true, atPlant), ""},
		{"a token of sign-in", ownerAlone, func(f *facts) {
			f.token.Value.SignIn, f.token.Value.AccountEpoch = true, 9
			f.profile.Value.OwnerSessions = 9
		}, ProfileRef{}, toFull, ok(true, atPlant), ""},
		{"a rotated token within its grace", memberOfPlant, func(f *facts) {
			f.token.Value.Retires = now.Add(time.Millisecond)
		}, ProfileRef{}, toFull, ok(false, atPlant), ""},

		{"the epoch of the account behind, by the profile", ownerAlone,
			func(f *facts) { f.profile.Value.OwnerEpoch++ }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"the epoch of the grant behind, by the profile", ownerAlone,
			func(f *facts) { f.profile.Value.Epoch++ }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"another owner, by the profile", ownerAlone,
			func(f *facts) { f.profile.Value.Owner = ben }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"the epoch of the account behind", memberAtHome,
			func(f *facts) { f.standing.account.Epoch++ }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"the epoch of the token's own grant behind", memberAtHome,
			func(f *facts) { f.standing.home.Epoch++ }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"a blocked account", memberAtHome,
			func(f *facts) { f.standing.account.Blocked = true }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"an account that is not confirmed", memberAtHome,
			func(f *facts) { f.standing.account.Active = false }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},
		{"no account", memberAtHome,
			func(f *facts) { f.standing.account = tenancy.Account{} }, ProfileRef{}, toRead,
			verdict{}, problem.ReasonTokenInvalid},
		{"no grant on the token's own profile", memberAtHome,
			func(f *facts) { f.standing.home = tenancy.Grant{} }, ProfileRef{}, toRead, verdict{},
			problem.ReasonTokenInvalid},

		{"no profile", memberAtHome,
			func(f *facts) { f.profile = store.Found[tenancy.Profile]{} }, ProfileRef{}, toRead,
			unreached(true, atHome), problem.ReasonNotFound},
		{"no grant", memberAtHome,
			func(f *facts) { f.standing.grant = store.Found[tenancy.Grant]{} },
			ProfileRef{}, toRead,
			unreached(true, atHome), problem.ReasonNotFound},
		{"no grant, and a shared profile whose plan is known", memberOfPlant, func(f *facts) {
			f.standing.grant, f.shared = store.Found[tenancy.Grant]{}, f.profile
		}, ProfileRef{}, toRead, unreached(false, atPlant), problem.ReasonNotFound},
		{"no grant, and a shared profile whose plan is not", memberOfPlant,
			func(f *facts) { f.standing.grant = store.Found[tenancy.Grant]{} },
			ProfileRef{}, toRead,
			unreached(false, charge{}), problem.ReasonNotFound},
		{"a token of another profile alone", memberAtHome,
			func(f *facts) { f.token.Value.Scope = tenancy.ScopeProfile }, ProfileRef{}, toRead,
			ok(true, atHome), problem.ReasonNotFound},
		{"a token of this profile alone", memberOfPlant,
			func(f *facts) { f.token.Value.Scope = tenancy.ScopeProfile }, ProfileRef{}, toFull,
			ok(false, atPlant), ""},

		{"a permission of the token that is too small", ownerAlone,
			func(f *facts) { f.token.Value.Permission = read }, ProfileRef{}, toWrite,
			ok(true, atPlant), problem.ReasonNeedsPermission},
		{"a permission of the member that is too small", memberOfPlant,
			func(f *facts) { f.standing.grant.Value.Permission = write }, ProfileRef{}, toFull,
			ok(false, atPlant), problem.ReasonNeedsPermission},
		{"a permission that no version knows", memberOfPlant,
			func(f *facts) { f.standing.grant.Value.Permission = 0 }, ProfileRef{}, toRead,
			ok(false, atPlant), problem.ReasonNeedsPermission},
		{"the profile named again", ownerAlone, none, ProfileRef{Named: plant}, toFull,
			ok(true, atPlant), ""},
		{"another profile named, by the profile", ownerAlone, none, ProfileRef{Named: home}, toRead,
			ok(true, atPlant), problem.ReasonInvalid},
		{"another profile named, by the account", memberAtHome, none, ProfileRef{Named: home}, toRead,
			ok(true, atPlant), problem.ReasonInvalid},
		{"another profile named by a token that may not", ownerAlone,
			func(f *facts) { f.token.Value.Permission = read }, ProfileRef{Named: home}, toFull,
			ok(true, atPlant), problem.ReasonNeedsPermission},
	} {
		f := test.way()
		test.do(&f)
		f.client.Access = test.need
		r, got := decideProfile(f, test.ref)
		if problem.ReasonOf(got.err) != test.err {
			t.Errorf("%s: got %v, want the reason %q", test.name, got.err, test.err)
		}
		if test.want.err = got.err; got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
		if got.err == nil &&
			(r.Token.ID != f.token.Value.ID || r.Profile.ID != plant || r.Epoch != 5) {
			t.Errorf("%s: got the rights %+v", test.name, r)
		}
	}
}

// A right is what the token's and the account's have in common. The profile
// says who its owner is.
func TestRights(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                         string
		f                            facts
		token, account, right, grant tenancy.Permission
		owner                        bool
	}{
		{"the owner, by the profile", ownerAlone(), write, full, write, full, true},
		{"the owner, by the account", ownerByAccount(), read, full, read, full, true},
		{"a member with a smaller token", memberOfPlant(), read, write, read, write, false},
		{"a member with a greater token", memberAtHome(), full, write, write, write, false},
	} {
		f := test.f
		f.token.Value.Permission = test.token
		if f.standing != nil {
			f.standing.grant.Value.Permission = test.account
		}
		r, v := decideProfile(f, ProfileRef{ID: plant})
		if v.err != nil || r.Right != test.right || r.Granted != test.grant ||
			r.Owned() != test.owner {
			t.Errorf("%s: got %+v, %v", test.name, r, v.err)
		}
		f.client.Access = tenancy.AccessOwnerRead
		_, v = decideProfile(f, ProfileRef{ID: plant})
		if (v.err == nil) != test.owner ||
			v.err != nil && problem.ReasonOf(v.err) != problem.ReasonOwnerOnly {
			t.Errorf("%s: what only owners may do got %v", test.name, v.err)
		}
	}
}

// The owner's money is the owner's, and a member's that has the permission
// billing. A larger permission of a member does not include it. With billing a
// member does nothing else but what everybody on the profile may.
func TestMoneyIsForTheOwnerAndForBilling(t *testing.T) {
	t.Parallel()
	const usage, billing = tenancy.PermissionUsage, tenancy.PermissionBilling
	const spend, see = tenancy.AccessOwnerBilling, tenancy.AccessOwnerBillingRead
	const needs, owner = problem.ReasonNeedsPermission, problem.ReasonOwnerOnly
	for _, test := range []struct {
		name         string
		f            facts
		token, grant tenancy.Permission
		access       tenancy.Access
		want         problem.Reason
	}{
		{"the owner", ownerByAccount(), full, full, spend, ""},
		{"the owner's token for billing", ownerAlone(), billing, full, spend, ""},
		{"the owner's token that reads, to see", ownerAlone(), read, full, see, ""},
		{"the owner's token that reads, to spend", ownerAlone(), read, full, spend, needs},
		{"the owner's token for usage", ownerAlone(), usage, full, see, needs},
		{"a member for billing", memberOfPlant(), full, billing, spend, ""},
		{"a member for billing, from home", memberAtHome(), billing, billing, see, ""},
		{"a member for billing with a token that reads", memberOfPlant(), read, billing, see, ""},
		{"the same, to spend", memberOfPlant(), read, billing, spend, needs},
		{"a member for billing with a token for usage", memberOfPlant(), usage, billing, see, needs},
		{"a member with full permission", memberOfPlant(), full, full, see, owner},
		{"the same, with a token for billing", memberOfPlant(), billing, full, spend, owner},
		{"a member for usage", memberOfPlant(), full, usage, see, needs},
		{"a member for billing who reads", memberOfPlant(), full, billing, toRead, needs},
		{"a member for billing who writes", memberOfPlant(), full, billing, toWrite, needs},
		{"a member for billing, of usage", memberOfPlant(), full, billing, tenancy.AccessUsage, ""},
		{"a member for usage, of usage", memberOfPlant(), usage, usage, tenancy.AccessUsage, ""},
	} {
		f := test.f
		f.client.Access, f.token.Value.Permission = test.access, test.token
		if f.standing != nil {
			f.standing.grant.Value.Permission = test.grant
		}
		_, got := decideProfile(f, ProfileRef{ID: plant})
		if problem.ReasonOf(got.err) != test.want {
			t.Errorf("%s: got %v, want the reason %q", test.name, got.err, test.want)
		}
	}
}

func TestDecideCaller(t *testing.T) {
	t.Parallel()
	atHome := charge{home, plan.Starter}
	for _, test := range []struct {
		name     string
		do       func(*facts)
		need     tenancy.Access
		anyScope bool
		want     verdict        // but for err
		err      problem.Reason // "" admits
	}{
		{"a token of the account", func(*facts) {}, toFull, false,
			verdict{admitted: true, own: true, charge: atHome}, ""},
		{"a token of a shared profile", func(f *facts) {
			f.standing.home = member
			f.token.Value.Profile = plant
		}, toFull, false, verdict{admitted: true}, ""},
		{"a token of a shared profile whose plan is known", func(f *facts) {
			f.standing.home, f.shared = member, ownerAlone().profile
			f.token.Value.Profile = plant
		}, toFull, false, verdict{admitted: true, charge: charge{plant, plan.Scale}}, ""},
		{"nothing read of the account", func(f *facts) { f.standing = nil }, toRead, true, verdict{},
			problem.ReasonTokenInvalid},
		{"the epoch of the account behind",
			func(f *facts) { f.standing.account.Epoch++ }, toRead, true,
			verdict{}, problem.ReasonTokenInvalid},
		{"the epoch of the grant behind", func(f *facts) { f.standing.home.Epoch++ }, toRead, true,
			verdict{}, problem.ReasonTokenInvalid},
		{"a blocked account", func(f *facts) { f.standing.account.Blocked = true }, toRead, true,
			verdict{}, problem.ReasonTokenInvalid},
		{"a permission that is too small",
			func(f *facts) { f.token.Value.Permission = read }, toFull, true,
			verdict{admitted: true, own: true, charge: atHome}, problem.ReasonNeedsPermission},
		{"a token of one profile",
			func(f *facts) { f.token.Value.Scope = tenancy.ScopeProfile }, toRead, false,
			verdict{admitted: true, own: true, charge: atHome}, problem.ReasonTokenOneProfile},
		{"a token of one profile, where any scope does",
			func(f *facts) { f.token.Value.Scope = tenancy.ScopeProfile }, toRead, true,
			verdict{admitted: true, own: true, charge: atHome}, ""},
		{"a token of one profile and too small a permission", func(f *facts) {
			f.token.Value.Scope, f.token.Value.Permission = tenancy.ScopeProfile, read
		}, toFull, false, verdict{admitted: true, own: true, charge: atHome},
			problem.ReasonNeedsPermission},
	} {
		f := known(ben, home).with(own(ben, home), own(ben, home))
		test.do(&f)
		f.client.Access = test.need
		who, got := decideCaller(f, test.anyScope)
		if problem.ReasonOf(got.err) != test.err {
			t.Errorf("%s: got %v, want the reason %q", test.name, got.err, test.err)
		}
		if test.want.err = got.err; got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
		if got.err == nil && (who.Token.ID != f.token.Value.ID || who.Account.ID != ben) {
			t.Errorf("%s: got the caller %+v", test.name, who)
		}
	}
}

// A plan reads everything that the process can guess. It reads the account only
// where the profile alone is not enough.
func TestPlans(t *testing.T) {
	t.Parallel()
	owned := lastSeen{account: ana, profile: plant, own: true}
	shared := lastSeen{account: ben, profile: plant}
	for _, test := range []struct {
		name  string
		guess lastSeen
		ref   ProfileRef
		want  readPlan
	}{
		{"nothing remembered", lastSeen{}, ProfileRef{ID: plant}, readPlan{target: plant}},
		{"nothing known, the token's own profile", lastSeen{}, ProfileRef{Current: true}, readPlan{}},
		{"the owner's profile", owned, ProfileRef{ID: plant}, readPlan{target: plant}},
		{"the owner's current profile", owned, ProfileRef{Current: true}, readPlan{target: plant}},
		{"another profile of the owner's", owned, ProfileRef{ID: home},
			readPlan{target: home, standing: true}},
		{"a member's profile", shared, ProfileRef{ID: plant}, readPlan{target: plant, standing: true}},
	} {
		got := planProfile(test.guess, test.ref)
		if got.target != test.want.target || got.standing != test.want.standing {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
	if got := planCaller(shared); !got.standing || got.target != plant {
		t.Errorf("a caller that is remembered: got %+v", got)
	}
	if got := planCaller(lastSeen{}); got.standing || got.target != "" {
		t.Errorf("a caller that is not: got %+v", got)
	}
}

// An operation for one kind of caller refuses others with that reason before it
// looks at the permission. An operation without an access admits nobody.
func TestAdmission(t *testing.T) {
	t.Parallel()
	none := func(*facts) {}
	small := func(f *facts) { f.token.Value.Permission = read }
	kind := func(a tenancy.AccountType) func(*facts) {
		return func(f *facts) { f.standing.account.Type = a }
	}
	session := func(f *facts) {
		f.client.Session, f.token.Value.ID = ben, "s-abcdefgh"
		f.session = store.Found[tenancy.Session]{OK: true, Value: tenancy.Session{
			ID: "s-abcdefgh", Account: ben, Hash: key.Hash(), Expires: now.Add(time.Hour),
		}}
	}
	for _, test := range []struct {
		name   string
		access tenancy.Access
		do     []func(*facts)
		err    problem.Reason // "" admits
	}{
		{"an agent", tenancy.AccessAgent, []func(*facts){kind(tenancy.AccountSupport)}, ""},
		{"an agent with a small token", tenancy.AccessAgent,
			[]func(*facts){kind(tenancy.AccountSupport), small}, problem.ReasonNeedsPermission},
		{"an agent that reads", tenancy.AccessAgentRead,
			[]func(*facts){kind(tenancy.AccountSupport), small}, ""},
		{"a customer at the desk", tenancy.AccessAgent, []func(*facts){small},
			problem.ReasonNotFound},
		{"a data plane at the desk", tenancy.AccessAgentRead,
			[]func(*facts){kind(tenancy.AccountService)}, problem.ReasonNotFound},
		{"a data plane", tenancy.AccessDataPlane,
			[]func(*facts){kind(tenancy.AccountService)}, ""},
		{"a data plane with a small token", tenancy.AccessDataPlane,
			[]func(*facts){kind(tenancy.AccountService), small}, problem.ReasonNeedsPermission},
		{"a data plane that reads", tenancy.AccessDataPlaneRead,
			[]func(*facts){kind(tenancy.AccountService), small}, ""},
		{"a customer who reports", tenancy.AccessDataPlane, []func(*facts){small},
			problem.ReasonServiceOnly},
		{"a session that reports", tenancy.AccessDataPlane, []func(*facts){session},
			problem.ReasonTokenOnly},
		{"a session", tenancy.AccessBrowser, []func(*facts){session}, ""},
	} {
		f := known(ben, home).with(own(ben, home), own(ben, home))
		for _, do := range append(test.do, none) {
			do(&f)
		}
		f.client.Access = test.access
		if _, got := decideCaller(f, false); problem.ReasonOf(got.err) != test.err {
			t.Errorf("%s: got %v, want the reason %q", test.name, got.err, test.err)
		}
	}
	for _, a := range []tenancy.Access{"", tenancy.AccessAnonymous} {
		f := ownerByAccount()
		f.client.Access = a
		_, onProfile := decideProfile(f, ProfileRef{ID: plant})
		_, onAccount := decideCaller(f, true)
		if onProfile.err != errNobodyAdmitted || onAccount.err != errNobodyAdmitted ||
			onProfile.admitted || onAccount.admitted {
			t.Errorf("%q: got %+v and %+v", a, onProfile, onAccount)
		}
	}
}

// A decision admits nobody to an operation whose access it cannot enforce: one
// about the account where a profile's owner is admitted, and one about a
// profile where support accounts, data planes or sessions are admitted.
func TestADecisionAdmitsNobodyToAnAccessThatItCannotEnforce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		access     tenancy.Access
		ofAccounts bool // else of profiles
	}{
		{tenancy.AccessOwner, false},
		{tenancy.AccessOwnerRead, false},
		{tenancy.AccessOwnerBilling, false},
		{tenancy.AccessOwnerBillingRead, false},
		{tenancy.AccessOwnerOrSelf, false},
		{tenancy.AccessAgent, true},
		{tenancy.AccessAgentRead, true},
		{tenancy.AccessDataPlane, true},
		{tenancy.AccessDataPlaneRead, true},
		{tenancy.AccessBrowser, true},
	} {
		for way, f := range map[string]facts{
			"by the profile": ownerAlone(), "by the account": ownerByAccount(),
		} {
			f.client.Access = test.access
			_, got := decideProfile(f, ProfileRef{ID: plant})
			if !test.ofAccounts {
				if way == "by the profile" {
					continue // nothing of the account was read
				}
				_, got = decideCaller(f, true)
			}
			if got.err != errNobodyAdmitted || got.admitted {
				t.Errorf("%s, %s: got %+v", test.access, way, got)
			}
		}
	}
	f := ownerByAccount()
	f.client.Access = tenancy.AccessBrowser
	if _, got := decideCaller(f, true); got.err != tenancy.ErrNoSession {
		t.Errorf("a token where a session alone is admitted: got %+v", got)
	}
}

// A profile that has changed hands since the decision belongs to its new owner.
// The right to take a member from a team depends on both the owner and the
// member.
func TestOwnerOrSelf(t *testing.T) {
	t.Parallel()
	sold := memberOfPlant().profile.Value
	sold.Owner = ben
	f := ownerAlone()
	f.client.Access = tenancy.AccessOwner
	r, v := decideProfile(f, ProfileRef{ID: plant})
	if v.err != nil {
		t.Fatal(v.err)
	}
	if _, err := r.On(sold); problem.ReasonOf(err) != problem.ReasonOwnerOnly {
		t.Errorf("what was sold: got %v", err)
	}
	for _, test := range []struct {
		name         string
		f            facts
		token, grant tenancy.Permission
		member       value.AccountID
		self         bool
		err          problem.Reason
	}{
		{"the owner removes a member", ownerByAccount(), full, full, ben, false, ""},
		{"the owner with a smaller token", ownerByAccount(), write, full, ben, false,
			problem.ReasonNeedsPermission},
		{"a member leaves", memberOfPlant(), write, read, ben, true, ""},
		{"a member with a token that reads", memberOfPlant(), read, full, ben, true,
			problem.ReasonNeedsPermission},
		{"a member removes another", memberOfPlant(), full, full, "cleo", false,
			problem.ReasonOwnerOnly},
		{"a member removes the owner", memberOfPlant(), full, full, ana, false,
			problem.ReasonOwnerOnly},
	} {
		f := test.f
		f.client.Access = tenancy.AccessOwnerOrSelf
		f.token.Value.Permission, f.standing.grant.Value.Permission = test.token, test.grant
		r, v := decideProfile(f, ProfileRef{ID: plant})
		if v.err != nil {
			t.Fatalf("%s: %v", test.name, v.err)
		}
		self, err := r.RequireOwnerOrSelf(string(test.member))
		if self != test.self || problem.ReasonOf(err) != test.err {
			t.Errorf("%s: got %v, %v", test.name, self, err)
		}
	}
}
