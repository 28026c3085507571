package transfer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestRequestTransfer(t *testing.T) {
	t.Parallel()
	p := offered(t).Profile
	got, err := transfer.Request(p, gives, takes.Email, "please", transfer.PolicyAuto, ticket, asked)
	if err != nil {
		t.Fatal(err)
	}
	rules.Same(t, "the transfer", got, transfer.Transfer{
		ID:          ticket,
		Profile:     "plant",
		ProfileName: "Plant",
		Source:      gives.ID,
		Email:       takes.Email,
		Message:     "please",
		Policy:      transfer.PolicyAuto,
		State:       transfer.Requested,
		SourceEpoch: &gives.Epoch,
		Created:     asked,
		Expires:     asked.Add(7 * day),
		Timeline: []transfer.Event{
			{Time: asked, What: transfer.EventRequested, By: transfer.PartySource, Text: "please"},
		},
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
			got, err := transfer.Request(p, source, c.email, "",
				transfer.PolicySupport, ticket, asked)
			rules.Says(t, err, strings.TrimPrefix(c.want, "invalid: "))
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
			rules.Same(t, "the transfer", got, transfer.Transfer{})
		})
	}
}

// situations are an ordinary transfer in every state. The time of "late" is
// over, but its end is not stored yet.
func situations(
	t *testing.T,
) (names []string, of map[string]transfer.Context, now map[string]time.Time) {
	t.Helper()
	later := asked.Add(2 * time.Hour)
	of, now = map[string]transfer.Context{}, map[string]time.Time{}
	add := func(
		name string, c transfer.Context,
		end func(transfer.Transfer) (transfer.Transfer, error), at time.Time,
	) {
		if end != nil {
			var err error
			if c.Transfer, err = end(c.Transfer); err != nil {
				t.Fatal(name, err)
			}
		}
		names = append(names, name)
		of[name], now[name] = c, at
	}
	type T = transfer.Transfer
	add("fresh", offered(t), nil, later)
	add("agreed", agreed(t), nil, later)
	add("late", offered(t), nil, asked.Add(7*day))
	add("completed", agreed(t),
		func(T) (T, error) { return moved(t, agreed(t), asked.Add(agreedAt)).Transfer, nil }, later)
	add("canceled", agreed(t), func(t T) (T, error) { return t.Cancel(asked.Add(agreedAt)) }, later)
	add("declined", agreed(t),
		func(t T) (T, error) { return t.Decline(takes, answerCode, asked.Add(agreedAt)) }, later)
	add("rejected", agreed(t),
		func(t T) (T, error) { return t.Reject(agent, "no", asked.Add(agreedAt)) }, later)
	add("expired", agreed(t), func(t T) (T, error) { return t.Expire(asked.Add(7 * day)) },
		asked.Add(7*day))
	add("failed", agreed(t), func(t T) (T, error) { return t.Fail("gone", asked.Add(agreedAt)) },
		later)
	return names, of, now
}

// eventAdded says whether the last event of a transfer is a new one.
func eventAdded(before, after transfer.Transfer, now time.Time) bool {
	last := after.Timeline[len(after.Timeline)-1]
	return last.Time == now && !slices.Contains(before.Timeline, last)
}

// Each row is a verb of a party. Its columns are the answers in the situations,
// in their order.
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

	type in = transfer.Context
	type out = transfer.Transfer
	confirm := func(by tenancy.Account, code []byte) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) { return c.Transfer.Confirm(by, code, now) }
	}
	accept := func(by tenancy.Account, code []byte) func(in, time.Time) (out, error) {
		return func(c in, now time.Time) (out, error) {
			return c.Transfer.Accept(by, code, transfer.Acceptance{}, c.Profile, c.Usage, c.Team,
				now)
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
	note := func(by tenancy.Account, kind transfer.EventKind) func(in, time.Time) (out, error) {
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
		// The states are: fresh, agreed, late, completed, canceled, declined,
		// rejected, expired, failed.
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
		"an agent tells the owner something":              {note(agent, transfer.EventNote), openOnly},
		"an agent asks the owner something":               {note(agent, transfer.EventQuestion), openOnly},
		"an agent writes down the answer":                 {note(agent, transfer.EventAnswer), openOnly},
		"the owner writes a note, being an agent":         {note(gives, transfer.EventNote), forbidden},
		"the receiver writes a note, being an agent":      {note(takes, transfer.EventNote), forbidden},
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
					rules.Same(t, names[i]+", after a refusal", after, before)
				} else if !eventAdded(before, after, now[names[i]]) {
					t.Errorf("%s: the events are %v, want a new one", names[i], after.Timeline)
				}
				rules.Same(t, names[i]+", the value that was read", c.Transfer, before)
			}
		})
	}
}

