// Package backup has the rules of backups: what a backup of a profile has, the
// file that it is, and what a restoration changes. It does no I/O and reads no
// clock.
package backup

import (
	"fmt"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// ID identifies a backup: 24 lower-case hexadecimal digits.
type ID string

// ParseID accepts the id of a backup; anything else is CodeNotFound.
func ParseID(s string) (ID, error) {
	if !value.IsID(s) {
		return "", ErrNone
	}
	return ID(s), nil
}

// ErrNone refuses a backup that there is not.
var ErrNone error = problem.NotFound("Backup")

// ErrLink refuses a link to a backup that does not work, for whatever reason.
var ErrLink error = &problem.Error{
	Code: problem.CodeNotFound,
	Message: fmt.Sprintf(
		"The link is not valid: a link to a backup works once, and for %.0f hours. Ask for another one",
		LinkLife.Hours(),
	),
}

// Bounds of backups. Source: the original's pages of backups and of resource
// limits.
const (
	MonthsKept = 12
	PerDay     = 1 // of a profile, in a day of its owner's time zone
	LinkLife   = 2 * time.Hour
)

// Reason says why a backup was made.
type Reason string

const (
	ReasonRequest  Reason = "request"  // its owner asked for it
	ReasonDeletion Reason = "deletion" // the profile was about to be removed for good
)

// Reasons returns all reasons.
func Reasons() []Reason { return []Reason{ReasonRequest, ReasonDeletion} }

// Backup describes a backup. It belongs to the account that owned the profile
// when it was made, and stays there if the profile is deleted or transferred.
type Backup struct {
	ID      ID
	Account value.AccountID
	Profile value.ProfileID
	Name    string // of the profile, as it was
	Reason  Reason
	Created time.Time
	File    string // what the parts of its file are stored under
	Size    int64  // of the file, in bytes
	Parts   int    // in how many parts the file is stored
	// Deleted says that the backup is deleted, and only its file is left.
	Deleted bool
}

// Ends returns when the backup is removed.
func (b Backup) Ends() time.Time { return b.Created.AddDate(0, MonthsKept, 0) }

// Kept reports whether the backup is still there for its account.
func (b Backup) Kept(now time.Time) bool { return !b.Deleted && now.Before(b.Ends()) }

// Path is the name of the file, as the original writes it.
func (b Backup) Path() string {
	return "profile/" + string(b.Profile) + "/backup/" + b.FileName()
}

// FileName is the name of the file on a disk.
func (b Backup) FileName() string { return "backup-" + string(b.ID) + ".zip" }

// OfDeletion returns the id of the backup that is made before a deleted profile
// is removed, so that two runs make the same one. at is an id made at the time
// of the deletion.
func OfDeletion(at string, p value.ProfileID) ID { return ID(at[:idTime] + string(p)[idTime:]) }

// idTime is how many digits of an id are the time in which it was made.
const idTime = 12

// Offered refuses (CodeForbidden) backups with the plan free.
func Offered(p plan.Plan) error {
	if p != plan.Free {
		return nil
	}
	return p.Lacks("Backups are not available with the plan free: choose the plan starter or scale")
}

// Day returns the end of a day of a zone, by which the backups of a profile are
// counted, and the refusal (CodeForbidden) of one more.
func Day(zone *time.Location, now time.Time) (end time.Time, full error) {
	local := now.In(zone)
	end = time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone).UTC()
	wait := end.Sub(now)
	hours := int((wait + time.Hour - 1) / time.Hour)
	return end, problem.Forbidden(
		"Daily backup limit reached (%d backup per day): try again in %s",
		PerDay, value.Plural(hours, "hour"),
	).For(problem.ReasonBackupToday).With("limit", PerDay).With("until", end.Format(value.TimeFormat))
}
