package operation

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"profiles/shared/backup"
	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/backups"
	"profiles/shared/value"
)

// backup reads whose backup the path names, and which.
func (r *request) backup() (backups.Of, backup.ID, error) {
	of, err := r.profileOrAccount()
	if err != nil {
		return nil, "", err
	}
	id, err := backup.ParseID(r.PathValue("backup"))
	return of, id, err
}

var BackupCreate = Operation{
	Name:    "backup-create",
	Tag:     "Backups",
	Summary: "Makes a backup of an own profile, once a day; with the plans starter and scale.",
	Routes:  []Route{{"POST", "/profile/{id}/backup"}},
	Access:  Owner,
	Zones:   true,
	Packs:   true,
	Call:    bare[backupMade](backupCreate),
	Refuses: []problem.Reason{problem.ReasonPlanLacks, problem.ReasonBackupToday},
	Example: Example{Path: "/profile/current/backup"},
}

type backupMade struct {
	Message string          `json:"message" is:"text"`        // for people
	Profile value.ProfileID `json:"profile"`                  // the id of the profile
	ID      backup.ID       `json:"backup_id" is:"backup_id"` // the id of the backup
}

func backupCreate(ctx context.Context, s *service.Services, r *request) (backupMade, error) {
	ref, err := r.profile()
	if err != nil {
		return backupMade{}, err
	}
	b, err := s.Backups.Create(ctx, r.client, ref)
	return backupMade{"The backup is complete", b.Profile, b.ID}, err
}

var BackupList = Operation{
	Name:    "backup-list",
	Tag:     "Backups",
	Summary: "Lists the backups of an own profile, or all of the account with those of profiles that it has no longer, newest first.",
	Routes: []Route{
		{"GET", "/profile/{id}/backup"},
		{"GET", "/account/backup"},
	},
	Access:  OwnerOrAccount,
	Call:    pages[backupQuery, backupRow](backupList),
	Example: Example{Path: "/profile/current/backup?orderBy=created_at,desc"},
}

type backupQuery struct {
	httpapi.Paging
	// created_at and a direction, such as created_at,desc
	Order httpapi.Order `query:"orderBy"`
}

// BackupCompleted is the state of every backup: it is made within one request.
const BackupCompleted = "completed"

type backupRow struct {
	ID      backup.ID       `json:"id" is:"backup_id"`         // the id of the backup
	Profile value.ProfileID `json:"profile"`                   // the id of the profile
	Name    string          `json:"profile_name" is:"text"`    // the name that the profile had
	Reason  backup.Reason   `json:"reason" is:"backup_reason"` // why it was made
	Path    string          `json:"file_path" is:"text"`       // the name of the file
	Version *string         `json:"version_id"`                // always null: a file has one version
	Size    int64           `json:"file_size"`                 // the size of the file, in bytes
	State   string          `json:"status" is:"backup_state"`  // always completed
	Error   *string         `json:"error_message"`             // always null
	Created string          `json:"created_at" is:"time"`      // when it was made
	Expires string          `json:"expire_at" is:"time"`       // until when it is kept
}

func backupList(
	ctx context.Context, s *service.Services, r *request, q backupQuery,
) ([]backupRow, string, error) {
	of, err := r.profileOrAccount()
	if err != nil {
		return nil, "", err
	}
	if q.Order.OrderBy != "" && q.Order.OrderBy != "created_at" {
		return nil, "", problem.InvalidField("orderBy", problem.FieldChoice,
			"must be created_at, with the direction asc or desc")
	}
	list, err := s.Backups.List(
		ctx, r.client, of, paging(q.Paging), q.Order.OrderBy != "" && !q.Order.Descending)
	rows := make([]backupRow, len(list.Rows))
	for i, b := range list.Rows {
		rows[i] = backupRow{
			ID: b.ID, Profile: b.Profile, Name: b.Name, Reason: b.Reason, Path: b.Path(),
			Size: b.Size, State: BackupCompleted, Created: isoTime(b.Created),
			Expires: isoTime(b.Ends()),
		}
	}
	return rows, list.Next, err
}

