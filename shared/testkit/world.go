// Package testkit builds small worlds for tests: a table on a real engine,
// services with a clock of their own, fixtures that read as a story, and
// requests that go through the Lambda handler. Only tests import it.
package testkit

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/engine"
	"profiles/infra/template"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Password is the password of every fixture account.
const Password = "granite otter lantern"

const master = "a master key that only the worlds of the tests have"

// Keys are those of every world that has not rotated them.
var Keys, _ = secret.ParseKeys(master, time.Time{})

// Passwords hashes at the least cost there is: under the race detector a hash
// takes a fifth of a second at the cost for people, which was half of what the
// tests of the operations took.
var Passwords = secret.Passwords{Memory: 8, Passes: 1}

// Start is when every world begins.
var Start = time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)

// A test binary lives for some minutes on a machine with room: it collects its
// garbage less often than a service would.
func init() { debug.SetGCPercent(400) }

// World is one table with the services over it.
type World struct {
	testing.TB
	*service.Services
	Store  *store.Store
	Client *dynamodb.Client // unmetered, for looking into the table
	Table  string
	Meter  *Meter
	Faults *Faults
	Locks  *Locks
	Outbox *Outbox
	// Receiver is what takes the events of all webhooks.
	Receiver *Receiver
	// changes every event before it is sent; nil: leaves them
	Edit func(*events.APIGatewayV2HTTPRequest)

	choose choice
	clock  *clock
	ring   secret.Ring
	rates  bool
	hash   secret.Passwords
	made   *atomic.Int64 // ids of NextID and NextKey
	noted  *atomic.Bool
	bus    *Receiver // of the operator; nil: there is none
}

var declared = sync.OnceValues(func() (*template.Template, error) {
	file, err := template.Find()
	if err != nil {
		return nil, err
	}
	return template.ReadLocal(file, nil)
})

