package tenancy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

func TestTicketNumbers(t *testing.T) {
	t.Parallel()
	id := tenancy.NewTransferID("0123456789abcdef01234567")
	if again := tenancy.NewTransferID("0123456789abcdef01234567"); id != again {
		t.Errorf("one id stands for the tickets %s and %s", id, again)
	}
	for name, text := range map[string]string{
		"as it is written":             "TR-7K3M-92QD",
		"in lower case":                "tr-7k3m-92qd",
		"in both cases":                "Tr-7k3M-92Qd",
		"without dashes":               "TR7K3M92QD",
		"with blanks instead":          " TR 7K3M 92QD ",
		"with dashes anywhere":         "-T-R--7-K3M9-2QD-",
		"said with a blank each digit": "t r 7 k 3 m 9 2 q d",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := tenancy.ParseTransferID(text); err != nil || got != "TR-7K3M-92QD" {
				t.Errorf("%q: got %q, %v, want TR-7K3M-92QD", text, got, err)
			}
		})
	}
	for _, text := range []string{"TR-OoIi-LlQ0", "tr-0o1i-lLqO"} {
		if got, err := tenancy.ParseTransferID(text); err != nil || got != "TR-0011-11Q0" {
			t.Errorf("%q: got %q, %v, want TR-0011-11Q0", text, got, err)
		}
	}
}

func TestTextsThatAreNoTicketAreNotFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "TR", "TR-", "7K3M-92QD", "TR-7K3M-92Q", "TR-7K3M-92QDD", "TX-7K3M-92QD", "RT-7K3M-92QD", "TRTR-7K3M-92QD", "TR-7K3M-92QU",
		"TR_7K3M_92QD", "TR-7K3M-92Q#", "TR/7K3M/92QD", "TR-7K3M-92QÖ", "TR-7K3M-92Q\x00", "TR-7K3M-92QD\n", "TR–7K3M–92QD", "ＴＲ-7K3M-92QD",
		"TR-7K3M-9\xffQD", strings.Repeat("TR-7K3M-92QD", 1000),
	} {
		if got, err := tenancy.ParseTransferID(text); problemtest.Text(err) != "not-found: Transfer Not Found" || got != "" {
			t.Errorf("%.20q: got %q, %q", text, got, problemtest.Text(err))
		}
	}
}

// The upper case of some letters beyond ASCII is a digit of tickets.
func TestLettersBeyondASCIIAreNoDigitsOfATicket(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"TR-7K3M-92ſD", "TR-7K3M-92ıD"} {
		if got, err := tenancy.ParseTransferID(text); problem.CodeOf(err) != problem.CodeNotFound {
			t.Errorf("%q: got %q, %v, want not-found", text, got, err)
		}
	}
}

func TestATicketIsReadFromWhatItIsWrittenAs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := tenancy.NewTransferID(rapid.String().Draw(t, "id"))
		if n := len(id); n != len("TR-7K3M-92QD") || strings.Trim(string(id), "0123456789ABCDEFGHJKMNPQRSTVWXYZ-") != "" {
			t.Fatalf("got the ticket %q", id)
		}
		look := map[rune][]string{'0': {"0", "o", "O"}, '1': {"1", "i", "I", "l", "L"}}
		var text strings.Builder
		for _, r := range string(id) {
			forms := look[r]
			switch {
			case r == '-':
				forms = []string{"-", " ", "", " - "}
			case forms == nil:
				forms = []string{string(r), strings.ToLower(string(r)), string(r) + " "}
			}
			text.WriteString(rapid.SampledFrom(forms).Draw(t, "form"))
		}
		if got, err := tenancy.ParseTransferID(text.String()); err != nil || got != id {
			t.Fatalf("%q: got %q, %v, want %q", text.String(), got, err, id)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		got, err := tenancy.ParseTransferID(rapid.OneOf(rapid.String(), rapid.StringMatching(`[tT][rR][-0-9A-Za-z ]{7,11}`)).Draw(t, "text"))
		if err != nil {
			return
		}
		if again, err := tenancy.ParseTransferID(string(got)); err != nil || again != got {
			t.Fatalf("%q is read as %q, %v", got, again, err)
		}
	})
}

func TestParseTransferPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want tenancy.TransferPolicy
		code problem.Code
	}{
		{"", tenancy.PolicySupport, ""}, {"support", tenancy.PolicySupport, ""}, {"auto", tenancy.PolicyAuto, ""},
		{"Auto", "", problem.CodeInvalid}, {"none", "", problem.CodeInvalid},
	} {
		if got, err := tenancy.ParseTransferPolicy(c.text); got != c.want || problem.CodeOf(err) != c.code {
			t.Errorf("%q: got %q, %v, want %q, %q", c.text, got, err, c.want, c.code)
		}
	}
}

func TestTransferTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		required bool
		want     string
	}{
		"lines":                    {" a\n\tb\r\n", true, ""},
		"none, which is no matter": {"  ", false, ""},
		"none where one must be":   {" \n ", true, "reason is required"},
		"the longest":              {strings.Repeat("é", 1000), true, ""},
		"too long":                 {strings.Repeat("é", 1001), false, "reason must have 0 to 1000 characters"},
		"a control character":      {"a\x00", true, "control characters"},
		"bytes that are no text":   {"a\xff", true, "reason must have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tenancy.ParseTransferText("reason", c.text, c.required)
			says(t, err, c.want)
			if want := strings.TrimSpace(c.text); err == nil && got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRequestTransfer(t *testing.T) {
	t.Parallel()
	p := offered(t).Profile
	got, err := p.RequestTransfer(gives, takes.Email, "please", tenancy.PolicyAuto, ticket, asked)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the transfer", got, tenancy.Transfer{
		ID: ticket, Profile: "plant", ProfileName: "Plant", Source: gives.ID, Email: takes.Email, Message: "please", Policy: tenancy.PolicyAuto,
		State: tenancy.TransferRequested, SourceEpoch: &gives.Epoch, Created: asked, Expires: asked.Add(7 * day),
		Timeline: []tenancy.TransferEvent{{Time: asked, What: tenancy.EventRequested, By: tenancy.PartySource, Text: "please"}},
	})
	for name, c := range map[string]struct {
		change func(*tenancy.Profile, *tenancy.Account)
		email  value.Email
		want   string
	}{
		"to oneself":                                 {nil, gives.Email, "invalid: This is your own address: name the account that is to receive the profile"},
		"by a blocked account":                       {func(_ *tenancy.Profile, a *tenancy.Account) { a.Blocked = true }, takes.Email, "Write to support"},
		"on the free plan":                           {func(_ *tenancy.Profile, a *tenancy.Account) { a.Plan = plan.Free }, takes.Email, "Upgrade the plan of the account"},
		"of the last profile":                        {func(_ *tenancy.Profile, a *tenancy.Account) { *a = holding(*a, 1) }, takes.Email, "Create another profile first"},
		"within the lock":                            {func(p *tenancy.Profile, _ *tenancy.Account) { p.Transferred = asked.Add(-7*day + tick) }, takes.Email, "Wait until 2030-05-06T10:00:00.001Z"},
		"right after the lock":                       {func(p *tenancy.Profile, _ *tenancy.Account) { p.Transferred = asked.Add(-7 * day) }, takes.Email, ""},
		"within a hold, which only holds the end up": {func(_ *tenancy.Profile, a *tenancy.Account) { a.CredentialsChanged = asked }, takes.Email, ""},
		"to an address that may have no account":     {nil, "nobody@example.com", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, source := p, gives
			if c.change != nil {
				c.change(&p, &source)
			}
			got, err := p.RequestTransfer(source, c.email, "", tenancy.PolicySupport, ticket, asked)
			says(t, err, strings.TrimPrefix(c.want, "invalid: "))
			if c.want == "" {
				return
			}
			code := problem.CodeForbidden
			if strings.HasPrefix(c.want, "invalid") {
				code = problem.CodeInvalid
			}
			if problem.CodeOf(err) != code {
				t.Errorf("got %q, want %q", problem.CodeOf(err), code)
			}
			same(t, "the transfer", got, tenancy.Transfer{})
		})
	}
}

// situations are an ordinary transfer in every state. "late" is one whose time is over, which nobody has written down yet.
func situations(t *testing.T) (names []string, of map[string]tenancy.TransferContext, now map[string]time.Time) {
	t.Helper()
	later := asked.Add(2 * time.Hour)
	of, now = map[string]tenancy.TransferContext{}, map[string]time.Time{}
	add := func(name string, c tenancy.TransferContext, end func(tenancy.Transfer) (tenancy.Transfer, error), at time.Time) {
		if end != nil {
			var err error
			if c.Transfer, err = end(c.Transfer); err != nil {
				t.Fatal(name, err)
			}
		}
		names = append(names, name)
		of[name], now[name] = c, at
	}
	type T = tenancy.Transfer
	add("fresh", offered(t), nil, later)
	add("agreed", agreed(t), nil, later)
	add("late", offered(t), nil, asked.Add(7*day))
	add("completed", agreed(t), func(T) (T, error) { return moved(t, agreed(t), asked.Add(agreedAt)).Transfer, nil }, later)
	add("canceled", agreed(t), func(t T) (T, error) { return t.Cancel(asked.Add(agreedAt)) }, later)
	add("declined", agreed(t), func(t T) (T, error) { return t.Decline(takes, answerCode, asked.Add(agreedAt)) }, later)
	add("rejected", agreed(t), func(t T) (T, error) { return t.Reject(agent, "no", asked.Add(agreedAt)) }, later)
	add("expired", agreed(t), func(t T) (T, error) { return t.Expire(asked.Add(7 * day)) }, asked.Add(7*day))
	add("failed", agreed(t), func(t T) (T, error) { return t.Fail("gone", asked.Add(agreedAt)) }, later)
	return names, of, now
}

