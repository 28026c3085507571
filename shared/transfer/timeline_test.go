package transfer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Events that one side can repeat do not use up the entries of support. The
// entries of support do not use up theirs either.
func TestBoundsOfTheTimeline(t *testing.T) {
	t.Parallel()
	c := offered(t)
	open, now := c.Transfer, asked.Add(time.Hour)
	var err error
	accept := func(times int) {
		t.Helper()
		for i := range times {
			a := transfer.Acceptance{Owner: tenancy.Permission(i % 2)}
			if open, err = open.Accept(
				takes,
				answerCode,
				a,
				c.Profile,
				c.Usage,
				c.Team,
				now.Add(time.Duration(i)),
			); err != nil {
				t.Fatal(err)
			}
		}
	}
	count := func(kinds ...transfer.EventKind) (n int) {
		for _, e := range open.Timeline {
			if slices.Contains(kinds, e.What) {
				n++
			}
		}
		return n
	}
	accept(100)
	if last := open.Timeline[len(open.Timeline)-1]; count(transfer.EventAccepted) != 1 ||
		open.Accepted != now.Add(99) ||
		last.Time != now.Add(99) {
		t.Errorf("accepted a hundred times: got %v", open.Timeline)
	}
	// Each time a prerequisite is lost again, an event is added.
	for i := range 100 {
		side := []transfer.Party{transfer.PartySource, transfer.PartyDestination}[i%2]
		open, _ = open.Wait(transfer.Checks{{Side: side}}, time.Time{}, now)
	}
	if n := count(transfer.EventWaiting); n != 18 {
		t.Errorf("got %d events of waiting, want as many as fit", n)
	}
	for range 40 {
		if open, err = open.Note(agent, transfer.EventNote, "text", now); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(transfer.EventNote); n != 40 {
		t.Errorf("the desk has written 40 notes, and the ticket has %d", n)
	}
	asked := open
	asked.Question = true
	if got, err := asked.Note(agent, transfer.EventAnswer, "text", now); err != nil ||
		len(got.Timeline) != len(open.Timeline)+1 ||
		got.Question {
		t.Errorf("the answer to a question, beyond 40 entries: got %v", err)
	}
	for _, kind := range []transfer.EventKind{transfer.EventNote, transfer.EventQuestion,
		transfer.EventAnswer} {
		got, err := open.Note(agent, kind, "text", now)
		if problem.CodeOf(err) != problem.CodeConflict || len(got.Timeline) != len(open.Timeline) ||
			got.Question {
			t.Errorf("a %s beyond 40 entries: got %v", kind, err)
		}
	}
	accept(1)
	if count(transfer.EventAccepted) != 1 {
		t.Error("the last acceptance is not in the timeline")
	}
	full := len(open.Timeline)
	steps := []func() error{
		func() (err error) { open, err = open.Extend(agent, now); return err },
		func() (err error) { open, err = open.Confirm(gives, confirmCode, now); return err },
		func() (err error) { open, err = open.Approve(agent, now); return err },
		func() (err error) { open, err = open.Cancel(now); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	var last []transfer.EventKind
	for _, e := range open.Timeline[full:] {
		last = append(last, e.What)
	}
	rules.Same(
		t,
		"what comes once is kept",
		last,
		[]transfer.EventKind{transfer.EventConfirmed, transfer.EventApproved, transfer.EventEnded},
	)
}

func TestWhatEachPartySeesOfTheTimeline(t *testing.T) {
	t.Parallel()
	open, now := agreed(t).Transfer, asked.Add(2*time.Hour)
	for _, kind := range []transfer.EventKind{transfer.EventNote, transfer.EventQuestion,
		transfer.EventAnswer} {
		var err error
		if open, err = open.Note(agent, kind, "confidential", now); err != nil {
			t.Fatal(err)
		}
	}
	open, _ = open.Extend(agent, now)
	open, err := open.Reject(agent, "no", now)
	if err != nil {
		t.Fatal(err)
	}
	rules.Same(t, "the desk", open.Visible(transfer.PartySupport), open.Timeline)
	for party, want := range map[transfer.Party]string{
		transfer.PartySource:      "requested confirmed accepted approved note question answer extended ended",
		transfer.PartyDestination: "requested confirmed accepted approved extended ended",
	} {
		var kinds []string
		for _, e := range open.Visible(party) {
			kinds = append(kinds, string(e.What))
			if e.Who != "" || party == transfer.PartyDestination && e.Text == "confidential" {
				t.Errorf("%s sees %+v", party, e)
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s: got %s, want %s", party, got, want)
		}
	}
	if open.Timeline[3].Who != agent.ID {
		t.Error("what a side does not see is gone from the transfer")
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	_, of, now := situations(t)
	for name, want := range map[string]string{
		"fresh": "is open", "agreed": "is open", "late": "has expired", "completed": "has completed", "canceled": "was canceled by the owner of the profile",
		"declined": "was declined by the receiving side", "rejected": "was rejected by support", "expired": "has expired", "failed": "has failed",
	} {
		if got := of[name].Transfer.Outcome(now[name]); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if open := want == "is open"; of[name].Transfer.Open(now[name]) != open {
			t.Errorf("%s: open is not %v", name, open)
		}
		if want == "is open" {
			continue
		}
		_, err := of[name].Transfer.Cancel(now[name])
		text := "conflict: The transfer TR-0000-0001 " + want +
			": nothing can be done about it any more"
		if problemtest.Text(err) != text {
			t.Errorf("%s: got %q, want %q", name, problemtest.Text(err), text)
		}
	}
}

func TestGatesAndWhoMustActNext(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	var (
		good = transfer.Checks{
			{Side: transfer.PartySource, OK: true},
			{Side: transfer.PartyDestination, OK: true},
		}
		sourceLacks = transfer.Checks{
			{Code: transfer.CheckSourcePlan, Side: transfer.PartySource},
			{Side: transfer.PartyDestination, OK: true},
		}
		receiverTo = transfer.Checks{
			{Side: transfer.PartySource, OK: true},
			{Code: transfer.CheckDestPlan, Side: transfer.PartyDestination},
		}
		held = transfer.Checks{
			{Code: transfer.CheckHold, Side: transfer.PartySource},
			{Side: transfer.PartyDestination, OK: true},
		}
		auto = offered(t).Transfer
		back = returning(t, moved(t, agreed(t), asked.Add(agreedAt)),
			asked.Add(agreedAt)).Transfer
		asking, half = agreed(t).Transfer, offered(t).Transfer
	)
	auto.Policy = transfer.PolicyAuto
	asking.Question = true
	half, err := half.Approve(agent, now)
	if err != nil {
		t.Fatal(err)
	}
	with := func(
		t transfer.Transfer, confirmed, accepted bool, agents ...value.AccountID,
	) transfer.Transfer {
		if confirmed {
			t.Confirmed = now
		}
		if accepted {
			t.Accepted = now
		}
		t.Approvals = agents
		return t
	}
	_, of, at := situations(t)
	for name, c := range map[string]struct {
		t      transfer.Transfer
		checks transfer.Checks
		now    time.Time
		gates  transfer.Gates
		ready  bool
		must   string
	}{
		"a fresh one waits for all three":              {offered(t).Transfer, good, now, transfer.Gates{Prerequisites: true}, false, "source destination support"},
		"without the desk, for both sides":             {auto, good, now, transfer.Gates{Support: true, Prerequisites: true}, false, "source destination"},
		"without the desk, agreed":                     {with(auto, true, true), good, now, transfer.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, ""},
		"confirmed":                                    {with(offered(t).Transfer, true, false), good, now, transfer.Gates{Source: true, Prerequisites: true}, false, "destination support"},
		"accepted":                                     {with(offered(t).Transfer, false, true), good, now, transfer.Gates{Destination: true, Prerequisites: true}, false, "source support"},
		"both, and the desk not yet":                   {with(offered(t).Transfer, true, true), good, now, transfer.Gates{Source: true, Destination: true, Prerequisites: true}, false, "support"},
		"the desk first":                               {half, good, now, transfer.Gates{Support: true, Prerequisites: true}, false, "source destination"},
		"all agreed":                                   {agreed(t).Transfer, good, now, transfer.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, ""},
		"all agreed, and the owner lacks something":    {agreed(t).Transfer, sourceLacks, now, transfer.Gates{Source: true, Destination: true, Support: true}, true, "source"},
		"all agreed, and the receiver lacks something": {agreed(t).Transfer, receiverTo, now, transfer.Gates{Source: true, Destination: true, Support: true}, true, "destination"},
		"all agreed, and only time is missing":         {agreed(t).Transfer, held, now, transfer.Gates{Source: true, Destination: true, Support: true}, true, ""},
		"all agreed, and the desk has asked something": {asking, good, now, transfer.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, "source"},
		"late":                                           {of["late"].Transfer, good, at["late"], transfer.Gates{Prerequisites: true}, false, ""},
		"canceled":                                       {of["canceled"].Transfer, sourceLacks, now, transfer.Gates{Source: true, Destination: true, Support: true}, true, ""},
		"a return that nobody has agreed to":             {back, good, now, transfer.Gates{Prerequisites: true}, false, "source destination"},
		"a return that the owner agreed to":              {with(back, true, false), good, now, transfer.Gates{Source: true, Prerequisites: true}, false, "destination"},
		"a return that both agreed to":                   {with(back, true, true), good, now, transfer.Gates{Source: true, Destination: true, Prerequisites: true}, true, ""},
		"a return that one agent approved":               {with(back, false, false, "agent"), good, now, transfer.Gates{Prerequisites: true}, false, "source destination support"},
		"a return that one agent and one side agreed to": {with(back, false, true, "agent"), good, now, transfer.Gates{Destination: true, Prerequisites: true}, false, "source support"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules.Same(t, "the gates", c.t.Gates(c.checks), c.gates)
			if got := c.t.Ready(); got != c.ready {
				t.Errorf("ready: got %v, want %v", got, c.ready)
			}
			got := strings.Trim(fmt.Sprint(c.t.WaitingOn(c.checks, c.now)), "[]")
			if got != c.must {
				t.Errorf("must act: got %q, want %q", got, c.must)
			}
		})
	}
	two := with(back, false, false, "agent", "agent2")
	if !two.Ready() || !two.Gates(good).Support {
		t.Error("two agents do not suffice for a return")
	}
}

// If the agreement of some parties is enough, the others are not waited for.
func TestNobodyMustActForAReturnThatIsReady(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	back := returning(t, moved(t, agreed(t), asked.Add(agreedAt)), now).Transfer
	held := transfer.Checks{{Code: transfer.CheckSourceKeeps, Side: transfer.PartySource}}
	byAgents, bySides := back, back
	byAgents.Approvals = []value.AccountID{"agent", "agent2"}
	bySides.Confirmed, bySides.Accepted, bySides.Approvals = now, now, []value.AccountID{"agent"}
	for name, c := range map[string]transfer.Transfer{"by two agents": byAgents, "by both sides, and one agent": bySides} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.Ready() {
				t.Fatal("it is not ready")
			}
			rules.Same(
				t,
				"who must act",
				c.WaitingOn(held, now),
				[]transfer.Party{transfer.PartySource},
			)
		})
	}
}

// A transfer ends at its time, whether or not its end has been stored yet.
func TestAConsentThatIsRepeatedAfterTheEndIsRefused(t *testing.T) {
	t.Parallel()
	late := asked.Add(7 * day)
	open := agreed(t).Transfer
	back := returning(t, moved(t, agreed(t), asked.Add(agreedAt)), asked.Add(2*time.Hour)).Transfer
	back, err := back.AgreeToRevert(takes, asked.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(expired bool) error{
		"the owner confirms again": func(expired bool) error {
			_, err := over(open, late, expired).Confirm(gives, confirmCode, late)
			return err
		},
		"an agent approves again": func(expired bool) error { _, err := over(open, late, expired).Approve(agent, late); return err },
		"a side agrees again to a return": func(expired bool) error {
			_, err := over(back, back.Expires, expired).AgreeToRevert(takes, back.Expires)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, expired := range []bool{true, false} {
				if got := answer(do(expired)); got != "conflict" {
					t.Errorf("written down %v: got %s, want conflict", expired, got)
				}
			}
		})
	}
}

func over(t transfer.Transfer, now time.Time, written bool) transfer.Transfer {
	if written {
		t, _ = t.Expire(now)
	}
	return t
}
