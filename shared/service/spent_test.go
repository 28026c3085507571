package service_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// accountOf reads the account of a person.
func accountOf(w *testkit.World, p testkit.Person) tenancy.Account {
	b, found := booksOf(w, p.ID)
	if !found {
		w.Fatalf("the account of %s changes all the time", p.Name)
	}
	return b.account
}

// An allocation that was used up cannot be used again after it is moved to
// another profile, nor after profiles are deleted and created.
func TestAnAllocationIsNotSpentAgain(t *testing.T) {
	t.Parallel()
	const sms, files, limit = plan.ServiceSMS, plan.ServiceFileStorage, 10
	w := testkit.New(t)
	ana := w.Quick("ana")
	raise(w, ana, map[plan.Service]int64{sms: 100}) // the test uses 10 at a time
	other := ana.Profile("other")
	allocate := func(id value.ProfileID, n, mb int64) error {
		return w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
			service.ProfileRef{ID: id}, map[plan.Service]int64{sms: n, files: mb})
	}
	w.OK(allocate(ana.Home, limit, 200))
	w.OK(allocate(other, 90, 0))
	wantAdmitted(w,
		sendUse(w, ana.Home, used(sms, limit, "a"), stands(files, 49.89, "b")), true, true)
	w.Refused(allocate(ana.Home, limit-1, 200), problem.CodeInvalid)
	w.Refused(allocate(ana.Home, limit, 49), problem.CodeInvalid)
	w.OK(allocate(ana.Home, limit, 50))
	w.OK(allocate(other, 90, 150))
	wantAdmitted(w, sendUse(w, other, used(sms, 90, "a"), used(files, 150, "b"),
		used(files, 0.01, "c")), true, true, false)

	for range 3 {
		w.OK(w.Profiles.Delete(t.Context(), ana.Client(operation.ProfileDelete),
			service.ProfileRef{ID: other}, service.Credentials{Password: testkit.Password}))
		var err error
		other, err = w.Profiles.Create(t.Context(), ana.Client(operation.ProfileCreate), "next", true)
		w.OK(err)
		wantAdmitted(w, sendUse(w, other, used(sms, 1, "again")), false)
	}
	if got := accountOf(w, ana).Spent.Used[sms]; got != 90 {
		t.Errorf("the account is charged %d sms, want 90", got)
	}
	w.Advance(ana.Cycle(w.Now()).End.Sub(w.Now()))
	ana.Token = ana.Mint(ana.Home, "")
	w.OK(allocate(other, 90, 0))
	wantAdmitted(w, sendUse(w, other, used(sms, 90, "next cycle"), used(sms, 1, "more")), true, false)
}

// An amount that a profile stored above its allocation and has removed since is
// free again for the next request.
func TestWhatWasRemovedIsFreeAgain(t *testing.T) {
	t.Parallel()
	const files = plan.ServiceFileStorage
	for name, take := range map[string]func(*testkit.World, testkit.Person, value.ProfileID) int64{
		"by another profile": func(w *testkit.World, ana testkit.Person, other value.ProfileID) int64 {
			w.OK(w.Billing.AllocateOne(w.Context(), ana.Client(operation.ProfileServices),
				service.ProfileRef{ID: other}, map[plan.Service]int64{files: 99}))
			return accountOf(w, ana).Shares[other].Allocation[files]
		},
		"by a new profile": func(w *testkit.World, ana testkit.Person, _ value.ProfileID) int64 {
			id, err := w.Profiles.Create(w.Context(), ana.Client(operation.ProfileCreate), "next", true)
			w.OK(err)
			return accountOf(w, ana).Shares[id].Allocation[files]
		},
		"by a profile that comes": func(w *testkit.World, ana testkit.Person, _ value.ProfileID) int64 {
			ben := w.Quick("ben")
			gift := ben.Profile("gift")
			w.OK(w.Billing.Allocate(w.Context(), ben.Client(operation.AllocationEdit),
				map[value.ProfileID]map[plan.Service]int64{ben.Home: {files: 0},
					gift: {files: 99}}))
			w.Move(gift, ben, ana, w.Agent(w.Quick("sam")))
			return accountOf(w, ana).Shares[gift].Allocation[files]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			other := ana.Profile("other")
			wantAdmitted(w, sendUse(w, ana.Home, stands(files, 200, "a")), true)
			a := accountOf(w, ana)
			share := a.Shares[ana.Home]
			share.Allocation[files], share.Held[files] = 101, 200
			a.Shares = maps.Clone(a.Shares)
			a.Shares[ana.Home] = share
			tx := w.Store.Begin()
			tx.Reallocate(a, a, nil, w.Now(), ana.Home)
			w.OK(tx.CommitAside(t.Context(), store.Origin{}))
			w.Refused(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
				service.ProfileRef{ID: other}, map[plan.Service]int64{files: 1}),
				problem.CodeInvalid)
			wantAdmitted(w, sendUse(w, ana.Home, stands(files, 1, "b")), true)
			if got := take(w, ana, other); got != 99 {
				t.Errorf("got %d MB, want the 99 that are free", got)
			}
			if held := accountOf(w, ana).Shares[ana.Home].Held; held != (plan.Amounts{}) {
				t.Errorf("it is still charged for %v", held)
			}
			wantAdmitted(w,
				sendUse(w, ana.Home, stands(files, 101, "c"), used(files, 1, "d")), true, false)
		})
	}
}

