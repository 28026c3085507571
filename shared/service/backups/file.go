package backups

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/backup"
	"profiles/shared/mailing"
	"profiles/shared/value"
)

// Link is a link to the file of a backup, which works once.
type Link struct {
	backup.Backup
	Code  string // the rest of its path
	Until time.Time
}

// linkPurpose is a purpose of secret.Keys.
const linkPurpose = "backup link"

// Link makes a link to the file of a backup, after a fresh proof, in place of
// the one before. Its owner gets a mail: the file has who is in the team and
// what happened. Errors: those of List; backup.ErrNone; those of a fresh proof.
func (s Service) Link(
	ctx context.Context, c access.Client, of Of, id backup.ID, given access.Credentials,
) (Link, error) {
	proven := s.Access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (Link, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return Link{}, err
		}
		batch := s.Store.Batch()
		owner := batch.Account(o.account)
		b, err := s.find(ctx, o, id, batch)
		if err != nil {
			return Link{}, err
		}
		now := s.Instant()
		tx := s.Store.Begin()
		if err := proven.Prove(ctx, tx, o.account, "downloading a backup", now); err != nil {
			return Link{}, err
		}
		once := s.NewKey().Secret
		code := strings.Join([]string{
			string(b.Account), string(b.ID), strconv.FormatInt(owner.Value.Sessions, 36), once,
		}, "/")
		link := Link{
			b, base64.RawURLEncoding.EncodeToString(s.Keys.Seal(linkPurpose, "", []byte(code))),
			now.Add(backup.LinkLife),
		}
		tx.LinkBackup(b, linkHash(once), link.Until, backup.ErrNone)
		tx.Audit(s.entry(o, b, "Link to a backup made"))
		s.SendTo(tx, owner.Value, mailing.BackupDownloaded{
			Name: owner.Value.Name, Profile: b.Name, Made: b.Created, When: now,
		}, now)
		return link, tx.Commit(ctx, c.Origin())
	})
}

func linkHash(once string) []byte {
	sum := sha256.Sum256([]byte(once))
	return sum[:]
}

// File returns the file of a link, which ends with that. A link ends as well
// with the sessions of its account, such as by a new password. Errors:
// backup.ErrLink for a link that does not work, for whatever reason;
// CodeTooMany.
func (s Service) File(
	ctx context.Context, c access.Client, code string,
) (backup.Backup, []byte, error) {
	var b backup.Backup
	l, ok := s.openLink(code)
	if !ok {
		if err := s.Access.CountBySource(ctx, c); err != nil {
			return b, nil, err
		}
		return b, nil, backup.ErrLink
	}
	batch := s.Store.Batch()
	found, owner := batch.Backup(l.account, l.id), batch.Account(l.account)
	if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
		return b, nil, err
	}
	now := s.Instant()
	signedOut := !owner.OK || owner.Value.Sessions != l.sessions
	if b = found.Value; !found.OK || !b.Kept(now) || signedOut {
		return b, nil, backup.ErrLink
	}
	file, err := s.Store.BackupFile(ctx, b)
	if err != nil {
		return b, nil, err
	}
	if int64(len(file)) != b.Size {
		return b, nil, backup.ErrLink
	}
	// The link ends last, so that a read that fails does not take it.
	return b, file, s.Store.UseLink(ctx, l.account, l.id, linkHash(l.once), now, backup.ErrLink)
}

// linkText is what the code of a link seals.
type linkText struct {
	account  value.AccountID
	id       backup.ID
	sessions int64  // of the account; see tenancy.Account.SignedOut
	once     string // of which the hash is stored
}

func (s Service) openLink(code string) (l linkText, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(code)
	if err != nil {
		return l, false
	}
	plain, ok := s.Keys.Open(linkPurpose, "", sealed)
	parts := strings.Split(string(plain), "/")
	if !ok || len(parts) != 4 {
		return l, false
	}
	sessions, err := strconv.ParseInt(parts[2], 36, 64)
	return linkText{value.AccountID(parts[0]), backup.ID(parts[1]), sessions, parts[3]}, err == nil
}
