package operation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

type usedRow struct {
	Name    string  `json:"name"`
	Token   string  `json:"token"`
	Last    *string `json:"last_authorization"`
	Address *string `json:"last_address"`
	Agent   *string `json:"last_agent"`

	UsedFrom []string `json:"used_from"`

	Grace *string `json:"grace_ends"`

	Replaces *string `json:"replaces"`
}

func usedRows(w *testkit.World, by string, id value.ProfileID) map[string]usedRow {
	w.Helper()
	var rows []usedRow
	w.Call(operation.TokenList, "GET", "/profile/"+string(id)+"/token?amount=1000", by, nil).Into(w, &rows)
	out := map[string]usedRow{}
	for _, row := range rows {
		out["p-"+row.Token[2:10]] = row
	}
	return out
}

// Lists and the token itself show when it was last used, from where and by
// which program, at most once a minute.
func TestTheLastUseOfAToken(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	bens := ben.Mint(ana.Home, "")
	token := ana.With("read", "")
	w.NoteUses()
	w.Restart()
	if row := usedRows(w, ana.Token, ana.Home)[token[:10]]; row.Last != nil || row.Address != nil ||
		row.Agent != nil {
		t.Errorf("a token that was never used: got %+v", row)
	}
	use := func(token, agent, source string) testkit.Answer {
		event := testkit.Event("GET", "/info")
		event.Headers["token"] = token
		event.RequestContext.HTTP.UserAgent, event.RequestContext.HTTP.SourceIP = agent, source
		return w.Send(operation.TokenInfo, event)
	}
	check := func(what string, at time.Time, address, agent string) {
		t.Helper()
		row := usedRows(w, ana.Token, ana.Home)[token[:10]]
		if row.Last == nil || *row.Last != at.UTC().Format(value.TimeFormat) ||
			row.Address == nil || *row.Address != address || row.Agent == nil ||
			*row.Agent != agent {
			t.Errorf("%s: got %+v, want %v %s %s", what, row, at, address, agent)
		}
	}
	var info usedRow
	first := w.Now()
	use(token, "sensor\r\n/1 "+strings.Repeat("x", 300), "198.51.100.7").Into(w, &info)
	if info.Last != nil {
		t.Errorf("at its first use its last one is %s", *info.Last)
	}
	longest := "sensor/1 " + strings.Repeat("x", 191)
	check("after the first use", first, "198.51.100.7", longest)
	w.Advance(time.Minute - time.Millisecond)
	use(token, "another", "198.51.100.8")
	check("within the minute", first, "198.51.100.7", longest)
	w.Restart() // another process remembers nothing, and does not write either
	use(token, "another", "198.51.100.8")
	check("within the minute, in another process", first, "198.51.100.7", longest)
	w.Advance(time.Millisecond)
	w.Restart()
	use(token, "another", "198.51.100.8").Into(w, &info)
	if info.Last == nil || *info.Last != first.UTC().Format(value.TimeFormat) {
		t.Errorf("its last use is %v, want the first", info.Last)
	}
	check("after a minute, in a process that has noted nothing", w.Now(), "198.51.100.8", "another")

	// A refused request is not a use of the token.
	used := w.Now()
	w.Advance(time.Hour)
	guess := []byte(ana.Token)
	copy(guess[2:10], token[2:10])
	use(string(guess), "guess", "203.0.113.1")
	check("after a guess", used, "198.51.100.8", "another")
	row := usedRows(w, ana.Token, ana.Home)[token[:10]]
	if got := strings.Join(row.UsedFrom, " "); got != "198.51.100.0/24" {
		t.Errorf("it was used from %s", got)
	}

	// A member sees the member's own tokens.
	use(bens, "bens", testkit.Home)
	rows := usedRows(w, bens, ana.Home)
	if len(rows) != 1 || rows[bens[:10]].Agent == nil || *rows[bens[:10]].Agent != "bens" {
		t.Errorf("a member sees %v", rows)
	}
	if row := usedRows(w, ana.Token, ana.Home)[bens[:10]]; row.Agent == nil || *row.Agent != "bens" {
		t.Errorf("the owner sees %+v", row)
	}
}

