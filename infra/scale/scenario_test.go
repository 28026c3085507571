package scale_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"profiles/infra/model"
	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/service/audit"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// scenario is many callers at one item, or one caller with a long task.
type scenario struct {
	name  string
	alone bool // there is only one caller
	begin func(g *ground) work
}

func scenarios() []scenario {
	return []scenario{
		{name: "usage-report, 1 line", begin: reports(1, 1)},
		{name: "usage-report, 25 lines", begin: reports(1, 25)},
		{name: "usage-report, 1 line, 32 profiles", begin: reports(32, 1)},
		{name: "usage-report at a limit of 10", begin: limited},
		{
			name: "usage-report that sets a level, beside 400 a second", alone: true,
			begin: levels400,
		},
		{name: "sign-in of one account", begin: signIns},
		{name: "token-create", begin: tokenCreates},
		{name: "profile-create, one is left", begin: profileCreates},
		{name: "invitation-accept, five of each profile", begin: accepts},
		{name: "token-info, counted", begin: reads(true)},
		{name: "token-info, not counted", begin: reads(false)},
		{name: "profile-edit, nothing beside", alone: true, begin: edits(0)},
		{name: "profile-edit beside 40 reports a second", alone: true, begin: edits(40)},
		{name: "audit-seal, one log", alone: true, begin: seals(1)},
		{name: "audit-seal, 64 logs", begin: seals(64)},
		{name: "mail-retry, 1,000 mails", alone: true, begin: mails},
		{name: "token-expire, 1,000 tokens of a profile", alone: true, begin: expiries},
	}
}

var plane = service.Client{Service: true}

func line(s plan.Service, event string) billing.ReportedLine {
	one := 1.0
	return billing.ReportedLine{Service: s.String(), Amount: &one, Event: event}
}

// reports lets data planes report lines of some profiles. Every tenth report is
// sent twice, as after an answer that was lost.
func reports(profiles, lines int) func(*ground) work {
	const what = plan.ServiceInput
	return func(g *ground) work {
		var all []person
		for range profiles {
			p := g.person()
			all = append(all, p)
			_, err := g.own.Usage.Report(g.Context(), plane.For(operation.UsageReport.Access),
				p.home,
				[]billing.ReportedLine{line(what, "first")})
			g.ok(err)
		}
		planes := g.processes()
		var mu sync.Mutex
		admitted, unsure := map[string]bool{}, map[string]bool{}
		return work{
			do: func(ctx context.Context, caller, round int) error {
				if round%10 == 9 {
					round--
				}
				report := make([]billing.ReportedLine, lines)
				for i := range report {
					report[i] = line(what, fmt.Sprintf("%d-%d-%d", caller, round, i))
				}
				answers, err := planes[caller].Usage.Report(ctx,
					plane.For(operation.UsageReport.Access), all[caller%profiles].home, report)
				mu.Lock()
				defer mu.Unlock()
				for _, l := range report {
					unsure[l.Event] = true
				}
				for _, a := range answers {
					admitted[a.Event] = a.Admitted
				}
				return err
			},
			inexact: func() string {
				sum := int64(0)
				for _, p := range all {
					checker := plane.For(operation.UsageCheck.Access)
					m, err := g.own.Usage.Check(g.Context(), checker, p.home)
					g.ok(err)
					sum += m.Usage.Used[what] - 1
				}
				if least, most := int64(len(admitted)), int64(len(unsure)); sum < least ||
					sum > most {
					return fmt.Sprintf("used %d, of %d admitted and %d sent", sum, least, most)
				}
				return ""
			},
		}
	}
}