// Template returns the project's template.
func Template(t testing.TB) *template.Template {
	t.Helper()
	read, err := declared()
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// NeedsEngine leaves a test out with -short: it needs a DynamoDB engine.
func NeedsEngine(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
}

// New returns a world with an empty table of its own. Worlds share engines,
// which end with the last of their worlds or with the test binary. With -short
// the test is left out.
func New(t testing.TB) *World {
	t.Helper()
	return newWorld(t, engine.DefaultKind)
}

// NewModelled is New for a test that plays scenes very many times: with a fault
// in each request, at random, or at once. Unless ENGINE names an engine, its
// world is on the model of DynamoDB in this process, which takes a tenth of the
// time of a program, and on which writes meet each other. Other tests play the
// same scenes on the programs, and Amazon's holds the model to what it answers.
func NewModelled(t testing.TB) *World {
	t.Helper()
	return newWorld(t, modelled)
}

// NewServed is New for a test in which other processes use the table: the
// world is on an engine with an endpoint, whatever ENGINE names.
func NewServed(t testing.TB) *World {
	t.Helper()
	return newWorld(t, served)
}

func newWorld(t testing.TB, choose choice) *World {
	t.Helper()
	NeedsEngine(t)
	e, err := takeEngine(choose)
	if err != nil {
		t.Fatalf("the tests need a DynamoDB engine: %v", err)
	}
	t.Cleanup(e.leave)
	name := "test-" + hex.EncodeToString(random(6))
	plain := e.Client()
	if err := engine.CreateTable(t.Context(), plain, Template(t).Table, name, false); err != nil {
		t.Fatal(err)
	}
	w := &World{
		TB:     t,
		choose: choose,
		Client: plain,
		Table:  name,
		Meter:  new(Meter),
		Faults: new(Faults),
		Locks:  new(Locks),
		Outbox: new(Outbox),

		Receiver: new(Receiver),
		clock:    &clock{now: Start},
		made:     new(atomic.Int64),
		noted:    new(atomic.Bool),
		hash:     Passwords,
	}
	observed := dynamodb.New(
		plain.Options(),
		e.count,
		store.Meter,
		impatient,
		w.Meter.observe,
		w.Locks.inject,
		w.Faults.inject,
	)
	w.Store = store.New(observed, name)
	w.ring, err = secret.ParseRing(master)
	w.OK(err)
	w.Services = w.fresh()
	return w
}

// InItsTime runs a test of requests that wait: in virtual time if the world is
// on the model, and otherwise as it is. The test makes its worlds itself.
func (w *World) InItsTime(t *testing.T, test func(*testing.T)) {
	t.Helper()
	if kind, err := w.choose(); err != nil || kind != engine.Model {
		test(t)
		return
	}
	synctest.Test(t, test)
}

// RotateKeys gives the world a new master key, which seals from now on.
func (w *World) RotateKeys() {
	w.Helper()
	ring, err := w.ring.Rotate(secret.NewMaster(), w.Now(), w.Now())
	w.OK(err)
	w.ring = ring
}

// Maintain makes the world read-only, or with the zero value writable again.
func (w *World) Maintain(m secret.Maintenance) {
	w.Helper()
	ring := w.ring.WithoutMaintenance()
	if m.On() {
		var err error
		ring, err = ring.WithMaintenance(m)
		w.OK(err)
	}
	w.ring = ring
}

// fresh returns services over the world's table that remember nothing, like a
// function that starts.
func (w *World) fresh() *service.Services {
	c := service.Config{
		Store:  w.Store,
		Region: "eu-central-1",
		Now:    w.clock.read,
		Mailer: w.Outbox,
		Poster: w.Receiver,
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Rates:  w.rates,
		// A machine on which tests run may be slow.
		CountPatience: 10 * time.Second,
		Passwords:     w.hash,
		Background:    w.Background,
		Keys:          secret.NewKeys(func() secret.Ring { return w.ring.At(w.Now()) }),
	}
	if c.HasBus = w.bus != nil; c.HasBus {
		c.Bus = w.bus
	}
	return service.New(c)
}

// Bus gives the world a bus of the operator, and returns what takes its events.
func (w *World) Bus() *Receiver {
	w.bus = new(Receiver)
	w.Restart()
	return w.bus
}

// NoBus takes the bus from the world.
func (w *World) NoBus() {
	w.bus = nil
	w.Restart()
}

// Background runs what no answer waits for before it returns if NoteUses was
// called, and drops it otherwise: what a request costs, and what it leaves in
// the table, is then what the request itself does.
func (w *World) Background(f func()) {
	if w.noted.Load() {
		f()
	}
}

// NoteUses makes the world note the uses of tokens.
func (w *World) NoteUses() { w.noted.Store(true) }

// Restart makes the services forget what they remember between requests.
func (w *World) Restart() { *w.Services = *w.fresh() }

// LimitRates turns the rate limits on, which worlds do without: most tests send
// more requests in a minute than a customer may. The services remember nothing
// afterwards.
func (w *World) LimitRates() {
	w.rates = true
	w.Restart()
}

// HashAsForPeople makes hashes of passwords cost what they cost in service, for
// tests of how long an answer takes.
func (w *World) HashAsForPeople() {
	w.hash = secret.Passwords{}
	w.Restart()
}

// Now is the world's time.
func (w *World) Now() time.Time { return w.clock.read() }

// Advance moves the world's time.
func (w *World) Advance(d time.Duration) {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.now = w.clock.now.Add(d)
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Share makes somebody a member of a profile.
func (w *World) Share(id value.ProfileID, with Person, p tenancy.Permission) {
	w.Helper()
	w.OK(w.Operator.AddMember(w.Context(), id, with.ID, p))
}

// OK ends the test when err is not nil.
func (w *World) OK(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Refused ends the test unless err has the code.
func (w *World) Refused(err error, code problem.Code) {
	w.Helper()
	if got := problem.CodeOf(err); got != code {
		w.Fatalf("got error %v (code %q), want code %q", err, got, code)
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
