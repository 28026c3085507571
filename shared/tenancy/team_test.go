package tenancy_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

var (
	teamNow   = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	teamOwner = tenancy.Account{
		ID:     "owner",
		Email:  "owner@example.com",
		Name:   "Owner",
		Active: true,
	}
	guest = tenancy.Account{
		ID:     "guest",
		Email:  "guest@example.com",
		Name:   "Guest",
		Active: true,
	}
)

func scaleProfile() tenancy.Profile {
	return tenancy.Profile{ID: "profile", Owner: teamOwner.ID, Name: "Plant", Plan: plan.Scale}
}

func active(id string) tenancy.Member {
	return tenancy.Member{
		Account: value.AccountID(id),
		Email:   value.Email(id + "@example.com"),
		Active:  true,
	}
}

func open(id string, until time.Time) tenancy.Member {
	return tenancy.Member{
		Invitation: tenancy.InvitationID(id),
		Code:       "code" + value.CodeID(id),
		Email:      value.Email(id + "@example.com"),
		Expires:    until,
	}
}

func TestInvite(t *testing.T) {
	t.Parallel()
	later, past := teamNow.Add(time.Hour), teamNow
	full := tenancy.Team{active("a"), active("b"), open("c", later), open("d", later), active("e")}
	for name, c := range map[string]struct {
		team   tenancy.Team
		chosen plan.Plan
		email  value.Email
		id     tenancy.InvitationID // of the invitation
		want   string
	}{
		"an empty team":    {nil, plan.Scale, "x@example.com", "new", ""},
		"the owner":        {nil, plan.Scale, "owner@example.com", "", "your own address"},
		"an active member": {full, plan.Scale, "a@example.com", "", "a@example.com is a member of this profile already"},
		"a full team, where open invitations count": {full, plan.Scale, "x@example.com", "", "maximum limit of team members (5)"},
		"again, though the team is full":            {full, plan.Scale, "c@example.com", "c", ""},
		"an invitation that ended leaves its place": {append(full[:4:4], open("e", past)), plan.Scale, "x@example.com", "new", ""},
		"again after the end is a new one":          {tenancy.Team{open("c", past)}, plan.Scale, "c@example.com", "new", ""},
		"a plan without members":                    {nil, plan.Free, "x@example.com", "", "maximum limit of team members (0)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scaleProfile()
			p.Plan = c.chosen
			got, err := p.Invite(
				teamOwner,
				c.team,
				c.email,
				tenancy.Offer{Permission: tenancy.PermissionWrite},
				"new",
				teamNow,
			)
			rules.Says(t, err, c.want)
			if got.ID != c.id {
				t.Errorf("got the invitation %q, want %q", got.ID, c.id)
			}
			if err == nil &&
				(got.Expires != teamNow.Add(7*24*time.Hour) || got.Owner != teamOwner.ID ||
					got.Permission != tenancy.PermissionWrite) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state tenancy.InvitationState
		now   time.Time
		want  string
	}{
		"pending":                   {tenancy.InvitationPending, teamNow.Add(tenancy.InvitationLife - time.Millisecond), ""},
		"pending, at its end":       {tenancy.InvitationPending, teamNow.Add(tenancy.InvitationLife), "not valid any more"},
		"accepted":                  {tenancy.InvitationAccepted, teamNow, "accepted already"},
		"declined":                  {tenancy.InvitationDeclined, teamNow, "declined already"},
		"expired":                   {tenancy.InvitationExpired, teamNow, "not valid any more"},
		"withdrawn":                 {tenancy.InvitationWithdrawn, teamNow, "not valid any more"},
		"a state that is not known": {"", teamNow, "not valid any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := tenancy.Invitation{State: c.state, Expires: teamNow.Add(tenancy.InvitationLife)}
			rules.Says(t, i.Answerable(c.now), c.want)
		})
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	invitation := tenancy.Invitation{
		ID:         "i",
		Code:       "c",
		Profile:    "profile",
		Owner:      teamOwner.ID,
		Email:      guest.Email,
		Permission: tenancy.PermissionRead,
		State:      tenancy.InvitationPending,
		Created:    teamNow,
		Expires:    teamNow.Add(tenancy.InvitationLife),
	}
	crowd := tenancy.Team{active("a"), active("b"), active("c"), active("d"), active("e")}
	former := active("f").Until(teamNow, teamNow.Add(-time.Hour))
	stranger, waiting := guest, guest
	stranger.Email, waiting.Active = "else@example.com", false
	for name, c := range map[string]struct {
		by   tenancy.Account
		team tenancy.Team
		want string
	}{
		"by the invited account":            {guest, crowd[:4], ""},
		"open invitations take no place":    {guest, append(crowd[:4:4], open("x", teamNow.Add(time.Hour))), ""},
		"ended memberships take none":       {guest, append(crowd[:4:4], former), ""},
		"by another account":                {stranger, nil, "another e-mail address"},
		"by an account that is unconfirmed": {waiting, nil, "another e-mail address"},
		"by nobody":                         {tenancy.Account{}, nil, "another e-mail address"},
		"into a full team":                  {guest, crowd, "maximum limit of team members (5)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := invitation.Accept(c.by, scaleProfile(), c.team, teamNow)
			rules.Says(t, err, c.want)
			want := tenancy.Member{
				Profile:    "profile",
				Account:    guest.ID,
				Permission: tenancy.PermissionRead,
				Epoch:      teamNow.UnixMilli(),
				Active:     true,
				Name:       "Guest",
				Email:      guest.Email,
				Created:    teamNow,
			}
			if err == nil && got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	if p := scaleProfile(); !invitation.StandsFor(p) {
		t.Error("the invitation does not stand for its profile")
	} else if p.Owner = "new"; invitation.StandsFor(p) {
		t.Error("the invitation stands for a profile of another owner")
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	i := tenancy.Invitation{Expires: teamNow}
	if got := i.Due(); got != teamNow.Add(-48*time.Hour) {
		t.Errorf("the reminder is due at %s, want two days before the end", got)
	}
	i.Reminded = true
	if got := i.Due(); got != teamNow {
		t.Errorf("after the reminder it is due at %s, want its end", got)
	}
}

// An open invitation is named by its own id, so that the list of a team does
// not tell which addresses have accounts.
func TestTeam(t *testing.T) {
	t.Parallel()
	a, b, c := active("a"), open("b", teamNow.Add(time.Hour)), open("c", teamNow)
	a.Created, b.Created = teamNow, teamNow.Add(-time.Hour)
	team := tenancy.Team{a, b, c}
	if a.ID() != "a" || b.ID() != "b" {
		t.Errorf("got ids %s and %s", a.ID(), b.ID())
	}
	if got := team.Open(teamNow); len(got) != 2 {
		t.Errorf("got %d that are open, want 2", len(got))
	}
	if got := team[:2].ByAge(); got[0] != b || got[1] != a {
		t.Errorf("by age: got %+v", got)
	}
	if _, ok := team.Active("b"); ok {
		t.Error("an open invitation is an active member")
	}
	if m, ok := team.ByID("b"); !ok || m != b {
		t.Errorf("by id: got %+v, %v", m, ok)
	}
	if m, ok := team.ByEmail("c@example.com"); !ok || m != c {
		t.Errorf("by address: got %+v, %v", m, ok)
	}
}

func TestNewNotification(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ title, message, want string }{
		"both":                   {" Title ", "Message\nwith a line", ""},
		"no title":               {" ", "x", "title is required"},
		"a long title":           {strings.Repeat("x", 101), "x", "title must have 1 to 100 characters"},
		"no message":             {"x", "", "message is required"},
		"a long message":         {"x", strings.Repeat("é", 2001), "message must have 1 to 2000 characters"},
		"the longest message":    {"x", strings.Repeat("é", 2000), ""},
		"a control character":    {"x", "a\x00b", "control characters"},
		"bytes that are no text": {"x", "a\xff", "message must have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tenancy.NewNotification("id", "a", c.title, c.message, true, teamNow)
			rules.Says(t, err, c.want)
			want := tenancy.Notification{
				ID:      "id",
				Account: "a",
				Title:   strings.TrimSpace(c.title),
				Message: c.message,
				Read:    true,
				Created: teamNow,
			}
			if err == nil && got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	n := tenancy.Notification{Created: teamNow}
	if end := teamNow.Add(90 * 24 * time.Hour); !n.Kept(end.Add(-time.Millisecond)) || n.Kept(end) {
		t.Error("a notification is not kept for exactly 90 days")
	}
}

func TestAMemberSeesNoAddresses(t *testing.T) {
	t.Parallel()
	team := tenancy.Team{
		{Account: "a", Name: "Ana", Email: "ana@example.com", Active: true},
		{Invitation: "i", Email: "zoe@example.com"},
	}
	seen := team.ForMember()
	if len(seen) != 2 || seen[0].Name != "Ana" || seen[1].Invitation != "i" ||
		seen[0].Email != "" ||
		seen[1].Email != "" {
		t.Errorf("got %+v", seen)
	}
	if team[0].Email == "" || team[1].Email == "" {
		t.Error("the owner's list has lost its addresses")
	}
}
