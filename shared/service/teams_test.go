package service_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// invited invites an address to the person's first profile and returns the code
// of the mail.
func invited(w *testkit.World, owner testkit.Person, email value.Email) string {
	w.Helper()
	w.OK(w.Teams.Invite(w.Context(), owner.Client(operation.TeamInvite),
		service.ProfileRef{ID: owner.Home}, string(email), teams.Offered{}))
	mails := w.Mail(email)
	return mails[len(mails)-1].Data["code"]
}

// setText writes one attribute of an item, for changes that no operation makes
// yet.
func setText(w *testkit.World, pk, sk, attribute, value string) {
	w.Helper()
	_, err := w.Client.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, UpdateExpression: aws.String("SET #a = :a"), ExpressionAttributeNames: map[string]string{"#a": attribute},
		ExpressionAttributeValues: map[string]types.AttributeValue{":a": &types.AttributeValueMemberS{Value: value}},
		Key:                       map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}},
	})
	w.OK(err)
}

func members(w *testkit.World, owner testkit.Person) tenancy.Team {
	w.Helper()
	team, err := w.Teams.List(w.Context(), owner.Client(operation.TeamList),
		service.ProfileRef{ID: owner.Home}, false)
	w.OK(err)
	return team
}

// Fifty invitations are open, more than the plan has room for, as after a
// downgrade. Five of the invited become members, in any order.
func TestAcceptsNeverExceedThePlan(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	const open = 50
	accepts := make([]func() error, open)
	for i := range accepts {
		person := w.Quick(fmt.Sprint("guest", i))
		key := secret.NewCredential()
		profile, team, err := w.Store.ProfileWithMembers(t.Context(), ana.Home)
		w.OK(err)
		invitation := tenancy.Invitation{
			ID: tenancy.InvitationID(w.NextID()), Code: value.CodeID(key.ID), Hash: key.Hash(), Profile: ana.Home, Owner: ana.ID, Email: person.Email,
			Permission: tenancy.PermissionRead, State: tenancy.InvitationPending, Created: w.Now(), Expires: w.Now().Add(tenancy.InvitationLife),
		}
		before, _ := team.ByEmail(person.Email)
		tx := w.Store.Begin()
		tx.Invite(profile, invitation, before)
		w.OK(tx.CommitAside(t.Context(), store.Origin{}))
		accepts[i] = func() error {
			return w.Teams.AcceptByCode(t.Context(), service.Client{}, key.Code())
		}
	}
	errs := together(accepts...)
	if n := succeeded(errs); n != 5 {
		t.Errorf("%d accepts succeeded, want 5", n)
	}
	for _, err := range errs {
		if err != nil {
			w.Refused(err, problem.CodeForbidden)
		}
	}
	active := 0
	for _, m := range members(w, ana) {
		if m.Active {
			active++
		}
	}
	if grants := w.Count("A#", "P#"+string(ana.Home)); active != 5 || grants != 6 {
		t.Errorf("got %d active members and %d grants, want 5 and the owner's besides", active, grants)
	}
}

func TestInvitationsAgainstEachOther(t *testing.T) {
	t.Parallel()
	for range 5 {
		w := testkit.New(t)
		ana := w.Quick("ana")
		setText(w, "P#"+string(ana.Home), "P", "plan", "starter") // room for one
		ref := service.ProfileRef{ID: ana.Home}
		invite := func(email string) func() error {
			return func() error {
				return w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), ref, email,
					teams.Offered{})
			}
		}
		errs := together(invite("a@example.com"), invite("b@example.com"), invite("c@example.com"), invite("a@example.com"))
		if n := succeeded(errs); n != 1 {
			t.Errorf("%d invitations succeeded where there is room for one: %v", n, errs)
		}
		if n := w.Count("P#"+string(ana.Home), "M#"); n != 1 {
			t.Errorf("got %d places in the team, want 1", n)
		}
		if n := w.Count("I#", ""); n != 1 {
			t.Errorf("got %d invitations, want 1", n)
		}
	}
}

// Another invitation comes between two reads of a request: after the read of
// the team, and before the read of its profile. The version of the profile at
// the second read must not vouch for the team of the first.
func TestATeamReadBeforeItsProfileIsNotTrusted(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	setText(w, "P#"+string(ana.Home), "P", "plan", "starter") // room for one
	ref := service.ProfileRef{ID: ana.Home}
	over := func(client *dynamodb.Client) *service.Services {
		return service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
			Background: w.Background, Store: store.New(client, w.Table), Now: w.Now})
	}
	teamRead := make(chan struct{})
	var first, second sync.Once
	late := dynamodb.New(w.Client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Late", func(
				ctx context.Context, in middleware.InitializeInput,
				next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				if awsmiddleware.GetOperationName(ctx) == "BatchGetItem" {
					first.Do(func() {
						<-teamRead
						w.OK(over(w.Client).Teams.Invite(t.Context(),
							ana.Client(operation.TeamInvite), ref, "first@example.com", teams.Offered{}))
					})
				}
				out, metadata, err := next.HandleInitialize(ctx, in)
				if awsmiddleware.GetOperationName(ctx) == "Query" {
					second.Do(func() { close(teamRead) })
				}
				return out, metadata, err
			}), middleware.Before)
		})
	})
	w.Refused(over(late).Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), ref, "second@example.com",
		teams.Offered{}),
		problem.CodeForbidden)
	if n := w.Count("P#"+string(ana.Home), "M#"); n != 1 {
		t.Errorf("got %d places in the team, want 1", n)
	}
}

