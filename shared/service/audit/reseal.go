package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Reseal seals anew each log that does not verify or, when log is not empty,
// that one if it does not: whoever runs it vouches for what the log has now. It
// calls resealed with what was found before. The log says that it was done, how
// much was found, and what was removed because it could not be read as an
// entry; its numbers go on where they were. One that is cut off does not
// verify, and is sealed anew as a whole the next time.
func (s Chain) Reseal(ctx context.Context, log string, resealed func(auditlog.LogReport)) error {
	logs, _, err := s.logs(ctx, log)
	if err != nil {
		return err
	}
	var failed []error
	for _, k := range logs {
		k = k.And(s.Instant())
		// The stream may seal an entry meanwhile, and that is to be done again
		// with the rest.
		for try := range 3 {
			l, err := s.Store.SealedLog(ctx, k, s.auditMAC)
			if err != nil {
				return err
			}
			r := sealedPart(l).Check(s.Instant())
			if len(r.Findings) == 0 {
				break
			}
			if try == 0 {
				resealed(r)
			}
			if err = s.reseal(
				ctx,
				l,
				len(r.Findings),
			); err == nil ||
				errors.Is(err, problem.ErrConflict) && try < 2 {
				continue
			}
			failed = append(failed, fmt.Errorf("%s: %w", k.Log, err))
			break
		}
	}
	return errors.Join(failed...)
}

// sealedPart is a log without the entries that wait for their seal.
func sealedPart(l auditlog.SealedLog) auditlog.SealedLog {
	l.Entries = slices.DeleteFunc(
		slices.Clone(l.Entries),
		func(e auditlog.SealedEntry) bool { return len(e.Link.Digest) == 0 && !e.Other },
	)
	return l
}

func (s Chain) reseal(ctx context.Context, l auditlog.SealedLog, findings int) error {
	e := s.AuditEntry(
		l.Log,
		tenancy.Token{},
		"auditlog",
		l.Log,
		"Audit log sealed anew by the operator",
		s.Instant(),
	)
	e.Who, e.Changes = "operator", []auditlog.Change{
		{Field: "findings", Before: strconv.Itoa(findings), After: "0"},
	}
	for _, of := range l.Entries {
		if of.Other {
			e.Changes = append(e.Changes, auditlog.Change{Field: "removed", Before: of.Place})
		}
	}
	if err := s.Store.Restart(ctx, l.Log, l.Highest(), e, s.auditMAC); err != nil {
		return err
	}
	for _, e := range l.Entries {
		if e.Other {
			if err := s.Store.Remove(ctx, e); err != nil {
				return err
			}
			continue
		}
		// One that is gone has reached its end.
		if err := s.Store.Unseal(ctx, e); err != nil && !errors.Is(err, problem.ErrConflict) {
			return err
		}
	}
	return s.SealRest(ctx, l.Log, time.Time{}, func(auditlog.SealedEntry) {})
}
