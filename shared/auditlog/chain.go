package auditlog

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"profiles/shared/value"
)

// ChainLink ties an entry to the one of its log that was sealed before it.
// Check then finds if either was changed, removed or moved.
type ChainLink struct {
	Sequence       int64  // from 1, without gaps
	PreviousDigest []byte // the digest of the entry before; empty: there is none
	// PreviousKept and Kept are the times until which the entry before and this
	// one are stored. Kept never decreases along a log. So the entry after a
	// gap tells whether all entries in the gap may have expired.
	PreviousKept, Kept time.Time
	// Written is when the entry was written, from the table's stream; zero: a
	// command of the operator sealed it.
	Written time.Time
	Digest  []byte // the MAC over all attributes of the entry but this one
}

// ChainHead is the last sealed entry of a log.
type ChainHead struct {
	Log      string
	Sequence int64
	Digest   []byte
	Kept     time.Time
	Verified bool // its MAC is right
}

// clockDrift is how far the time of an entry may be from that of its commit.
const clockDrift = 5 * time.Minute

// Next returns the chain link of the entry that follows, without its digest.
// kept is the time until which the entry is stored, but at most what an entry
// written now would have. written is zero for an entry that a command seals.
func (h ChainHead) Next(kept, written, now time.Time) ChainLink {
	at := written
	if at.IsZero() {
		at = now
	}
	if most := (Entry{Time: at.Add(clockDrift)}).Kept(); kept.After(most) || kept.IsZero() {
		kept = most
	}
	if kept.Before(h.Kept) {
		kept = h.Kept
	}
	return ChainLink{
		Sequence:       h.Sequence + 1,
		PreviousDigest: h.Digest,
		PreviousKept:   h.Kept,
		Kept:           kept,
		Written:        written,
	}
}

// SealedEntry is an entry as the table has it, with its chain link. Without a
// digest it is not sealed.
type SealedEntry struct {
	Entry
	Link     ChainLink
	Verified bool   // its digest is right
	Other    bool   // the item cannot be read as an entry
	Place    string // its key
}

func (e SealedEntry) sealed() bool { return len(e.Link.Digest) > 0 }

// name names the entry in a report.
func (e SealedEntry) name() string {
	n := fmt.Sprintf("the entry %q of %s (%s)", e.Message, e.Time.Format(value.TimeFormat), e.Place)
	if e.sealed() {
		n = fmt.Sprintf("%d, %s", e.Link.Sequence, n)
	}
	return n
}

// SealedLog is a whole log. Entries may have been sealed while it was read:
// First and Last are its chain heads before and after the read; nil: none.
type SealedLog struct {
	Log         string
	Entries     []SealedEntry
	First, Last *ChainHead
}

// LogReport is the result of checking a log.
type LogReport struct {
	Log         string
	Entries     int
	First, Last int64      // sequences of the sealed entries that are there; 0: none
	ByCommand   int        // entries that a command of the operator's sealed
	Head        *ChainHead // as it was read first; nil: none
	Findings    []string
}

func (r *LogReport) find(format string, values ...any) {
	r.Findings = append(r.Findings, fmt.Sprintf(format, values...))
}

// Unsealed returns the entries that are not sealed yet, oldest first.
func (l SealedLog) Unsealed() (out []SealedEntry) {
	for _, e := range l.Entries {
		if !e.sealed() {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b SealedEntry) int { return a.Time.Compare(b.Time) })
	return out
}

// Check finds entries that were changed, removed, reordered or inserted.
// Entries that have expired may be missing, and entries of the last few minutes
// may not be sealed yet.
func (l SealedLog) Check(now time.Time) LogReport {
	r := LogReport{Log: l.Log, Entries: len(l.Entries), Head: l.First}
	var chain []SealedEntry
	for _, e := range l.Entries {
		switch age := now.Sub(e.Time); {
		case e.sealed() && !e.Verified:
			r.find("%s is not as it was sealed: changed, moved or exchanged", e.name())
			chain = append(chain, e)
		case e.sealed():
			chain = append(chain, e)
			if e.Link.Written.IsZero() {
				r.ByCommand++
			} else if d := e.Link.Written.Sub(e.Time); d.Abs() > clockDrift {
				r.find(
					"%s was inserted later: the table was given it at %s",
					e.name(),
					e.Link.Written.Format(value.TimeFormat),
				)
			}
		case age.Abs() > clockDrift:
			r.find("%s is not sealed: inserted, or the sealing does not keep up", e.name())
		}
	}
	slices.SortStableFunc(
		chain,
		func(a, b SealedEntry) int { return cmp.Compare(a.Link.Sequence, b.Link.Sequence) },
	)
	r.links(chain, now)
	r.heads(l, chain, now)
	return r
}

