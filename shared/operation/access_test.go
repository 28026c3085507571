package operation_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// sender is one kind of caller of an operation.
type sender struct {
	name  string
	right tenancy.Permission // of its token
	// grant is the right of its account on the profile of the request; none for
	// one that may not see it.
	grant             tenancy.Permission
	owner             bool // of the profile of the request
	self              bool // it is the member that the request names
	agent, service    bool
	signed            bool // the gateway has verified it
	session, confined bool // it has a session; its token is for another profile only
	void              bool // its credential does not work
	send              func(w *testkit.World, o operation.Operation, method,
		path string, body any) testkit.Answer
}

// court is a world with a caller of each kind.
type court struct {
	ana     testkit.Person
	path    *strings.Replacer
	senders []sender
}

const (
	mayNothing, mayRead = tenancy.PermissionNone, tenancy.PermissionRead
	mayWrite, mayAll    = tenancy.PermissionWrite, tenancy.PermissionFull
	mayCount, mayPay    = tenancy.PermissionUsage, tenancy.PermissionBilling
)

// courts is the one that each operation begins with.
var courts testkit.Stages[court]

func newCourt(t *testing.T) (court, *testkit.World) {
	return courts.Begin(t, "court", func() (court, *testkit.World) {
		w := testkit.NewModelled(t)
		ana, ben, cleo, dan, zed := w.Quick("ana"), w.Quick("ben"), w.Quick("cleo"), w.Quick("dan"), w.Quick("zed")
		pam, una := w.Quick("pam"), w.Quick("una")
		sam, plane := w.Agent(w.Quick("sam")), dataPlaneOf(w)
		second := ana.Profile("second")
		w.OK(w.Billing.EditAddons(t.Context(), ana.Client(operation.AddonEdit), refOf(ana.Home),
			map[plan.Addon]bool{plan.AddonMobile: true}))
		for p, right := range map[*testkit.Person]tenancy.Permission{
			&ben: mayAll, &cleo: mayRead, &dan: mayAll, &pam: mayPay, &una: mayCount,
		} {
			w.Share(ana.Home, *p, right)
		}
		dans := dan.Mint(ana.Home, "")
		w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), refOf(ana.Home),
			string(dan.ID)))
		ticket := w.Offer(second, ana, "zoe@example.com")
		c := court{ana: ana, path: strings.NewReplacer("{id}", string(ana.Home), "{token}",
			ana.With("read", "")[2:10], "{member}", string(ben.ID),
			"{button}", "accept", "{ticket}", string(ticket.ID), "{addon}", "mobile", "{code}", "HALF", "{query}", everything,
			"{type}", "authenticator", "{session}", "s-00000001",
			"{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567", "{backup}", "0123456789abcdef01234567", "{delivery}", "0123456789abcdef01234568")}
		with := func(
			token string,
		) func(*testkit.World, operation.Operation, string, string, any) testkit.Answer {
			return func(w *testkit.World, o operation.Operation, method,
				path string, body any) testkit.Answer {
				return w.Call(o, method, path, token, body)
			}
		}
		session := ana.Browser()
		each := func(name string, p testkit.Person, s sender) {
			rights := []tenancy.Permission{mayCount, mayPay, mayRead, mayWrite, mayAll}
			for _, right := range rights {
				s.name, s.right = name+" "+right.String(), right
				s.send = with(p.With(right.String(), ""))
				c.senders = append(c.senders, s)
			}
		}
		c.senders = []sender{
			{name: "nobody", void: true, send: with("")},
			{name: "former member", void: true, send: with(dans)},
			{name: "former member at home", right: mayAll, send: with(dan.Token)},
			{name: "stranger", right: mayAll, send: with(zed.Token)},
			{name: "one profile", right: mayAll, confined: true, send: with(ana.Limited(second, tenancy.TokenLimits{Scope: ptr("profile")}))},
			{name: "reading member", right: mayAll, grant: mayRead, send: with(cleo.Token)},
			{name: "billing member", right: mayAll, grant: mayPay, send: with(pam.Token)},
			{name: "billing member who reads", right: mayRead, grant: mayPay, send: with(pam.With("read", ""))},
			{name: "usage member", right: mayAll, grant: mayCount, send: with(una.Token)},
		}
		each("member", ben, sender{grant: mayAll, self: true})
		each("support", sam, sender{agent: true})
		each("service", plane, sender{service: true})
		each("owner", ana, sender{grant: mayAll, owner: true})
		c.senders = append(c.senders,
			sender{name: "session", right: mayAll, grant: mayAll, owner: true, session: true,
				send: func(
					w *testkit.World, o operation.Operation, method, path string, body any,
				) testkit.Answer {
					return w.Browse(o, method, path, session, body)
				}},
			sender{name: "gateway", signed: true, send: func(
				w *testkit.World, o operation.Operation, method, path string, body any,
			) testkit.Answer {
				return w.Send(o, verified(w, method, path, body))
			}},
		)
		return c, w
	})
}

// ofDeleted is a path that names a profile which its owner has deleted. Nobody
// sees that, and the account is asked.
const ofDeleted = "/profile/{id}/restore"

