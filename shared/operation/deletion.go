package operation

import (
	"context"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

var AccountDelete = Operation{
	Name:    "account-delete",
	Tag:     "Account",
	Summary: "Deletes the account that the token acts for; asks for the password.",
	Routes:  []Route{{"DELETE", "/account"}},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    call[credentialsBody, acknowledged](accountDelete),
	Refuses: []problem.Reason{problem.ReasonForbidden},
	Example: Example{Path: "/account", Body: `{"password": "demo lantern otter"}`},
}

func accountDelete(
	ctx context.Context,
	s *service.Services,
	r *request,
	b credentialsBody,
) (acknowledged, error) {
	return "Account Successfully Deleted: what it had is being removed, and a mail tells you when that is done",
		s.Accounts.Delete(
			ctx,
			r.client,
			b.credentials(),
		)
}

var AccountPurge = Operation{
	Name:    "account-purge",
	Tag:     "Account",
	Summary: "Removes the remaining items of deleted accounts, and sends a mail when it has finished.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	Seals:   true,
	sweep:   accountPurge,
}

func accountPurge(ctx context.Context, s *service.Services) (int, error) {
	return s.Accounts.Purge(ctx)
}

var ProfileDelete = Operation{
	Name:    "profile-delete",
	Tag:     "Profiles",
	Summary: "Deletes an own profile, which can be restored for 7 days; asks for the password.",
	Routes:  []Route{{"DELETE", "/profile/{id}"}},
	Access:  Owner,
	Hashes:  true,
	Remedy:  true,
	Call:    call[credentialsBody, acknowledged](profileDelete),
	Refuses: []problem.Reason{problem.ReasonOnlyProfile, problem.ReasonTransferHold},
	Example: Example{
		Path: "/profile/0123456789abcdef01234567",
		Body: `{"password": "demo lantern otter"}`,
	},
}

func profileDelete(
	ctx context.Context,
	s *service.Services,
	r *request,
	b credentialsBody,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	return "Successfully Removed", s.Profiles.Delete(ctx, r.client, ref, b.credentials())
}

var ProfileDeleted = Operation{
	Name:    "profile-deleted",
	Tag:     "Profiles",
	Summary: "Lists the deleted profiles of the account that it can restore.",
	Routes:  []Route{{"GET", "/profile/deleted"}},
	Access:  Read,
	Call:    pages[deletedProfileQuery, deletedProfileRow](profileDeleted),
	Example: Example{Path: "/profile/deleted"},
}

type deletedProfileQuery struct {
	httpapi.Paging
}

// deletedProfileRow names nobody who deleted the profile: only its owner can.
type deletedProfileRow struct {
	ID      value.ProfileID `json:"id"`                   // the id of the profile
	Name    string          `json:"name" is:"text"`       // the name of the profile
	Deleted string          `json:"deleted_at" is:"time"` // when it was deleted
	Purge   string          `json:"purge_at" is:"time"`   // until when it can be restored
	Members int             `json:"members"`              // how many members its team had
	Addons  addonsView      `json:"addons"`               // the add-ons that it had
	// what it had of each service, and has again when it is restored
	Allocation map[string]int64 `json:"allocation"`
}

func profileDeleted(
	ctx context.Context, s *service.Services, r *request, q deletedProfileQuery,
) ([]deletedProfileRow, string, error) {
	list, err := s.Profiles.Deleted(ctx, r.client, paging(q.Paging))
	if err != nil {
		return nil, "", err
	}
	rows := make([]deletedProfileRow, len(list.Rows))
	for i, d := range list.Rows {
		rows[i] = deletedProfileRow{
			ID: d.Profile.ID, Name: d.Profile.Name, Deleted: isoTime(d.Time),
			Purge: isoTime(d.Ends()), Members: len(d.Team), Addons: addons(d.Profile),
			Allocation: d.Profile.Allocation.Map(),
		}
	}
	return rows, list.Next, nil
}

var ProfileRestore = Operation{
	Name:    "profile-restore",
	Tag:     "Profiles",
	Summary: "Restores a profile that the account has deleted in the last 7 days.",
	Routes:  []Route{{"POST", "/profile/{id}/restore"}},
	Access:  Full,
	Call:    bare[acknowledged](profileRestore),
	Refuses: []problem.Reason{problem.ReasonProfilesFull, problem.ReasonAllocationLacks},
	Example: Example{Path: "/profile/0123456789abcdef01234567/restore"},
}

func profileRestore(
	ctx context.Context, s *service.Services, r *request,
) (acknowledged, error) {
	ref, err := r.profile()
	if err != nil {
		return "", err
	}
	if ref.Current {
		return "", problem.NotFound("Deleted profile")
	}
	return "Successfully Restored", s.Profiles.Restore(ctx, r.client, ref.ID)
}

var ProfilePurge = Operation{
	Name:    "profile-purge",
	Tag:     "Profiles",
	Summary: "Removes the remaining items of deleted profiles, after a last backup of those that had backups.",
	Trigger: Schedule,
	Every:   15 * time.Minute,
	Zones:   true,
	Packs:   true,
	sweep:   profilePurge,
}

func profilePurge(ctx context.Context, s *service.Services) (int, error) {
	return s.Profiles.Purge(ctx)
}