// An invitation is answered once, whatever the answers, and the team agrees
// with the answer.
func TestAnswersAgainstEachOther(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	ref := service.ProfileRef{ID: ana.Home}
	for range 10 {
		w.Advance(24 * time.Hour)
		code := invited(w, ana, ben.Email)
		place := members(w, ana)[0].ID()
		offers, err := w.Notifications.List(t.Context(), ben.Client(operation.NotificationList),
			notifications.Query{Paging: service.Paging{Page: 1, Amount: 1}})
		w.OK(err)
		errs := together(
			func() error { return w.Teams.AcceptByCode(t.Context(), service.Client{}, code) },
			func() error {
				return w.Teams.Accept(t.Context(), ben.Client(operation.InvitationAccept), code)
			},
			func() error { return w.Teams.DeclineByCode(t.Context(), service.Client{}, code) },
			func() error {
				return w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), ref, place)
			},
			func() error {
				return w.Notifications.UseAction(t.Context(),
					ben.Client(operation.NotificationAction), offers.Rows[0].ID,
					tenancy.ButtonAccept)
			},
		)
		if n := succeeded(errs); n != 1 {
			t.Fatalf("%d of accept, accept, decline, withdraw and action succeeded: %v, want 1", n, errs)
		}
		joined := errs[0] == nil || errs[1] == nil || errs[4] == nil
		team := members(w, ana)
		_, err = w.Profiles.Get(t.Context(), ben.Client(operation.ProfileGet), ref)
		if joined != (err == nil) || joined != (len(team) == 1) {
			t.Fatalf("joined is %v, the team %+v, access %v", joined, team, err)
		}
		if joined {
			w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), ref, string(ben.ID)))
		}
	}
}

// A removal takes effect with its commit. All tokens that the member made are
// invalid, and stay so when the member comes back.
func TestRemovalRevokesTokensForGood(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	ref := service.ProfileRef{ID: ana.Home}
	w.OK(w.Teams.AcceptByCode(t.Context(), service.Client{}, invited(w, ana, ben.Email)))
	var old []string
	for range 60 { // more than two pages of the purge
		old = append(old, ben.Mint(ana.Home, "never"))
	}
	own := ana.Mint(ana.Home, "never")
	alive := func(token string) bool {
		_, err := w.Profiles.Get(t.Context(),
			testkit.ClientOf(token).For(operation.ProfileGet.Access), ref)
		return err == nil
	}
	if !alive(old[0]) || !alive(old[59]) {
		t.Fatal("a member's tokens do not work")
	}
	w.Advance(time.Second)
	w.OK(w.Teams.Remove(t.Context(), ana.Client(operation.TeamRemove), ref, string(ben.ID)))
	for _, token := range old {
		if alive(token) {
			t.Fatal("a token of a removed member works")
		}
	}
	listed := func(c service.Client) int {
		t.Helper()
		rows, err := w.Tokens.List(t.Context(), c.For(operation.TokenList.Access), ref,
			tokens.Query{Paging: service.Paging{Page: 1, Amount: 1000}})
		w.OK(err)
		return len(rows.Rows)
	}
	if n := listed(testkit.ClientOf(ana.Token)); n != 2 { // the owner's tokens
		t.Errorf("the owner lists %d tokens, want those of the removed member gone at once", n)
	}
	w.Advance(time.Minute)
	w.OK(w.Teams.AcceptByCode(t.Context(), service.Client{}, invited(w, ana, ben.Email)))
	fresh := ben.Mint(ana.Home, "never")
	for _, token := range old {
		if alive(token) {
			t.Fatal("a token of the earlier membership works again")
		}
	}
	if owners, own := listed(testkit.ClientOf(ana.Token)),
		listed(testkit.ClientOf(ben.Token)); owners != 3 || own != 1 {
		t.Errorf("the owner lists %d tokens and the member %d, want 3 and 1", owners, own)
	}
	for _, err := range together(
		func() error { _, err := w.Profiles.Purge(t.Context()); return err },
		func() error { _, err := w.Profiles.Purge(t.Context()); return err },
	) {
		if err != nil {
			w.Refused(err, problem.CodeConflict)
		}
	}
	if _, err := w.Profiles.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !alive(fresh) || !alive(own) {
		t.Error("reclaiming the old tokens killed a live one")
	}
	if n := w.Count("P#"+string(ana.Home), "T#"); n != 3 { // ana's two and ben's new one
		t.Errorf("%d tokens are listed, want 3", n)
	}
	if n := w.Count("D#", "A#"); n != 0 {
		t.Errorf("%d former members are still to be purged, want none", n)
	}
}