// limited lets data planes report against a limit until they are blocked.
func limited(g *ground) work {
	const what, most = plan.ServiceSMS, 10
	p := g.person()
	planes := g.processes()
	var admitted atomic.Int64
	var unsure atomic.Int64
	return work{
		do: func(ctx context.Context, caller, round int) error {
			answers, err := planes[caller].Usage.Report(ctx,
				plane.For(operation.UsageReport.Access),
				p.home, []billing.ReportedLine{line(what, fmt.Sprintf("%d-%d", caller, round))})
			if err != nil {
				unsure.Add(1)
			}
			for _, a := range answers {
				if a.Admitted {
					admitted.Add(1)
				}
			}
			return err
		},
		inexact: func() string {
			m, err := g.own.Usage.Check(g.Context(), plane.For(operation.UsageCheck.Access), p.home)
			g.ok(err)
			used, limit := m.Usage.Used[what], m.Profile.Allocation[what]
			if used > limit || used < admitted.Load() || used > admitted.Load()+unsure.Load() {
				return fmt.Sprintf("used %d of %d, admitted %d", used, limit, admitted.Load())
			}
			return ""
		},
	}
}

func signIns(g *ground) work {
	p := g.person()
	all := g.processes()
	return work{do: func(ctx context.Context, caller, _ int) error {
		_, err := all[caller].Accounts.Login(ctx, from(caller), p.email, right)
		return err
	}}
}

func tokenCreates(g *ground) work {
	p := g.person()
	all := g.processes()
	var made atomic.Int64
	return work{
		do: func(ctx context.Context, caller, _ int) error {
			_, err := all[caller].Tokens.Create(ctx, p.client(caller, operation.TokenCreate),
				tokens.NewToken{
					Profile: service.ProfileRef{ID: p.home}, Email: p.email,
					Credentials: right, Name: "script", Permission: "read",
				})
			if err == nil {
				made.Add(1)
			}
			return err
		},
		inexact: func() string {
			tokens, rows := g.count("T#", "T"), g.count("P#"+string(p.home), "T#")
			if tokens != rows || int64(tokens) < made.Load()+1 {
				return fmt.Sprintf("%d tokens, %d in lists, %d made", tokens, rows, made.Load())
			}
			return ""
		},
	}
}

// profileCreates lets callers make the last profile that an account may have.
func profileCreates(g *ground) work {
	p := g.person()
	for range plan.Scale.Limits().Profiles - 2 {
		owner := p.client(0, operation.ProfileCreate)
		_, err := g.own.Profiles.Create(g.Context(), owner, "one", false)
		g.ok(err)
	}
	all := g.processes()
	return work{
		once: true,
		do: func(ctx context.Context, caller, _ int) error {
			_, err := all[caller].Profiles.Create(
				ctx, p.client(caller, operation.ProfileCreate), "last", true)
			return err
		},
		inexact: func() string {
			n := g.count("A#"+string(p.id), "P#")
			if most := plan.Scale.Limits().Profiles; n != most {
				return fmt.Sprintf("%d profiles of %d", n, most)
			}
			return ""
		},
	}
}

// accepts lets invited accounts accept, five for each profile.
func accepts(g *ground) work {
	type guest struct {
		person
		code string
	}
	var guests []guest
	for i := 0; len(guests) < g.callers; i++ {
		owner := g.person()
		for range min(5, g.callers-len(guests)) {
			p := g.person()
			time.Sleep(61 * time.Second) // a mail a minute
			g.ok(g.own.Teams.Invite(g.Context(), owner.client(0, operation.TeamInvite),
				service.ProfileRef{ID: owner.home}, p.email, teams.Offered{Permission: "read"}))
			guests = append(guests, guest{p, ""})
		}
	}
	g.each(func(pk, _ string, _ model.Item) {
		g.ok(g.own.Outbox.DeliverItem(g.Context(), pk))
	})
	for _, m := range g.outbox.Sent() {
		for i := range guests {
			if string(m.To) == guests[i].email && m.Data["code"] != "" {
				guests[i].code = m.Data["code"]
			}
		}
	}
	all := g.processes()
	var accepted atomic.Int64
	return work{
		once: true,
		do: func(ctx context.Context, caller, _ int) error {
			p := guests[caller]
			invited := p.client(caller, operation.InvitationAccept)
			err := all[caller].Teams.Accept(ctx, invited, p.code)
			if err == nil {
				accepted.Add(1)
			}
			return err
		},
		inexact: func() string {
			members := 0
			g.each(func(pk, sk string, _ model.Item) {
				if strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "M#") &&
					!strings.HasPrefix(sk, "M#I#") {
					members++
				}
			})
			if int64(members) != accepted.Load() {
				return fmt.Sprintf("%d members, %d accepted", members, accepted.Load())
			}
			return ""
		},
	}
}