// The record of a use is not part of the answer. It is written when the request
// is admitted, and its failure changes nothing.
func TestAUseThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.NoteUses()
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "UpdateItem" {
			return testkit.BrokenService
		}
		return testkit.NoFault
	})
	if got := alive(w, ana.Token); got != 200 || w.Count("U#", "") != 0 {
		t.Errorf("got %d", got)
	}
	if w.Faults.Happened() == 0 {
		t.Error("nothing was noted: this tests nothing")
	}
}

// A page of tokens is longer than a batch.
func TestTheLastUsesOfManyTokens(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for range 101 {
		ana.Mint(ana.Home, "")
	}
	if got := len(usedRows(w, ana.Token, ana.Home)); got != 102 {
		t.Errorf("got %d tokens, want 102", got)
	}
}

func takesToken(o operation.Operation) bool {
	return o.Trigger == operation.HTTP && o.Access != operation.Anonymous
}

// traces is the part of a policy that lets an operation with a token count the
// request and record the use.
const traces = "dynamodb:UpdateItem on Table.Arn for R#* J#* U#*"

// Every operation that takes a token may record its use, and its use after the
// grace, and does so. No other operation may.
func TestWhateverTakesATokenMayNoteItsUse(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	plane := dataPlaneOf(w)
	spent := ana.Mint(ana.Home, "1 month")
	if got := rotateToken(w, ana.Token, ana.Home, spent, ""); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	w.NoteUses()
	for _, o := range operation.All() {
		f, _ := testkit.Template(t).Function(o.Name)
		var may []string
		for _, s := range f.Policy {
			if keys := s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]; slices.Contains(keys, "J#*") || slices.Contains(keys, "U#*") {
				may = append(may, strings.Join(s.Actions, " ")+" on "+strings.Join(s.Resources,
					" ")+" for "+strings.Join(keys, " "))
			}
		}
		var want []string
		takes := takesToken(o)
		if takes {
			want = []string{traces}
		}
		if !slices.Equal(may, want) {
			t.Errorf("%s may %q, want %q", o.Name, may, want)
		}
		if !takes || o.Access == operation.Browser {
			continue
		}
		for _, route := range o.Routes {
			path := strings.NewReplacer("{id}", string(ana.Home), "{token}", "00000000",
				"{webhook}", "0123456789abcdef01234567", "{alert}", "0123456789abcdef01234567",
				"{backup}", "0123456789abcdef01234567", "{delivery}", "0123456789abcdef01234568",
				"{member}", string(ana.ID), "{button}", "accept",
				"{ticket}", "TR-0000-0000", "{addon}", "mobile", "{code}", "HALF", "{query}", everything, "{type}", "email").Replace(route.Path)
			before := w.Count("J#", "")
			got := w.Call(o, route.Method, path, spent, bodyFor(o, ana))
			if got.Code != 401 || before != 0 || w.Count("J#"+spent[2:10], "") != 1 {
				t.Errorf("%s with a spent token: got %d %q, and %d reports", o.Name, got.Code, got.Message, w.Count("J#", ""))
			}
			remove(w, "J#"+spent[2:10], "J")
		}
	}
	if n := w.Count("U#", ""); n != 0 {
		t.Errorf("%d uses were noted of a token that is refused", n)
	}
	w.Restart()
	w.Call(operation.ProfileGet, "GET", "/profile/"+string(ana.Home), ana.Token, nil)
	w.Call(operation.UsageCheck, "GET", "/usage/"+string(ana.Home), plane.Token, nil)
	if n := w.Count("U#", ""); n != 2 {
		t.Errorf("%d uses were noted, want 2", n)
	}
}
