package service_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"profiles/shared/auditlog"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/audit"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

const chainLog = "0123456789abcdef01234567"

type attrs = map[string]types.AttributeValue

func attrString(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// storedLog returns the items of a log: its entries in the order of their keys,
// and its head.
func storedLog(w *testkit.World, log string) (entries []attrs, head attrs) {
	w.Helper()
	out, err := w.Client.Scan(w.Context(),
		&dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true)})
	w.OK(err)
	for _, it := range out.Items {
		switch pk := attrString(it["PK"]); {
		case pk == "L#"+log:
			head = it
		case strings.HasPrefix(pk, "L#"+log+"#"):
			entries = append(entries, it)
		}
	}
	slices.SortFunc(entries, func(a, b attrs) int {
		return strings.Compare(attrString(a["PK"])+attrString(a["SK"]),
			attrString(b["PK"])+attrString(b["SK"]))
	})
	return entries, head
}

// overwritten writes an item directly, as an attacker does who has access to
// the table only.
func overwritten(w *testkit.World, it attrs) {
	w.Helper()
	_, err := w.Client.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: &w.Table, Item: it})
	w.OK(err)
}

func dropped(w *testkit.World, it attrs) {
	w.Helper()
	_, err := w.Client.DeleteItem(w.Context(),
		&dynamodb.DeleteItemInput{TableName: &w.Table, Key: attrs{"PK": it["PK"], "SK": it["SK"]}})
	w.OK(err)
}

// streamed passes an item to the sealing, as the stream does at the given time.
func streamed(w *testkit.World, it attrs, written time.Time) error {
	return sealed(w.Context(), w.Chain, attrString(it["PK"]), attrString(it["SK"]),
		written.Truncate(time.Second))
}

// sealed passes a key to the sealing.
func sealed(ctx context.Context, c audit.Chain, pk, sk string, written time.Time) error {
	place := store.EntryPlace{PK: pk, SK: sk}
	return c.SealItems(ctx, []audit.Item{{EntryPlace: place, Written: written}})[0]
}

// logged writes an entry into a log and returns its item.
func logged(w *testkit.World, log, message string) attrs {
	w.Helper()
	e := auditlog.Entry{
		ID: w.NextID(), Log: log, Time: w.Now(), Resource: "profile", ResourceID: log, Message: message, Who: "ana", Token: "token",
		Source: "192.0.2.1", Request: "request", Changes: []auditlog.Change{{Field: "name", Before: "a", After: "b"}},
	}
	tx := w.Store.Begin()
	tx.Audit(e)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	entries, _ := storedLog(w, log)
	for _, it := range entries {
		if strings.HasSuffix(attrString(it["SK"]), "#"+e.ID) {
			return it
		}
	}
	w.Fatal("the entry is not there")
	return nil
}

// chained leaves a log of n sealed entries, a minute apart.
func chained(w *testkit.World, log string, n int) {
	w.Helper()
	for i := range n {
		w.Advance(time.Minute)
		w.OK(streamed(w, logged(w, log, fmt.Sprint("entry ", i+1)), w.Now()))
	}
}

// checked verifies one log.
func checked(w *testkit.World, log string, noted ...auditlog.ChainHead) (r auditlog.LogReport) {
	w.Helper()
	heads := map[string]auditlog.ChainHead{}
	for _, h := range noted {
		heads[h.Log] = h
	}
	w.OK(w.Chain.Verify(w.Context(), log, heads, func(of auditlog.LogReport) { r = of }))
	return r
}

func sequenceOf(w *testkit.World, it attrs) int {
	w.Helper()
	v, ok := it["sequence"].(*types.AttributeValueMemberN)
	if !ok {
		w.Fatalf("the entry %s is not sealed", attrString(it["SK"]))
	}
	n, err := strconv.Atoi(v.Value)
	w.OK(err)
	return n
}

func intact(w *testkit.World, log string, entries int) {
	w.Helper()
	r := checked(w, log)
	if len(r.Findings) > 0 || r.Entries != entries ||
		r.Last-r.First+1 != int64(entries) && entries > 0 {
		w.Errorf("%d entries, %d to %d, want %d without a finding: %s", r.Entries, r.First, r.Last, entries, strings.Join(r.Findings, "; "))
	}
}