// reads lets callers ask for one token, with and without a rate limit.
func reads(counted bool) func(*ground) work {
	return func(g *ground) work {
		g.rates = counted
		p := g.person()
		all := g.processes()
		client := func(caller int) service.Client {
			c := p.client(caller, operation.TokenInfo)
			c.Rate = &service.Rate{Route: "GET /info", Group: plan.RateTokenInfo}
			return c
		}
		for caller, s := range all {
			_, err := s.Tokens.Info(g.Context(), client(caller)) // the first is not counted
			g.ok(err)
		}
		return work{do: func(ctx context.Context, caller, _ int) error {
			_, err := all[caller].Tokens.Info(ctx, client(caller))
			return err
		}}
	}
}

// levels400 lets a data plane set a level of a profile that is reported on.
func levels400(g *ground) work {
	p := g.person()
	own := g.process()
	client := plane.For(operation.UsageReport.Access)
	return work{
		do: func(ctx context.Context, _, round int) error {
			stands := line(plan.ServiceDataRecords, fmt.Sprint("level ", round))
			stands.Set = true
			_, err := own.Usage.Report(ctx, client, p.home, []billing.ReportedLine{stands})
			return err
		},
		beside: g.reporting(p, 400),
	}
}

// edits lets an owner edit a profile that is reported on.
func edits(perSecond int) func(*ground) work {
	return func(g *ground) work {
		p := g.person()
		own := g.process()
		return work{
			do: func(ctx context.Context, caller, round int) error {
				name := fmt.Sprint("name ", round)
				return own.Profiles.Edit(ctx, p.client(caller, operation.ProfileEdit),
					service.ProfileRef{ID: p.home}, tenancy.ProfileEdit{Name: &name})
			},
			beside: g.reporting(p, perSecond),
		}
	}
}

// reporting lets data planes report so many lines of a profile a second, each
// in a process of its own.
func (g *ground) reporting(p person, perSecond int) func(stop <-chan struct{}) {
	return func(stop <-chan struct{}) {
		var under sync.WaitGroup
		defer under.Wait()
		for i := 0; perSecond > 0; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Second / time.Duration(perSecond)):
			}
			under.Go(func() {
				ctx, cancel := context.WithTimeout(g.Context(), limit)
				defer cancel()
				_, _ = g.process().Usage.Report(ctx,
					plane.For(operation.UsageReport.Access),
					p.home, []billing.ReportedLine{line(plan.ServiceInput, fmt.Sprint(i))})
			})
		}
	}
}