// Each row is one verb of one party, each column the answer in one situation, in the order of situations.
func TestEveryVerbInEveryState(t *testing.T) {
	t.Parallel()
	names, of, now := situations(t)
	stranger := person("stranger", 1, nil)
	namesake := takes // the address may pass to another account when its holder gives it up
	namesake.ID = "namesake"
	waiting := takes
	waiting.ID, waiting.Active = "waiting", false
	mover := gives
	mover.Email = takes.Email
	wrong := []byte("hash of some other code")

	type in = tenancy.TransferContext
	type out = tenancy.Transfer
	confirm := func(by tenancy.Account, code []byte) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Confirm(by, code, now) }
	}
	accept := func(by tenancy.Account, code []byte) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) {
			return c.Transfer.Accept(by, code, tenancy.Acceptance{}, c.Profile, c.Usage, c.Team, now)
		}
	}
	decline := func(by tenancy.Account, code []byte) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Decline(by, code, now) }
	}
	approve := func(by tenancy.Account) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Approve(by, now) }
	}
	reject := func(by tenancy.Account) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Reject(by, "no", now) }
	}
	note := func(by tenancy.Account, kind tenancy.EventKind) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Note(by, kind, "text", now) }
	}
	extend := func(by tenancy.Account) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Extend(by, now) }
	}
	back := func(by tenancy.Account) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.AgreeToRevert(by, now) }
	}

	const (
		void      = "invalid invalid invalid invalid invalid invalid invalid invalid invalid"
		forbidden = "forbidden forbidden forbidden forbidden forbidden forbidden forbidden forbidden forbidden"
		notFound  = "not-found not-found not-found not-found not-found not-found not-found not-found not-found"
		openOnly  = "ok ok conflict conflict conflict conflict conflict conflict conflict"
	)
	for name, row := range map[string]struct {
		do func(in, time.Time) (out, error)
		//      fresh agreed late completed canceled declined rejected expired failed
		want string
	}{
		"the owner confirms":                              {confirm(gives, confirmCode), "ok done conflict done conflict conflict conflict conflict conflict"},
		"the owner confirms with a wrong code":            {confirm(gives, wrong), void},
		"the owner confirms with the code of the offer":   {confirm(gives, answerCode), void},
		"the owner confirms without a code":               {confirm(gives, nil), void},
		"the receiver confirms":                           {confirm(takes, confirmCode), void},
		"a stranger confirms":                             {confirm(stranger, confirmCode), void},
		"nobody confirms":                                 {confirm(tenancy.Account{}, confirmCode), void},
		"the receiver accepts":                            {accept(takes, answerCode), "ok ok conflict done conflict conflict conflict conflict conflict"},
		"the receiver accepts with a wrong code":          {accept(takes, wrong), void},
		"the receiver accepts with the owner's code":      {accept(takes, confirmCode), void},
		"the receiver accepts without a code":             {accept(takes, nil), void},
		"the owner accepts":                               {accept(gives, answerCode), void},
		"the owner accepts, who holds the address by now": {accept(mover, answerCode), void},
		"a stranger accepts":                              {accept(stranger, answerCode), void},
		"an account accepts that has not confirmed":       {accept(waiting, answerCode), void},
		"nobody accepts":                                  {accept(tenancy.Account{Email: takes.Email}, answerCode), void},
		"another holder of the address accepts":           {accept(namesake, answerCode), "ok invalid conflict invalid invalid invalid invalid invalid invalid"},
		"the receiver declines":                           {decline(takes, answerCode), "ok ok conflict conflict conflict done conflict conflict conflict"},
		"the receiver declines with a wrong code":         {decline(takes, wrong), void},
		"the owner declines":                              {decline(gives, answerCode), void},
		"a stranger declines":                             {decline(stranger, answerCode), void},
		"the owner cancels":                               {func(c in, now time.Time) (out, error) { return c.Transfer.Cancel(now) }, openOnly},
		"an agent approves":                               {approve(agent), "ok done conflict done conflict conflict conflict conflict conflict"},
		"another agent approves":                          {approve(agent2), "ok done conflict done conflict conflict conflict conflict conflict"},
		"the owner approves, being an agent":              {approve(gives), forbidden},
		"the receiver approves, being an agent":           {approve(takes), forbidden},
		"a holder of the address approves":                {approve(namesake), forbidden},
		"an agent rejects":                                {reject(agent), "ok ok conflict conflict conflict conflict done conflict conflict"},
		"another agent rejects":                           {reject(agent2), "ok ok conflict conflict conflict conflict done conflict conflict"},
		"the owner rejects, being an agent":               {reject(gives), forbidden},
		"the receiver rejects, being an agent":            {reject(takes), forbidden},
		"an agent tells the owner something":              {note(agent, tenancy.EventNote), openOnly},
		"an agent asks the owner something":               {note(agent, tenancy.EventQuestion), openOnly},
		"an agent writes down the answer":                 {note(agent, tenancy.EventAnswer), openOnly},
		"the owner writes a note, being an agent":         {note(gives, tenancy.EventNote), forbidden},
		"the receiver writes a note, being an agent":      {note(takes, tenancy.EventNote), forbidden},
		"an agent extends":                                {extend(agent), openOnly},
		"the owner extends, being an agent":               {extend(gives), forbidden},
		"the receiver extends, being an agent":            {extend(takes), forbidden},
		"the owner agrees to a return that nobody asked":  {back(gives), notFound},
		"the receiver agrees to a return nobody asked":    {back(takes), notFound},
		"time ends it":                                    {func(c in, now time.Time) (out, error) { return c.Transfer.Expire(now) }, "done done ok done done done done done done"},
		"it fails":                                        {func(c in, now time.Time) (out, error) { return c.Transfer.Fail("gone", now) }, "ok ok ok done done done done done done"},
		"a reminder, before one is due or after the end":  {remind, "done done done done done done done done done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, want := range strings.Fields(row.want) {
				c := of[names[i]]
				before := copied(c.Transfer)
				after, err := row.do(c, now[names[i]])
				if got := answer(err); got != want {
					t.Errorf("%s: got %s (%v), want %s", names[i], got, err, want)
				}
				if err != nil {
					same(t, names[i]+", after a refusal", after, before)
				} else if last := after.Timeline[len(after.Timeline)-1]; last.Time != now[names[i]] || slices.Contains(before.Timeline, last) {
					t.Errorf("%s: the last event is %v, want a new one", names[i], last)
				}
				same(t, names[i]+", the value that was read", c.Transfer, before)
			}
		})
	}
}

func remind(c tenancy.TransferContext, now time.Time) (tenancy.Transfer, error) {
	t, ok := c.Transfer.Remind(now)
	if !ok {
		return t, tenancy.ErrDone
	}
	return t, nil
}

