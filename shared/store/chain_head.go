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

// headFrom is the stored form of a head, with the MAC that shows that it was
// left so, like another one if there is one.
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
	// A head that was written before items had a kind has none. Both are MACs
	// over the same bytes, and whoever compares them reads the table already.
	h.Verified = i.place() == headKey(i.Log).place() && len(i.MAC) > 0 &&
		(i.Kind == kindChainHead || i.Kind == "") &&
		string(headFrom(h, mac, i.MAC).MAC) == string(i.MAC)
	return h
}

// readHead reads the head of a log, which does not fit when it cannot be read.
func readHead(log string, it item, mac MAC) auditlog.ChainHead {
	h, err := decode(it, func(i headItem) auditlog.ChainHead { return i.value(mac) })
	h.Log, h.Verified = log, h.Verified && err == nil && h.Log == log
	return h
}

func (s *Store) head(ctx context.Context, log string, mac MAC) (*auditlog.ChainHead, error) {
	batch := s.Batch()
	found := wantItem(batch, headKey(log))
	if err := batch.Get(ctx); err != nil || !found.OK {
		return nil, err
	}
	head := readHead(log, found.Value, mac)
	return &head, nil
}

// SetAside notes at the head of a log that it is set aside, because it is not
// as it was left. The rest of the head stays for people to look at; a head that
// is made anew is without the note. already is returned when it has one.
func (tx *Tx) SetAside(log string, now time.Time, already error) {
	tx.update(headKey(log), "SET #aside = :now", item{":now": number(millis(now))},
		condition{"attribute_exists(PK) AND attribute_not_exists(#aside)", nil, already})
}

// Restart gives a log a new head, whatever the one before is like, together
// with an entry of the log that says so: the chain goes on behind that head,
// with numbers above those that were seen and that of the head before. It fails
// with problem.ErrConflict when the head is moved meanwhile.
func (s *Store) Restart(
	ctx context.Context,
	log string,
	seen int64,
	e auditlog.Entry,
	mac MAC,
) error {
	batch := s.Batch()
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
