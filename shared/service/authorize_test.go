package service_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// set writes one attribute of an item without any rule, for changes that no
// operation makes yet.
func set(w *testkit.World, pk, sk, attribute string, value any) {
	w.Helper()
	var v types.AttributeValue
	switch value := value.(type) {
	case bool:
		v = &types.AttributeValueMemberBOOL{Value: value}
	case string:
		v = &types.AttributeValueMemberS{Value: value}
	default:
		v = &types.AttributeValueMemberN{Value: fmt.Sprint(value)}
	}
	expression, exists := "SET #a = :v", "attribute_exists(PK)"
	_, err := w.Client.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, Key: keyOf(pk, sk), UpdateExpression: &expression, ConditionExpression: &exists,
		ExpressionAttributeNames: map[string]string{"#a": attribute}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": v},
	})
	w.OK(err)
}

// remove deletes an item of the table without any rule.
func remove(w *testkit.World, pk, sk string) {
	w.Helper()
	_, err := w.Client.DeleteItem(w.Context(),
		&dynamodb.DeleteItemInput{TableName: &w.Table, Key: keyOf(pk, sk)})
	w.OK(err)
}

func keyOf(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk},
	}
}

// company is a profile of ana's with ben in its team, and what else both own.
type company struct {
	*testkit.World
	ana, ben     testkit.Person
	plant, other value.ProfileID // both are ana's; ben is a member of plant only
	spare        string          // a token of ana's other profile, for requests that are not probed
}