func TestWhatEachVerbRecords(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	type T = tenancy.Transfer
	event := func(what tenancy.EventKind, by tenancy.Party, who value.AccountID, text string) tenancy.TransferEvent {
		return tenancy.TransferEvent{Time: now, What: what, By: by, Who: who, Text: text}
	}
	ended := func(state tenancy.TransferState, reason string) func(*T) {
		return func(t *T) { t.State, t.Reason, t.Ended = state, reason, now }
	}
	owner, receiver, desk, system := tenancy.PartySource, tenancy.PartyDestination, tenancy.PartySupport, tenancy.PartySystem
	for name, c := range map[string]struct {
		do    func(T) (T, error)
		want  func(*T)
		event tenancy.TransferEvent
	}{
		"a confirmation": {func(t T) (T, error) { return t.Confirm(gives, confirmCode, now) }, func(t *T) { t.Confirmed = now }, event(tenancy.EventConfirmed, owner, "", "")},
		"an approval":    {func(t T) (T, error) { return t.Approve(agent, now) }, func(t *T) { t.Approvals = []value.AccountID{"agent"} }, event(tenancy.EventApproved, desk, "agent", "")},
		"a refusal of the receiving side, which is known from then on": {
			func(t T) (T, error) { return t.Decline(takes, answerCode, now) },
			func(t *T) { ended(tenancy.TransferDeclined, "")(t); t.Destination = takes.ID }, event(tenancy.EventEnded, receiver, "", "declined"),
		},
		"a cancelation": {func(t T) (T, error) { return t.Cancel(now) }, ended(tenancy.TransferCanceled, ""), event(tenancy.EventEnded, owner, "", "canceled")},
		"a rejection":   {func(t T) (T, error) { return t.Reject(agent, "not yours", now) }, ended(tenancy.TransferRejected, "not yours"), event(tenancy.EventEnded, desk, "agent", "rejected: not yours")},
		"a failure":     {func(t T) (T, error) { return t.Fail("it is gone", now) }, ended(tenancy.TransferFailed, "it is gone"), event(tenancy.EventEnded, system, "", "failed: it is gone")},
		"a note":        {func(t T) (T, error) { return t.Note(agent, tenancy.EventNote, "hi", now) }, func(*T) {}, event(tenancy.EventNote, desk, "agent", "hi")},
		"a question":    {func(t T) (T, error) { return t.Note(agent, tenancy.EventQuestion, "why?", now) }, func(t *T) { t.Question = true }, event(tenancy.EventQuestion, desk, "agent", "why?")},
		"an extension":  {func(t T) (T, error) { return t.Extend(agent, now) }, func(t *T) { t.Expires = now.Add(7 * day) }, event(tenancy.EventExtended, desk, "agent", "2030-05-13T12:00:00.000Z")},
		"a wait for the giver": {
			func(t T) (T, error) {
				t, told := t.Wait(tenancy.Checks{{Side: owner}, {Side: receiver, OK: true}}, time.Time{}, now)
				if !told {
					return t, errors.New("the first wait was not told")
				}
				return t, nil
			},
			func(t *T) {
				t.Waiting, t.Retry = "a prerequisite is missing on the side of the account that gives the profile away", now.Add(15*time.Minute)
			}, event(tenancy.EventWaiting, system, "", "a prerequisite is missing on the side of the account that gives the profile away"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := offered(t).Transfer
			got, err := c.do(want)
			if err != nil {
				t.Fatal(err)
			}
			c.want(&want)
			want.Timeline = append(want.Timeline, c.event)
			same(t, "the transfer", got, want)
		})
	}
}

// An answered question, a wait and its retry mean nothing after the end.
func TestAnEndLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	now := asked.Add(2 * time.Hour)
	open, err := c.Transfer.Note(agent, tenancy.EventQuestion, "why?", now)
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := offered(t).Transfer.Note(agent, tenancy.EventQuestion, "why?", now); err != nil {
		t.Fatal(err)
	} else if approved, err := fresh.Approve(agent, now); err != nil || approved.Question {
		t.Errorf("after the approval: got %v, %v, want no open question", approved.Question, err)
	}
	open, _ = open.Wait(tenancy.Checks{{Side: tenancy.PartySource}}, time.Time{}, now)
	if answered, err := open.Note(agent, tenancy.EventAnswer, "because", now); err != nil || answered.Question {
		t.Errorf("after the answer: got %v, %v, want no open question", answered.Question, err)
	} else if e := answered.Timeline[len(answered.Timeline)-1]; e.By != tenancy.PartySource || e.Who != agent.ID {
		t.Errorf("the answer: got %+v, want one of the owner, recorded by the agent", e)
	}
	for _, end := range []func() (tenancy.Transfer, error){
		func() (tenancy.Transfer, error) { return open.Cancel(now) },
		func() (tenancy.Transfer, error) { return open.Decline(takes, answerCode, now) },
		func() (tenancy.Transfer, error) { return open.Reject(agent, "no", now) },
		func() (tenancy.Transfer, error) { return open.Fail("gone", now) },
		func() (tenancy.Transfer, error) { return open.Expire(open.Expires) },
	} {
		got, err := end()
		if err != nil || got.Question || got.Waiting != "" || !got.Retry.IsZero() || !got.Due().IsZero() || got.Open(now) || got.WaitingOn(nil, now) != nil {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestTermsOfAnAcceptance(t *testing.T) {
	t.Parallel()
	c := offered(t)
	now := asked.Add(time.Hour)
	text := func(s string) *string { return &s }
	type amounts = map[plan.Service]int64
	type rights = map[value.AccountID]tenancy.Permission
	lower := each(100)
	lower[plan.ServiceSMS], lower[plan.ServiceEmail] = 0, 99
	pending := open("dee", now.Add(day))
	pending.Account = "dee"
	team := append(slices.Clone(c.Team), pending)
	for name, test := range map[string]struct {
		a    tenancy.Acceptance
		want tenancy.Terms
		err  string
	}{
		"without any choice everybody leaves and all is as it was": {tenancy.Acceptance{}, tenancy.Terms{Allocation: each(100), Members: rights{}}, ""},
		"a new name without the blanks around it":                  {tenancy.Acceptance{Name: text(" Works ")}, tenancy.Terms{Name: "Works", Allocation: each(100), Members: rights{}}, ""},
		"an empty name":                     {tenancy.Acceptance{Name: text("  ")}, tenancy.Terms{}, "invalid: name is required"},
		"a name that is too long":           {tenancy.Acceptance{Name: text(strings.Repeat("x", 101))}, tenancy.Terms{}, "invalid: name must have 1 to 100 characters"},
		"a name with a control character":   {tenancy.Acceptance{Name: text("a\nb")}, tenancy.Terms{}, "invalid: name must not contain control characters"},
		"a lower allocation, the rest kept": {tenancy.Acceptance{Allocation: amounts{plan.ServiceSMS: 0, plan.ServiceEmail: 99}}, tenancy.Terms{Allocation: lower, Members: rights{}}, ""},
		"all that the profile has":          {tenancy.Acceptance{Allocation: amounts{plan.ServiceSMS: 100}}, tenancy.Terms{Allocation: each(100), Members: rights{}}, ""},
		"more than the profile has":         {tenancy.Acceptance{Allocation: amounts{plan.ServiceSMS: 101}}, tenancy.Terms{}, "invalid: allocation.sms must be a number from 0 to the 100 that the profile has"},
		"less than nothing":                 {tenancy.Acceptance{Allocation: amounts{plan.ServiceInput: -1}}, tenancy.Terms{}, "invalid: allocation.input must be a number from 0 to the 100 that the profile has"},
		"members who stay and the owner": {
			tenancy.Acceptance{Members: rights{"ben": tenancy.PermissionFull}, Owner: tenancy.PermissionWrite},
			tenancy.Terms{Allocation: each(100), Members: rights{"ben": tenancy.PermissionFull}, Owner: tenancy.PermissionWrite}, "",
		},
		"somebody who is no member":          {tenancy.Acceptance{Members: rights{"zoe": tenancy.PermissionRead}}, tenancy.Terms{}, "invalid: members must name accounts of the profile's team, and zoe is none"},
		"the owner among the members":        {tenancy.Acceptance{Members: rights{gives.ID: tenancy.PermissionRead}}, tenancy.Terms{}, "invalid: members must name accounts of the profile's team, and gives is none"},
		"somebody who has not joined yet":    {tenancy.Acceptance{Members: rights{"dee": tenancy.PermissionRead}}, tenancy.Terms{}, "invalid: members must name accounts of the profile's team, and dee is none"},
		"nobody's account among the members": {tenancy.Acceptance{Members: rights{"": tenancy.PermissionRead}}, tenancy.Terms{}, "invalid: members must name accounts of the profile's team, and  is none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Transfer.Accept(takes, answerCode, test.a, c.Profile, c.Usage, team, now)
			if problemtest.Text(err) != test.err {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.err)
			}
			want := c.Transfer
			if err == nil {
				want.Destination, want.Accepted, want.DestinationEpoch, want.Terms = takes.ID, now, &takes.Epoch, test.want
				want.Terms.TokenPolicy = &c.Profile.TokenPolicy
				want.Timeline = append(want.Timeline, tenancy.TransferEvent{Time: now, What: tenancy.EventAccepted, By: tenancy.PartyDestination})
			}
			same(t, "the transfer", got, want)
		})
	}
}