// admitted reports whether an operation admits a sender on a route, as its
// Access is documented.
func (s sender) admitted(o operation.Operation, route operation.Route) bool {
	ofProfile, ofTicket := strings.HasPrefix(route.Path, "/profile/{id}"), strings.HasPrefix(route.Path, "/transfer/{ticket}")
	ofProfile = ofProfile && route.Path != ofDeleted
	right := s.right
	// the path names a token, of any profile
	if ofProfile || strings.HasPrefix(route.Path, "/profile/token/") && s.grant != mayNothing {
		right = right.Within(s.grant)
	}
	sees := !ofProfile && !ofTicket || s.grant != mayNothing && ofProfile || s.owner && ofTicket
	if s.confined {
		sees = ofToken[route]
	}
	switch {
	case o.Access == operation.Anonymous:
		return true
	case o.Access.DataPlanes():
		least := mayRead
		if o.Access == operation.DataPlane {
			least = mayWrite
		}
		return s.signed || s.service && s.right.Allows(least)
	case s.void || s.signed || !sees:
		return false
	}
	switch o.Access {
	case operation.Browser:
		return s.session
	case operation.Usage:
		return true
	case operation.BillingRead:
		return right != mayCount
	case operation.Billing:
		return right.Allows(mayPay)
	case operation.Read:
		return right.Allows(mayRead)
	case operation.Write:
		return right.Allows(mayWrite)
	case operation.Full:
		return right == mayAll
	case operation.OwnerBillingRead:
		return (s.owner || s.grant == mayPay) && right != mayCount
	case operation.OwnerBilling:
		return (s.owner || s.grant == mayPay) && right.Allows(mayPay)
	case operation.OwnerRead:
		return s.owner && right.Allows(mayRead)
	case operation.Owner:
		return s.owner && right == mayAll
	case operation.OwnerOrAccount:
		return (s.owner || !ofProfile) && right == mayAll
	case operation.OwnerOrSelf:
		return s.owner && right == mayAll || s.self && s.right.Allows(mayWrite)
	case operation.AgentRead:
		return s.agent && right.Allows(mayRead)
	case operation.Agent:
		return s.agent && right == mayAll
	}
	return false
}

// shut are the reasons for which a caller is not admitted. The request of a
// caller that is admitted may be refused for many other reasons.
func shut(o operation.Operation, route operation.Route, a testkit.Answer) bool {
	switch a.Reason {
	case problem.ReasonNoToken, problem.ReasonTokenInvalid, problem.ReasonTokenOneProfile,
		problem.ReasonNeedsPermission, problem.ReasonOwnerOnly,
		problem.ReasonServiceOnly, problem.ReasonNoSession, problem.ReasonSessionEnded:
		return true
	case problem.ReasonNotSameOrigin:
		return !o.SignsIn
	case problem.ReasonTokenOnly:
		return o.Access.DataPlanes()
	case problem.ReasonNotFound:
		return a.Message == "Desk Not Found" || a.Message == "Profile Not Found" && strings.HasPrefix(route.Path, "/profile/{id}") ||
			a.Message == "Transfer Not Found" && strings.Contains(route.Path, "{ticket}")
	}
	return false
}

// Every operation admits every kind of caller that its Access admits, and no
// other. testdata/access.txt lists these kinds, so an operation's new Access
// changes that file.
func TestEveryOperationAdmitsWhomItsAccessSays(t *testing.T) {
	t.Parallel()
	testkit.NeedsEngine(t)
	var lines []string
	t.Run("each", func(t *testing.T) {
		all := operation.All()
		lines = make([]string, len(all))
		for i, o := range all {
			if o.Trigger != operation.HTTP || o.Static {
				continue
			}
			t.Run(o.Name, func(t *testing.T) {
				t.Parallel()
				c, w := newCourt(t)
				names := map[string]bool{}
				for n, route := range o.Routes {
					for _, s := range c.senders {
						got := s.send(w, o, route.Method, c.path.Replace(route.Path),
							bodyFor(o, c.ana))
						if want := s.admitted(o, route); want == shut(o, route, got) {
							t.Errorf("%s %s with %q by %s: got %d %s %q, want it admitted: %v", route.Method, route.Path, o.Access, s.name,
								got.Code, got.Reason, got.Message, want)
						}
						if n == 0 && !shut(o, route, got) {
							names[s.name] = true
						}
						if got.Code == http.StatusOK && route.Method != http.MethodGet || o.Acts {
							c, w = newCourt(t)
						}
					}
				}
				var list []string
				for _, s := range c.senders {
					if names[s.name] {
						list = append(list, s.name)
					}
				}
				lines[i] = fmt.Sprintf("%s (%s): %s\n", o.Name, o.Access, strings.Join(list, ", "))
			})
		}
	})
	const name = "testdata/access.txt"
	got := strings.Join(lines, "")
	if *update && !t.Failed() {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]bool{}
	for line := range strings.Lines(string(want)) {
		before[line] = true
	}
	for _, line := range lines {
		if line != "" && !before[line] {
			t.Errorf("%s has another line than this one: %s", name, line)
		}
	}
	if got != string(want) && !t.Failed() {
		t.Errorf("%s has lines of other operations, or in another order", name)
	}
}
