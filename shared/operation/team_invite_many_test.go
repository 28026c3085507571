package operation_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type invitedRow struct {
	Email   string
	Invited bool
	Code    *string
	Message *string
}

func inviteMany(w *testkit.World, by testkit.Person, emails ...string) testkit.Answer {
	return w.Call(operation.TeamInviteMany, "POST", "/profile/"+string(by.Home)+"/team/invitations",
		by.Token, object{"emails": emails, "permission": "read"})
}

// Each address has its own answer, in the order of the request, and one mail at
// most.
func TestManyAreInvitedAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, mia := w.Quick("ana"), w.Quick("ben"), w.Quick("mia")
	w.Share(ana.Home, mia, tenancy.PermissionRead)
	var rows []invitedRow
	inviteMany(w, ana, "zoe@example.com", string(ana.Email), string(ben.Email), string(mia.Email),
		"ben", " Zoe@example.com", "yan@example.com").Into(w, &rows)
	wants := []invitedRow{
		{"zoe@example.com", true, nil, nil},
		{string(ana.Email), false, ptr("own_address"), ptr("")},
		{string(ben.Email), true, nil, nil},
		{string(mia.Email), false, ptr("already_member"), ptr("")},
		{"ben", false, ptr("invalid"), ptr("")},
		{" Zoe@example.com", true, nil, nil},
		{"yan@example.com", true, nil, nil},
	}
	if len(rows) != len(wants) {
		t.Fatalf("got %d rows, want %d", len(rows), len(wants))
	}
	for i, got := range rows {
		want := wants[i]
		if got.Email != want.Email || got.Invited != want.Invited ||
			said(got.Code) != said(want.Code) ||
			(got.Message == nil) != (want.Message == nil) {
			t.Errorf("row %d: got %+v with the code %q, want %+v", i, got, said(got.Code), want)
		}
	}
	for _, address := range []value.Email{"zoe@example.com", ben.Email, "yan@example.com"} {
		if mails := w.Mail(address); len(mails) != 1 {
			t.Errorf("%s has %d mails, want 1", address, len(mails))
		}
	}
	for name, got := range map[string]testkit.Answer{
		"none": inviteMany(w, ana), "too many": inviteMany(w, ana, make([]string, 21)...),
		"not a permission": w.Call(operation.TeamInviteMany, "POST",
			"/profile/"+string(ana.Home)+"/team/invitations", ana.Token,
			object{"emails": []string{"x@example.com"}, "permission": "owner"}),
	} {
		if got.Code != http.StatusBadRequest {
			t.Errorf("%s: got %d %q, want 400", name, got.Code, got.Message)
		}
	}
	if got := inviteMany(w, mia, "ben"); got.Code != http.StatusOK {
		t.Errorf("a wrong address alone: got %d, want 200 with the reason in its row", got.Code)
	}
}

func said(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// A team has no more places than the plan gives, and says for each address that
// there is none.
func TestManyAreInvitedAsFarAsThereAreTeamPlaces(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana", plan.Starter)
	most := plan.Starter.Limits().Members
	emails := make([]string, most+2)
	for i := range emails {
		emails[i] = fmt.Sprintf("x%d@example.com", i)
	}
	var rows []invitedRow
	inviteMany(w, ana, emails...).Into(w, &rows)
	for i, row := range rows {
		if row.Invited != (i < most) || i >= most && said(row.Code) != "team_full" {
			t.Errorf("row %d of %d places: got %v, %q", i, most, row.Invited, said(row.Code))
		}
	}
}

// A request that was interrupted between two addresses is completed by its
// repetition, which mails nobody twice.
func TestARepetitionCompletesInvitations(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	commits := 0
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "TransactWriteItems" {
			if commits++; commits > 1 {
				return testkit.Throttled
			}
		}
		return testkit.NoFault
	})
	with(w, "1")
	if got := inviteMany(w, ana, "zoe@example.com", "yan@example.com"); got.Code != 503 {
		t.Fatalf("interrupted: got %d %q, want 503", got.Code, got.Message)
	}
	w.Faults.Always(nil)
	w.Advance(time.Second)
	var rows []invitedRow
	inviteMany(w, ana, "zoe@example.com", "yan@example.com").Into(w, &rows)
	if len(rows) != 2 || !rows[0].Invited || !rows[1].Invited {
		t.Errorf("repeated: got %+v", rows)
	}
	for _, address := range []value.Email{"zoe@example.com", "yan@example.com"} {
		if mails := w.Mail(address); len(mails) != 1 {
			t.Errorf("%s has %d mails, want 1", address, len(mails))
		}
	}
	got := inviteMany(w, ana, "zoe@example.com", "yan@example.com")
	if !replayed(got) {
		t.Error("the answer was not kept")
	}
}