func remind(c transfer.Context, now time.Time) (transfer.Transfer, error) {
	t, ok := c.Transfer.Remind(now)
	if !ok {
		return t, problem.ErrDone
	}
	return t, nil
}

func TestWhatEachVerbRecords(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	type T = transfer.Transfer
	event := func(
		what transfer.EventKind, by transfer.Party, who value.AccountID, text string,
	) transfer.Event {
		return transfer.Event{Time: now, What: what, By: by, Who: who, Text: text}
	}
	ended := func(state transfer.State, reason string) func(*T) {
		return func(t *T) { t.State, t.Reason, t.Ended = state, reason, now }
	}
	owner, receiver := transfer.PartySource, transfer.PartyDestination
	desk, system := transfer.PartySupport, transfer.PartySystem
	for name, c := range map[string]struct {
		do    func(T) (T, error)
		want  func(*T)
		event transfer.Event
	}{
		"a confirmation": {func(t T) (T, error) { return t.Confirm(gives, confirmCode, now) }, func(t *T) { t.Confirmed = now }, event(transfer.EventConfirmed, owner, "", "")},
		"an approval":    {func(t T) (T, error) { return t.Approve(agent, now) }, func(t *T) { t.Approvals = []value.AccountID{"agent"} }, event(transfer.EventApproved, desk, "agent", "")},
		"a refusal of the receiving side, which is known from then on": {
			func(t T) (T, error) { return t.Decline(takes, answerCode, now) },
			func(t *T) {
				ended(transfer.Declined, "")(t)
				t.Destination = takes.ID
			}, event(transfer.EventEnded, receiver, "", "declined"),
		},
		"a cancelation": {func(t T) (T, error) { return t.Cancel(now) }, ended(transfer.Canceled, ""), event(transfer.EventEnded, owner, "", "canceled")},
		"a rejection":   {func(t T) (T, error) { return t.Reject(agent, "not yours", now) }, ended(transfer.Rejected, "not yours"), event(transfer.EventEnded, desk, "agent", "rejected: not yours")},
		"a failure":     {func(t T) (T, error) { return t.Fail("it is gone", now) }, ended(transfer.Failed, "it is gone"), event(transfer.EventEnded, system, "", "failed: it is gone")},
		"a note":        {func(t T) (T, error) { return t.Note(agent, transfer.EventNote, "hi", now) }, func(*T) {}, event(transfer.EventNote, desk, "agent", "hi")},
		"a question":    {func(t T) (T, error) { return t.Note(agent, transfer.EventQuestion, "why?", now) }, func(t *T) { t.Question = true }, event(transfer.EventQuestion, desk, "agent", "why?")},
		"an extension":  {func(t T) (T, error) { return t.Extend(agent, now) }, func(t *T) { t.Expires = now.Add(7 * day) }, event(transfer.EventExtended, desk, "agent", "2030-05-13T12:00:00.000Z")},
		"a wait for the giver": {
			func(t T) (T, error) {
				t, told := t.Wait(transfer.Checks{{Side: owner}, {Side: receiver, OK: true}},
					time.Time{}, now)
				if !told {
					return t, errors.New("the first wait was not told")
				}
				return t, nil
			},
			func(t *T) {
				t.Waiting, t.Retry = "a prerequisite is missing on the side of the account that gives the profile away", now.Add(15*time.Minute)
			}, event(transfer.EventWaiting, system, "", "a prerequisite is missing on the side of the account that gives the profile away"),
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
			rules.Same(t, "the transfer", got, want)
		})
	}
}

