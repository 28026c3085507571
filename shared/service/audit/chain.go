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
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/webhook"
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

// Item is an item of the table that may be an entry. Written is when the table
// was given it, zero when that is not known.
type Item struct {
	store.EntryPlace
	Written time.Time
}

// sealTogether is how many entries of a log are sealed in one commit at most,
// and LogsAtOnce how many logs of one call at the same time.
const (
	sealTogether = 25
	LogsAtOnce   = 8
)

// SealItems seals entries by their keys: each gets the next place in the chain
// of its log, in their order. Entries that are sealed already, and items that
// are no entries, are left alone; however often and in whatever order entries
// come, each is sealed once. The webhooks of the log, and the bus of the
// operator, hear of them in the same commit. An entry that no other attempt
// would seal, as the head of its log is not as it was left, or as DynamoDB
// calls the sealed entry invalid, is set aside: no other one waits for it. The
// errors are in the places of the items that were not sealed.
func (s Chain) SealItems(ctx context.Context, items []Item) []error {
	failed := make([]error, len(items))
	places := map[string][]int{}
	var logs []string
	for i, it := range items {
		log, ok := store.LogOfKey(it.PK, it.SK)
		if !ok {
			continue
		}
		if places[log] == nil {
			logs = append(logs, log)
		}
		places[log] = append(places[log], i)
	}
	for some := range slices.Chunk(logs, LogsAtOnce) {
		var seals []func(context.Context) error
		for _, log := range some {
			seals = append(seals, func(ctx context.Context) error {
				for at := range slices.Chunk(places[log], sealTogether) {
					s.sealSome(ctx, log, items, at, failed)
				}
				return nil
			})
		}
		_ = flow.Parallel(ctx, seals...)
	}
	return failed
}

// sealSome seals the items at these places together, or one by one if one of
// them cannot be sealed.
func (s Chain) sealSome(
	ctx context.Context, log string, items []Item, at []int, failed []error,
) {
	if len(at) > 1 {
		var together []Item
		for _, i := range at {
			together = append(together, items[i])
		}
		err := unharmed(func() error { return s.sealOnce(ctx, log, together, s.tell) })
		if err == nil {
			return
		}
		// Others seal them, or the table does not answer.
		if errors.Is(err, problem.ErrConflict) || problem.CodeOf(err) == problem.CodeUnavailable {
			for _, i := range at {
				failed[i] = err
			}
			return
		}
	}
	for _, i := range at {
		failed[i] = unharmed(func() error { return s.sealItem(ctx, log, items[i]) })
	}
}

// unharmed makes an error of a panic, so that an item that nobody expected does
// no harm to the others.
func unharmed(do func() error) (err error) {
	defer flow.Recovered(&err)
	return do()
}

func (s Chain) sealItem(ctx context.Context, log string, it Item) error {
	err := s.sealOnce(ctx, log, []Item{it}, s.tell)
	if errors.Is(err, errHead) || errors.Is(err, store.ErrInvalid) {
		return s.setAside(ctx, log, it.EntryPlace, err)
	}
	return err
}

// sealOnce seals items of a log, in as many commits as they need.
func (s Chain) sealOnce(ctx context.Context, log string, items []Item, hears hearer) error {
	for len(items) > 0 {
		n, err := flow.RetryOnConflict(ctx, func() (int, error) {
			return s.seal(ctx, log, items, hears)
		})
		if err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// SetAside is the line that is logged about each entry that is set aside. An
// alarm of the template looks for it.
const SetAside = "an audit entry is set aside"

// setAside leaves an entry without a chain link. An alarm notifies the
// operator. If the chain head is wrong, the log gets one entry that says so to
// its readers.
func (s Chain) setAside(
	ctx context.Context, log string, at store.EntryPlace, why error,
) error {
	s.Log.ErrorContext(ctx, SetAside, "log", log, "item", at.PK, "entry", at.SK,
		"error", why.Error())
	now := s.Instant()
	if err := s.tellAside(ctx, log, at, now); err != nil || !errors.Is(why, errHead) {
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

// seal commits the first of the items, and returns how many it has dealt with.
func (s Chain) seal(
	ctx context.Context, log string, items []Item, hears hearer,
) (done int, err error) {
	var places []store.EntryPlace
	for _, it := range items {
		places = append(places, it.EntryPlace)
	}
	entries, err := s.Store.ToSeal(ctx, log, places, s.auditMAC, s.HasBus)
	if err != nil {
		return 0, err
	}
	now := s.Instant()
	sealing := s.Store.BeginSealing(entries[0].Head, s.auditMAC)
	var waiting []webhook.Delivery
	var heads []auditlog.ChainHead
	for i, e := range entries {
		if e.Sealed || !e.Found {
			if !e.Found {
				s.Log.ErrorContext(ctx, "an audit entry is gone before it was sealed",
					"item", items[i].PK, "entry", items[i].SK)
			}
			done++
			continue
		}
		if !e.Head.Verified {
			return 0, errForgedHead(log)
		}
		link := sealing.Head().Next(e.Kept, items[i].Written, now)
		more := append(slices.Clone(waiting), hears(e, link.Sequence, now)...)
		// Each delivery has a step, and at most one more for its webhook.
		if heads != nil && !sealing.Fits(2*len(more)) {
			break
		}
		sealing.Add(e, link)
		heads, waiting = append(heads, sealing.Head()), more
		done++
	}
	if heads == nil {
		return done, nil
	}
	err = sealing.Commit(ctx, func(tx *store.Tx) { tx.Queue(log, now, waiting...) })
	if err != nil {
		return 0, err
	}
	// An attacker who restores the whole log to an earlier state, including its
	// head, cannot change these lines.
	for _, head := range heads {
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
	}
	return done, nil
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
			var it Item
			it.PK, it.SK = store.EntryKey(e)
			log, _ := store.LogOfKey(it.PK, it.SK) // an inserted item may say another
			err := s.sealOnce(ctx, log, []Item{it}, tellNobody)
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
