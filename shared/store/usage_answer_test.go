package store_test

import (
	"errors"
	"testing"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/testkit"
)

// An answer that is stored by itself and a report of the same event exclude
// each other, whichever comes first, and the later one changes nothing.
func TestAnAnswerAndAReportOfOneEvent(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 10)
	m.count(line(plan.ServiceSMS, 1, "begin"))
	read := m.usage()
	tooMuch := line(plan.ServiceSMS, 11*plan.ServiceSMS.Parts(), "blocked")
	blocked := read.Apply(m.profile.Quota(), []billing.UsageLine{tooMuch}, w.Now())
	if blocked.ChangesUse() || blocked.Answers[0].Admitted {
		t.Fatalf("the line is not blocked: %+v", blocked)
	}
	answer := func(event string) error {
		l := tooMuch
		l.Event = event
		return w.Store.Answer(w.Context(), m.profile.ID, l, blocked.Answers[0], "", w.Now())
	}
	w.OK(answer("blocked"))
	before := w.Items()
	if _, err := m.report(read, line(plan.ServiceSMS, 1, "blocked")); !errors.Is(
		err, problem.ErrConflict,
	) {
		t.Errorf("a report of an answered event: %v", err)
	}
	for _, event := range []string{"blocked", "begin"} {
		if err := answer(event); !errors.Is(err, problem.ErrConflict) {
			t.Errorf("another answer to %q: %v", event, err)
		}
	}
	same(t, "the table", w.Items(), before)
}