// After the end, an open question, a wait and its retry are cleared.
func TestAnEndLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	now := asked.Add(2 * time.Hour)
	open, err := c.Transfer.Note(agent, transfer.EventQuestion, "why?", now)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := offered(t).Transfer.Note(agent, transfer.EventQuestion, "why?", now)
	if err != nil {
		t.Fatal(err)
	} else if approved, err := fresh.Approve(agent, now); err != nil ||
		approved.Question {
		t.Errorf("after the approval: got %v, %v, want no open question", approved.Question, err)
	}
	open, _ = open.Wait(transfer.Checks{{Side: transfer.PartySource}}, time.Time{}, now)
	if answered, err := open.Note(agent, transfer.EventAnswer, "because", now); err != nil ||
		answered.Question {
		t.Errorf("after the answer: got %v, %v, want no open question", answered.Question, err)
	} else if e := answered.Timeline[len(answered.Timeline)-1]; e.By != transfer.PartySource ||
		e.Who != agent.ID {
		t.Errorf("the answer: got %+v, want one of the owner, recorded by the agent", e)
	}
	for _, end := range []func() (transfer.Transfer, error){
		func() (transfer.Transfer, error) { return open.Cancel(now) },
		func() (transfer.Transfer, error) { return open.Decline(takes, answerCode, now) },
		func() (transfer.Transfer, error) { return open.Reject(agent, "no", now) },
		func() (transfer.Transfer, error) { return open.Fail("gone", now) },
		func() (transfer.Transfer, error) { return open.Expire(open.Expires) },
	} {
		got, err := end()
		if err != nil || got.Question || got.Waiting != "" || !got.Retry.IsZero() ||
			!got.Due().IsZero() ||
			got.Open(now) ||
			got.WaitingOn(nil, now) != nil {
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
	lower := rules.Each(100)
	lower[plan.ServiceSMS], lower[plan.ServiceEmail] = 0, 99
	pending := open("dee", now.Add(day))
	pending.Account = "dee"
	team := append(slices.Clone(c.Team), pending)
	for name, test := range map[string]struct {
		a    transfer.Acceptance
		want transfer.Terms
		err  string
	}{
		"without any choice everybody leaves and all is as it was": {transfer.Acceptance{}, transfer.Terms{Allocation: rules.Each(100), Members: rights{}}, ""},
		"a new name without the blanks around it":                  {transfer.Acceptance{Name: text(" Works ")}, transfer.Terms{Name: "Works", Allocation: rules.Each(100), Members: rights{}}, ""},
		"an empty name":                     {transfer.Acceptance{Name: text("  ")}, transfer.Terms{}, "invalid: name is required"},
		"a name that is too long":           {transfer.Acceptance{Name: text(strings.Repeat("x", 101))}, transfer.Terms{}, "invalid: name must have 1 to 100 characters"},
		"a name with a control character":   {transfer.Acceptance{Name: text("a\nb")}, transfer.Terms{}, "invalid: name must not contain control characters"},
		"a lower allocation, the rest kept": {transfer.Acceptance{Allocation: amounts{plan.ServiceSMS: 0, plan.ServiceEmail: 99}}, transfer.Terms{Allocation: lower, Members: rights{}}, ""},
		"all that the profile has":          {transfer.Acceptance{Allocation: amounts{plan.ServiceSMS: 100}}, transfer.Terms{Allocation: rules.Each(100), Members: rights{}}, ""},
		"more than the profile has":         {transfer.Acceptance{Allocation: amounts{plan.ServiceSMS: 101}}, transfer.Terms{}, "invalid: allocation.sms must be a number from 0 to the 100 that the profile has"},
		"less than nothing":                 {transfer.Acceptance{Allocation: amounts{plan.ServiceInput: -1}}, transfer.Terms{}, "invalid: allocation.input must be a number from 0 to the 100 that the profile has"},
		"members who stay and the owner": {
			transfer.Acceptance{Members: rights{"ben": tenancy.PermissionFull},
				Owner: tenancy.PermissionWrite},
			transfer.Terms{Allocation: rules.Each(100), Members: rights{"ben": tenancy.PermissionFull},
				Owner: tenancy.PermissionWrite}, "",
		},
		"somebody who is no member":          {transfer.Acceptance{Members: rights{"zoe": tenancy.PermissionRead}}, transfer.Terms{}, "invalid: members must name accounts of the profile's team, and zoe is none"},
		"the owner among the members":        {transfer.Acceptance{Members: rights{gives.ID: tenancy.PermissionRead}}, transfer.Terms{}, "invalid: members must name accounts of the profile's team, and gives is none"},
		"somebody who has not joined yet":    {transfer.Acceptance{Members: rights{"dee": tenancy.PermissionRead}}, transfer.Terms{}, "invalid: members must name accounts of the profile's team, and dee is none"},
		"nobody's account among the members": {transfer.Acceptance{Members: rights{"": tenancy.PermissionRead}}, transfer.Terms{}, "invalid: members must name accounts of the profile's team, and  is none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Transfer.Accept(takes, answerCode, test.a, c.Profile, c.Usage, team, now)
			if problemtest.Text(err) != test.err {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.err)
			}
			want := c.Transfer
			if err == nil {
				want.Destination, want.Accepted = takes.ID, now
				want.DestinationEpoch, want.Terms = &takes.Epoch, test.want
				want.Terms.TokenPolicy = &c.Profile.TokenPolicy
				want.Timeline = append(
					want.Timeline,
					transfer.Event{
						Time: now,
						What: transfer.EventAccepted,
						By:   transfer.PartyDestination,
					},
				)
			}
			rules.Same(t, "the transfer", got, want)
		})
	}
}

