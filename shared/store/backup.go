package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const (
	kindBackup     Kind = "backup"
	kindBackupRow  Kind = "backup-row"
	kindBackupPart Kind = "backup-part"
)

// All that there is of the backups of an account is in one partition: what each
// is, by its id, the same again by its profile, and the parts of its file. So
// nothing of them stays when the account is gone.
const (
	backupPartition  = "Z#"
	backupPrefix     = "B#"
	backupRowPrefix  = "L#"
	backupPartPrefix = "P#"
)

func backupKey(a value.AccountID, id backup.ID) key {
	return key{kindBackup, backupPartition + string(a), backupPrefix + string(id)}
}

func backupRowsPrefix(p value.ProfileID) string { return backupRowPrefix + string(p) + "#" }

func backupRowKey(b backup.Backup) key {
	return key{
		kindBackupRow, backupPartition + string(b.Account),
		backupRowsPrefix(b.Profile) + string(b.ID),
	}
}

func backupPartKey(b backup.Backup, n int) key {
	return key{
		kindBackupPart, backupPartition + string(b.Account),
		fmt.Sprintf("%s%s#%03d", backupPartPrefix, b.File, n),
	}
}

// backupItem is a backup, or its row in the list of a profile, which has no
// link.
type backupItem struct {
	key
	ID      string `dynamodbav:"id"`
	Account string `dynamodbav:"account"`
	Profile string `dynamodbav:"profile"`
	Name    string `dynamodbav:"name"`
	Reason  string `dynamodbav:"reason"`
	Created int64  `dynamodbav:"created"`
	File    string `dynamodbav:"file"`
	Size    int64  `dynamodbav:"size"`
	Parts   int    `dynamodbav:"parts"`
	// whether it is deleted, and only its file is left
	Deleted bool `dynamodbav:"deleted,omitempty"`
	// the link that works, if there is one, and until when
	Link      []byte `dynamodbav:"link,omitempty"`
	LinkUntil int64  `dynamodbav:"linkUntil,omitempty"`
	TTL       int64  `dynamodbav:"ttl"`
}

func backupFrom(k key, b backup.Backup) backupItem {
	return backupItem{
		key: k, ID: string(b.ID), Account: string(b.Account), Profile: string(b.Profile),
		Name: b.Name, Reason: string(b.Reason), Created: millis(b.Created), File: b.File,
		Size: b.Size, Parts: b.Parts, TTL: b.Ends().Unix() + 1,
	}
}

func (i backupItem) value() backup.Backup {
	return backup.Backup{
		ID: backup.ID(i.ID), Account: value.AccountID(i.Account),
		Profile: value.ProfileID(i.Profile), Name: i.Name, Reason: backup.Reason(i.Reason),
		Created: fromMillis(i.Created), File: i.File, Size: i.Size, Parts: i.Parts,
		Deleted: i.Deleted,
	}
}

type backupPartItem struct {
	key
	Content []byte `dynamodbav:"content"`
	TTL     int64  `dynamodbav:"ttl"`
}

// backupPartSize is how much of a file one item has. An item has at most 400
// KB.
const backupPartSize = 300 << 10

// PutBackupFile stores the file of a backup, in parts one after the other, and
// returns the backup with its size. b.File must be new. Nothing refers to the
// parts before AddBackup; until then they end when the backup would have.
func (s *Store) PutBackupFile(
	ctx context.Context, b backup.Backup, file []byte,
) (backup.Backup, error) {
	b.Size = int64(len(file))
	for b.Parts = 0; len(file) > 0; b.Parts++ {
		part := file[:min(len(file), backupPartSize)]
		file = file[len(part):]
		if err := paced(ctx, b.Parts); err != nil {
			return b, err
		}
		stored := backupPartItem{backupPartKey(b, b.Parts), part, b.Ends().Unix() + 1}
		if _, err := s.putNew(ctx, stored); err != nil {
			return b, err
		}
	}
	return b, nil
}

// AddBackup adds a backup whose file is stored. It fails with there if there is
// one with its id.
func (tx *Tx) AddBackup(b backup.Backup, there error) {
	tx.put(
		backupFrom(backupKey(b.Account, b.ID), b),
		condition{"attribute_not_exists(PK)", nil, there},
	)
	tx.put(backupFrom(backupRowKey(b), b), condition{})
}

// Backup adds a backup of an account to the batch. It may have ended.
func (b *Batch) Backup(a value.AccountID, id backup.ID) *Found[backup.Backup] {
	return want(b, backupKey(a, id), backupItem.value)
}

// Backups iterates over the backups of an account, of one profile or, if that
// is empty, of all. Some may have ended.
func (s *Store) Backups(
	ctx context.Context, a value.AccountID, p value.ProfileID, walk Walk,
) iter.Seq2[backup.Backup, error] {
	prefix := backupPrefix
	if p != "" {
		prefix = backupRowsPrefix(p)
	}
	return decoded(s.query(ctx, walk.over(backupPartition+string(a), prefix)), backupItem.value)
}