var BackupDownload = Operation{
	Name:    "backup-download",
	Tag:     "Backups",
	Summary: "Returns a link to the file of a backup, which works once and for two hours; asks for the password.",
	Routes: []Route{
		{"POST", "/profile/{id}/backup/{backup}/download"},
		{"POST", "/account/backup/{backup}/download"},
	},
	Access: OwnerOrAccount,
	Hashes: true,
	Call:   call[credentialsBody, backupLink](backupDownload),
	Example: Example{
		Path: "/profile/current/backup/0123456789abcdef01234567/download",
		Body: `{"password": "demo lantern otter"}`,
	},
}

type backupLink struct {
	// the address of the file, which works once, without a token
	URL     string    `json:"url" is:"url"`
	Size    int64     `json:"size"`                     // the size of the file
	Unit    string    `json:"size_unit" is:"text"`      // always bytes
	Mega    string    `json:"file_size_mb" is:"text"`   // the size of the file in megabytes, for people
	Expires string    `json:"expire_at" is:"time"`      // until when the address works
	ID      backup.ID `json:"backup_id" is:"backup_id"` // the id of the backup
	Created string    `json:"created_at" is:"time"`     // when the backup was made
}

func backupDownload(
	ctx context.Context, s *service.Services, r *request, b credentialsBody,
) (backupLink, error) {
	of, id, err := r.backup()
	if err != nil {
		return backupLink{}, err
	}
	link, err := s.Backups.Link(ctx, r.client, of, id, b.credentials())
	return backupLink{
		URL:  origin(r.Host) + "/backup/" + link.Code,
		Size: link.Size, Unit: "bytes",
		Mega:    strconv.FormatFloat(float64(link.Size)/(1<<20), 'f', 2, 64),
		Expires: isoTime(link.Until), ID: link.ID, Created: isoTime(link.Created),
	}, err
}

// origin is the origin of this service as the gateway names it: https, except
// on a machine of its own.
func origin(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if a, err := netip.ParseAddr(name); name == "localhost" || err == nil && a.IsLoopback() {
		return "http://" + host
	}
	return "https://" + host
}

var BackupFile = Operation{
	Name:    "backup-file",
	Tag:     "Backups",
	Summary: "Serves the file of a backup to whoever has its link, once.",
	Routes:  []Route{{"GET", "/backup/{code}"}},
	Access:  Anonymous,
	Acts:    true,
	Seals:   true,
	file:    backupFile,
	Example: Example{Path: "/backup/c2FtcGxl"},
}

func backupFile(ctx context.Context, s *service.Services, r *request) (httpapi.Static, error) {
	b, file, err := s.Backups.File(ctx, r.client, r.PathValue("code"))
	return httpapi.Static{
		Type: "application/zip", Content: file, Keep: httpapi.Never, Name: b.FileName(),
	}, err
}

var BackupRestore = Operation{
	Name:    "backup-restore",
	Tag:     "Backups",
	Summary: "Restores a backup into its profile, or into a new one of the account, or says what that would change; asks for the password.",
	Routes: []Route{
		{"POST", "/profile/{id}/backup/{backup}/restore"},
		{"POST", "/account/backup/{backup}/restore"},
	},
	Access: OwnerOrAccount,
	Hashes: true,
	Zones:  true,
	Call:   strict[restoreBody, restoredView](backupRestore),
	Refuses: []problem.Reason{
		problem.ReasonBackupDamaged, problem.ReasonProfilesFull, problem.ReasonAlertsFull,
		problem.ReasonWebhooksFull,
	},
	Example: Example{
		Path: "/profile/current/backup/0123456789abcdef01234567/restore",
		Body: `{"dry_run": true}`,
	},
}