func TestTermsCanBeChosenAnewUntilTheEnd(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	now := asked.Add(3 * time.Hour)
	got, err := c.Transfer.Accept(takes, answerCode, tenancy.Acceptance{Owner: tenancy.PermissionFull}, c.Profile, c.Usage, c.Team, now)
	want := tenancy.Terms{
		Allocation: each(100), TokenPolicy: &tenancy.TokenPolicy{}, Members: map[value.AccountID]tenancy.Permission{}, Owner: tenancy.PermissionFull,
	}
	if err != nil || got.Accepted != now {
		t.Errorf("got %s, %v, want the time of the last acceptance", got.Accepted, err)
	}
	same(t, "the terms", got.Terms, want)
	again, err := got.Accept(takes, answerCode, tenancy.Acceptance{Owner: tenancy.PermissionFull}, c.Profile, c.Usage, c.Team, now.Add(tick))
	if answer(err) != "done" {
		t.Errorf("the same terms again: got %v", err)
	}
	same(t, "after the same terms again", again, got)
	// A wrong choice leaves what was agreed.
	kept, err := got.Accept(takes, answerCode, tenancy.Acceptance{Members: map[value.AccountID]tenancy.Permission{"zoe": 1}}, c.Profile, c.Usage, c.Team, now.Add(tick))
	if problem.CodeOf(err) != problem.CodeInvalid {
		t.Errorf("got %v", err)
	}
	same(t, "after a wrong choice", kept, got)
}