func attrText(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func attrNumber(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// Each change to a log of five entries by an attacker who can write the table
// is found.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		tamper     func(w *testkit.World, entries []attrs, head attrs)
	}{
		{"the first entry is dropped", "the entry 1 is missing", func(w *testkit.World, e []attrs, _ attrs) { dropped(w, e[0]) }},
		{"the first two are dropped", "missing between 1 and 2", func(w *testkit.World, e []attrs, _ attrs) { dropped(w, e[0]); dropped(w, e[1]) }},
		{"one in the middle is dropped", "the entry 3 is missing", func(w *testkit.World, e []attrs, _ attrs) { dropped(w, e[2]) }},
		{"the last one is dropped", "the entry 5 is missing", func(w *testkit.World, e []attrs, _ attrs) { dropped(w, e[4]) }},
		{"all are dropped", "missing between 1 and 5", func(w *testkit.World, e []attrs, _ attrs) {
			for _, it := range e {
				dropped(w, it)
			}
		}},
		{"two are exchanged", "is not as it was sealed", func(w *testkit.World, e []attrs, _ attrs) {
			a, b := maps.Clone(e[1]), maps.Clone(e[2])
			a["PK"], a["SK"], b["PK"], b["SK"] = b["PK"], b["SK"], a["PK"], a["SK"]
			overwritten(w, a)
			overwritten(w, b)
		}},
		{"two exchange their seals", "is not as it was sealed", func(w *testkit.World, e []attrs, _ attrs) {
			a, b := maps.Clone(e[1]), maps.Clone(e[2])
			for _, name := range []string{"sequence", "before", "beforeKept", "written", "ttl", "digest"} {
				a[name], b[name] = b[name], a[name]
			}
			overwritten(w, a)
			overwritten(w, b)
		}},
		{"one is moved to another time", "is not as it was sealed", func(w *testkit.World, e []attrs, _ attrs) {
			a := maps.Clone(e[1])
			a["SK"] = attrText("1899700000000#" + strings.Split(attrString(a["SK"]), "#")[1])
			dropped(w, e[1])
			overwritten(w, a)
		}},
		{"one is copied", "is there twice", func(w *testkit.World, e []attrs, _ attrs) {
			a := maps.Clone(e[1])
			a["SK"] = attrText(attrString(a["SK"])[:37] + "f")
			overwritten(w, a)
		}},
		{"one loses its seal", "the entry 3 is missing", func(w *testkit.World, e []attrs, _ attrs) {
			a := maps.Clone(e[2])
			delete(a, "digest")
			overwritten(w, a)
		}},
		{"one without a seal is inserted", "is not sealed", func(w *testkit.World, e []attrs, _ attrs) {
			a := attrs{"id": attrText("f"), "message": attrText("forged"),
				"time": attrNumber(w.Now().Add(-10 * time.Minute).UnixMilli())}
			a["PK"], a["SK"] = e[1]["PK"], attrText("1899710800000#f")
			overwritten(w, a)
		}},
		{"one is inserted at an earlier time, and the stream has it sealed", "was inserted later", func(w *testkit.World, e []attrs, _ attrs) {
			a := attrs{"id": attrText("f"), "log": attrText(chainLog), "message": attrText("forged"),
				"time": attrNumber(w.Now().Add(-10 * time.Minute).UnixMilli())}
			a["PK"], a["SK"] = e[1]["PK"], attrText("1899710800000#f")
			overwritten(w, a)
			w.OK(streamed(w, a, w.Now()))
		}},
		{"what is no entry is inserted", "is not sealed", func(w *testkit.World, e []attrs, _ attrs) {
			overwritten(w,
				attrs{"PK": e[1]["PK"], "SK": attrText("x"), "time": attrText("noon"), "sequence": attrText("six")})
		}},
		{"one is forgotten too early", "the entry 2 is missing", func(w *testkit.World, e []attrs, _ attrs) {
			dropped(w, e[1]) // as the table does when the attacker sets its ttl
		}},
		{"the head is dropped", "no head", func(w *testkit.World, _ []attrs, h attrs) { dropped(w, h) }},
		{"the head is dropped, and sealing goes on", "is there twice", func(w *testkit.World, _ []attrs, h attrs) {
			dropped(w, h)
			chained(w, chainLog, 1)
		}},
		{"the head is set back with its digest", "not as it was left", func(w *testkit.World, e []attrs, h attrs) {
			h["sequence"], h["digest"] = attrNumber(4), e[3]["digest"]
			overwritten(w, h)
			dropped(w, e[4])
		}},
		{"the head of another log is put in place", "not as it was left", func(w *testkit.World, _ []attrs, h attrs) {
			chained(w, "fedcba9876543210fedcba98", 5)
			_, other := storedLog(w, "fedcba9876543210fedcba98")
			other["PK"], other["log"] = h["PK"], h["log"]
			overwritten(w, other)
		}},
		{"the head is something else", "not as it was left", func(w *testkit.World, _ []attrs, h attrs) {
			h["sequence"] = attrText("x")
			overwritten(w, h)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			chained(w, chainLog, 5)
			intact(w, chainLog, 5)
			entries, head := storedLog(w, chainLog)
			c.tamper(w, entries, head)
			for _, which := range []string{chainLog, ""} { // the log alone, and among all logs
				var found []string
				w.OK(w.Chain.Verify(w.Context(), which, nil, func(r auditlog.LogReport) {
					if r.Log == chainLog {
						found = r.Findings
					} else if len(r.Findings) > 0 {
						t.Errorf("the log %s: %v", r.Log, r.Findings)
					}
				}))
				if all := strings.Join(found, "; "); !strings.Contains(all, c.want) {
					t.Errorf("got %q, want %q", all, c.want)
				}
			}
			putRight(w, w.Chain)
		})
	}
}