// links checks each entry of the chain against the one before it.
func (r *LogReport) links(chain []SealedEntry, now time.Time) {
	for i, e := range chain {
		var before SealedEntry
		if i > 0 {
			before = chain[i-1]
		}
		s, was := e.Link, before.Link
		switch {
		case i > 0 && s.Sequence == was.Sequence:
			r.find("%d is there twice: %s, and %s", s.Sequence, before.name(), e.name())
		case s.Sequence == was.Sequence+1:
			if !bytes.Equal(s.PreviousDigest, was.Digest) || !s.PreviousKept.Equal(was.Kept) {
				r.find(
					"%s does not follow the entry %d: reordered, or that one was replaced",
					e.name(),
					was.Sequence,
				)
			}
		case now.Before(s.PreviousKept):
			r.missing(was.Sequence+1, s.Sequence-1)
		}
	}
	if len(chain) > 0 {
		r.First, r.Last = chain[0].Link.Sequence, chain[len(chain)-1].Link.Sequence
	}
}

func (r *LogReport) missing(from, to int64) {
	if from == to {
		r.find("the entry %d is missing", from)
	} else {
		r.find("entries are missing between %d and %d", from, to)
	}
}

// heads checks the end of the chain.
func (r *LogReport) heads(l SealedLog, chain []SealedEntry, now time.Time) {
	if l.Last == nil {
		if l.First != nil || len(chain) > 0 {
			r.find("the log has sealed entries, and no head")
		}
		return
	}
	for _, h := range []*ChainHead{l.First, l.Last} {
		if h != nil && !h.Verified {
			r.find("the head, at %d, is not as it was left", h.Sequence)
			return
		}
	}
	for _, e := range chain {
		if l.First != nil && e.Link.Sequence == l.First.Sequence &&
			!bytes.Equal(e.Link.Digest, l.First.Digest) {
			r.find("the head does not fit %s", e.name())
		}
	}
	if l.First != nil && r.Last < l.First.Sequence && now.Before(l.First.Kept) {
		r.missing(r.Last+1, l.First.Sequence)
	}
	if r.Last > l.Last.Sequence {
		r.find(
			"the head is at %d, and the log goes on to %d: the head was put back",
			l.Last.Sequence,
			r.Last,
		)
	}
}

// Since checks the log against a chain head that was noted elsewhere, such as
// in the log of the function that seals, and adds what it finds. Check alone
// cannot find that a whole log was replaced by an earlier state of itself.
func (r *LogReport) Since(noted ChainHead, entries []SealedEntry) {
	if r.Head == nil || r.Head.Sequence < noted.Sequence {
		r.find("the log had a head at %d and was put back", noted.Sequence)
		return
	}
	for _, e := range entries {
		if e.Link.Sequence == noted.Sequence && !bytes.Equal(e.Link.Digest, noted.Digest) {
			r.find("%s is not the one that was noted when it was sealed", e.name())
		}
	}
}

// believable is above the sequence of any real log.
const believable = 1 << 40

// Highest returns the highest sequence found in the log, without numbers above
// believable; at least 1.
func (l SealedLog) Highest() int64 {
	highest := int64(1)
	see := func(n int64) {
		if n < believable {
			highest = max(highest, n)
		}
	}
	for _, e := range l.Entries {
		see(e.Link.Sequence)
	}
	for _, h := range []*ChainHead{l.First, l.Last} {
		if h != nil {
			see(h.Sequence)
		}
	}
	return highest
}
