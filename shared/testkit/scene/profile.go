package scene

import (
	"strings"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Two pictures of 8 x 8 pixels.
const (
	oneLogo     = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR4nGJhTDnBgA0wYRUdtBKAAAAA///xZwFAKdRaIwAAAABJRU5ErkJggg=="
	anotherLogo = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR4nGJhSjnBgA0wYRUdtBKAAAAA///yLgFBxRB20gAAAABJRU5ErkJggg=="
)

func ofProfiles() []Scene {
	return []Scene{
		{Operation: operation.ProfileList, Send: "GET /profile", Cost: Cost{2, 1, 2, 3, 0}},
		{
			Operation: operation.ProfileCreate,
			Send:      "POST /profile", Body: Object{"name": "third"},
			Cost: Cost{3, 2, 3, 3, 14}, More: "A/P+1 B/S+1 L+1 N+1 P/P+1",
		},
		{
			Operation: operation.ProfileGet, What: "own, named in the path",
			Send: "GET /profile/HOME", Cost: Cost{1, 1, 1, 2, 0},
		},
		{
			Operation: operation.ProfileGet, What: "own, with a token of another profile",
			Send: "GET /profile/OTHER", Cost: Cost{2, 1, 2, 5, 0},
		},
		{
			Operation: operation.ProfileGet, What: "current",
			Send: "GET /profile/current", Cost: Cost{2, 1, 2, 5, 0},
		},
		{
			Operation: operation.ProfileEdit,
			Send:      "PUT /profile/HOME", Body: Object{"name": "renamed"},
			Cost: Cost{2, 2, 3, 4, 8}, More: "L+1",
		},
		{
			Operation: operation.ProfileEdit, What: "that removes a logo", Prepare: setsLogo,
			Send: "PUT /profile/HOME", Body: Object{"logo_url": nil},
			Cost: Cost{2, 2, 3, 4, 8}, More: "L+1",
		},
		{
			Operation: operation.ProfileLogoSet, What: "in place of another", Prepare: setsLogo,
			Send: "PUT /profile/HOME/logo", Body: Object{"image": anotherLogo},
			Cost: Cost{2, 2, 3, 3, 17}, More: "L+1",
		},
		{
			Operation: operation.LogoGet, Prepare: setsLogo,
			Send: "GET /logo/THING", Cost: Cost{1, 1, 2, 1, 3},
		},
		{
			Operation: operation.ProfileDelete,
			Send:      "DELETE /profile/OTHER", Body: proves,
			Cost: Cost{4, 3, 9, 10, 26}, Again: 404,
		},
		{
			Operation: operation.ProfileDelete, What: "with an open transfer", Prepare: offers,
			Send: "DELETE /profile/OTHER", Body: proves, Again: 404,
		},
		{
			Operation: operation.ProfileDeleted, Prepare: dropsOther,
			Send: "GET /profile/deleted", Cost: Cost{3, 2, 3, 4, 0},
		},
		{
			Operation: operation.ProfileRestore, Prepare: dropsOther,
			Send: "POST /profile/OTHER/restore", Cost: Cost{4, 3, 4, 5, 15}, Again: 404,
		},
		{
			Operation: operation.ProfileRestore, What: "with a team and a logo",
			Prepare: func(s *Stage) {
				setsLogoOf(s, s.Other)
				s.Share(s.Other, s.Ben, tenancy.PermissionRead)
				dropsOther(s)
			},
			Send: "POST /profile/OTHER/restore", Cost: Cost{4, 3, 4, 6, 25}, Again: 404,
		},
		{
			Operation: operation.ProfileSummary, What: "own, named in the path",
			Send: "GET /profile/HOME/summary", Cost: Cost{1, 1, 1, 3, 0},
		},
		{
			Operation: operation.ProfileSwitch,
			Send:      "PUT /profile/switch/OTHER", Cost: Cost{3, 2, 3, 5, 15},
		},
		{Operation: operation.AnalysisList, Send: "GET /analysis/", Cost: Cost{2, 1, 2, 5, 0}},
		{
			Operation: operation.ProfilePurge, What: "one profile with a token",
			Prepare: func(s *Stage) {
				s.Ana.SignIn(s.Other, "never")
				dropsOther(s)
				s.Advance(tenancy.ProfileUndo)
			},
			Cost: Cost{25, 25, 28, 19, 26}, More: "D/D-1 D/P-1 P/T-1 T/T-1",
		},
		// Only the backup is there with the write whose answer is lost.
		{
			Operation: operation.ProfilePurge, What: "one profile with many tokens",
			Prepare: func(s *Stage) {
				for range 26 {
					s.Ana.Mint(s.Other, "never")
				}
				dropsOther(s)
				s.Advance(tenancy.ProfileUndo)
			},
			Cost: Cost{27, 27, 30, 22, 204}, More: "D/D-1 D/P-1 P/T-26 T/T-26",
		},
		// The tokens are gone with the write whose answer is lost; what was to
		// be reclaimed is left to the next run.
		{
			Operation: operation.ProfilePurge, What: "of revoked tokens",
			Prepare: func(s *Stage) {
				s.Ana.Mint(s.Other, "")
				s.OK(s.Tokens.RevokeAll(s.Context(), s.Ana.Client(operation.TokenRevokeAll),
					s.other()))
			},
			More: "D/M-1",
		},
		{
			Operation: operation.ProfilePurge, What: "a former member",
			Prepare: func(s *Stage) {
				sharesHome(s)
				s.Ben.Mint(s.Ana.Home, "")
				s.OK(s.Teams.Remove(s.Context(), s.Ana.Client(operation.TeamRemove),
					s.home(), string(s.Ben.ID)))
			},
		},
	}
}

// setsLogo leaves a logo of ana's first profile, and the end of its address.
func setsLogo(s *Stage) { setsLogoOf(s, s.Ana.Home) }

func setsLogoOf(s *Stage, id value.ProfileID) {
	var set struct {
		URL string `json:"logo_url"`
	}
	path, body := "/profile/"+string(id)+"/logo", Object{"image": oneLogo}
	s.Call(operation.ProfileLogoSet, "PUT", path, s.Ana.Token, body).Into(s.World, &set)
	_, s.Thing, _ = strings.Cut(set.URL, "/logo/")
}

// dropsOther deletes ana's second profile.
func dropsOther(s *Stage) {
	s.OK(s.Profiles.Delete(s.Context(), s.Ana.Client(operation.ProfileDelete), s.other(), proof))
}