// putRight runs the command that repairs all logs. After it they verify, a
// repaired log has an entry if more was done than sealing what was left, and
// its sealing continues.
func putRight(w *testkit.World, chain audit.Chain) {
	w.Helper()
	none := func(auditlog.SealedEntry) {}
	_ = chain.SealRest(w.Context(), "", time.Time{}, none)
	wrong := map[string]bool{}
	w.OK(chain.Verify(w.Context(), "", nil, func(r auditlog.LogReport) {
		wrong[r.Log] = len(r.Findings) > 0
	}))
	w.OK(chain.Reseal(w.Context(), "", func(r auditlog.LogReport) {
		if !wrong[r.Log] {
			w.Errorf("the log %s is sealed anew, and nothing was wrong with it", r.Log)
		}
	}))
	_, head := storedLog(w, chainLog)
	before := sequenceOf(w, head)
	w.OK(sealed(w.Context(), chain, attrString(logged(w, chainLog, "after it")["PK"]), "none", w.Now()))
	w.OK(chain.SealRest(w.Context(), chainLog, time.Time{}, none))
	if _, head = storedLog(w, chainLog); sequenceOf(w, head) != before+1 {
		w.Errorf("the sealing went on from %d to %d", before, sequenceOf(w, head))
	}
	w.OK(chain.Verify(w.Context(), "", nil, func(r auditlog.LogReport) {
		if len(r.Findings) > 0 {
			w.Errorf("after it the log %s: %v", r.Log, r.Findings)
		}
	}))
	entries, _ := storedLog(w, chainLog)
	said := slices.ContainsFunc(entries, func(it attrs) bool { return attrString(it["message"]) == "Audit log sealed anew by the operator" })
	if said != wrong[chainLog] {
		w.Errorf("that the log says it was sealed anew is %v, want %v", said, wrong[chainLog])
	}
	state := w.State()
	w.OK(chain.Reseal(w.Context(), "", func(auditlog.LogReport) {}))
	if w.State() != state {
		w.Error("a second time changes something")
	}
}

