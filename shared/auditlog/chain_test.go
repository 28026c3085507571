package auditlog

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawLog is a log as sealing makes it, of entries whose times are minutes to
// weeks apart and not always in order.
func drawLog(r *rapid.T, n int) (l SealedLog, end time.Time) {
	at := auditStart
	head := ChainHead{Log: "log", Verified: true}
	for i := range n {
		at = at.Add(time.Duration(rapid.IntRange(0, 20*24*3600).Draw(r, "pause")) * time.Second)
		e := SealedEntry{
			Entry: Entry{
				ID:      fmt.Sprint(i),
				Log:     "log",
				Time:    at.Add(-time.Duration(rapid.IntRange(0, 250).Draw(r, "late")) * time.Second),
				Message: fmt.Sprint(i),
			},
			Verified: true,
		}
		written := at
		if rapid.IntRange(0, 9).Draw(r, "by command") == 0 {
			written = time.Time{}
		}
		e.Link = head.Next(e.Kept(), written, at)
		digest := sha256.Sum256(fmt.Append(nil, e.ID, e.Link.PreviousDigest, e.Link.Sequence))
		e.Link.Digest = digest[:]
		head = ChainHead{
			Log:      "log",
			Sequence: e.Link.Sequence,
			Digest:   e.Link.Digest,
			Kept:     e.Link.Kept,
			Verified: true,
		}
		l.Entries = append(l.Entries, e)
	}
	l.Log = "log"
	if n > 0 {
		l.First, l.Last = &head, &head
	}
	return l, at
}

// A log as it was sealed has no findings, at any time and whatever the table
// has forgotten of what is past its time; one that lacks an entry that must be
// kept has.
func TestCheckFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		for range 10 {
			l, end := drawLog(r, rapid.IntRange(0, 12).Draw(r, "entries"))
			now := end.Add(time.Duration(rapid.IntRange(0, 400*24).Draw(r, "later")) * time.Hour)
			whole := l.Entries
			l.Entries = nil
			for _, e := range whole {
				if now.Before(e.Link.Kept) || rapid.Bool().Draw(r, "still there") {
					l.Entries = append(l.Entries, e)
				}
			}
			l.Entries = slices.Clone(l.Entries)
			if got := l.Check(now); len(got.Findings) > 0 {
				r.Fatalf("of %d entries: %v", len(l.Entries), got.Findings)
			}
			var must []int
			for i, e := range l.Entries {
				if now.Before(e.Link.Kept) {
					must = append(must, i)
				}
			}
			if len(must) == 0 {
				continue
			}
			i := rapid.SampledFrom(must).Draw(r, "dropped")
			without := l
			without.Entries = slices.Delete(slices.Clone(l.Entries), i, i+1)
			if got := without.Check(now); len(got.Findings) == 0 {
				r.Fatalf("without the entry %d of %d: nothing is found", i, len(l.Entries))
			}
		}
	})
}

// While a log is read, more of it may be sealed.
func TestCheckOfALogThatGrows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(r, "entries")
		l, now := drawLog(r, n)
		head := func(i int) *ChainHead {
			if i == 0 {
				return nil
			}
			s := l.Entries[i-1].Link
			return &ChainHead{
				Log:      "log",
				Sequence: s.Sequence,
				Digest:   s.Digest,
				Kept:     s.Kept,
				Verified: true,
			}
		}
		first := rapid.IntRange(0, n).Draw(r, "before")
		read := rapid.IntRange(first, n).Draw(r, "read")
		last := rapid.IntRange(read, n).Draw(r, "after")
		grown := SealedLog{
			Log:     "log",
			Entries: l.Entries[:read],
			First:   head(first),
			Last:    head(last),
		}
		if got := grown.Check(now); len(got.Findings) > 0 {
			r.Fatalf("heads at %d and %d, %d entries read: %v", first, last, read, got.Findings)
		}
		if last < n {
			behind := SealedLog{
				Log:     "log",
				Entries: l.Entries,
				First:   head(first),
				Last:    head(last),
			}
			if got := behind.Check(now); len(got.Findings) == 0 {
				r.Fatalf("a head at %d of %d entries: nothing is found", last, n)
			}
		}
	})
}

func TestCheckOfUnsealedEntries(t *testing.T) {
	t.Parallel()
	now := auditStart
	for _, c := range []struct {
		name  string
		age   time.Duration
		found bool
	}{
		{"just written", 0, false}, {"a few minutes ago", 5 * time.Minute, false}, {"too long ago", 5*time.Minute + 1, true},
		{"by a clock that is ahead", -5 * time.Minute, false}, {"in the future", -time.Hour, true},
	} {
		l := SealedLog{Log: "log", Entries: []SealedEntry{{Entry: Entry{Time: now.Add(-c.age)}}}}
		if got := l.Check(now); (len(got.Findings) > 0) != c.found || len(l.Unsealed()) != 1 {
			t.Errorf("%s: %v", c.name, got.Findings)
		}
	}
	if got := (SealedLog{}).Check(now); len(got.Findings) > 0 || got.Last != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// An entry that asks to be kept too long is kept no longer than an entry that
// is written now.
func TestNextSeal(t *testing.T) {
	t.Parallel()
	now := auditStart
	own := Entry{Time: now}.Kept()
	most := Entry{Time: now.Add(clockDrift)}.Kept()
	later := own.AddDate(0, 0, 1)
	for _, c := range []struct {
		name                string
		head, kept, written time.Time
		want                time.Time
	}{
		{"the first", time.Time{}, own, now, own},
		{"behind an older one", own.Add(-time.Hour), own, now, own},
		{"behind a later one", later, own, now, later},
		{"one that asks for more", time.Time{}, own.AddDate(50, 0, 0), now, most},
		{"one that asks for nothing", time.Time{}, time.Time{}, now, most},
		{"by a command", time.Time{}, own, time.Time{}, own},
	} {
		s := ChainHead{
			Sequence: 4,
			Digest:   []byte("before"),
			Kept:     c.head,
		}.Next(c.kept, c.written, now)
		if !s.Kept.Equal(c.want) || s.Sequence != 5 || string(s.PreviousDigest) != "before" ||
			!s.PreviousKept.Equal(c.head) ||
			!s.Written.Equal(c.written) {
			t.Errorf("%s: %+v, want it kept until %v", c.name, s, c.want)
		}
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	entries := []SealedEntry{{Link: ChainLink{Sequence: 3, Digest: []byte("three")}}}
	for _, c := range []struct {
		name string
		head *ChainHead
		then ChainHead
		want string
	}{
		{"as noted", &ChainHead{Sequence: 3}, ChainHead{Sequence: 3, Digest: []byte("three")}, ""},
		{"gone on", &ChainHead{Sequence: 9}, ChainHead{Sequence: 3, Digest: []byte("three")}, ""},
		{"forgotten", &ChainHead{Sequence: 9}, ChainHead{Sequence: 2, Digest: []byte("two")}, ""},
		{"put back", &ChainHead{Sequence: 3}, ChainHead{Sequence: 4}, "put back"},
		{"gone", nil, ChainHead{Sequence: 1}, "put back"},
		{"another history", &ChainHead{Sequence: 9}, ChainHead{Sequence: 3, Digest: []byte("x")}, "not the one that was noted"},
	} {
		r := LogReport{Head: c.head}
		r.Since(c.then, entries)
		if got := strings.Join(r.Findings, "; "); (c.want == "") != (got == "") ||
			!strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