// An invitation ends at its millisecond without a sweep. The sweeps send one
// reminder two days before, and notify the owner once.
func TestInvitationsEndInTime(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	code := invited(w, ana, ben.Email)
	sweep := func(want int) {
		t.Helper()
		counts := make([]int, 2)
		for i, err := range together(
			func() (err error) { counts[0], err = w.Teams.Expire(t.Context()); return err },
			func() (err error) { counts[1], err = w.Teams.Expire(t.Context()); return err },
		) {
			if err != nil {
				t.Errorf("sweep %d: %v", i, err)
			}
		}
		if counts[0]+counts[1] != want {
			t.Errorf("two sweeps dealt with %v, want %d in all", counts, want)
		}
	}
	kinds := func(to value.Email) (n map[mailing.Kind]int) {
		n = map[mailing.Kind]int{}
		for _, m := range w.Mail(to) {
			n[m.Kind]++
		}
		return n
	}
	w.Advance(tenancy.InvitationLife - tenancy.InvitationReminder - time.Millisecond)
	sweep(0)
	w.Advance(time.Millisecond)
	sweep(1)
	sweep(0)
	if got := kinds(ben.Email); got[mailing.KindTeamReminder] != 1 {
		t.Errorf("got mails %v, want one reminder", got)
	}
	w.Advance(tenancy.InvitationReminder - time.Millisecond)
	if n := len(members(w, ana)); n != 1 {
		t.Errorf("a millisecond before its end the team lists %d, want the open invitation", n)
	}
	w.Advance(time.Millisecond)
	w.Refused(w.Teams.AcceptByCode(t.Context(), service.Client{}, code), problem.CodeInvalid)
	w.Refused(w.Teams.Decline(t.Context(), ben.Client(operation.InvitationDecline), code),
		problem.CodeInvalid)
	if n := len(members(w, ana)); n != 0 {
		t.Errorf("at its end the team lists %d, want none", n)
	}
	sweep(1)
	sweep(0)
	if got := kinds(ana.Email); got[mailing.KindTeamExpired] != 1 {
		t.Errorf("the owner got %v, want one mail of the end", got)
	}
	told, err := w.Notifications.List(t.Context(), ana.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 9}})
	w.OK(err)
	// The place of the invitation stays for the list of expired ones.
	if len(told.Rows) != 1 || w.Count("P#"+string(ana.Home), "M#") != 1 || w.Count("E#", "I#") != 0 {
		t.Errorf("got notifications %+v, and %d places left, want one of each", told, w.Count("P#"+string(ana.Home), "M#"))
	}
	// An address can be invited again after its invitation has ended and before
	// the sweep.
	eve := w.Quick("eve")
	invited(w, ana, eve.Email)
	w.Advance(tenancy.InvitationLife)
	w.OK(w.Teams.AcceptByCode(t.Context(), service.Client{}, invited(w, ana, eve.Email)))
	team := members(w, ana)
	if len(team) != 1 || !team[0].Active || w.Count("P#"+string(ana.Home), "M#") != 2 {
		t.Errorf("got the team %+v, want the one member", team)
	}
}