// No log verifies with another secret key. A command seals all of them again,
// also when it is interrupted anywhere.
func TestLogsAreSealedAnewUnderAnotherKey(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	keys, err := secret.ParseKeys("another master key, as the first one is lost for good", w.Now())
	w.OK(err)
	other := service.New(service.Config{Store: w.Store, Now: w.Now, Keys: keys,
		Log: slog.New(slog.DiscardHandler)}).Chain
	chained(w, "fedcba9876543210fedcba98", 3)
	chained(w, chainLog, 5)
	logged(w, chainLog, "not sealed yet")
	err = other.SealRest(w.Context(), "", time.Time{}, func(e auditlog.SealedEntry) {
		t.Errorf("%q is sealed behind a head of another key", e.Message)
	})
	for _, log := range []string{chainLog, "fedcba9876543210fedcba98"} {
		if err == nil || !strings.Contains(err.Error(), "the head of the audit log "+log) ||
			!strings.Contains(err.Error(), "make reseal-audit") {
			t.Errorf("sealing the rest: got %v, want the log %s in it", err, log)
		}
	}
	cut, cancel := context.WithCancel(w.Context())
	if err := other.Reseal(cut, chainLog, func(auditlog.LogReport) { cancel() }); err == nil {
		t.Error("sealing anew goes on after its context has ended")
	}
	l, err := w.Store.SealedLog(w.Context(), store.LogKeysAt(chainLog, w.Now()),
		func([]byte, ...string) []byte {
			return nil
		})
	w.OK(err)
	w.OK(w.Store.Restart(w.Context(), chainLog, l.Highest(),
		auditlog.Entry{ID: w.NextID(), Log: chainLog, Time: w.Now(), Message: "cut off"},
		func(_ []byte, texts ...string) []byte { return keys.MAC("audit", texts...) }))
	w.OK(w.Store.Unseal(w.Context(), l.Entries[2]))
	putRight(w, other)
	if r := checked(w, chainLog); len(r.Findings) == 0 {
		t.Error("the logs verify under both keys")
	}
}

// No attribute of a sealed entry or of the head can be changed, removed or
// added.
func TestEveryAttributeIsSealed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	chained(w, chainLog, 3)
	entries, head := storedLog(w, chainLog)
	for what, it := range map[string]attrs{"entry": entries[1], "head": head} {
		changed := func(name string, to types.AttributeValue) {
			t.Helper()
			forged := maps.Clone(it)
			if forged[name] = to; to == nil {
				delete(forged, name)
			}
			overwritten(w, forged)
			if r := checked(w, chainLog); len(r.Findings) == 0 {
				t.Errorf("the %s of the %s can be made %#v", name, what, to)
			}
		}
		for name, was := range it {
			if name == "PK" || name == "SK" {
				continue
			}
			// Heads of earlier releases have neither attribute.
			if what != "head" || name != "itemKind" && name != "v" {
				changed(name, nil)
			}
			changed(name, attrText("x"))
			changed(name, attrNumber(7))
			switch v := was.(type) {
			case *types.AttributeValueMemberB:
				other := slices.Clone(v.Value)
				other[3] ^= 1
				changed(name, &types.AttributeValueMemberB{Value: other})
			case *types.AttributeValueMemberN:
				n, _ := strconv.ParseInt(v.Value, 10, 64)
				if what != "head" || name != "v" { // the next release may have written it
					changed(name, attrNumber(n+1))
				}
			case *types.AttributeValueMemberL:
				changed(name, &types.AttributeValueMemberL{})
				first := maps.Clone(v.Value[0].(*types.AttributeValueMemberM).Value)
				first["before"], first["after"] = first["after"], first["before"]
				changed(name, &types.AttributeValueMemberL{
					Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: first}}})
			}
		}
		if what == "entry" {
			changed("more", attrText(""))
		}
		overwritten(w, it)
		intact(w, chainLog, 3)
	}
}