// seals lets consumers of the stream seal entries of logs, each those of a
// shard of the stream, a batch at a time. The entries of a log are in one
// shard.
func seals(logs int) func(*ground) work {
	const each, batch = 100, 100 // entries of a log, and of a batch
	return func(g *ground) work {
		now := time.Now()
		st := store.New(g.db.Client(), tableName)
		shards := make([][]audit.Item, g.callers)
		for l := range logs {
			for first := 0; first < each; first += 50 {
				tx := st.Begin()
				for i := first; i < first+50; i++ {
					e := auditlog.Entry{
						ID: fmt.Sprintf("%024x", i*logs+l), Log: fmt.Sprintf("log%d", l), Time: now,
						Message: "something has changed",
					}
					tx.Audit(e)
				}
				g.ok(tx.CommitAside(g.Context(), store.Origin{}))
			}
		}
		g.each(func(pk, sk string, _ model.Item) {
			if log, ok := store.LogOfKey(pk, sk); ok && strings.HasPrefix(pk, "L#log") {
				var l int
				_, err := fmt.Sscanf(log, "log%d", &l)
				g.ok(err)
				place := store.EntryPlace{PK: pk, SK: sk}
				to := &shards[l%g.callers]
				*to = append(*to, audit.Item{EntryPlace: place, Written: now})
			}
		})
		for _, items := range shards {
			slices.SortFunc(items, func(a, b audit.Item) int { return strings.Compare(a.SK, b.SK) })
		}
		var sealed atomic.Int64
		consumers := g.processes()
		return work{
			do: func(ctx context.Context, caller, _ int) error {
				items := shards[caller][:min(batch, len(shards[caller]))]
				failed := consumers[caller].Chain.SealItems(ctx, items)
				if err := errors.Join(failed...); err != nil {
					return err // the stream sends them again
				}
				shards[caller] = shards[caller][len(items):]
				sealed.Add(int64(len(items)))
				return nil
			},
			over: func(caller int) bool { return len(shards[caller]) == 0 },
			done: func() int { return int(sealed.Load()) },
			inexact: func() string {
				places := map[string]bool{}
				n := int64(0)
				g.each(func(pk, _ string, it model.Item) {
					if at := valueOf(it["sequence"]); at != "" && strings.Count(pk, "#") == 2 {
						n++
						places[pk+" "+at] = true
					}
				})
				if n < sealed.Load() || int64(len(places)) != n {
					return fmt.Sprintf("%d entries in %d places, %d sealed", n, len(places), sealed.Load())
				}
				return ""
			},
		}
	}
}

// mails lets the schedule send a thousand waiting mails.
func mails(g *ground) work {
	const many = 1000
	st := store.New(g.db.Client(), tableName)
	for first := 0; first < many; first += 50 {
		tx := st.Begin()
		for i := first; i < first+50; i++ {
			g.own.Outbox.Send(tx, value.Email(fmt.Sprintf("p%d@example.com", i)), tenancy.Account{},
				mailing.AccountLeaving{}, time.Now())
		}
		g.ok(tx.CommitAside(g.Context(), store.Origin{}))
	}
	time.Sleep(time.Hour)
	return sweep(g, many, g.process().Outbox.Retry, func() int { return len(g.outbox.Sent()) })
}

// expiries lets the schedule remove a thousand expired tokens of a profile.
func expiries(g *ground) work {
	const many = 1000
	p := g.person()
	now := time.Now().UTC().Truncate(time.Millisecond)
	st := store.New(g.db.Client(), tableName)
	for first := 0; first < many; first += 25 {
		tx := st.Begin()
		for i := first; i < first+25; i++ {
			tx.CreateToken(tenancy.Token{
				ID: value.TokenID(fmt.Sprintf("%08d", i)), Hash: []byte{1}, Profile: p.home,
				Account: p.id, Name: "ended", Permission: tenancy.PermissionRead, Created: now,
				Expires: now.Add(time.Minute),
			})
		}
		g.ok(tx.CommitAside(g.Context(), store.Origin{}))
	}
	time.Sleep(time.Hour)
	return sweep(g, many, g.process().Tokens.Expire, func() int {
		return many + 1 - g.count("T#", "T")
	})
}

// sweep runs a sweep until all work is done, up to a number of runs.
func sweep(
	_ *ground, many int, run func(context.Context) (int, error), done func() int,
) work {
	return work{
		once: true,
		do: func(ctx context.Context, _, _ int) (err error) {
			for range 20 {
				// A schedule gives it a minute.
				within, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				_, err = run(within)
				cancel()
				if done() >= many {
					return nil
				}
			}
			return err
		},
		done: done,
		inexact: func() string {
			if n := done(); n != many {
				return fmt.Sprintf("%d done of %d", n, many)
			}
			return ""
		},
	}
}
