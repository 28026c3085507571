package service_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/engine"
	"profiles/infra/program"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// A revocation takes effect at once. Eight processes verify tokens ten thousand
// times after the answer to the revoking request, and accept none of them.
const (
	verifiers     = 8
	verifications = 10_000
)

// verifierVariable makes this test binary one of the verifying processes.
const verifierVariable = "PROFILES_TEST_VERIFIER"

// assignment tells a verifying process the address of the table, the tokens to
// verify, and their profile.
type assignment struct {
	Endpoint, Table, Report string
	Tokens                  []string
	Profile                 value.ProfileID
}

// verification is one verification of a token: its start, and whether the token
// was accepted.
type verification struct {
	Token    int
	Began    int64 // nanoseconds of the machine's clock
	Accepted bool
}

func TestMain(m *testing.M) {
	if told := os.Getenv(verifierVariable); told != "" {
		if err := verify(told); err != nil {
			fmt.Fprintln(os.Stderr, "FAIL:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// verify is the program of the processes of TestRevocationIsImmediate. It
// verifies until its input ends, with a warm cache, as a function that has
// served the tokens before.
func verify(told string) error {
	var a assignment
	if err := json.Unmarshal([]byte(told), &a); err != nil {
		return err
	}
	// This clock stands still like the world's, so only the table can make a
	// token invalid.
	s := service.New(service.Config{
		Store: store.New(dynamodb.NewFromConfig(engine.Config(a.Endpoint)), a.Table), Now: func() time.Time { return testkit.Start.Add(time.Hour) },
		Log: quiet(), Background: func(func()) {},
	})
	stopped := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stopped)
	}()
	file, err := os.Create(a.Report)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	for n := 0; ; n++ {
		select {
		case <-stopped:
			return out.Flush()
		default:
		}
		i := n % len(a.Tokens)
		c := testkit.ClientOf(a.Tokens[i])
		began := time.Now().UnixNano()
		// Both ways to authorize a request take turns.
		if n/len(a.Tokens)%2 == 0 {
			_, err = s.Tokens.Info(context.Background(), c.For(operation.TokenInfo.Access))
		} else {
			_, err = s.Profiles.Get(context.Background(), c.For(operation.ProfileGet.Access),
				service.ProfileRef{ID: a.Profile})
		}
		if err != nil && problem.CodeOf(err) != problem.CodeUnauthenticated {
			return fmt.Errorf("verifying: %w", err)
		}
		if n == 0 {
			fmt.Println("verifying")
		}
		fmt.Fprintf(out, "%d %d %v\n", i, began, err == nil)
		if n%64 == 0 {
			_ = out.Flush() // so that the parent can count
		}
	}
}

// revocation is an operation that revokes tokens.
type revocation struct {
	name   string
	revoke func() error
}

// verifierSet are the processes that verify tokens, and the files in which they
// report.
type verifierSet struct {
	processes []*program.Process
	inputs    []io.Closer
	reports   []string
}

// startVerifiers starts the processes.
func startVerifiers(
	t *testing.T, w *testkit.World, tokens []string, profile value.ProfileID,
) (v verifierSet) {
	t.Helper()
	folder := t.TempDir()
	v.reports = make([]string, verifiers)
	for i := range verifiers {
		v.reports[i] = filepath.Join(folder, fmt.Sprint("verifier", i))
		told, err := json.Marshal(assignment{aws.ToString(w.Client.Options().BaseEndpoint), w.Table,
			v.reports[i], tokens, profile})
		w.OK(err)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(program.Environment(verifierVariable), verifierVariable+"="+string(told))
		input, err := cmd.StdinPipe()
		w.OK(err)
		p, err := program.Start("a verifier", cmd)
		w.OK(err)
		t.Cleanup(p.Stop)
		v.processes, v.inputs = append(v.processes, p), append(v.inputs, input)
	}
	return v
}

// read returns every verification so far.
func (v verifierSet) read(t *testing.T) (out []verification) {
	t.Helper()
	for i, name := range v.reports {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("%v: %v", err, v.processes[i].Output())
		}
		for line := range strings.Lines(string(text)) {
			var one verification
			n, _ := fmt.Sscanf(line, "%d %d %t\n", &one.Token, &one.Began, &one.Accepted)
			if n == 3 && strings.HasSuffix(line, "\n") {
				out = append(out, one)
			}
		}
	}
	return out
}

// sizes is the size of the reports together.
func (v verifierSet) sizes() (n int64) {
	for _, name := range v.reports {
		if info, err := os.Stat(name); err == nil {
			n += info.Size()
		}
	}
	return n
}

func TestRevocationIsImmediate(t *testing.T) {
	w := testkit.NewServed(t) // the verifiers are processes of their own
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	w.Advance(time.Hour)
	home := service.ProfileRef{ID: ana.Home}
	ctx := t.Context()
	// The revocations are in the order in which they run. Each leaves the
	// tokens of those after it valid.
	deleted, rotated := ana.Mint(ana.Home, ""), ana.Mint(ana.Home, "1 month")
	signedIn := ana.SignIn(ana.Home, "")
	members, all := ben.Mint(ana.Home, ""), ana.Mint(ana.Home, "")
	mine := []string{deleted, rotated, signedIn, members, all}
	revocations := []revocation{
		{"deleted", func() error { return w.Tokens.Delete(ctx, ana.Client(operation.TokenDelete), home, deleted) }},
		{"rotated without grace", func() error {
			_, err := w.Tokens.Rotate(ctx, ana.Client(operation.TokenRotate), home,
				tokens.Rotation{Token: rotated})
			return err
		}},
		{"signed out by a new password", func() error {
			return w.Accounts.SetPassword(ctx, ana.Client(operation.PasswordSet), another,
				service.Credentials{Password: testkit.Password})
		}},
		{"removed from the team", func() error { return w.Teams.Remove(ctx, ana.Client(operation.TeamRemove), home, string(ben.ID)) }},
		{"revoked with all of the profile", func() error { return w.Tokens.RevokeAll(ctx, ana.Client(operation.TokenRevokeAll), home) }},
	}

	v := startVerifiers(t, w, mine, ana.Home)
	deadline := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	until := func(what string, done func() bool) {
		t.Helper()
		for !done() {
			if time.Now().After(deadline) {
				t.Fatalf("%s takes too long: %v", what, v.processes[0].Output())
			}
			<-tick.C
		}
	}
	// goOn waits for a number of further verifications. It estimates them from
	// the size of the output, at about 27 characters a line. The exact count
	// comes at the end.
	goOn := func(more int64) {
		t.Helper()
		from := v.sizes()
		until("verifying", func() bool { return v.sizes()-from > more*29 })
	}
	until("starting", func() bool {
		for i := range v.processes {
			if !strings.Contains(v.processes[i].Output(), "verifying") {
				return false
			}
		}
		return true
	})
	goOn(verifications / 20)
	answered := make([]int64, len(revocations))
	for i, e := range revocations {
		w.OK(e.revoke())
		answered[i] = time.Now().UnixNano()
		goOn(verifications / 40)
	}
	goOn(verifications + 2000)
	for _, input := range v.inputs {
		w.OK(input.Close())
	}
	for _, p := range v.processes {
		select {
		case <-p.Done():
		case <-time.After(30 * time.Second):
			t.Fatal("a verifier does not end")
		}
		if strings.Contains(p.Output(), "FAIL") {
			t.Fatalf("a verifier failed: %s", p.Output())
		}
	}
	judgeVerifications(t, revocations, answered, v.read(t))
}

// judgeVerifications fails the test unless enough verifications were made and
// none that started after the answer to a revocation was accepted.
func judgeVerifications(
	t *testing.T, revocations []revocation, answered []int64, made []verification,
) {
	t.Helper()
	total := 0
	for i, e := range revocations {
		before, after, late := 0, 0, 0
		for _, v := range made {
			switch {
			case v.Token != i:
			case v.Began <= answered[i]:
				if v.Accepted {
					before++
				}
			default:
				after++
				if v.Accepted {
					late++
				}
			}
		}
		if late != 0 {
			t.Errorf("%s: %d of %d verifications that began after the answer were accepted", e.name, late, after)
		}
		if before == 0 {
			t.Errorf("%s: no verification was accepted before: this tests nothing", e.name)
		}
		if after < verifications/len(revocations)/2 {
			t.Errorf("%s: only %d verifications began after the answer", e.name, after)
		}
		total += after
		t.Logf("%s: %d accepted before, %d of %d after", e.name, before, late, after)
	}
	if total < verifications {
		t.Errorf("%d verifications began after the answers, want %d", total, verifications)
	}
	t.Logf("%d verifications after the answers, in %d processes", total, verifiers)
}