// A renewal counts from its time, even before a sweep has written it. The
// allocation until then may differ from what is paid from then on.
func TestReportsAfterTheEndOfACycleWaitForItsRenewal(t *testing.T) {
	t.Parallel()
	const sms = plan.ServiceSMS
	w := testkit.New(t)
	ana := w.Quick("ana")
	raise(w, ana, map[plan.Service]int64{sms: 100})
	raise(w, ana, map[plan.Service]int64{sms: 10})
	end := ana.Cycle(w.Now()).End
	w.Advance(end.Sub(w.Now()) - time.Millisecond)
	wantAdmitted(w, sendUse(w, ana.Home, used(sms, 100, "a")), true)
	w.Advance(time.Millisecond)
	answers := sendUse(w, ana.Home, used(sms, 11, "b"), used(sms, 10, "c"))
	wantAdmitted(w, answers, false, true)
	if answers[0].Limit != 10 {
		t.Errorf("the limit is %d, want the 10 that are paid", answers[0].Limit)
	}
	n, err := w.Billing.Renew(t.Context())
	if w.OK(err); n != 0 {
		t.Errorf("the sweep renewed %d subscriptions after that", n)
	}
}

// drawnProfile draws a profile of one of two people and returns it with its
// owner. homes has the owner of each profile.
func drawnProfile(
	rt *rapid.T, w *testkit.World, people []testkit.Person, homes map[value.ProfileID]int,
) (value.ProfileID, int) {
	var ids []value.ProfileID
	for _, i := range []int{0, 1} {
		for _, id := range accountOf(w, people[i]).ProfileIDs() {
			ids = append(ids, id)
			homes[id] = i
		}
	}
	id := rapid.SampledFrom(ids).Draw(rt, "profile")
	return id, homes[id]
}

// noted counts an operation that has succeeded, and reports whether it has. An
// error that a client cannot meet fails the test.
func noted(w *testkit.World, did *rules.Tally, what string, err error) bool {
	switch problem.CodeOf(err) {
	case "":
		did.Add(what)
		return true
	case problem.CodeInvalid, problem.CodeForbidden, problem.CodeTooMany, problem.CodeConflict,
		problem.CodeNotFound:
		return false
	}
	w.OK(err)
	return false
}

// given moves a profile to another account by all the steps of a transfer. It
// returns the ticket, or "" if the profile cannot move.
func given(
	w *testkit.World, sam, from, to testkit.Person, id value.ProfileID,
	note func(what string, err error) bool,
) transfer.ID {
	w.Helper()
	from.Token, to.Token = from.Mint(from.Home, ""), to.Mint(to.Home, "")
	if len(accountOf(w, from).Shares) < 2 || !accountOf(w, to).Active {
		return ""
	}
	p, _ := w.Profiles.Get(w.Context(), from.Client(operation.ProfileGet),
		service.ProfileRef{ID: id})
	if !p.Transferred.IsZero() &&
		w.Now().Before(p.Transferred.Add(tenancy.TransferLock)) {
		return ""
	}
	free, terms := accountOf(w, to).Free(w.Now()), map[plan.Service]int64{}
	for s, n := range accountOf(w, from).Shares[id].Allocation {
		terms[plan.Service(s)] = min(n, max(free[s], 0))
	}
	w.Advance(time.Minute) // between two requests
	ticket := w.Offer(id, from, to.Email)
	_, err := w.Transfers.Confirm(w.Context(), from.Client(operation.TransferConfirm),
		ticket.ID, ticket.Confirm, service.Credentials{Password: testkit.Password})
	w.OK(err)
	_, err = w.Desk.Approve(w.Context(),
		testkit.ClientOf(sam.Mint(sam.Home, "")).For(operation.DeskApprove.Access), ticket.ID)
	w.OK(err)
	moved, err := w.Transfers.Accept(w.Context(), to.Client(operation.TransferAccept),
		ticket.ID, ticket.Answer, service.Credentials{Password: testkit.Password},
		transfer.Acceptance{Allocation: terms})
	if note("answer", err); moved.State == transfer.Completed {
		return ticket.ID
	}
	_, err = w.Transfers.Cancel(w.Context(), from.Client(operation.TransferCancel),
		service.ProfileRef{ID: id})
	w.OK(err)
	return ""
}

