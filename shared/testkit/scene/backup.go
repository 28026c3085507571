package scene

import (
	"profiles/shared/backup"
	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func ofBackups() []Scene {
	of := func(path string) string { return "/profile/HOME/backup" + path }
	anaProves := Object{"password": testkit.Password}
	return []Scene{
		{
			Operation: operation.BackupCreate, Prepare: fullProfile,
			Send: "POST " + of(""), Cost: Cost{6, 6, 10, 12, 15}, Again: 403,
		},
		{
			Operation: operation.BackupList, Prepare: backedUp,
			Send: "GET " + of(""), Cost: Cost{2, 2, 2, 4, 0},
		},
		{
			Operation: operation.BackupList, What: "of the account", Prepare: backedUp,
			Send: "GET /account/backup", Cost: Cost{3, 2, 3, 5, 0},
		},
		{
			Operation: operation.BackupDownload, Prepare: backedUp,
			Send: "POST " + of("/THING/download"), Body: anaProves, Cost: Cost{4, 4, 8, 6, 14},
			More: "L+1 O/O+1",
		},
		{
			Operation: operation.BackupFile, Prepare: linked,
			Send: "GET /backup/CODE", Cost: Cost{3, 3, 4, 3, 3}, Again: 404,
		},
		{
			Operation: operation.BackupRestore, What: "that says what would change",
			Prepare: changedSince, Send: "POST " + of("/THING/restore"),
			Body: Object{"dry_run": true}, Cost: Cost{5, 5, 6, 12, 0},
		},
		{
			Operation: operation.BackupRestore, Prepare: changedSince,
			Send: "POST " + of("/THING/restore"), Body: anaProves, Cost: Cost{9, 9, 15, 20, 43},
			More: "E/I+1 I/I+1 L+2 N+1 O/O+1 P/I+1",
		},
		{
			Operation: operation.BackupRestore, What: "with another logo",
			Prepare: func(s *Stage) {
				backedUp(s)
				id := s.Thing
				s.Call(operation.ProfileLogoSet, "PUT", "/profile/"+string(s.Ana.Home)+"/logo",
					s.Ana.Token, Object{"image": anotherLogo})
				s.Thing = id
			},
			Send: "POST " + of("/THING/restore"), Body: anaProves, Cost: Cost{6, 6, 11, 14, 23},
			More: "L+1",
		},
		{
			Operation: operation.BackupRestore, What: "into a new profile", Prepare: changedSince,
			Send: "POST /account/backup/THING/restore", Body: anaProves,
			Cost: Cost{11, 10, 16, 27, 47},
			More: "A/P+1 B/S+1 E/I+1 G/G+1 I/I+1 L+3 N+1 O/O+1 P/I+1 P/P+1 W/W+1",
		},
		{
			Operation: operation.BackupDelete, Prepare: backedUp,
			Send: "DELETE " + of("/THING"), Body: anaProves, Cost: Cost{6, 6, 10, 6, 13}, Again: 404,
		},
	}
}

// fullProfile leaves ana's first profile with all that a backup has.
func fullProfile(s *Stage) {
	s.Helper()
	sharesHome(s)
	setsLogo(s)
	hooked(s)
	stopped(s)
}

// backedUp leaves a backup of ana's first profile, and its id.
func backedUp(s *Stage) {
	s.Helper()
	fullProfile(s)
	b, err := s.Backups.Create(s.Context(), s.Ana.Client(operation.BackupCreate), s.home())
	s.OK(err)
	s.Thing = string(b.ID)
}

// linked leaves a link to it.
func linked(s *Stage) {
	s.Helper()
	backedUp(s)
	home := s.home()
	link, err := s.Backups.Link(s.Context(), s.Ana.Client(operation.BackupDownload),
		&home, backup.ID(s.Thing), proof)
	s.OK(err)
	s.Code = link.Code
}

// changedSince leaves a backup of ana's first profile, which has lost its
// member, its webhook and its name since then.
func changedSince(s *Stage) {
	s.Helper()
	backedUp(s)
	ctx, home := s.Context(), s.home()
	s.OK(s.Teams.Remove(ctx, s.Ana.Client(operation.TeamRemove), home, string(s.Ben.ID)))
	hooks, err := s.Webhooks.List(ctx, s.Ana.Client(operation.WebhookList), &home)
	s.OK(err)
	s.OK(s.Webhooks.Delete(ctx, s.Ana.Client(operation.WebhookDelete), &home, hooks[0].ID))
	name := "Renamed"
	s.OK(s.Profiles.Edit(ctx, s.Ana.Client(operation.ProfileEdit), home,
		tenancy.ProfileEdit{Name: &name}))
}
