package scale_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"profiles/infra/engine"
	"profiles/infra/model"
	"profiles/infra/scale"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

const tableName = "Table"

// hashing is about the time that the hash of a password takes on a processor of
// Lambda. Hashes of the tests take no time, so slowHash waits in their place.
const hashing = 60 * time.Millisecond

// slowHash is an option of a client. An attempt with a password takes the time
// of a hash from its being counted on.
func slowHash(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("SlowHash", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			u, ok := in.Parameters.(*dynamodb.UpdateItemInput)
			if ok && err == nil && strings.Contains(*u.UpdateExpression, "ADD #ids") {
				time.Sleep(hashing)
			}
			return out, metadata, err
		}), middleware.Before)
	})
}

// ground is the base of a scenario: a table, and processes that use it.
type ground struct {
	testing.TB
	db      *model.DB
	own     *service.Services // prepares and looks
	outbox  *testkit.Outbox
	callers int
	rates   bool
	people  int
}

// process is a process of a function: it has a client and a memory of its own.
func (g *ground) process() *service.Services {
	client := dynamodb.New(g.db.Client().Options(), slowHash)
	return service.New(service.Config{
		Store: store.New(client, tableName), Mailer: g.outbox, Keys: testkit.Keys,
		Passwords: testkit.Passwords, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Region: "eu-central-1", Rates: g.rates, Background: func(func()) {},
	})
}

// processes is one for each caller.
func (g *ground) processes() []*service.Services {
	all := make([]*service.Services, g.callers)
	for i := range all {
		all[i] = g.process()
	}
	return all
}

func (g *ground) ok(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// person is an account with its first profile and a token.
type person struct {
	id    value.AccountID
	email string
	home  value.ProfileID
	token string
}

func (g *ground) person() person {
	g.Helper()
	g.people++
	email := fmt.Sprintf("person-%d@example.com", g.people)
	a, home, err := g.own.Operator.CreateAccount(g.Context(), operator.Seed{
		Name: "person", Email: email, Password: testkit.Password, Plan: plan.Scale,
	})
	g.ok(err)
	made, err := g.own.Tokens.CreateAtLogin(g.Context(), from(0), tokens.NewToken{
		Profile: service.ProfileRef{ID: home.ID}, Email: email, Name: "sign-in",
		Credentials: service.Credentials{Password: testkit.Password},
	})
	g.ok(err)
	return person{a.ID, email, home.ID, made.Text}
}

// from is a client without a token, at an address of its own for each caller.
func from(caller int) service.Client {
	return service.Client{Source: fmt.Sprintf("198.51.%d.%d", caller/250, caller%250+1)}
}

// client is a caller with the token of a person.
func (p person) client(caller int, o operation.Operation) service.Client {
	c := testkit.ClientOf(p.token).For(o.Access)
	c.Source = from(caller).Source
	return c
}

// work is the task that a scenario gives its callers.
type work struct {
	// once is whether each caller does it once; otherwise the callers repeat
	// it.
	once bool
	do   func(ctx context.Context, caller, round int) error
	// beside runs at the same time, until stop is closed.
	beside func(stop <-chan struct{})
	// over reports whether nothing is left to do for a caller; nil if there
	// always is something.
	over func(caller int) bool
	// done is how many successes one call of do was; nil if each is one.
	done func() int
	// inexact says which result is wrong; nil if none can be.
	inexact func() string
}

// outcome is the result of the calls.
type outcome struct {
	mu    sync.Mutex
	codes map[problem.Code]int
	took  []time.Duration // of successes
	calls int
	last  error // that is none of the expected ones
}

func (o *outcome) add(err error, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls++
	if err == nil {
		o.took = append(o.took, took)
		return
	}
	code := problem.CodeOf(err)
	o.codes[code]++
	switch code {
	case problem.CodeConflict, problem.CodeTooMany, problem.CodeForbidden:
	default:
		o.last = err
	}
}

// limit is how long a caller waits for an answer.
const limit = 10 * time.Second

// run lets all callers work for a while, and returns the row.
func run(t *testing.T, s scenario, callers int, end model.End, while time.Duration) (r scale.Row) {
	declared := testkit.Template(t).Table
	aws, err := model.AWS.At(end)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		g := &ground{
			TB: t, db: model.New(aws), outbox: new(testkit.Outbox),
			callers: callers,
		}
		g.ok(engine.CreateTable(t.Context(), g.db.Client(), declared, tableName, false))
		g.own = g.process()
		w := s.begin(g)
		g.db.Reset()
		o := &outcome{codes: map[problem.Code]int{}}
		stop := make(chan struct{})
		var beside sync.WaitGroup
		if w.beside != nil {
			beside.Go(func() { w.beside(stop) })
		}
		begun := time.Now()
		var all sync.WaitGroup
		for caller := range callers {
			all.Go(func() {
				for round := 0; ; round++ {
					start := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					err := w.do(ctx, caller, round)
					cancel()
					o.add(err, time.Since(start))
					if w.once || time.Since(begun) >= while || w.over != nil && w.over(caller) {
						return
					}
					if err != nil { // as a client that waits a moment
						time.Sleep(50*time.Millisecond + rand.N(100*time.Millisecond))
					}
				}
			})
		}
		all.Wait()
		elapsed := time.Since(begun)
		close(stop)
		beside.Wait()
		r = o.row(g.db.Reset(), w, elapsed)
		r.Scenario, r.Callers, r.End = s.name, callers, end
		if o.last != nil {
			t.Logf("%s, %d callers, %s: %v", s.name, callers, end, o.last)
		}
	})
	return r
}

func (o *outcome) row(c model.Counts, w work, elapsed time.Duration) scale.Row {
	done := len(o.took)
	if w.done != nil {
		done = w.done()
	}
	share := func(n int) float64 {
		return scale.Rounded(100 * float64(n) / float64(max(1, o.calls)))
	}
	each := func(x float64) float64 { return scale.Rounded(x / float64(max(1, done))) }
	usual := o.codes[problem.CodeConflict] + o.codes[problem.CodeTooMany] +
		o.codes[problem.CodeForbidden]
	r := scale.Row{
		PerSecond: scale.Rounded(float64(done) / elapsed.Seconds()),
		Conflict:  share(o.codes[problem.CodeConflict]),
		TooMany:   share(o.codes[problem.CodeTooMany]),
		Refused:   share(o.codes[problem.CodeForbidden]),
		Failed:    share(o.calls - len(o.took) - usual),
		P50:       scale.Rounded(scale.Quantile(o.took, 0.5)),
		P99:       scale.Rounded(scale.Quantile(o.took, 0.99)),
		Conflicts: each(float64(c.Conflicts + c.WriteConflicts)),
		WCU:       each(c.WCU), RCU: each(c.RCU),
	}
	if w.inexact != nil {
		r.Inexact = w.inexact()
	}
	return r
}