// A log that is restored as a whole verifies. The lines that its sealing has
// logged show the restore.
func TestALogThatWasPutBackIsFoundByTheLinesOfItsSealing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	chained(w, chainLog, 3)
	_, old := storedLog(w, chainLog)
	chained(w, chainLog, 2)
	noted := *checked(w, chainLog).Head
	if noted.Sequence != 5 {
		t.Fatalf("the head is at %d", noted.Sequence)
	}
	entries, _ := storedLog(w, chainLog)
	overwritten(w, old)
	if got := strings.Join(checked(w, chainLog).Findings, "; "); !strings.Contains(got, "put back") {
		t.Errorf("an old head alone: %q", got)
	}
	dropped(w, entries[3])
	dropped(w, entries[4])
	intact(w, chainLog, 3)
	if got := strings.Join(checked(w, chainLog, noted).Findings, "; "); !strings.Contains(got, "put back") {
		t.Errorf("with the lines: %q", got)
	}
	chained(w, chainLog, 3) // the log continues with other entries in the same places
	if got := strings.Join(checked(w, chainLog, noted).Findings, "; "); !strings.Contains(got, "not the one that was noted") {
		t.Errorf("with the lines, later: %q", got)
	}
	gone := auditlog.ChainHead{Log: "a log that is gone", Sequence: 2}
	found := map[string]bool{}
	w.OK(w.Chain.Verify(w.Context(), "", map[string]auditlog.ChainHead{gone.Log: gone},
		func(r auditlog.LogReport) {
			found[r.Log] = len(r.Findings) > 0
		}))
	if !found[gone.Log] || found[chainLog] {
		t.Errorf("a log that is gone as a whole: %v", found)
	}
	if got := checked(w, "no log"); len(got.Findings) != 1 {
		t.Errorf("a log that never was: %v", got.Findings)
	}
	if got := checked(w, chainLog, *checked(w, chainLog).Head); len(got.Findings) > 0 {
		t.Errorf("with lines that fit: %v", got.Findings)
	}
}

// Entries that the table has deleted after six months are not reported as
// missing, in any order of their deletion. Entries that were deleted earlier
// are.
func TestForgottenEntriesAreNotMissing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	chained(w, chainLog, 6)
	entries, _ := storedLog(w, chainLog)
	ttl := func(it attrs) time.Time {
		n, _ := strconv.ParseInt(it["ttl"].(*types.AttributeValueMemberN).Value, 10, 64)
		return time.Unix(n, 0)
	}
	w.Advance(ttl(entries[3]).Add(time.Second).Sub(w.Now())) // the table may have deleted four
	for _, order := range []int{2, 0, 3, 1} {
		dropped(w, entries[order])
		if r := checked(w, chainLog); len(r.Findings) > 0 {
			t.Errorf("without %d: %v", order+1, r.Findings)
		}
	}
	dropped(w, entries[4])
	if r := checked(w, chainLog); len(r.Findings) == 0 {
		t.Error("the fifth may not be forgotten yet")
	}
	overwritten(w, entries[4])
	w.Advance(200 * 24 * time.Hour)
	for _, it := range entries {
		dropped(w, it)
	}
	if r := checked(w, chainLog); len(r.Findings) > 0 || r.Entries != 0 {
		t.Errorf("of nothing: %v", r.Findings)
	}
	chained(w, chainLog, 1)
	if r := checked(w, chainLog); len(r.Findings) > 0 || r.First != 7 {
		t.Errorf("after a long silence: the first is %d, %v", r.First, r.Findings)
	}
}

// Each entry gets one place in the chain: when entries come in any order, more
// than once, to several sealers at once, and over months, and when the table
// fails or its answer is lost.
func TestAnyHistoryVerifies(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		log := fmt.Sprintf("%024x", n)
		var items []attrs
		for range rapid.IntRange(1, 6).Draw(r, "entries") {
			w.Advance(time.Duration(rapid.IntRange(0, 40*24*3600).Draw(r, "pause")) * time.Second)
			items = append(items, logged(w, log, "m"))
		}
		at := func(it attrs) time.Time {
			ms, _ := strconv.ParseInt(strings.Split(attrString(it["SK"]), "#")[0], 10, 64)
			return time.UnixMilli(ms)
		}
		for range rapid.IntRange(0, 3).Draw(r, "faults") {
			w.Faults.Next("TransactWriteItems", rapid.SampledFrom([]testkit.Fault{testkit.LostAnswer,
				testkit.Contention, testkit.Throttled}).Draw(r, "fault"))
		}
		for _, it := range append(rapid.Permutation(items).Draw(r, "order"),
			rapid.Permutation(items).Draw(r, "again")...) {
			for streamed(w, it, at(it)) != nil {
			}
		}
		got := checked(w, log)
		if len(got.Findings) > 0 || got.First != 1 || got.Last != int64(len(items)) {
			// Entries of months ago may be past their end and still exist.
			r.Fatalf("a log of %d entries verifies from %d to %d with the findings %v, want all of it and none", len(items), got.First, got.Last, got.Findings)
		}
	})
}

