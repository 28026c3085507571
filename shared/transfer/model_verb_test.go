package transfer_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func (w *world) confirm(t *rapid.T, tr transfer.Transfer, by tenancy.Account, code []byte) error {
	return w.act(t, by, tr, verb{
		do: func(c transfer.Context, by tenancy.Account, now time.Time) (transfer.Transfer, error) {
			return c.Transfer.Confirm(by, code, now)
		},
		word: func(p *promise) {
			if by.ID != p.from {
				t.Fatalf("%s confirmed for %s", by.ID, p.from)
			}
			p.owner, p.last = true, "confirm"
		},
	})
}

func (w *world) accept(t *rapid.T, tr transfer.Transfer, by tenancy.Account, code []byte) error {
	a := w.terms(t, tr)
	profile := w.profiles[tr.Profile]
	return w.act(t, by, tr, verb{
		answers: true,
		do: func(c transfer.Context, by tenancy.Account, now time.Time) (transfer.Transfer, error) {
			return c.Transfer.Accept(by, code, a, c.Profile, c.Usage, c.Team, now)
		},
		word: func(p *promise) {
			if by.Email != tr.Email || p.to != "" && p.to != by.ID || by.ID == p.from {
				t.Fatalf("%s accepted what was offered to %s", by.ID, tr.Email)
			}
			if p.receiver {
				w.seen.Add("accepted anew")
			}
			p.to, p.receiver, p.last, p.epochs[1] = by.ID, true, "accept", by.Epoch
			p.terms = transfer.Terms{
				Allocation: profile.Allocation,
				Addons:     p.offered.And(profile.Addons),
				Members:    a.Members,
				Owner:      a.Owner,
			}
			if a.Name != nil {
				p.terms.Name = *a.Name
			}
			for s, n := range a.Allocation {
				if p.terms.Allocation[s] < n {
					t.Fatalf("more was accepted than there is: %d of %s", n, s)
				}
				p.terms.Allocation[s] = n
			}
		},
	})
}

// maybeStays draws what somebody may do after the move, or that they leave.
func maybeStays(t *rapid.T, label string) tenancy.Permission {
	all := append([]tenancy.Permission{tenancy.PermissionNone}, tenancy.Permissions()...)
	return rapid.SampledFrom(all).Draw(t, label)
}

// terms draws an acceptance, in most cases a valid one.
func (w *world) terms(t *rapid.T, tr transfer.Transfer) transfer.Acceptance {
	a := transfer.Acceptance{
		Members: map[value.AccountID]tenancy.Permission{}, Allocation: map[plan.Service]int64{},
		Owner: maybeStays(t, "owner stays"),
	}
	for _, m := range w.teams[tr.Profile] {
		if m.Active && often(t, "stays") {
			a.Members[m.Account] = maybeStays(t, "right")
		}
	}
	switch rapid.IntRange(0, 15).Draw(t, "choice") {
	case 0:
		a.Members["a4x"] = tenancy.PermissionFull
	case 1:
		a.Allocation[1] = w.profiles[tr.Profile].Allocation[1] + 1
	case 2, 3, 4:
		a.Allocation[1] = w.profiles[tr.Profile].Allocation[1] / 2
	case 5, 6:
		name := "Chosen"
		a.Name = &name
	}
	return a
}

func (w *world) approve(t *rapid.T, tr transfer.Transfer, by tenancy.Account, opens bool) error {
	return w.act(t, by, tr, verb{
		opens: opens,
		do: func(c transfer.Context, by tenancy.Account, now time.Time) (transfer.Transfer, error) {
			return c.Transfer.Approve(by, now)
		},
		word: func(p *promise) {
			if by.ID == p.from || by.ID == p.to || by.Email == tr.Email || p.agents[by.ID] {
				t.Fatalf("%s approved %+v", by.ID, p)
			}
			p.agents[by.ID], p.last = true, "approve"
		},
	})
}

// back requests that a completed transfer is taken back, or agrees to that, as
// the service does.
func (w *world) back(
	t *rapid.T,
	original transfer.Transfer,
	who tenancy.Account,
	by transfer.Party,
) {
	var tr transfer.Transfer
	opens := false
	if id, ok := w.claims[original.Profile]; ok {
		if tr = w.transfers[id]; tr.Reverts != original.ID || !tr.Open(w.now) {
			return
		}
	} else {
		var err error
		tr, err = original.Revert(by, w.accounts[original.Source], w.ticket(), w.now)
		if err != nil {
			if original.State == transfer.Completed && original.Reverts == "" &&
				w.now.Before(original.Ended.Add(7*day)) {
				t.Fatalf("%s cannot be taken back: %v", original.ID, err)
			}
			return
		}
		opens = true
		if given := w.load(tr); given.Void() == "" {
			w.promised(tr)
		}
	}
	if by == transfer.PartySupport {
		w.drop(tr, opens, w.approve(t, tr, who, opens))
		return
	}
	w.drop(tr, opens, w.act(t, who, tr, verb{
		opens: opens,
		do: func(c transfer.Context, by tenancy.Account, now time.Time) (transfer.Transfer, error) {
			return c.Transfer.AgreeToRevert(by, now)
		},
		word: func(p *promise) {
			switch who.ID {
			case p.from:
				p.owner, p.epochs[0] = true, who.Epoch
			case p.to:
				p.receiver, p.epochs[1] = true, who.Epoch
			default:
				t.Fatalf("%s agreed for %+v", who.ID, p)
			}
			p.last = "agree"
		},
	}))
}