func newCompany(t *testing.T) *company {
	w := testkit.New(t)
	c := &company{World: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
	c.plant, c.other = c.ana.Home, c.ana.Profile("other")
	w.Share(c.plant, c.ben, tenancy.PermissionFull)
	c.spare = c.ana.Mint(c.other, "")
	return c
}

// setAccount and the functions after it write what no operation changes yet.
func (c *company) setAccount(p testkit.Person, attribute string, value any) {
	set(c.World, "A#"+string(p.ID), "A", attribute, value)
}

func (c *company) setGrant(p testkit.Person, attribute string, value any) {
	set(c.World, "A#"+string(p.ID), "P#"+string(c.plant), attribute, value)
}

func (c *company) setPlant(attribute string, value any) {
	set(c.World, "P#"+string(c.plant), "P", attribute, value)
}

func (c *company) removeMember() {
	remove(c.World, "A#"+string(c.ben.ID), "P#"+string(c.plant))
	remove(c.World, "P#"+string(c.plant), "M#"+string(c.ben.ID))
}

// probe is a request that any live token of a profile may make. It changes
// nothing that another probe depends on.
type probe struct {
	name string
	send func(*service.Services) error
}

// probes are requests of each kind of authorization: for the account, a named
// profile, and the token's own profile.
func (c *company) probes(who service.Client, id value.ProfileID) []probe {
	ctx, named := c.Context(), service.ProfileRef{ID: id}
	current := service.ProfileRef{Current: true}
	list := tokens.Query{Paging: service.Paging{Page: 1, Amount: 10}}
	return []probe{
		{"info", func(s *service.Services) error {
			_, err := s.Tokens.Info(ctx, who.For(operation.TokenInfo.Access))
			return err
		}},
		{"account", func(s *service.Services) error {
			_, err := s.Accounts.Get(ctx, who.For(operation.AccountGet.Access))
			return err
		}},
		{"profiles", func(s *service.Services) error {
			_, err := s.Profiles.List(ctx, who.For(operation.ProfileList.Access))
			return err
		}},
		{"profile", func(s *service.Services) error {
			_, err := s.Profiles.Get(ctx, who.For(operation.ProfileGet.Access), named)
			return err
		}},
		{"current profile", func(s *service.Services) error {
			_, err := s.Profiles.Get(ctx, who.For(operation.ProfileGet.Access), current)
			return err
		}},
		{"summary", func(s *service.Services) error {
			_, err := s.Profiles.Summary(ctx, who.For(operation.ProfileSummary.Access), named)
			return err
		}},
		{"tokens", func(s *service.Services) error {
			_, err := s.Tokens.List(ctx, who.For(operation.TokenList.Access), named, list)
			return err
		}},
		{"current tokens", func(s *service.Services) error {
			_, err := s.Tokens.List(ctx, who.For(operation.TokenList.Access), current, list)
			return err
		}},
		{"edit", func(s *service.Services) error {
			return s.Profiles.Edit(ctx, who.For(operation.ProfileEdit.Access), named,
				tenancy.ProfileEdit{})
		}},
		{"edit current", func(s *service.Services) error {
			return s.Profiles.Edit(ctx, who.For(operation.ProfileEdit.Access), current,
				tenancy.ProfileEdit{})
		}},
		{"edit account", func(s *service.Services) error {
			return s.Accounts.Edit(ctx, who.For(operation.AccountEdit.Access),
				tenancy.AccountEdit{})
		}},
		{"switch to where it is", func(s *service.Services) error {
			return s.Profiles.Switch(ctx, who.For(operation.ProfileSwitch.Access), id)
		}},
		// This probe is the last: it has full permission and is refused only
		// because there is nothing to delete.
		{"delete a token", func(s *service.Services) error {
			err := s.Tokens.Delete(ctx, who.For(operation.TokenDelete.Access), named, "zzzzzzzz")
			if problem.CodeOf(err) != problem.CodeNotFound || err.Error() != "Token Not Found" {
				return err
			}
			return nil
		}},
	}
}

// holder is one of the two who hold a token of the plant: its owner, or a
// member of its team.
type holder struct {
	testkit.Person
	whose string
	owner bool
}

func (c *company) holders() []holder {
	return []holder{{c.ana, "the owner's", true}, {c.ben, "a member's", false}}
}

// Each way in which a token ends takes effect with the next request of any
// kind, whether or not the process has cached the token.
func TestEveryEndOfATokenIsImmediate(t *testing.T) {
	t.Parallel()
	ends := []struct {
		name   string
		owners bool // the owner's tokens end, too
		do     func(*company, holder, string)
	}{
		{"deleted", true, func(c *company, _ holder, token string) {
			c.OK(c.Tokens.Delete(c.Context(),
				testkit.ClientOf(c.spare).For(operation.TokenDelete.Access),
				service.ProfileRef{ID: c.plant}, token))
		}},
		{"expired", true, func(c *company, _ holder, _ string) { c.Advance(time.Hour) }},
		{"its profile deleted", true, func(c *company, _ holder, _ string) {
			c.OK(c.Profiles.Delete(c.Context(),
				testkit.ClientOf(c.spare).For(operation.ProfileDelete.Access),
				service.ProfileRef{ID: c.plant}, service.Credentials{Password: testkit.Password}))
		}},
		{"all tokens of its account revoked", true, func(c *company, h holder, _ string) {
			c.setAccount(h.Person, "epoch", 1)
			if h.owner {
				c.setPlant("ownerEpoch", 1)
			}
		}},
		{"its account blocked", true, func(c *company, h holder, _ string) {
			c.setAccount(h.Person, "blocked", true)
			if h.owner { // the block of an owner raises an epoch, which its profiles have
				c.setAccount(h.Person, "epoch", 1)
				c.setPlant("ownerEpoch", 1)
			}
		}},
		{"the tokens of its right revoked", true, func(c *company, h holder, _ string) {
			c.setGrant(h.Person, "epoch", 1)
			if h.owner {
				c.setPlant("epoch", 1)
			}
		}},
		{"its profile given to somebody else", true, func(c *company, _ holder, _ string) {
			c.setPlant("owner", "00000000000000000000ffff")
			c.setPlant("epoch", 1)
			remove(c.World, "A#"+string(c.ana.ID), "P#"+string(c.plant))
			c.removeMember()
		}},
		{"its account gone", false, func(c *company, _ holder, _ string) { remove(c.World, "A#"+string(c.ben.ID), "A") }},
		{"its account not confirmed", false, func(c *company, _ holder, _ string) { c.setAccount(c.ben, "active", false) }},
		{"its member removed", false, func(c *company, _ holder, _ string) { c.removeMember() }},
	}
	for _, end := range ends {
		for i := range 2 {
			c := newCompany(t)
			h := c.holders()[i]
			if h.owner && !end.owners {
				continue
			}
			token := h.Mint(c.plant, "1 hour")
			probes := c.probes(testkit.ClientOf(token), c.plant)
			for _, p := range probes {
				if err := p.send(c.Services); err != nil {
					t.Fatalf("%s token, before it was %s: %s got %v, want success", h.whose, end.name, p.name, err)
				}
			}
			end.do(c, h, token)
			before := c.State()
			for _, memory := range []string{"remembered", "not remembered"} {
				for _, p := range probes {
					err := p.send(c.Services)
					if problem.CodeOf(err) != problem.CodeUnauthenticated {
						t.Errorf("%s token, %s and %s: %s got %v, want CodeUnauthenticated", h.whose, end.name, memory, p.name, err)
					}
				}
				c.Restart()
			}
			if c.State() != before {
				t.Errorf("%s token, %s: its requests changed the table", h.whose, end.name)
			}
		}
	}
}

// A lower permission, or the end of a membership, takes effect with the next
// request, with a token of the shared profile and with one of the member's own
// profile.
func TestARightThatShrinksIsImmediate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(*company)
		// of requests to the profile after the change, with a token of another
		// profile
		read   problem.Code
		write  problem.Code
		delete problem.Code
	}{
		{"lowered to write", func(c *company) { c.setGrant(c.ben, "permission", "write") }, "", "", problem.CodeForbidden},
		{"lowered to read", func(c *company) { c.setGrant(c.ben, "permission", "read") }, "", problem.CodeForbidden, problem.CodeForbidden},
		// A permission of a later version, which this one does not know, allows
		// nothing.
		{"lowered to something unknown", func(c *company) { c.setGrant(c.ben, "permission", "audit") },
			problem.CodeForbidden, problem.CodeForbidden, problem.CodeForbidden},
		{"removed", (*company).removeMember, problem.CodeNotFound, problem.CodeNotFound, problem.CodeNotFound},
		{"gone with its profile", func(c *company) {
			c.OK(c.Profiles.Delete(c.Context(),
				testkit.ClientOf(c.spare).For(operation.ProfileDelete.Access),
				service.ProfileRef{ID: c.plant}, service.Credentials{Password: testkit.Password}))
		}, problem.CodeNotFound, problem.CodeNotFound, problem.CodeNotFound},
		// A grant without its profile, or a profile without its grant, counts
		// as missing.
		{"half gone", func(c *company) { remove(c.World, "P#"+string(c.plant), "P") }, problem.CodeNotFound, problem.CodeNotFound, problem.CodeNotFound},
	} {
		company := newCompany(t)
		tokens := map[string]string{"of the profile": company.ben.Mint(company.plant, ""), "of the member's own": company.ben.Token}
		want := map[string]problem.Code{
			"profile": c.read, "summary": c.read, "tokens": c.read, "edit": c.write, "delete a token": c.delete,
		}
		for _, token := range tokens {
			for _, p := range company.probes(testkit.ClientOf(token), company.plant) {
				if _, named := want[p.name]; named {
					company.OK(p.send(company.Services))
				}
			}
		}
		c.do(company)
		for _, memory := range []string{"remembered", "not remembered"} {
			for which, token := range tokens {
				for _, p := range company.probes(testkit.ClientOf(token), company.plant) {
					code, named := want[p.name]
					if !named {
						continue
					}
					// A token of a profile that its account may no longer open
					// is invalid for every request.
					if code == problem.CodeNotFound && which == "of the profile" && c.name != "half gone" {
						code = problem.CodeUnauthenticated
					}
					if err := p.send(company.Services); problem.CodeOf(err) != code {
						t.Errorf("a right %s, a token %s, %s: %s got %v, want code %q", c.name, which, memory, p.name, err, code)
					}
				}
			}
			company.Restart()
		}
	}
}