func TestSealersRace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const entries, sealers = 12, 4
	var items []attrs
	for i := range entries {
		items = append(items, logged(w, chainLog, fmt.Sprint(i)))
	}
	var wait sync.WaitGroup
	for n := range sealers {
		wait.Go(func() {
			for i := range items {
				it := items[(i*(2*n+1)+n)%entries]
				for try := 0; streamed(w, it, w.Now()) != nil; try++ {
					if try == 20 {
						t.Error("an entry is never sealed")
						return
					}
				}
			}
		})
	}
	wait.Wait()
	intact(w, chainLog, entries)
	sealed, _ := storedLog(w, chainLog)
	seen := map[int]bool{}
	for _, it := range sealed {
		seen[sequenceOf(w, it)] = true
	}
	if len(seen) != entries {
		t.Errorf("got %d sequence numbers for %d entries, want one for each", len(seen), entries)
	}
}

// An entry is kept at least as long as the entries before it, and never longer
// than its six months.
func TestKeptNeverDecreases(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	late := logged(w, chainLog, "late")
	w.Advance(time.Hour)
	early := logged(w, chainLog, "early")
	w.OK(streamed(w, early, w.Now()))
	w.OK(streamed(w, late, w.Now().Add(-time.Hour)))
	w.Advance(time.Minute)
	forged := attrs{"PK": early["PK"], "SK": attrText("9999999999999#f"), "id": attrText("f"), "ttl": attrNumber(1 << 40),
		"time": attrNumber(w.Now().UnixMilli())}
	overwritten(w, forged)
	w.OK(streamed(w, forged, w.Now()))
	chained(w, chainLog, 1)
	entries, _ := storedLog(w, chainLog)
	kept := map[int]int64{}
	for _, it := range entries {
		kept[sequenceOf(w, it)],
			_ = strconv.ParseInt(it["ttl"].(*types.AttributeValueMemberN).Value, 10, 64)
	}
	for n := 2; n <= len(kept); n++ {
		if kept[n] < kept[n-1] {
			t.Errorf("%d is kept until %d, and %d until %d", n, kept[n], n-1, kept[n-1])
		}
	}
	if most := w.Now().AddDate(0, 6, 1).Unix(); kept[4] > most {
		t.Errorf("kept until %d, want at most %d", kept[4], most)
	}
}

// Sealing stops after a head that was changed, and does not touch other items.
func TestWhatIsNotSealed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	chained(w, chainLog, 2)
	before := w.State()
	for _, k := range [][2]string{
		{"A#" + string(ana.ID), "A"}, {"P#" + string(ana.Home), "P"}, {"L#" + chainLog, "H"}, {"L#", "H"}, {"L##", "x"}, {"L#" + chainLog + "#2030-03", "x"}, {"x", "x"},
	} {
		if err := sealed(w.Context(), w.Chain, k[0], k[1], w.Now()); err != nil {
			t.Errorf("%v: %v", k, err)
		}
	}
	if w.State() != before {
		t.Error("something was written")
	}
	_, head := storedLog(w, chainLog)
	head["kept"] = attrNumber(1)
	overwritten(w, head)
	it := logged(w, chainLog, "x")
	if err := streamed(w, it, w.Now()); err != nil {
		t.Errorf("behind a changed head: %v", err)
	}
	sealed := 0
	entries, _ := storedLog(w, chainLog)
	for _, it := range entries {
		if it["digest"] != nil {
			sealed++
		}
	}
	if sealed != 2 {
		t.Errorf("behind a changed head %d entries are sealed, want the 2 before it", sealed)
	}
}