// Each of these events happens while an invitation is open, and has its
// outcome.
func TestWhileAnInvitationIsOpen(t *testing.T) {
	t.Parallel()
	type scene struct {
		w        *testkit.World
		ana, ben testkit.Person
		code     string
	}
	for name, c := range map[string]struct {
		meanwhile func(scene)
		accept    problem.Code // the code of the answer to accepting, "" for success
	}{
		"nothing": {func(scene) {}, ""},
		"the profile is deleted": {func(s scene) {
			_, err := s.w.Profiles.Create(s.w.Context(),
				s.ana.Client(operation.ProfileCreate), "other", false)
			s.w.OK(err)
			s.w.OK(s.w.Profiles.Delete(s.w.Context(), s.ana.Client(operation.ProfileDelete),
				service.ProfileRef{ID: s.ana.Home},
				service.Credentials{Password: testkit.Password}))
			if n := s.w.Count("I#", "") + s.w.Count("E#", "I#"); n != 0 {
				s.w.Errorf("%d items of the invitation are left, want none", n)
			}
		}, problem.CodeInvalid},
		"the profile gets another owner": {func(s scene) {
			setText(s.w, "P#"+string(s.ana.Home), "P", "owner", string(s.w.Quick("eve").ID))
		}, problem.CodeInvalid},
		"the owner's plan is lowered": {func(s scene) {
			setText(s.w, "P#"+string(s.ana.Home), "P", "plan", "free")
		}, problem.CodeForbidden},
		"the invited account changes its address": {func(s scene) {
			setText(s.w, "A#"+string(s.ben.ID), "A", "email", "new@example.com")
		}, problem.CodeInvalid},
		"the invited account is deleted": {func(s scene) {
			for _, key := range [][2]string{{"A#" + string(s.ben.ID), "A"},
				{"E#" + string(s.ben.Email), "E"}} {
				_, err := s.w.Client.DeleteItem(s.w.Context(), &dynamodb.DeleteItemInput{
					TableName: &s.w.Table, Key: map[string]types.AttributeValue{
						"PK": &types.AttributeValueMemberS{Value: key[0]}, "SK": &types.AttributeValueMemberS{Value: key[1]},
					}})
				s.w.OK(err)
			}
		}, problem.CodeInvalid},
		"the invitation is withdrawn": {func(s scene) {
			s.w.OK(s.w.Teams.Remove(s.w.Context(), s.ana.Client(operation.TeamRemove),
				service.ProfileRef{ID: s.ana.Home}, members(s.w, s.ana)[0].ID()))
		}, problem.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			s := scene{w: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
			s.code = invited(w, s.ana, s.ben.Email)
			c.meanwhile(s)
			before := w.State()
			err := w.Teams.AcceptByCode(t.Context(), service.Client{}, s.code)
			if got := problem.CodeOf(err); got != c.accept {
				t.Errorf("accepting is answered with %v (%q), want code %q", err, got, c.accept)
			}
			if err != nil && w.State() != before {
				t.Error("a refused answer changed the table")
			}
			// The sweep ends the invitation in each case.
			w.Advance(tenancy.InvitationLife)
			for range 2 {
				if _, err := w.Teams.Expire(t.Context()); err != nil {
					t.Errorf("the sweep: %v", err)
				}
			}
			if n := w.Count("E#", "I#"); n != 0 {
				t.Errorf("%d open invitations are left, want none", n)
			}
		})
	}
}

// A plan with fewer places than the team has members removes nobody, and admits
// nobody new.
func TestATeamLargerThanThePlanStays(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	ref := service.ProfileRef{ID: ana.Home}
	for _, p := range []testkit.Person{ben, eve} {
		w.OK(w.Teams.AcceptByCode(t.Context(), service.Client{}, invited(w, ana, p.Email)))
	}
	setText(w, "P#"+string(ana.Home), "P", "plan", "starter")
	for _, p := range []testkit.Person{ben, eve} {
		if _, err := w.Profiles.Get(t.Context(), p.Client(operation.ProfileGet), ref); err != nil {
			t.Errorf("a member lost access: %v", err)
		}
	}
	w.Refused(w.Teams.Invite(t.Context(), ana.Client(operation.TeamInvite), ref, "new@example.com",
		teams.Offered{}),
		problem.CodeForbidden)
}

// One person may be a member of many teams.
func TestOnePersonInManyTeams(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ben := w.Quick("ben")
	for i := range 20 {
		w.OK(w.Teams.AcceptByCode(t.Context(),
			service.Client{}, invited(w, w.Quick(fmt.Sprint("owner", i)), ben.Email)))
	}
	grants, err := w.Profiles.List(t.Context(), ben.Client(operation.ProfileList))
	w.OK(err)
	if len(grants) != 21 || !grants[0].Own() || grants[20].Own() {
		t.Errorf("got %d profiles, want 21, the own one first", len(grants))
	}
	told, err := w.Notifications.List(t.Context(), ben.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 100}})
	w.OK(err)
	if len(told.Rows) != 20 {
		t.Errorf("got %d notifications, want 20", len(told.Rows))
	}
}

// The change of a profile's name appears in the list of each member with the
// same commit, also when the team changes at that moment.
func TestRenamingAgainstJoining(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	ref := service.ProfileRef{ID: ana.Home}
	for i := range 5 {
		guest := w.Quick(fmt.Sprint("guest", i))
		code := invited(w, ana, guest.Email)
		name := fmt.Sprint("name ", i)
		for _, err := range together(
			func() error { return w.Teams.AcceptByCode(t.Context(), service.Client{}, code) },
			func() error {
				return w.Profiles.Edit(t.Context(), ana.Client(operation.ProfileEdit), ref,
					tenancy.ProfileEdit{Name: &name})
			},
		) {
			w.OK(err)
		}
		grants, err := w.Profiles.List(t.Context(), guest.Client(operation.ProfileList))
		w.OK(err)
		if grants[1].Name != name {
			t.Errorf("a member lists %q, want %q", grants[1].Name, name)
		}
	}
}
