package store

import (
	"context"
	"strings"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
)

// Restart gives a log a new head, whatever the one before is like, together with an entry of the log that says so: the chain goes on behind
// that head, with numbers above those that were seen and that of the head before. It fails with tenancy.ErrConflict when the head is
// moved meanwhile.
func (s *Store) Restart(ctx context.Context, log string, seen int64, e auditlog.Entry, mac MAC) error {
	batch := s.Batch()
	was := wantItem(batch, headKey(log))
	if err := batch.Get(ctx); err != nil {
		return err
	}
	head := auditlog.ChainHead{Log: log, Sequence: seen, Digest: mac(nil, "restart", log, e.ID)}
	unmoved := absent
	if was.OK {
		head.Sequence = max(seen, auditlog.SealedLog{Last: new(readHead(log, was.Value, mac))}.Highest())
		unmoved = unchanged(was.Value)
	}
	tx := s.Begin()
	tx.put(headFrom(head, mac, nil), unmoved)
	tx.Audit(e)
	return tx.Commit(ctx)
}

// unchanged is the condition that an item is as it was read, of whatever form.
func unchanged(it item) condition {
	c := condition{values: item{}, failure: problem.ErrConflict}
	var equal []string
	for _, name := range names(it) {
		equal = append(equal, "#"+name+" = :"+name)
		c.values[":"+name] = it[name]
	}
	c.expression = strings.Join(equal, " AND ")
	return c
}

// Remove deletes what lies in the place of an entry.
func (s *Store) Remove(ctx context.Context, e auditlog.SealedEntry) error {
	var k key
	k.PK, k.SK = EntryKey(e)
	tx := s.Begin()
	tx.delete(k, condition{})
	return tx.Commit(ctx)
}

// Unseal takes the seal from an entry, or what is there in the place of one. It fails with tenancy.ErrConflict when the entry is gone.
func (s *Store) Unseal(ctx context.Context, e auditlog.SealedEntry) error {
	var k key
	k.PK, k.SK = EntryKey(e)
	tx := s.Begin()
	tx.update(k, "REMOVE #sequence, #before, #beforeKept, #written, #digest", nil, exists)
	return tx.Commit(ctx)
}
