package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/testkit/rules"
)

// receipt makes a receipt of a short name.
func receipt(name string) billing.Receipt {
	return billing.Receipt((name + "......")[:billing.ReceiptSize])
}

// add counts a line under a receipt, as whoever reads the usage now.
func (m *metered) add(l billing.UsageLine, name string) billing.Usage {
	m.w.Helper()
	u, err := m.addTo(m.usage(), l, name)
	m.w.OK(err)
	return u
}

// addTo is add for whoever has read u.
func (m *metered) addTo(
	u billing.Usage, l billing.UsageLine, name string,
) (billing.Usage, error) {
	m.w.Helper()
	t := u.Apply(m.profile.Quota(), []billing.UsageLine{l}, m.w.Now())
	if !t.OnlyAdds() {
		m.w.Fatalf("%+v is not only added to %+v", l, u)
	}
	claim := u.Receipts.Claim(receipt(name))
	return m.w.Store.AddUse(m.w.Context(), m.profile, t, claim, false)
}

// turn begins so many generations, one after the other.
func (m *metered) turn(times int) {
	m.w.Helper()
	for range times {
		u := m.usage()
		next := u.Receipts.Generation + 1
		_, err := m.w.Store.TurnReceipts(m.w.Context(), m.profile.ID, u, next, m.w.Now())
		m.w.OK(err)
	}
}

// counted reports whether a claim is counted, as far as one can tell.
func (m *metered) counted(c billing.Claim) bool {
	m.w.Helper()
	kept, err := m.w.Store.Counted(m.w.Context(), m.profile.ID, c)
	m.w.OK(err)
	return kept || m.usage().Receipts.Has(c.Receipt)
}

// begun is a profile of which one unit was reported.
func begun(w *testkit.World) *metered {
	m := newMetered(w, 1000)
	m.count(line(plan.ServiceInput, 1, "begin"))
	return m
}

// A receipt counts once, however often it is sent: at once, in the next
// generation, and from a usage that was read before.
func TestAReceiptCountsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := begun(w)
	one := line(plan.ServiceInput, 5, "one")
	before := m.usage()
	claim := before.Receipts.Claim(receipt("a"))
	if m.counted(claim) {
		t.Error("it is counted before it was added")
	}
	rules.Same(t, "the answer", m.add(one, "a"), m.usage())
	for generation := range 3 {
		for _, u := range []billing.Usage{before, m.usage()} {
			after, err := m.addTo(u, one, "a")
			switch {
			case generation < 2 && (err != nil || !after.Receipts.Has(receipt("a"))):
				t.Errorf("in generation %d: got %v, %v", generation, after, err)
			case generation == 2 && u.Version == before.Version:
				// Whoever has read this cannot know any more.
				w.Refused(err, problem.CodeConflict)
			}
		}
		if got := m.usage().Used[plan.ServiceInput]; got != 6 && generation < 2 {
			t.Errorf("in generation %d: used %d, want 6", generation, got)
		}
		if !m.counted(claim) {
			t.Errorf("in generation %d it is not counted", generation)
		}
		m.turn(1)
	}
}

// An addition says what it has met: that it does not fit, or that its
// generation is over, both with the usage as it is; that others are in the way;
// and that nobody knows what became of it.
func TestWhatAnAdditionMeets(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := begun(w)
	old := m.usage()
	m.add(line(plan.ServiceInput, 700, "most"), "most")
	u, err := m.addTo(old, line(plan.ServiceInput, 750, "too much"), "b")
	w.Refused(err, problem.CodeConflict)
	rules.Same(t, "the usage in the refusal", u, m.usage())

	m.turn(1)
	if _, err := m.addTo(old, line(plan.ServiceInput, 1, "late"), "c"); err != nil {
		t.Errorf("in the next generation: %v", err)
	}
	m.turn(1)
	u, err = m.addTo(old, line(plan.ServiceInput, 1, "too late"), "d")
	w.Refused(err, problem.CodeConflict)
	rules.Same(t, "the usage in the refusal", u, m.usage())

	// A claim that is younger than what was read is none of whoever read it.
	before := m.usage()
	update := old.Apply(m.profile.Quota(),
		[]billing.UsageLine{line(plan.ServiceInput, 1, "early")}, w.Now())
	young := before.Receipts.Claim(receipt("y"))
	_, err = w.Store.AddUse(t.Context(), m.profile, update, young, false)
	if err == nil || errors.Is(err, problem.ErrConflict) {
		t.Errorf("got %v", err)
	}
	rules.Same(t, "the usage", m.usage(), before)

	for fault, busy := range map[testkit.Fault]bool{
		testkit.Throttled: true, testkit.Contention: true,
		testkit.BrokenService: false,
	} {
		before := m.usage()
		faults := []testkit.Fault{fault}
		if !busy { // it is sent again
			faults = []testkit.Fault{fault, fault, fault}
		}
		w.Faults.Next("UpdateItem", faults...)
		_, err = m.addTo(before, line(plan.ServiceInput, 1, "e"), "e")
		if errors.Is(err, store.ErrBusy) != busy ||
			problem.CodeOf(err) != problem.CodeUnavailable {
			t.Errorf("%v: got %v", fault, err)
		}
		rules.Same(t, "the usage", m.usage(), before)
	}
	// An answer that is lost is found in the usage.
	w.Faults.Next("UpdateItem", testkit.LostAnswer)
	before = m.usage()
	u, err = m.addTo(before, line(plan.ServiceInput, 1, "f"), "f")
	w.OK(err)
	if u.Used[plan.ServiceInput] != before.Used[plan.ServiceInput]+1 {
		t.Errorf("got %+v after %+v", u, before)
	}
}