// drop removes a transfer that was never opened.
func (w *world) drop(tr transfer.Transfer, opens bool, err error) {
	if opens && err != nil {
		delete(w.promises, tr.ID)
	}
}

func (w *world) ticket() transfer.ID {
	return transfer.NewID(fmt.Sprint(len(w.tickets)))
}

func (w *world) request(t *rapid.T) {
	p := w.aProfile(t)
	owner := w.somebody(t, p.Owner)
	if owner.ID != p.Owner {
		panic(errIdle) // the service lets nobody else ask
	}
	to := value.Email("nobody@example.com")
	if rapid.IntRange(0, 9).Draw(t, "to somebody") > 0 {
		to = w.accounts[pick(t, "receiver", w.people)].Email
	}
	policy := transfer.PolicySupport
	if !often(t, "with the desk") {
		policy = transfer.PolicyAuto
	}
	if id, ok := w.claims[p.ID]; ok {
		if tr := w.transfers[id]; !tr.Open(w.now) || w.load(tr).Void() != "" {
			w.sweep(t, id)
		}
		panic(errIdle)
	}
	tr, err := transfer.Request(p, owner, to, "", policy, w.ticket(), w.now)
	n, _ := w.sum(owner.ID)
	if may := n > 1 && owner.Plan != plan.Free && to != owner.Email &&
		!w.now.Before(w.moved[p.ID].Add(7*day)); may != (err == nil) {
		t.Fatalf("a request: got %v, and it may be made: %v", err, may)
	}
	if err != nil {
		panic(errIdle)
	}
	confirm, answer := codes(tr.ID)
	tr.ConfirmCodes, tr.AnswerCodes = [][]byte{confirm}, [][]byte{answer}
	w.open(t, tr)
	w.promised(tr)
}

// code is mostly the right one: that of the first mail, or of a reminder where
// one was sent.
func code(t *rapid.T, known [][]byte) []byte {
	if !often(t, "right code") {
		return []byte("wrong")
	}
	return pick(t, "code", known)
}

func (w *world) someConfirm(t *rapid.T) {
	tr := w.aTransfer(t)
	_ = w.confirm(t, tr, w.somebody(t, tr.Source), code(t, tr.ConfirmCodes))
}

func (w *world) someAccept(t *rapid.T) {
	tr := w.aTransfer(t)
	_ = w.accept(t, tr, w.somebody(t, w.holder(tr.Email)), code(t, tr.AnswerCodes))
}

func (w *world) asAgent(t *rapid.T) tenancy.Account {
	a := w.accounts[pick(t, "agent", w.agents)]
	if a.CanSignIn() != nil {
		panic(errIdle)
	}
	return a
}

// everybodyAgrees has all parties agree, in any order.
func (w *world) everybodyAgrees(t *rapid.T) {
	w.agreeTo(t, w.aTransfer(t).ID)
}

func (w *world) agreeTo(t *rapid.T, id transfer.ID) {
	for _, who := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
		tr := w.transfers[id]
		confirm, answer := codes(id)
		var err error
		switch by := w.accounts[tr.Source]; {
		case tr.Reverts != "":
			return
		case who == 0 && by.CanSignIn() == nil:
			err = w.confirm(t, tr, by, confirm)
		case who == 1:
			if by = w.accounts[w.holder(tr.Email)]; by.ID != "" && by.CanSignIn() == nil {
				err = w.accept(t, tr, by, answer)
			}
		case who == 2:
			err = w.approve(t, tr, w.accounts["a5"], false)
		}
		if tr.Open(w.now) && w.load(tr).Void() == "" && err != nil &&
			!errors.Is(err, problem.ErrDone) &&
			problem.CodeOf(err) != problem.CodeInvalid {
			t.Fatalf("a word was refused: %v", err)
		}
	}
}