func TestCodesOfRemindersAndTheOldOnes(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.Transfer.ConfirmCodes = append(c.Transfer.ConfirmCodes, []byte("second"))
	c.Transfer.AnswerCodes = append(c.Transfer.AnswerCodes, []byte("second"))
	for _, code := range [][]byte{confirmCode, []byte("second")} {
		if _, err := c.Transfer.Confirm(gives, code, asked); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, code := range [][]byte{answerCode, []byte("second")} {
		if _, err := c.Transfer.Accept(takes, code, tenancy.Acceptance{}, c.Profile, c.Usage, c.Team, asked); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestWhoIsWhoInATransfer(t *testing.T) {
	t.Parallel()
	fresh, done := offered(t).Transfer, agreed(t).Transfer
	canceled, err := fresh.Cancel(asked)
	if err != nil {
		t.Fatal(err)
	}
	unconfirmed, elsewhere := takes, takes
	unconfirmed.Active, elsewhere.Email = false, "new@example.com"
	for name, c := range map[string]struct {
		t    tenancy.Transfer
		who  tenancy.Account
		want tenancy.Party
	}{
		"the owner":                                        {fresh, gives, tenancy.PartySource},
		"who holds the address":                            {fresh, takes, tenancy.PartyDestination},
		"who has signed up with it only":                   {fresh, unconfirmed, ""},
		"who holds another address":                        {fresh, elsewhere, ""},
		"who has answered, whatever the address is by now": {done, elsewhere, tenancy.PartyDestination},
		"another holder of the address after the answer":   {done, tenancy.Account{ID: "x", Email: takes.Email, Active: true}, ""},
		"who never answered, after the end":                {canceled, takes, ""},
		"the owner after the end":                          {canceled, gives, tenancy.PartySource},
		"an agent":                                         {fresh, agent, ""},
		"nobody":                                           {fresh, tenancy.Account{Email: takes.Email, Active: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.t.PartyOf(c.who); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRemindersAreDueAtHalfTimeAndADayBeforeTheEnd(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	due := func(want time.Duration) {
		t.Helper()
		if got := open.Due().Sub(asked); got != want {
			t.Errorf("due: got %s after the request, want %s", got, want)
		}
	}
	notYet := func(after time.Duration) {
		t.Helper()
		if got, ok := open.Remind(asked.Add(after)); ok {
			t.Errorf("a reminder %s after the request: %+v", after, got)
		}
	}
	sent := func(after time.Duration, n int) {
		t.Helper()
		next, ok := open.Remind(asked.Add(after))
		if !ok || next.Reminded != n || next.Timeline[len(next.Timeline)-1] != (tenancy.TransferEvent{Time: asked.Add(after), What: tenancy.EventReminded, By: tenancy.PartySystem}) {
			t.Fatalf("the reminder %s after the request: got %v, %+v", after, ok, next)
		}
		open = next
	}
	due(84 * time.Hour)
	notYet(84*time.Hour - tick)
	sent(84*time.Hour, 1)
	due(6 * day)
	notYet(6*day - tick)
	sent(6*day, 2)
	due(7 * day)
	notYet(7*day - tick)
	notYet(7 * day)
}

func TestALateReminderIsNotFollowedAtOnceByTheNext(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	late, ok := open.Remind(asked.Add(6*day + time.Hour))
	if !ok || late.Reminded != 2 || late.Due() != open.Expires {
		t.Errorf("got %v, %d, due %s, want both counted as sent", ok, late.Reminded, late.Due())
	}
	if _, ok := late.Remind(asked.Add(6*day + 2*time.Hour)); ok {
		t.Error("the second reminder followed the late first one")
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	extend := func(after time.Duration, want time.Duration) {
		t.Helper()
		next, err := open.Extend(agent, asked.Add(after))
		if err != nil || next.Expires.Sub(asked) != want {
			t.Fatalf("extended %s after the request: got an end after %s, %v, want %s", after, next.Expires.Sub(asked), err, want)
		}
		open = next
	}
	if _, err := open.Extend(agent, asked); answer(err) != "done" {
		t.Errorf("a full time for a full time: got %v", err)
	}
	open, _ = open.Remind(asked.Add(6 * day)) // both
	extend(6*day+12*time.Hour, 13*day+12*time.Hour)
	if open.Reminded != 1 || open.Due() != open.Expires.Add(-day) {
		t.Errorf("got %d reminders, due %s, want another one a day before the new end", open.Reminded, open.Due())
	}
	extend(13*day, 20*day)
	extend(20*day-tick, 27*day-tick)
	extend(22*day, 28*day)
	for _, after := range []time.Duration{22 * day, 28*day - tick} {
		if _, err := open.Extend(agent, asked.Add(after)); problemtest.Text(err) != "forbidden: The transfer TR-0000-0001 ends on 2030-06-03T10:00:00.000Z and cannot be extended further" {
			t.Errorf("beyond 28 days: got %v", err)
		}
	}
	if !open.Open(asked.Add(28*day-tick)) || open.Open(asked.Add(28*day)) {
		t.Error("it does not end after exactly 28 days")
	}
	early, err := offered(t).Transfer.Extend(agent, asked.Add(day))
	if err != nil || early.Reminded != 0 || early.Due() != asked.Add(4*day) {
		t.Errorf("extended before the first reminder: got %d, due %s, %v, want half of the new time", early.Reminded, early.Due(), err)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	open, now := agreed(t).Transfer, asked.Add(2*time.Hour)
	source := tenancy.Checks{{Side: tenancy.PartySource}, {Side: tenancy.PartyDestination, OK: true}}
	both := tenancy.Checks{{Side: tenancy.PartySource}, {Side: tenancy.PartyDestination}}
	first, told := open.Wait(source, time.Time{}, now)
	if !told || first.Due() != now.Add(15*time.Minute) {
		t.Errorf("the first: got %v, due %s", told, first.Due())
	}
	second, told := first.Wait(source, now.Add(5*time.Minute), now.Add(15*time.Minute))
	if told || second.Due() != now.Add(30*time.Minute) || len(second.Timeline) != len(first.Timeline) {
		t.Errorf("the same again: got %v, due %s, %d events", told, second.Due(), len(second.Timeline))
	}
	other, told := second.Wait(both, time.Time{}, now.Add(30*time.Minute))
	if !told || other.Waiting != "a prerequisite is missing on the side of the account that gives the profile away and the receiving account" {
		t.Errorf("another reason: got %v, %q", told, other.Waiting)
	}
	held, _ := open.Wait(source, now.Add(50*time.Hour), now)
	if held.Due() != now.Add(50*time.Hour) {
		t.Errorf("a hold: due %s, want its end", held.Due())
	}
	longer, _ := open.Wait(source, asked.Add(5*day), now)
	if longer.Due() != asked.Add(84*time.Hour) {
		t.Errorf("a hold beyond the reminder: due %s, want the reminder", longer.Due())
	}
	longer.Reminded = 2
	longer.Retry = asked.Add(9 * day)
	if longer.Due() != longer.Expires {
		t.Errorf("a retry after the end: due %s, want the end", longer.Due())
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secured time.Duration // after the request; 0 here means never
		want    time.Duration // after the request; 0: no hold
	}{
		"never":                            {0, 0},
		"7 days before the request":        {-7 * day, 0},
		"a little less than 7 days before": {-7*day + tick, 72 * time.Hour},
		"a little before the request":      {-tick, 72 * time.Hour},
		"a little after the request":       {tick, 72*time.Hour + tick},
		"two days after the request":       {2 * day, 5 * day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := agreed(t)
			if c.secured != 0 {
				given.Source.CredentialsChanged = asked.Add(c.secured)
			}
			var want time.Time
			if c.want != 0 {
				want = asked.Add(c.want)
			}
			if got := given.Transfer.HeldUntil(given.Source); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if c.want == 0 {
				return
			}
			if m, checks := given.Complete(want.Add(-tick)); m.Transfer.State != "" || checks.OK() {
				t.Errorf("it completed within the hold")
			}
			if m, checks := given.Complete(want); m.Transfer.State != tenancy.TransferCompleted {
				t.Errorf("it did not complete right after the hold: %s", mailing.Missing(checks))
			}
		})
	}
	back := tenancy.Transfer{Reverts: ticket, Created: asked}
	if got := back.HeldUntil(tenancy.Account{CredentialsChanged: asked}); !got.IsZero() {
		t.Errorf("a return is held until %s", got)
	}
}

// Two decisions may start from one value that was read, when the first of them meets a conflict.
func TestVerbsShareNothing(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	open := returning(t, moved(t, agreed(t), asked.Add(agreedAt)), now).Transfer
	open.Timeline, open.Approvals = slices.Grow(open.Timeline, 8), make([]value.AccountID, 0, 8)
	first, err := open.Approve(agent, now)
	if err != nil {
		t.Fatal(err)
	}
	want := copied(first)
	if _, err = open.Approve(agent2, now.Add(tick)); err != nil {
		t.Fatal(err)
	}
	same(t, "the first, after the second", first, want)
}

// What one side can repeat leaves the desk its room in the ticket, and the other way round.
func TestBoundsOfTheTimeline(t *testing.T) {
	t.Parallel()
	c := offered(t)
	open, now := c.Transfer, asked.Add(time.Hour)
	var err error
	accept := func(times int) {
		t.Helper()
		for i := range times {
			a := tenancy.Acceptance{Owner: tenancy.Permission(i % 2)}
			if open, err = open.Accept(takes, answerCode, a, c.Profile, c.Usage, c.Team, now.Add(time.Duration(i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	count := func(kinds ...tenancy.EventKind) (n int) {
		for _, e := range open.Timeline {
			if slices.Contains(kinds, e.What) {
				n++
			}
		}
		return n
	}
	accept(100)
	if last := open.Timeline[len(open.Timeline)-1]; count(tenancy.EventAccepted) != 1 || open.Accepted != now.Add(99) || last.Time != now.Add(99) {
		t.Errorf("accepted a hundred times: got %v", open.Timeline)
	}
	// Whoever comes to have, and to lack, a prerequisite adds an event each time.
	for i := range 100 {
		side := []tenancy.Party{tenancy.PartySource, tenancy.PartyDestination}[i%2]
		open, _ = open.Wait(tenancy.Checks{{Side: side}}, time.Time{}, now)
	}
	if n := count(tenancy.EventWaiting); n != 18 {
		t.Errorf("got %d events of waiting, want as many as fit", n)
	}
	for range 40 {
		if open, err = open.Note(agent, tenancy.EventNote, "text", now); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(tenancy.EventNote); n != 40 {
		t.Errorf("the desk has written 40 notes, and the ticket has %d", n)
	}
	asked := open
	asked.Question = true
	if got, err := asked.Note(agent, tenancy.EventAnswer, "text", now); err != nil || len(got.Timeline) != len(open.Timeline)+1 || got.Question {
		t.Errorf("the answer to a question, beyond 40 entries: got %v", err)
	}
	for _, kind := range []tenancy.EventKind{tenancy.EventNote, tenancy.EventQuestion, tenancy.EventAnswer} {
		if got, err := open.Note(agent, kind, "text", now); problem.CodeOf(err) != problem.CodeConflict || len(got.Timeline) != len(open.Timeline) || got.Question {
			t.Errorf("a %s beyond 40 entries: got %v", kind, err)
		}
	}
	accept(1)
	if count(tenancy.EventAccepted) != 1 {
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
	var last []tenancy.EventKind
	for _, e := range open.Timeline[full:] {
		last = append(last, e.What)
	}
	same(t, "what comes once is kept", last, []tenancy.EventKind{tenancy.EventConfirmed, tenancy.EventApproved, tenancy.EventEnded})
}

func TestWhatEachPartySeesOfTheTimeline(t *testing.T) {
	t.Parallel()
	open, now := agreed(t).Transfer, asked.Add(2*time.Hour)
	for _, kind := range []tenancy.EventKind{tenancy.EventNote, tenancy.EventQuestion, tenancy.EventAnswer} {
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
	same(t, "the desk", open.Visible(tenancy.PartySupport), open.Timeline)
	for party, want := range map[tenancy.Party]string{
		tenancy.PartySource:      "requested confirmed accepted approved note question answer extended ended",
		tenancy.PartyDestination: "requested confirmed accepted approved extended ended",
	} {
		var kinds []string
		for _, e := range open.Visible(party) {
			kinds = append(kinds, string(e.What))
			if e.Who != "" || party == tenancy.PartyDestination && e.Text == "confidential" {
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
		if text := "conflict: The transfer TR-0000-0001 " + want + ": nothing can be done about it any more"; problemtest.Text(err) != text {
			t.Errorf("%s: got %q, want %q", name, problemtest.Text(err), text)
		}
	}
}

func TestGatesAndWhoseTurnItIs(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	var (
		good         = tenancy.Checks{{Side: tenancy.PartySource, OK: true}, {Side: tenancy.PartyDestination, OK: true}}
		sourceLacks  = tenancy.Checks{{Code: tenancy.CheckSourcePlan, Side: tenancy.PartySource}, {Side: tenancy.PartyDestination, OK: true}}
		receiverTo   = tenancy.Checks{{Side: tenancy.PartySource, OK: true}, {Code: tenancy.CheckDestPlan, Side: tenancy.PartyDestination}}
		held         = tenancy.Checks{{Code: tenancy.CheckHold, Side: tenancy.PartySource}, {Side: tenancy.PartyDestination, OK: true}}
		auto, back   = offered(t).Transfer, returning(t, moved(t, agreed(t), asked.Add(agreedAt)), asked.Add(agreedAt)).Transfer
		asking, half = agreed(t).Transfer, offered(t).Transfer
	)
	auto.Policy = tenancy.PolicyAuto
	asking.Question = true
	half, err := half.Approve(agent, now)
	if err != nil {
		t.Fatal(err)
	}
	with := func(t tenancy.Transfer, confirmed, accepted bool, agents ...value.AccountID) tenancy.Transfer {
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
		t      tenancy.Transfer
		checks tenancy.Checks
		now    time.Time
		gates  tenancy.Gates
		ready  bool
		owes   string
	}{
		"a fresh one waits for all three":              {offered(t).Transfer, good, now, tenancy.Gates{Prerequisites: true}, false, "source destination support"},
		"without the desk, for both sides":             {auto, good, now, tenancy.Gates{Support: true, Prerequisites: true}, false, "source destination"},
		"without the desk, agreed":                     {with(auto, true, true), good, now, tenancy.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, ""},
		"confirmed":                                    {with(offered(t).Transfer, true, false), good, now, tenancy.Gates{Source: true, Prerequisites: true}, false, "destination support"},
		"accepted":                                     {with(offered(t).Transfer, false, true), good, now, tenancy.Gates{Destination: true, Prerequisites: true}, false, "source support"},
		"both, and the desk not yet":                   {with(offered(t).Transfer, true, true), good, now, tenancy.Gates{Source: true, Destination: true, Prerequisites: true}, false, "support"},
		"the desk first":                               {half, good, now, tenancy.Gates{Support: true, Prerequisites: true}, false, "source destination"},
		"all agreed":                                   {agreed(t).Transfer, good, now, tenancy.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, ""},
		"all agreed, and the owner lacks something":    {agreed(t).Transfer, sourceLacks, now, tenancy.Gates{Source: true, Destination: true, Support: true}, true, "source"},
		"all agreed, and the receiver lacks something": {agreed(t).Transfer, receiverTo, now, tenancy.Gates{Source: true, Destination: true, Support: true}, true, "destination"},
		"all agreed, and only time is missing":         {agreed(t).Transfer, held, now, tenancy.Gates{Source: true, Destination: true, Support: true}, true, ""},
		"all agreed, and the desk has asked something": {asking, good, now, tenancy.Gates{Source: true, Destination: true, Support: true, Prerequisites: true}, true, "source"},
		"late":                                           {of["late"].Transfer, good, at["late"], tenancy.Gates{Prerequisites: true}, false, ""},
		"canceled":                                       {of["canceled"].Transfer, sourceLacks, now, tenancy.Gates{Source: true, Destination: true, Support: true}, true, ""},
		"a return that nobody has agreed to":             {back, good, now, tenancy.Gates{Prerequisites: true}, false, "source destination"},
		"a return that the owner agreed to":              {with(back, true, false), good, now, tenancy.Gates{Source: true, Prerequisites: true}, false, "destination"},
		"a return that both agreed to":                   {with(back, true, true), good, now, tenancy.Gates{Source: true, Destination: true, Prerequisites: true}, true, ""},
		"a return that one agent approved":               {with(back, false, false, "agent"), good, now, tenancy.Gates{Prerequisites: true}, false, "source destination support"},
		"a return that one agent and one side agreed to": {with(back, false, true, "agent"), good, now, tenancy.Gates{Destination: true, Prerequisites: true}, false, "source support"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, "the gates", c.t.Gates(c.checks), c.gates)
			if got := c.t.Ready(); got != c.ready {
				t.Errorf("ready: got %v, want %v", got, c.ready)
			}
			if got := strings.Trim(fmt.Sprint(c.t.WaitingOn(c.checks, c.now)), "[]"); got != c.owes {
				t.Errorf("owes: got %q, want %q", got, c.owes)
			}
		})
	}
	two := with(back, false, false, "agent", "agent2")
	if !two.Ready() || !two.Gates(good).Support {
		t.Error("two agents do not suffice for a return")
	}
}

// Where the words of some suffice, those of the others are not waited for.
func TestNobodyOwesAWordForAReturnThatIsReady(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	back := returning(t, moved(t, agreed(t), asked.Add(agreedAt)), now).Transfer
	held := tenancy.Checks{{Code: tenancy.CheckSourceKeeps, Side: tenancy.PartySource}}
	byAgents, bySides := back, back
	byAgents.Approvals = []value.AccountID{"agent", "agent2"}
	bySides.Confirmed, bySides.Accepted, bySides.Approvals = now, now, []value.AccountID{"agent"}
	for name, c := range map[string]tenancy.Transfer{"by two agents": byAgents, "by both sides, and one agent": bySides} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.Ready() {
				t.Fatal("it is not ready")
			}
			same(t, "who owes something", c.WaitingOn(held, now), []tenancy.Party{tenancy.PartySource})
		})
	}
}

// A transfer ends by the clock: what was said before is worth the same whether somebody has written the end down or not.
func TestAWordThatIsRepeatedAfterTheEndIsRefused(t *testing.T) {
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

func over(t tenancy.Transfer, now time.Time, written bool) tenancy.Transfer {
	if written {
		t, _ = t.Expire(now)
	}
	return t
}