type restoreBody struct {
	credentialsBody
	// whether nothing changes, and the answer says what would; it takes no
	// password
	DryRun bool `json:"dry_run"`
	// what is restored; all of it if it is left out or empty
	Parts []string `json:"parts" is:"backup_part"`
}

// restoredView says what a restoration has changed, or would change.
type restoredView struct {
	// the profile that has it now; null for a dry run of a new one
	Profile *value.ProfileID  `json:"profile"`
	DryRun  bool              `json:"dry_run"`  // whether nothing was changed
	Changes []restoredChange  `json:"changes"`  // what changed, or would
	Refused []restoredRefusal `json:"refused"`  // what does not come back, and why
	Hooks   []restoredWebhook `json:"webhooks"` // the webhooks that came back, with new secrets
}

type restoredChange struct {
	Part backup.Part `json:"part" is:"backup_part"` // the part
	// the setting, the service, the add-on, the address of the member, or the
	// id of the alert or the webhook
	What   string `json:"what" is:"text"`
	Before string `json:"before" is:"text"` // what is there now; empty for nothing
	After  string `json:"after" is:"text"`  // what the backup has
}

type restoredRefusal struct {
	Part backup.Part `json:"part" is:"backup_part"` // the part
	What string      `json:"what" is:"text"`        // the address of a member; empty for all of the part
	// why, as in the code of a refusal, such as allocation_over or team_full
	Code    problem.Reason `json:"code" is:"text"`
	Message string         `json:"message" is:"text"` // why, for people
}

type restoredWebhook struct {
	ID  string `json:"id" is:"webhook_id"`   // the id of the webhook
	URL string `json:"url" is:"webhook_url"` // the https address that events are sent to
	// the new secret that signs its events; it is not shown again
	Secret string `json:"secret" is:"webhook_secret"`
}

func backupRestore(
	ctx context.Context, s *service.Services, r *request, b restoreBody,
) (restoredView, error) {
	of, id, err := r.backup()
	if err != nil {
		return restoredView{}, err
	}
	parts, err := backup.ParseParts(b.Parts)
	if err != nil {
		return restoredView{}, err
	}
	done, err := s.Backups.Restore(
		ctx, r.client, of, id, backups.Request{Parts: parts, DryRun: b.DryRun}, b.credentials())
	if err != nil {
		return restoredView{}, err
	}
	view := restoredView{
		DryRun: b.DryRun, Changes: []restoredChange{}, Refused: []restoredRefusal{},
		Hooks: []restoredWebhook{},
	}
	if done.Profile != "" {
		view.Profile = &done.Profile
	}
	for _, c := range done.Changes {
		view.Changes = append(view.Changes, restoredChange(c))
	}
	for _, no := range done.Refusals {
		view.Refused = append(view.Refused, restoredRefusal{
			no.Part, no.What, problem.ReasonOf(no.Err), problem.MessageOf(no.Err),
		})
	}
	for _, h := range done.Webhooks {
		view.Hooks = append(view.Hooks, restoredWebhook{string(h.ID), h.URL, h.Plain})
	}
	return view, nil
}

var BackupDelete = Operation{
	Name:    "backup-delete",
	Tag:     "Backups",
	Summary: "Deletes a backup for good; asks for the password.",
	Routes: []Route{
		{"DELETE", "/profile/{id}/backup/{backup}"},
		{"DELETE", "/account/backup/{backup}"},
	},
	Access: OwnerOrAccount,
	Hashes: true,
	Call:   call[credentialsBody, acknowledged](backupDelete),
	Example: Example{
		Path: "/profile/current/backup/0123456789abcdef01234567",
		Body: `{"password": "demo lantern otter"}`,
	},
}

func backupDelete(
	ctx context.Context, s *service.Services, r *request, b credentialsBody,
) (acknowledged, error) {
	of, id, err := r.backup()
	if err != nil {
		return "", err
	}
	return "Backup successfully removed",
		s.Backups.Delete(ctx, r.client, of, id, b.credentials())
}
