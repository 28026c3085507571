package store

import (
	"context"
	"strconv"
	"time"

	"profiles/shared/auditlog"
)

const kindChainHead Kind = "chain-head"

const headSK = "H"

func headKey(log string) key { return key{kindChainHead, auditPrefix + log, headSK} }

type headItem struct {
	key
	Log      string `dynamodbav:"log"`
	Sequence int64  `dynamodbav:"sequence"`
	Digest   []byte `dynamodbav:"digest"`
	Kept     int64  `dynamodbav:"kept"`
	MAC      []byte `dynamodbav:"mac"`
}

// headFrom returns the stored form of a chain head with its MAC, which shows
// later changes. It uses the key of like, another MAC, if there is one.
func headFrom(h auditlog.ChainHead, mac MAC, like []byte) headItem {
	i := headItem{
		key:      headKey(h.Log),
		Log:      h.Log,
		Sequence: h.Sequence,
		Digest:   h.Digest,
		Kept:     seconds(h.Kept),
	}
	i.MAC = mac(
		like,
		"head",
		h.Log,
		strconv.FormatInt(i.Sequence, 10),
		string(i.Digest),
		strconv.FormatInt(i.Kept, 10),
	)
	return i
}

func (i headItem) value(mac MAC) auditlog.ChainHead {
	h := auditlog.ChainHead{
		Log:      i.Log,
		Sequence: i.Sequence,
		Digest:   i.Digest,
		Kept:     fromSeconds(i.Kept),
	}
	// A head that was written before items had a kind has none, so the keys are
	// compared without it. The MACs need no comparison in constant time: only
	// code that can read the table compares them.
	h.Verified = i.place() == headKey(i.Log).place() && len(i.MAC) > 0 &&
		(i.Kind == kindChainHead || i.Kind == "") &&
		string(headFrom(h, mac, i.MAC).MAC) == string(i.MAC)
	return h
}

// readHead reads the chain head of a log. A head that cannot be read is not
// Verified.
func readHead(log string, it item, mac MAC) auditlog.ChainHead {
	h, err := decode(it, func(i headItem) auditlog.ChainHead { return i.value(mac) })
	h.Log, h.Verified = log, h.Verified && err == nil && readable(it) == nil && h.Log == log
	return h
}

func (s *Store) head(ctx context.Context, log string, mac MAC) (*auditlog.ChainHead, error) {
	batch := s.Batch()
	batch.raw = true
	found := wantItem(batch, headKey(log))
	if err := batch.Get(ctx); err != nil || !found.OK {
		return nil, err
	}
	head := readHead(log, found.Value, mac)
	return &head, nil
}

// SetAside marks the chain head of a log as set aside, because it was changed
// from outside. The rest of the head stays, for people to look at. Restart
// makes a head without the mark. It fails with already if the head has the
// mark.
func (tx *Tx) SetAside(log string, now time.Time, already error) {
	tx.update(headKey(log), "SET #aside = :now", item{":now": number(millis(now))},
		condition{"attribute_exists(PK) AND attribute_not_exists(#aside)", nil, already})
}

// Restart replaces the chain head of a log, in any state, and adds an entry
// that says so. The chain continues after the new head, with numbers above
// those that were seen and above that of the former head. Errors:
// problem.ErrConflict if the head is moved meanwhile.
func (s *Store) Restart(
	ctx context.Context,
	log string,
	seen int64,
	e auditlog.Entry,
	mac MAC,
) error {
	batch := s.Batch()
	batch.raw = true
	was := wantItem(batch, headKey(log))
	if err := batch.Get(ctx); err != nil {
		return err
	}
	head := auditlog.ChainHead{Log: log, Sequence: seen, Digest: mac(nil, "restart", log, e.ID)}
	unmoved := absent
	if was.OK {
		head.Sequence = max(
			seen,
			auditlog.SealedLog{Last: new(readHead(log, was.Value, mac))}.Highest(),
		)
		unmoved = unchanged(was.Value)
	}
	tx := s.Begin()
	tx.put(headFrom(head, mac, nil), unmoved)
	tx.Audit(e)
	return tx.CommitAside(ctx, Origin{})
}