// Another process has switched a token to another profile. The cache of this
// process still names the old profile, and the request must not use it.
func TestAStaleHintNeverOpensTheOldProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	elsewhere := service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
		Background: w.Background, Store: w.Store, Now: w.Now, Log: quiet()})
	current := func(token string) (value.ProfileID, error) {
		p, err := w.Profiles.Get(t.Context(),
			testkit.ClientOf(token).For(operation.ProfileGet.Access),
			service.ProfileRef{Current: true})
		return p.ID, err
	}
	wantCurrent := func(token string, want value.ProfileID, when string) {
		t.Helper()
		got, err := current(token)
		w.OK(err)
		info, err := w.Tokens.Info(t.Context(),
			testkit.ClientOf(token).For(operation.TokenInfo.Access))
		w.OK(err)
		if got != want || info.Profile != want {
			t.Errorf("%s: the current profile is %s and the token's %s, want %s", when, got, info.Profile, want)
		}
	}

	// This token of an owner switches between two profiles of the owner.
	ana := w.Quick("ana")
	second := ana.Profile("second")
	for n := range 4 {
		target := []value.ProfileID{second, ana.Home}[n%2]
		w.OK(elsewhere.Profiles.Switch(t.Context(), ana.Client(operation.ProfileSwitch), target))
		wantCurrent(ana.Token, target, "after an owner's switch elsewhere")
	}
	// The owner may open both profiles, whichever of them the token is for.
	for _, id := range []value.ProfileID{ana.Home, second} {
		_, err := w.Profiles.Get(t.Context(), ana.Client(operation.ProfileGet),
			service.ProfileRef{ID: id})
		w.OK(err)
	}
	w.OK(elsewhere.Profiles.Switch(t.Context(), ana.Client(operation.ProfileSwitch), second))
	w.OK(w.Profiles.Switch(t.Context(), ana.Client(operation.ProfileSwitch), ana.Home))
	wantCurrent(ana.Token, ana.Home, "after a switch here")

	// A member's token leaves the shared profile, and then the member leaves
	// the team.
	ben := w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	token := ben.Mint(ana.Home, "")
	wantCurrent(token, ana.Home, "before the switch")
	w.OK(elsewhere.Profiles.Switch(t.Context(),
		testkit.ClientOf(token).For(operation.ProfileSwitch.Access), ben.Home))
	wantCurrent(token, ben.Home, "after a member's switch elsewhere")
	w.OK(elsewhere.Profiles.Switch(t.Context(),
		testkit.ClientOf(token).For(operation.ProfileSwitch.Access), ana.Home))
	wantCurrent(token, ana.Home, "after the switch back")
	w.OK(elsewhere.Profiles.Switch(t.Context(),
		testkit.ClientOf(token).For(operation.ProfileSwitch.Access), ben.Home))
	remove(w, "A#"+string(ben.ID), "P#"+string(ana.Home))
	remove(w, "P#"+string(ana.Home), "M#"+string(ben.ID))
	_, err := w.Profiles.Get(t.Context(), testkit.ClientOf(token).For(operation.ProfileGet.Access),
		service.ProfileRef{ID: ana.Home})
	w.Refused(err, problem.CodeNotFound)
	rows, err := w.Tokens.List(t.Context(), testkit.ClientOf(token).For(operation.TokenList.Access),
		service.ProfileRef{ID: ana.Home}, tokens.Query{Paging: service.Paging{Page: 1, Amount: 10}})
	w.Refused(err, problem.CodeNotFound)
	if len(rows.Rows) > 0 {
		t.Errorf("a refusal came with %d rows", len(rows.Rows))
	}
	wantCurrent(token, ben.Home, "after the member was removed")
	rows, err = w.Tokens.List(t.Context(), testkit.ClientOf(token).For(operation.TokenList.Access),
		service.ProfileRef{Current: true},
		tokens.Query{Paging: service.Paging{Page: 1, Amount: 10}})
	w.OK(err)
	for _, row := range rows.Rows {
		if row.Profile != ben.Home {
			t.Errorf("the list of the current profile shows a token of %s", row.Profile)
		}
	}

	// A transferred profile does not stay with its former owner because a
	// process has cached it so.
	w.OK(w.Profiles.Edit(t.Context(), ana.Client(operation.ProfileEdit),
		service.ProfileRef{ID: ana.Home}, tenancy.ProfileEdit{}))
	w.OK(elsewhere.Profiles.Switch(t.Context(), ana.Client(operation.ProfileSwitch), second))
	set(w, "P#"+string(ana.Home), "P", "owner", string(ben.ID))
	remove(w, "A#"+string(ana.ID), "P#"+string(ana.Home))
	w.Refused(w.Profiles.Edit(t.Context(), ana.Client(operation.ProfileEdit),
		service.ProfileRef{ID: ana.Home}, tenancy.ProfileEdit{}), problem.CodeNotFound)
	wantCurrent(ana.Token, second, "after the old profile was given away")
}

