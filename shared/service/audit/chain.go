package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Chain seals the entries of audit logs, and verifies them. Only a process with
// the secret key can make the MACs, so that write access to the table is not
// enough to forge an entry.
type Chain struct{ *core.Base }

// NewChain returns the chain of audit logs.
func NewChain(on *core.Base) Chain { return Chain{on} }

func (s Chain) auditMAC(like []byte, texts ...string) []byte {
	if like == nil {
		return s.Keys.MAC("audit", texts...)
	}
	return s.Keys.MACLike(like, "audit", texts...)
}

// SealItem seals an entry by its key: it gets the next place in the chain of
// its log. written is when the table was given the entry, zero when that is not
// known. Entries that are sealed already, and items that are no entries, are
// left alone; however often and in whatever order entries come, each is sealed
// once. The webhooks of the log, and the bus of the operator, hear of it in the
// same commit. An entry that no other attempt would seal, as the head of its
// log is not as it was left, or as DynamoDB calls the sealed entry invalid, is
// set aside: no other one waits for it.
func (s Chain) SealItem(ctx context.Context, pk, sk string, written time.Time) error {
	err := s.sealOnce(ctx, pk, sk, written, s.tell)
	if errors.Is(err, errHead) || errors.Is(err, store.ErrInvalid) {
		return s.setAside(ctx, pk, sk, err)
	}
	return err
}

func (s Chain) sealOnce(
	ctx context.Context, pk, sk string, written time.Time, hears hearer,
) error {
	_, err := flow.RetryOnConflict(
		ctx,
		func() (struct{}, error) { return struct{}{}, s.seal(ctx, pk, sk, written, hears) },
	)
	return err
}

// SetAside is the line that is logged about each entry that is set aside. An
// alarm of the template looks for it.
const SetAside = "an audit entry is set aside"

// setAside leaves an entry without a chain link. An alarm notifies the
// operator. If the chain head is wrong, the log gets one entry that says so to
// its readers.
func (s Chain) setAside(ctx context.Context, pk, sk string, why error) error {
	log, _ := store.LogOfKey(pk, sk)
	s.Log.ErrorContext(ctx, SetAside, "log", log, "item", pk, "entry", sk, "error", why.Error())
	now := s.Instant()
	if err := s.tellAside(ctx, pk, sk, now); err != nil || !errors.Is(why, errHead) {
		return err
	}
	e := s.AuditEntry(
		log,
		tenancy.Token{},
		"audit",
		log,
		"Audit log set aside: its head is not as it was left, and what follows is not sealed",
		now,
	)
	e.Who = "audit-seal"
	tx := s.Store.Begin()
	tx.SetAside(log, now, errAside)
	tx.Audit(e)
	if err := tx.CommitAside(ctx, store.Origin{}); !errors.Is(err, errAside) {
		return err
	}
	return nil
}

var (
	errHead  = errors.New("not as it was left")
	errAside = errors.New("the log is set aside already")
)

func (s Chain) seal(
	ctx context.Context, pk, sk string, written time.Time, hears hearer,
) error {
	e, err := s.Store.ToSeal(ctx, pk, sk, s.auditMAC, s.HasBus)
	switch {
	case err != nil || e.Sealed:
		return err
	case !e.Found:
		if e.Log != "" {
			s.Log.ErrorContext(ctx, "an audit entry is gone before it was sealed", "item", pk, "entry", sk)
		}
		return nil
	case !e.Head.Verified:
		return errForgedHead(e.Log)
	}
	now := s.Instant()
	link := e.Head.Next(e.Kept, written, now)
	waiting := hears(e, link.Sequence, now)
	head, err := s.Store.Seal(ctx, e, link, s.auditMAC, func(tx *store.Tx) {
		queue(tx, waiting, e.Log, now)
	})
	if err != nil {
		return err
	}
	// An attacker who restores the whole log to an earlier state, including its
	// head, cannot change this line.
	s.Log.InfoContext(
		ctx,
		"sealed",
		"log",
		head.Log,
		"sequence",
		head.Sequence,
		"digest",
		fmt.Sprintf("%x", head.Digest),
	)
	return nil
}

// errForgedHead stops the sealing of a log: what would be sealed behind a head
// that was changed proves nothing.
func errForgedHead(log string) error {
	return fmt.Errorf(
		"the head of the audit log %s is %w, or was sealed under another key: make verify-audit says what else is not, make reseal-audit seals it anew",
		log,
		errHead,
	)
}

// SealRest seals what the stream left unsealed, oldest first, in one log or,
// when log is empty, in all, and calls sealed for each. Such entries say that a
// command sealed them. Entries from the time before on are left to the stream;
// zero leaves none. Each log whose head does not verify is an error, which
// stops no other one, and so is each entry that DynamoDB calls invalid with its
// seal.
func (s Chain) SealRest(
	ctx context.Context,
	log string,
	before time.Time,
	sealed func(auditlog.SealedEntry),
) error {
	logs, _, err := s.logs(ctx, log)
	if err != nil {
		return err
	}
	var failed []error
	for _, k := range logs {
		if k.Head != nil && !k.Head.Verified {
			failed = append(failed, errForgedHead(k.Log))
			continue
		}
		if log == "" && !k.Unsealed {
			continue
		}
		l, err := s.Store.SealedLog(ctx, k, s.auditMAC)
		if err != nil {
			return err
		}
		for _, e := range l.Unsealed() {
			if !before.IsZero() && !e.Time.Before(before) {
				continue
			}
			pk, sk := store.EntryKey(e)
			err := s.sealOnce(ctx, pk, sk, time.Time{}, tellNobody)
			if err == nil {
				sealed(e)
				continue
			}
			failed = append(
				failed,
				fmt.Errorf("the entry %q of the audit log %s: %w", e.Message, e.Log, err),
			)
			if !errors.Is(err, store.ErrInvalid) {
				break
			}
			// It stays without a seal, as when the stream sets it aside; what
			// is behind it does not.
		}
	}
	return errors.Join(failed...)
}

// Verify checks one log or, when log is empty, all of them, against what the
// table has and the heads that were noted elsewhere, by the name of their log.
// It calls report for each log.
func (s Chain) Verify(
	ctx context.Context,
	log string,
	noted map[string]auditlog.ChainHead,
	report func(auditlog.LogReport),
) error {
	logs, without, err := s.logs(ctx, log)
	if err != nil {
		return err
	}
	for _, k := range logs {
		l, err := s.Store.SealedLog(ctx, k, s.auditMAC)
		if err != nil {
			return err
		}
		r := l.Check(s.Instant())
		if log != "" && r.Head == nil && r.Entries == 0 {
			r.Findings = append(r.Findings, "there is no such log")
		}
		if h, ok := noted[k.Log]; ok {
			r.Since(h, l.Entries)
			delete(noted, k.Log)
		}
		report(r)
	}
	for _, id := range without {
		delete(noted, id)
		report(
			auditlog.LogReport{
				Log:      id,
				Findings: []string{"there is no log, of an account or a profile that there is"},
			},
		)
	}
	if log == "" {
		for _, id := range slices.Sorted(maps.Keys(noted)) {
			r := auditlog.LogReport{Log: id}
			r.Since(noted[id], nil)
			report(r)
		}
	}
	return nil
}

func (s Chain) logs(ctx context.Context, log string) ([]store.LogKeys, []string, error) {
	if log != "" {
		return []store.LogKeys{store.LogKeysAt(log, s.Instant())}, nil, nil
	}
	return s.Store.Logs(ctx, s.auditMAC)
}
