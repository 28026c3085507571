package scene

import (
	"strings"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// Stage is a world in which ana has two profiles; ben has an account, and so
// has sam of the support desk.
type Stage struct {
	*testkit.World
	Ana, Ben, Sam testkit.Person
	Plane         testkit.Person  // a data plane, where Prepare has made one
	Other         value.ProfileID // ana's second profile
	Token         string          // another token of ana's first profile
	Session       string          // of ana's browser, where Prepare has begun one
	Code          string          // a secret that Prepare leaves for the request
	Thing         string          // an id, a key or an address that it leaves
	Ticket        testkit.Ticket  // a transfer that it leaves
}

// Begin makes the stage of a scene in an empty world, whose people are in a
// time zone.
func (c Scene) Begin(w *testkit.World, zone string) *Stage {
	w.Helper()
	s := &Stage{World: w, Ana: w.QuickIn(zone, "ana"), Ben: w.QuickIn(zone, "ben")}
	s.Sam = s.Agent(s.QuickIn(zone, "sam"))
	s.Other = s.Ana.Profile("other")
	s.Token = s.Ana.With("read", "")
	if c.Prepare != nil {
		c.Prepare(s)
	}
	return s
}

// In is the stage in a copy of its world.
func (s Stage) In(w *testkit.World) *Stage {
	s.World = w
	for _, p := range []*testkit.Person{&s.Ana, &s.Ben, &s.Sam, &s.Plane} {
		*p = p.In(w)
	}
	return &s
}

// Callers are those who can send a request.
func (s *Stage) Callers() []testkit.Person {
	all := []testkit.Person{s.Ana, s.Ben, s.Sam}
	if s.Plane.Token != "" {
		all = append(all, s.Plane)
	}
	return all
}

// Fill puts what the stage has in the place of the words that stand for it.
func (s *Stage) Fill(text string) string {
	return strings.NewReplacer("HOME", string(s.Ana.Home), "OTHER", string(s.Other),
		"TOKEN", s.Token, "BEN", string(s.Ben.ID), "CODE", s.Code, "THING", s.Thing,
		"TICKET", string(s.Ticket.ID), "CONFIRM", s.Ticket.Confirm, "ANSWER", s.Ticket.Answer,
	).Replace(text)
}

// tell tells an operation of the item whose key is Thing.
func (s *Stage) tell(o operation.Operation) error {
	pk, sk, _ := strings.Cut(s.Thing, " ")
	record := operation.Record{PK: pk, SK: sk, Written: s.Now()}
	return o.Handle(s.Context(), s.Services, []operation.Record{record})[0]
}

// mailed leaves the code of the latest mail of a kind to an address.
func (s *Stage) mailed(to value.Email, kind mailing.Kind) {
	s.Helper()
	s.Code = ""
	for _, m := range s.Mail(to) {
		if m.Kind == kind {
			s.Code = m.Data["code"]
		}
	}
	if s.Code == "" {
		s.Fatalf("%s got no mail of the kind %s", to, kind)
	}
}

// home is ana's first profile as services take it.
func (s *Stage) home() service.ProfileRef { return service.ProfileRef{ID: s.Ana.Home} }

// other is her second one.
func (s *Stage) other() service.ProfileRef { return service.ProfileRef{ID: s.Other} }

// proof is what people prove themselves with.
var proof = service.Credentials{Password: testkit.Password}

// proves is a body that proves who sends it.
var proves = Object{"password": testkit.Password}

// zoe is an address without an account, and another a password that nobody has.
const (
	zoe     = "zoe@example.com"
	another = "cobalt heron thimble"
)

// sharesHome makes ben a member of ana's first profile.
func sharesHome(s *Stage) { s.Share(s.Ana.Home, s.Ben, tenancy.PermissionFull) }