func (w *world) refuse(t *rapid.T) {
	tr := w.aTransfer(t)
	nothing := func(*promise) {}
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		given := code(t, tr.AnswerCodes)
		_ = w.act(
			t,
			w.somebody(t, w.holder(tr.Email)),
			tr,
			verb{
				word: nothing,
				do: func(
					c transfer.Context, by tenancy.Account, now time.Time,
				) (transfer.Transfer, error) {
					return c.Transfer.Decline(by, given, now)
				},
			},
		)
	case 1:
		// The service finds the transfer by the profile of the owner who asks.
		if owner := w.profiles[tr.Profile].Owner; owner == tr.Source {
			_ = w.act(
				t,
				w.somebody(t, owner),
				tr,
				verb{
					word: nothing,
					do: func(
						c transfer.Context, _ tenancy.Account, now time.Time,
					) (transfer.Transfer, error) {
						return c.Transfer.Cancel(now)
					},
				},
			)
		}
	case 2:
		_ = w.act(
			t,
			w.asAgent(t),
			tr,
			verb{
				word: nothing,
				do: func(
					c transfer.Context, by tenancy.Account, now time.Time,
				) (transfer.Transfer, error) {
					return c.Transfer.Reject(by, "no", now)
				},
			},
		)
	default:
		panic(errIdle)
	}
}

func (w *world) write(t *rapid.T) {
	kind := rapid.SampledFrom([]transfer.EventKind{transfer.EventNote, transfer.EventQuestion,
		transfer.EventAnswer}).
		Draw(t, "kind")
	_ = w.act(
		t,
		w.asAgent(t),
		w.aTransfer(t),
		verb{
			word: func(*promise) {},
			do: func(
				c transfer.Context, by tenancy.Account, now time.Time,
			) (transfer.Transfer, error) {
				return c.Transfer.Note(by, kind, "text", now)
			},
		},
	)
}

func (w *world) extend(t *rapid.T) {
	_ = w.act(t, w.asAgent(t), w.aTransfer(t), verb{
		do: func(c transfer.Context, by tenancy.Account, now time.Time) (transfer.Transfer, error) {
			return c.Transfer.Extend(by, now)
		},
		word: func(p *promise) {
			p.until = w.now.Add(7 * day)
			if last := p.created.Add(28 * day); p.until.After(last) {
				p.until = last
			}
			w.seen.Add("extended")
		},
	})
}

// completed is a completed transfer, in most cases one that can be taken back.
func (w *world) completed(t *rapid.T) transfer.Transfer {
	if !often(t, "completed") {
		return w.aTransfer(t)
	}
	return w.transfers[pick(t, "completed",
		slices.DeleteFunc(slices.Clone(w.tickets), func(id transfer.ID) bool {
			tr := w.transfers[id]
			return tr.State != transfer.Completed || tr.Reverts != ""
		}))]
}

func (w *world) someBack(t *rapid.T) {
	original := w.completed(t)
	should := original.Source
	if rapid.Bool().Draw(t, "the new owner") {
		should = original.Destination
	}
	who := w.somebody(t, should)
	switch original.PartyOf(who) {
	case transfer.PartySource:
		w.back(t, original, who, transfer.PartyDestination)
	case transfer.PartyDestination:
		w.back(t, original, who, transfer.PartySource)
	}
}

func (w *world) agentBack(t *rapid.T) {
	original := w.completed(t)
	if a := w.asAgent(t); original.Impartial(a) == nil {
		w.back(t, original, a, transfer.PartySupport)
	}
}

func (w *world) pass(t *rapid.T) {
	by := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 6 * time.Hour, 6 * time.Hour,
		day, day, 3 * day, 7*day - time.Minute, 7 * day}).
		Draw(t, "time")
	w.now = w.now.Add(by)
	if often(t, "to what is due") && len(w.tickets) > 0 {
		if due := w.transfers[w.tickets[len(w.tickets)-1]].Due(); due.After(w.now) {
			w.now = due
		}
	}
}

func (w *world) sweepAll(t *rapid.T) {
	for _, id := range w.tickets {
		w.probe(t, id)
		w.sweep(t, id)
	}
}

// probe checks whether a transfer would move its profile now. It must not
// without all agreements.
func (w *world) probe(t *rapid.T, id transfer.ID) {
	tr := w.transfers[id]
	m, _ := w.load(tr).Complete(w.now)
	_, ended := w.ended[id]
	if ended {
		_, expire := tr.Expire(w.now)
		_, fail := tr.Fail("gone", w.now)
		if _, remind := tr.Remind(w.now); answer(expire) != "done" || answer(fail) != "done" ||
			remind {
			t.Fatalf(
				"%s has ended, and time does something to it: %v, %v, %v",
				id,
				expire,
				fail,
				remind,
			)
		}
	}
	if would := m.Transfer.State == transfer.Completed; would != (!ended && w.due(tr)) {
		t.Fatalf(
			"%s would move the profile: %v; ended: %v, and %+v",
			id,
			would,
			ended,
			w.promises[id],
		)
	}
}