func TestTermsCanBeChosenAnewUntilTheEnd(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	now := asked.Add(3 * time.Hour)
	got, err := c.Transfer.Accept(takes, answerCode,
		transfer.Acceptance{Owner: tenancy.PermissionFull}, c.Profile, c.Usage, c.Team, now)
	want := transfer.Terms{
		Allocation:  rules.Each(100),
		TokenPolicy: &tenancy.TokenPolicy{},
		Members:     map[value.AccountID]tenancy.Permission{},
		Owner:       tenancy.PermissionFull,
	}
	if err != nil || got.Accepted != now {
		t.Errorf("got %s, %v, want the time of the last acceptance", got.Accepted, err)
	}
	rules.Same(t, "the terms", got.Terms, want)
	again, err := got.Accept(takes, answerCode, transfer.Acceptance{Owner: tenancy.PermissionFull},
		c.Profile, c.Usage, c.Team, now.Add(tick))
	if answer(err) != "done" {
		t.Errorf("the same terms again: got %v", err)
	}
	rules.Same(t, "after the same terms again", again, got)
	// A wrong choice leaves what was agreed.
	kept, err := got.Accept(takes, answerCode,
		transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{"zoe": 1}}, c.Profile,
		c.Usage, c.Team, now.Add(tick))
	if problem.CodeOf(err) != problem.CodeInvalid {
		t.Errorf("got %v", err)
	}
	rules.Same(t, "after a wrong choice", kept, got)
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
		if _, err := c.Transfer.Accept(takes, code, transfer.Acceptance{}, c.Profile, c.Usage,
			c.Team, asked); err != nil {
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
		t    transfer.Transfer
		who  tenancy.Account
		want transfer.Party
	}{
		"the owner":                                        {fresh, gives, transfer.PartySource},
		"who holds the address":                            {fresh, takes, transfer.PartyDestination},
		"who has signed up with it only":                   {fresh, unconfirmed, ""},
		"who holds another address":                        {fresh, elsewhere, ""},
		"who has answered, whatever the address is by now": {done, elsewhere, transfer.PartyDestination},
		"another holder of the address after the answer":   {done, tenancy.Account{ID: "x", Email: takes.Email, Active: true}, ""},
		"who never answered, after the end":                {canceled, takes, ""},
		"the owner after the end":                          {canceled, gives, transfer.PartySource},
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