// Profiles are created, deleted, transferred and reported on, in the engine. No
// account ever uses more in a cycle than it has paid for.
func TestALimitIsSpentOnceOnTheEngine(t *testing.T) {
	t.Parallel()
	const sms, files = plan.ServiceSMS, plan.ServiceFileStorage
	var did rules.Tally
	missing := func() []string {
		return did.Missing("admit", "allocate", "delete", "create", "move", "return")
	}
	walked, failed := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		// A walk that failed is repeated, to find a shorter one.
		if walked++; walked > 12 && !failed && missing() == nil {
			return
		}
		w := testkit.NewModelled(walker{t, rt, &failed})
		sam := w.Agent(w.Quick("sam"))
		people := []testkit.Person{w.Quick("ana"), w.Quick("ben")}
		homes := map[value.ProfileID]int{} // the index of the owner in people
		for i, p := range people {
			homes[p.Home] = i
			homes[p.Profile("more")] = i
		}
		admitted := map[string]int64{}
		events, tickets := 0, map[value.ProfileID]transfer.ID{}
		fresh := func(i int) service.Client {
			return testkit.ClientOf(people[i].Mint(people[i].Home, ""))
		}
		proven := service.Credentials{Password: testkit.Password}
		note := func(what string, err error) bool { return noted(w, &did, what, err) }
		for range 14 {
			id, i := drawnProfile(rt, w, people, homes)
			away := id != people[i].Home // the home profile makes the tokens
			switch what := rapid.SampledFrom([]string{"report", "report", "allocate", "delete", "create", "move", "return",
				"time", "renew"}).Draw(rt, "what"); what {
			case "report":
				for _, s := range []plan.Service{sms, files} {
					events++
					n := float64(rapid.IntRange(1, 10).Draw(rt, "amount"))
					answers := sendUse(w, id, used(s, n, fmt.Sprint(events)))
					if answers[0].Admitted {
						did.Add("admit")
						if s == sms {
							admitted[fmt.Sprint(i,
								accountOf(w, people[i]).Cycle(w.Now()).Start)] += int64(n)
						}
					}
				}
			case "allocate":
				n := rapid.Int64Range(0, 10).Draw(rt, "allocation")
				note(what, w.Billing.AllocateOne(w.Context(),
					fresh(i).For(operation.ProfileServices.Access), service.ProfileRef{ID: id},
					map[plan.Service]int64{sms: n, files: n * 20}))
			case "delete":
				if away {
					note(what,
						w.Profiles.Delete(w.Context(), fresh(i).For(operation.ProfileDelete.Access),
							service.ProfileRef{ID: id}, proven))
				}
			case "create":
				_, err := w.Profiles.Create(w.Context(),
					fresh(i).For(operation.ProfileCreate.Access), "new", rapid.Bool().Draw(rt, "free"))
				note(what, err)
			case "move":
				if !away {
					continue
				}
				if ticket := given(w, sam, people[i], people[1-i], id, note); ticket != "" {
					did.Add("move")
					tickets[id] = ticket
				}
			case "return":
				for id, ticket := range tickets {
					for _, p := range people {
						by := testkit.ClientOf(p.Mint(p.Home, ""))
						r, err := w.Transfers.Revert(w.Context(),
							by.For(operation.TransferRevert.Access), ticket, proven)
						if note("ask back", err); err == nil && r.State == transfer.Completed {
							did.Add("return")
							delete(tickets, id)
						}
					}
					break
				}
			case "time":
				w.Advance(time.Duration(rapid.IntRange(1, 8*24).Draw(rt, "hours")) * time.Hour)
			case "renew":
				_, err := w.Billing.Renew(w.Context())
				note(what, err)
			}
			for i, p := range people {
				a := accountOf(w, p)
				if n := admitted[fmt.Sprint(i, a.Cycle(w.Now()).Start)]; n > a.Limits[sms] {
					rt.Fatalf("%s was admitted %d sms in a cycle, of %d", p.Name, n, a.Limits[sms])
				}
				if b, found := booksOf(w, p.ID); found && b.wrong() != "" {
					rt.Fatalf("the books of %s: %s", p.Name, b.wrong())
				}
			}
			if failed {
				return
			}
		}
	})
	if what := missing(); what != nil && !t.Failed() {
		t.Errorf("these never happened: %v; what did: %v", what, &did)
	}
}