// The receipts of a generation stay, whoever writes them last: someone who was
// held up has read fewer of them.
func TestFewerReceiptsReplaceNone(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := begun(w)
	claim := m.usage().Receipts.Claim(receipt("b"))
	m.add(line(plan.ServiceInput, 1, "a"), "a")
	m.turn(1)
	early := m.usage()
	m.addLate(claim, "b")
	m.turn(1)
	next := early.Receipts.Generation + 1
	w.OK(w.Store.KeepReceipts(t.Context(), m.profile.ID, early.Receipts, next, w.Now()))
	now, err := w.Store.TurnReceipts(t.Context(), m.profile.ID, early, next, w.Now())
	w.Refused(err, problem.CodeConflict)
	rules.Same(t, "the usage in the refusal", now, m.usage())
	if !m.counted(claim) {
		t.Error("a receipt was lost")
	}
}

// addLate adds a unit as whoever has read the generation in which a claim
// began.
func (m *metered) addLate(c billing.Claim, name string) {
	m.w.Helper()
	u := m.usage()
	u.Receipts.Generation = c.From
	_, err := m.addTo(u, line(plan.ServiceInput, 1, name), name)
	m.w.OK(err)
}

// Closing decides a claim at once, and keeps all receipts that there are.
func TestClosingDecides(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := begun(w)
	claims := map[string]billing.Claim{}
	for _, name := range []string{"a", "b", "never"} {
		u := m.usage()
		claims[name] = u.Receipts.Claim(receipt(name))
		if name != "never" {
			m.add(line(plan.ServiceInput, 1, name), name)
			m.turn(1)
		}
	}
	u := m.usage()
	never := claims["never"]
	if u.Receipts.Decided(never) || m.counted(never) {
		t.Fatalf("%+v is decided in %+v", never, u.Receipts)
	}
	held := u
	// Others count meanwhile.
	m.add(line(plan.ServiceInput, 1, "c"), "c")
	now, err := w.Store.Close(t.Context(), m.profile.ID, u, never, w.Now())
	w.OK(err)
	rules.Same(t, "the usage after it", now, m.usage())
	if !now.Receipts.Decided(never) || len(now.Receipts.Present)+len(now.Receipts.Former) != 0 {
		t.Errorf("got %+v", now.Receipts)
	}
	for name, c := range claims {
		if got := m.counted(c); got != (name != "never") {
			t.Errorf("%s is counted: %v", name, got)
		}
	}
	_, err = m.addTo(held, line(plan.ServiceInput, 1, "never"), "never")
	w.Refused(err, problem.CodeConflict)
	if kept := raw(w, "V#"+string(m.profile.ID), fmt.Sprintf("R#%013d", claims["a"].From)); numberOf(
		kept, "ttl") != unix(w.Now().Add(42*day)) {
		t.Errorf("receipts are kept as %v", kept)
	}
}

// Whatever is added, sent again, turned and closed, by whoever has read the
// usage at any time: each receipt counts at most once, what is used is what
// receipts have counted, and a claim that is decided stays so.
func TestReceiptsOnRandomWalks(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(t *rapid.T) {
		m := newMetered(w, 1_000_000)
		m.count(line(plan.ServiceInput, 1, "begin"))
		read := []billing.Usage{m.usage()}
		claims := map[string]billing.Claim{}
		fate := map[string]bool{} // of claims that are decided
		acknowledged := map[string]bool{}
		for i := range rapid.IntRange(5, 40).Draw(t, "steps") {
			u := read[max(0, len(read)-1-rapid.IntRange(0, 6).Draw(t, "reads ago"))]
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1, 2:
				name := fmt.Sprintf("r%d", rapid.IntRange(0, i).Draw(t, "name"))
				c, known := claims[name]
				if !known {
					c = u.Receipts.Claim(receipt(name))
					claims[name] = c
				}
				// The rule of AddUse: only in the generation of the first try,
				// as nobody knows what became of it. The first may come late.
				sent := rapid.IntRange(0, 2).Draw(t, "sent") > 0
				if sent && u.Receipts.Generation == c.From {
					if _, err := m.addTo(u, line(plan.ServiceInput, 1, name), name); err == nil {
						acknowledged[name] = true
					} else if !errors.Is(err, problem.ErrConflict) {
						t.Fatal(err)
					}
				}
			case 3:
				next := u.Receipts.Generation + 1
				_, turned := w.Store.TurnReceipts(t.Context(), m.profile.ID, u, next, w.Now())
				if turned != nil && !errors.Is(turned, problem.ErrConflict) {
					t.Fatal(turned)
				}
			case 4:
				next := u.Receipts.Generation + 1
				w.OK(w.Store.KeepReceipts(t.Context(), m.profile.ID, u.Receipts, next, w.Now()))
			case 5:
				c := billing.Claim{From: u.Receipts.Generation, Until: u.Receipts.Generation}
				_, closed := w.Store.Close(t.Context(), m.profile.ID, u, c, w.Now())
				if closed != nil && !errors.Is(closed, problem.ErrConflict) {
					t.Fatal(closed)
				}
			}
			now := m.usage()
			read = append(read, now)
			n := int64(1)
			for name, c := range claims {
				c.Until = c.From
				counted := m.counted(c)
				if counted {
					n++
				}
				if was, decided := fate[name]; decided && was != counted ||
					acknowledged[name] && !counted {
					t.Fatalf("%s is counted: %v, was %v", name, counted, was)
				}
				if now.Receipts.Decided(c) {
					fate[name] = counted
				}
			}
			if now.Used[plan.ServiceInput] != n {
				names := slices.Collect(func(yield func(string) bool) {
					for name := range claims {
						if !yield(name) {
							return
						}
					}
				})
				t.Fatalf("used %d, and %d of %s are counted",
					now.Used[plan.ServiceInput], n, strings.Join(names, " "))
			}
		}
	})
}
