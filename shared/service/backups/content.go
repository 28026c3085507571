package backups

import (
	"context"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// macPurpose is a purpose of secret.Keys.
const macPurpose = "backup"

func (s Service) mac(texts ...string) []byte { return s.Keys.MAC(macPurpose, texts...) }

func (s Service) checks(mac []byte, texts ...string) bool {
	return s.Keys.MatchesMAC(mac, macPurpose, texts...)
}

// content reads what a backup of a profile has beside its records, with the
// reads of a batch. logo is that of a profile that is deleted; the logo of any
// other is read.
func (s Service) content(
	ctx context.Context,
	p tenancy.Profile,
	team tenancy.Team,
	logo tenancy.Logo,
	batch *store.Batch,
) (backup.Content, error) {
	named := core.Named(batch, team.Joined())
	hooks := batch.Webhooks(string(p.ID))
	kept := &store.Found[tenancy.Logo]{Value: logo}
	if p.Logo() != "" && logo.Hash == "" {
		kept = batch.Logo(p.Logo())
	}
	if err := batch.Get(ctx); err != nil {
		return backup.Content{}, err
	}
	return backup.Of(p, kept.Value, named(), hooks.Value.Hooks), nil
}

// write reads the records of a profile, and stores the file of its backup.
func (s Service) write(
	ctx context.Context, b backup.Backup, c backup.Content,
) (backup.Backup, error) {
	if err := flow.Parallel(
		ctx,
		func(ctx context.Context) error { return s.readTokens(ctx, b, &c) },
		func(ctx context.Context) error {
			from := b.Created.AddDate(0, -billing.UsageHistoryMonths, 0)
			hours, err := s.Store.Hours(ctx, b.Profile, from, b.Created.Add(time.Second))
			for _, u := range hours {
				c.Usage = append(c.Usage, backup.HourOf(u))
			}
			return err
		},
		func(ctx context.Context) error { return s.readAudit(ctx, b, &c) },
	); err != nil {
		return b, err
	}
	file, err := backup.Write(b, c, s.mac)
	if err != nil {
		return b, err
	}
	return s.Store.PutBackupFile(ctx, b, file)
}

// readTokens reads the tokens that the owner and the members of the team have
// made, without those that have expired.
func (s Service) readTokens(ctx context.Context, b backup.Backup, c *backup.Content) error {
	here := map[value.AccountID]bool{b.Account: true}
	for _, m := range c.Team {
		here[m.Account] = true
	}
	for t, err := range s.Store.TokenRows(ctx, b.Profile, store.Walk{}) {
		if err != nil {
			return err
		}
		if len(c.Tokens) == backup.MaxTokens {
			c.TokensWhole = false
			return nil
		}
		if here[t.Account] && (t.Expires.IsZero() || b.Created.Before(t.Expires)) {
			c.Tokens = append(c.Tokens, backup.TokenOf(t, secret.Masked(string(t.ID))))
		}
	}
	return nil
}

// writeTime is how long it may take to write and store the largest file.
const writeTime = 8 * time.Second

// readAudit reads the audit log, newest first, as far as there is time.
func (s Service) readAudit(ctx context.Context, b backup.Backup, c *backup.Content) error {
	from := auditlog.OldestKept(b.Created)
	if made := c.Profile.Since(); made.After(from) {
		from = made
	}
	for e, err := range s.Store.LastAuditEntries(
		ctx, string(b.Profile), from, b.Created.Add(time.Second), "", 0,
	) {
		if err != nil {
			return err
		}
		if len(c.Audit) == backup.MaxEntries || !flow.TimeFor(ctx, writeTime) {
			return nil
		}
		c.Audit = append(c.Audit, backup.EntryOf(e))
	}
	c.AuditWhole = true
	return nil
}

// read returns the content of a backup. Errors: backup.ErrNone if it was
// removed meanwhile; backup.ErrDamaged.
func (s Service) read(ctx context.Context, b backup.Backup) (backup.Content, error) {
	file, err := s.Store.BackupFile(ctx, b)
	if err != nil {
		return backup.Content{}, err
	}
	if int64(len(file)) != b.Size {
		return backup.Content{}, backup.ErrNone
	}
	return backup.Read(b, file, s.checks)
}