// The cache of a process changes how many reads an answer takes, but never the
// answer. On a long random walk of changes by another process, a process that
// caches everything gives the same answers as one that has just started.
func TestMemoryNeverChangesAnAnswer(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	c := newCompany(t)
	ctx := t.Context()
	start := func() *service.Services {
		return service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
			Background: c.Background, Store: c.Store, Now: c.Now, Log: quiet()})
	}
	elsewhere := start()
	const ofAna, ofBen = 2, 3 // tokens of each; a dead token is the last
	tokens := []string{c.ana.Token, c.ana.Mint(c.other, ""), c.ben.Token, c.ben.Mint(c.plant, ""),
		c.ben.Mint(c.plant, "1 hour"), c.NextKey().Token()}
	client := func(i int) service.Client { return testkit.ClientOf(tokens[i]) }
	profiles := []value.ProfileID{c.plant, c.other, c.ben.Home}
	member := true
	epoch := 0
	changes := []struct {
		name string
		odds int
		do   func()
	}{
		{"switch", 12, func() {
			_ = elsewhere.Profiles.Switch(ctx,
				client(random.IntN(len(tokens))).For(operation.ProfileSwitch.Access),
				profiles[random.IntN(len(profiles))])
		}},
		{"remove or add the member", 3, func() {
			if member = !member; !member {
				c.removeMember()
				return
			}
			c.Share(c.plant, c.ben, tenancy.PermissionFull)
		}},
		{"change the member's permission", 3, func() {
			if member {
				c.setGrant(c.ben, "permission", []string{"read", "write", "full"}[random.IntN(3)])
			}
		}},
		{"revoke the member's tokens of the plant", 1, func() {
			if epoch++; member {
				c.setGrant(c.ben, "epoch", epoch)
			}
		}},
		{"pass time", 1, func() { c.Advance(10 * time.Minute) }},
		{"make a token of the plant", 2, func() { tokens[0] = c.ana.Mint(c.plant, "") }},
		{"make a member's token", 2, func() { tokens[ofAna+random.IntN(ofBen)] = c.ben.Mint(c.ben.Home, "1 hour") }},
		{"delete a token", 1, func() {
			_ = elsewhere.Tokens.DeleteAnywhere(ctx,
				client(random.IntN(ofAna)).For(operation.TokenDelete.Access),
				tokens[ofAna+random.IntN(ofBen)])
		}},
	}
	questions := map[string]func(*service.Services, service.Client, value.ProfileID) (any, error){
		"info": func(s *service.Services, who service.Client, _ value.ProfileID) (any, error) {
			return s.Tokens.Info(ctx, who.For(operation.TokenInfo.Access))
		},
		"profiles": func(s *service.Services, who service.Client, _ value.ProfileID) (any, error) {
			return s.Profiles.List(ctx, who.For(operation.ProfileList.Access))
		},
		"profile": func(s *service.Services, who service.Client, id value.ProfileID) (any, error) {
			return s.Profiles.Get(ctx, who.For(operation.ProfileGet.Access),
				service.ProfileRef{ID: id})
		},
		"current profile": func(s *service.Services, who service.Client, _ value.ProfileID) (any, error) {
			return s.Profiles.Get(ctx, who.For(operation.ProfileGet.Access),
				service.ProfileRef{Current: true})
		},
	}
	odds := 0
	for _, change := range changes {
		odds += change.odds
	}
	answers := map[problem.Code]int{}
	for n := range 60 {
		at, what := random.IntN(odds), ""
		for _, change := range changes {
			if at -= change.odds; at < 0 {
				change.do()
				what = change.name
				break
			}
		}
		for range 2 {
			i, id := random.IntN(len(tokens)), profiles[random.IntN(len(profiles))]
			for name, ask := range questions {
				cold, coldErr := ask(start(), client(i), id)
				warm, warmErr := ask(c.Services, client(i), id)
				answers[problem.CodeOf(coldErr)]++
				// The values beside an error reach no client.
				if fmt.Sprint(warmErr) != fmt.Sprint(coldErr) ||
					coldErr == nil && fmt.Sprint(warm) != fmt.Sprint(cold) {
					t.Fatalf("step %d, %s, then %s by token %d on %s:\nremembering says %v, %v\nstarting says    %v, %v",
						n, what, name, i, id, warm, warmErr, cold, coldErr)
				}
			}
		}
	}
	if answers[""] == 0 || answers[problem.CodeNotFound] == 0 ||
		answers[problem.CodeUnauthenticated] == 0 {
		t.Errorf("the walk saw only the answers %v", answers)
	}
}