// The command seals what the stream has left, reports it, and finds accounts
// and profiles whose whole log is gone.
func TestTheRestIsSealedByCommand(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Quick("ben")
	var sealed []string
	w.OK(w.Chain.SealRest(w.Context(), "", time.Time{}, func(e auditlog.SealedEntry) {
		sealed = append(sealed, e.Log)
	}))
	if len(sealed) != 4 { // the account, its profile, its sign-in, and the token of that
		t.Errorf("sealed %v", sealed)
	}
	w.Advance(time.Hour)
	got := map[string]auditlog.LogReport{}
	w.OK(w.Chain.Verify(w.Context(), "", nil, func(r auditlog.LogReport) { got[r.Log] = r }))
	for _, id := range []string{string(ana.ID), string(ana.Home)} {
		if r := got[id]; len(r.Findings) > 0 || r.ByCommand != 2 || r.Entries != 2 {
			t.Errorf("%s: %+v", id, r)
		}
	}
	// they were made without entries
	for _, id := range []string{string(ben.ID), string(ben.Home)} {
		if r := got[id]; len(r.Findings) != 1 || !strings.Contains(r.Findings[0], "there is no log") {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

// A log that cannot be sealed delays no other log. Its head may not be as the
// sealing left it, or one of its entries may have no room for a link. The
// sealing sets it aside with a line that an alarm looks for. The log with the
// wrong head also gets an entry that says so, once.
func TestALogThatCannotBeSealedIsSetAside(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const other = "fedcba9876543210fedcba98"
	lines := new(bytes.Buffer)
	chain := service.New(service.Config{
		Store: w.Store, Now: w.Now, Keys: testkit.Keys, NewID: func(time.Time) string { return w.NextID() }, Log: slog.New(slog.NewJSONHandler(lines, nil)),
	}).Chain
	aside := func() (n int) {
		for line := range strings.Lines(lines.String()) {
			n += strings.Count(line, audit.SetAside)
		}
		lines.Reset()
		return n
	}
	chained(w, chainLog, 2)
	chained(w, other, 2)
	_, head := storedLog(w, chainLog)
	head["sequence"] = attrNumber(1)
	overwritten(w, head)
	seal := func(it attrs) {
		t.Helper()
		w.OK(sealed(t.Context(), chain, attrString(it["PK"]), attrString(it["SK"]), w.Now()))
	}
	for n := range 2 {
		seal(logged(w, chainLog, "behind a head that was changed"))
		seal(logged(w, other, "in another log"))
		if got := aside(); got != 1 {
			t.Errorf("round %d: %d lines for the alarm, want 1", n, got)
		}
	}
	intact(w, other, 4)
	entries, now := storedLog(w, chainLog)
	var said []attrs
	for _, it := range entries {
		if strings.HasPrefix(attrString(it["message"]), "Audit log set aside") {
			said = append(said, it)
		}
	}
	if len(said) != 1 || attrString(said[0]["who"]) != "audit-seal" {
		t.Errorf("the log says it %d times: %v", len(said), said)
	}
	if len(entries) != 5 || sequenceOf(w, now) != 1 {
		t.Errorf("the log has %d entries and the head %v, want 5 and the sequence number 1", len(entries), now)
	}
	seal(said[0]) // the stream also brings the log's own entry
	if got := aside(); got != 1 {
		t.Errorf("its own entry: %d lines, want 1", got)
	}
	if after, _ := storedLog(w, chainLog); len(after) != len(entries) {
		t.Errorf("its own entry added %d", len(after)-len(entries))
	}
	err := chain.SealRest(t.Context(), "", time.Time{}, func(e auditlog.SealedEntry) {
		if e.Log == chainLog {
			t.Errorf("a command sealed %q behind a head that was changed", e.Message)
		}
	})
	if err == nil || !strings.Contains(err.Error(), chainLog) {
		t.Errorf("a command says %v", err)
	}

	huge := logged(w, other, "huge")
	for size := 400 << 10; ; size -= 100 { // the largest item that the table accepts
		huge["more"] = attrText(strings.Repeat("x", size))
		_, err := w.Client.PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &w.Table, Item: huge})
		if err == nil {
			break
		}
	}
	lines.Reset()
	seal(huge)
	seal(logged(w, other, "after the huge one"))
	if got := aside(); got != 1 {
		t.Errorf("an entry without room for a seal: %d lines for the alarm, want 1", got)
	}

	// A command names the entry, and seals the entries after it.
	for range 2 {
		logged(w, other, "behind the huge one")
	}
	var done []string
	err = chain.SealRest(t.Context(), other, time.Time{}, func(e auditlog.SealedEntry) {
		done = append(done, e.Message)
	})
	if err == nil || !strings.Contains(err.Error(), `"huge" of the audit log `+other) || strings.Join(done, ", ") != "behind the huge one, behind the huge one" {
		t.Errorf("a command seals %q and says %v", done, err)
	}
}