// BackupFile reads the file of a backup. It is shorter than b.Size if the
// backup was removed meanwhile.
func (s *Store) BackupFile(ctx context.Context, b backup.Backup) ([]byte, error) {
	var file []byte
	of := span{
		pk: backupPartition + string(b.Account), from: backupPartKey(b, 0).SK,
		to: backupPartKey(b, max(b.Parts-1, 0)).SK,
	}
	content := func(i backupPartItem) []byte { return i.Content }
	for part, err := range decoded(s.query(ctx, of), content) {
		if err != nil {
			return nil, err
		}
		file = append(file, part...)
	}
	return file, nil
}

// DeleteBackup ends a backup: nobody sees it any more. It fails with gone if
// there is none. DropBackup removes the rest of it.
func (tx *Tx) DeleteBackup(b backup.Backup, gone error) {
	tx.update(
		backupKey(b.Account, b.ID), "SET #deleted = :yes REMOVE #link, #linkUntil",
		item{":yes": boolean(true)}, condition{"attribute_exists(PK)", nil, gone},
	)
	tx.delete(backupRowKey(b), condition{})
}

// DropBackup removes the file of a deleted backup, and then the note that there
// was one, so that it can be repeated.
func (s *Store) DropBackup(ctx context.Context, b backup.Backup) error {
	for n := range b.Parts {
		if err := paced(ctx, n); err != nil {
			return err
		}
		if err := s.drop(ctx, backupPartKey(b, n)); err != nil {
			return err
		}
	}
	return s.drop(ctx, backupKey(b.Account, b.ID))
}

// paced waits before the nth part of a file, from the third one on: a partition
// takes a megabyte of writes in a second.
func paced(ctx context.Context, n int) error {
	if n < 3 {
		return nil
	}
	return flow.Wait(ctx, 300*time.Millisecond)
}

// LinkBackup gives a backup a link, of which hash is stored, in place of the
// one before. It fails with gone if the backup is gone.
func (tx *Tx) LinkBackup(b backup.Backup, hash []byte, until time.Time, gone error) {
	tx.update(
		backupKey(b.Account, b.ID), "SET #link = :link, #linkUntil = :until",
		item{":link": tx.value(hash), ":until": number(millis(until))},
		condition{"attribute_exists(PK)", nil, gone},
	)
}

// UseLink ends the link of a backup. It fails with gone if that is not the link
// of the backup, or has ended.
func (s *Store) UseLink(
	ctx context.Context, a value.AccountID, id backup.ID, hash []byte, now time.Time, gone error,
) error {
	tx := s.Begin()
	tx.update(
		backupKey(a, id), "REMOVE #link, #linkUntil", item{}, condition{
			"#link = :link AND #linkUntil > :now",
			item{":link": tx.value(hash), ":now": number(millis(now))}, gone,
		},
	)
	return tx.CommitAside(ctx, Origin{})
}

// purgedBackups is how many items of backups one step of a purge removes, and
// purgedBytes after how many bytes of files it ends.
const (
	purgedBackups = 10
	purgedBytes   = 64 << 10
)

// PurgeBackups removes some of what there is of the backups of an account, and
// reports whether nothing is left.
func (s *Store) PurgeBackups(ctx context.Context, a value.AccountID) (none bool, err error) {
	n, bytes := 0, 0
	all := span{
		pk: backupPartition + string(a), from: backupPrefix, to: upTo(backupPartPrefix),
		pageSize: purgedBackups,
	}
	whole := func(i backupPartItem) backupPartItem { return i }
	for it, err := range decoded(s.query(ctx, all), whole) {
		if err == nil {
			err = s.drop(ctx, it.key)
		}
		if err != nil {
			return false, err
		}
		bytes += len(it.Content)
		if n++; n == purgedBackups || bytes >= purgedBytes {
			return false, nil
		}
	}
	return true, nil
}

// RestoreSettings changes the settings, the alerts and the pictures of a
// profile that was read at p.Version, and the copies in the grants of its owner
// and its team, with its usage u as read with it; see SetAlerts and
// UpdateProfile.
func (tx *Tx) RestoreSettings(p tenancy.Profile, u billing.Usage, team tenancy.Team) {
	tx.SetAlerts(p, u)
	tx.copyListed(p, team)
}

// LeavingProfile reads a deleted profile that can be restored no longer and of
// which nothing has been removed yet. ok is false for any other.
func (s *Store) LeavingProfile(
	ctx context.Context, id value.ProfileID, now time.Time,
) (d tenancy.ProfileDeletion, ok bool, err error) {
	batch := s.Batch()
	whole := func(i deletedProfileItem) deletedProfileItem { return i }
	left := want(batch, deletedProfileKey(id), whole)
	if err := batch.Get(ctx); err != nil || left.Value.Owner == "" || left.Value.Purging {
		return d, false, err
	}
	batch = s.Batch()
	kept := batch.Restorable(value.AccountID(left.Value.Owner), id)
	if err := batch.Get(ctx); err != nil || !kept.OK {
		return d, false, err
	}
	return kept.Value, !now.Before(kept.Value.Ends()), nil
}
