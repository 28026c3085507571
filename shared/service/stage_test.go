package service_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// stage is the prepared table of a scene. Each stage of a scene is the same,
// because ids, codes and tokens are counted. Two tables in which the same
// happened are therefore equal.
type stage struct{ *scene.Stage }

// kolkata is the time zone of everybody on a stage.
const kolkata = "Asia/Kolkata"

// scenes are those of the register that run with faults.
var scenes = slices.DeleteFunc(scene.All(), func(c scene.Scene) bool { return c.Calm })

// stages are those that scenes have prepared.
var stages testkit.Stages[scene.Stage]

// newStage returns the stage of a scene, for a function that has cached ana's
// token.
func newStage(t testing.TB, c scene.Scene) stage {
	prepared, w := stages.Begin(t, c.Name(), func() (scene.Stage, *testkit.World) {
		w := testkit.NewModelled(t)
		numbered(w)
		return *c.Begin(w, kolkata), w
	})
	numbered(w)
	s := stage{prepared.In(w)}
	_, err := s.Tokens.Info(t.Context(), s.Ana.Client(operation.TokenInfo))
	if problem.CodeOf(err) == problem.CodeUnavailable {
		t.Fatal(err)
	}
	return s
}

// numbered gives a world services whose ids and keys are counted.
func numbered(w *testkit.World) {
	*w.Services = *service.New(service.Config{
		Keys: testkit.Keys, Passwords: testkit.Passwords, Background: w.Background,
		Store: w.Store, Now: w.Now, Mailer: w.Outbox, Poster: w.Receiver, Log: quiet(),
		NewID: func(time.Time) string { return w.NextID() }, NewKey: w.NextKey,
	})
}

// play is the HTTP status of a scene's answer, which is in the envelope.
func (s stage) play(c scene.Scene) int {
	s.Helper()
	got := c.Run(s.Stage)
	if (got.Message == "") != (got.Code == http.StatusOK) ||
		got.Status != (got.Code == http.StatusOK) {
		s.Errorf("%s answers %d with status %v and the message %q", c.Name(), got.Code, got.Status, got.Message)
	}
	return got.Code
}

// saltedHash matches the parts of stored secrets that differ from run to run.
var saltedHash = regexp.MustCompile(`\$argon2id\$[^ "\\]*|(authenticator|setup|sealed)="[0-9a-f]+"|(mac|pin|secret|previous)=\\*"[0-9a-f]+\\*"|recovery="[^"]*"|(receipt|even|odd)="[^"]*"`)

// hasHash are words of which each text that matches saltedHash has one. Looking
// for them first saves a quarter of the time of these tests.
var hasHash = []string{"$argon2id$", `authenticator="`, `setup="`, `sealed="`, "mac=", "pin=", "secret=", `recovery="`, `receipt="`, `even="`, `odd="`}

// seen is everything in a table at a moment.
type seen []testkit.Item

func (s stage) look() seen {
	s.Helper()
	return s.Items()
}

// text is everything as one text. A request whose answer was lost may count
// twice in the windows of rate limits, which count requests that have started.
// windows leaves them in.
func (in seen) text(windows bool) string {
	var b strings.Builder
	for _, it := range in {
		if !windows && strings.HasPrefix(it.PK, "R#") || in.unclaimed(it) {
			continue
		}
		text := it.Text
		if slices.ContainsFunc(hasHash,
			func(word string) bool { return strings.Contains(text, word) }) {
			text = saltedHash.ReplaceAllString(text, "HASH")
		}
		fmt.Fprintln(&b, it.PK, it.SK, text)
	}
	return b.String()
}

// unclaimed reports whether an item is a part of the file of a backup that was
// never added. Nobody sees it, and it ends by itself: whoever could not tell
// whether the commit took effect must not remove it.
func (in seen) unclaimed(it testkit.Item) bool {
	rest, isPart := strings.CutPrefix(it.SK, "P#")
	if !isPart || !strings.HasPrefix(it.PK, "Z#") {
		return false
	}
	file, _, _ := strings.Cut(rest, "#")
	return !slices.ContainsFunc(in, func(other testkit.Item) bool {
		return other.PK == it.PK && strings.Contains(other.Text, `file="`+file+`"`)
	})
}

// accountAddress is the address in the text of an account.
var accountAddress = regexp.MustCompile(`(?:^| )email="([^"]*)"`)

// kinds counts the items of each kind, without windows.
func (in seen) kinds() map[string]int {
	n := map[string]int{}
	current := map[string]bool{}
	for _, it := range in {
		if strings.HasPrefix(it.PK, "A#") && it.SK == "A" {
			current["E#"+accountAddress.FindStringSubmatch(it.Text)[1]] = true
		}
	}
	for _, it := range in {
		pk, _, _ := strings.Cut(it.PK, "#")
		sk, _, _ := strings.Cut(it.SK, "#")
		switch pk {
		case "R":
		case "E":
			// A former address is kept for its account until the change can no
			// longer be undone.
			if sk == "E" && !current[it.PK] {
				sk = "former"
			}
			n[pk+"/"+sk]++
		case "T":
			// A rotated token whose grace is over has no row.
			if strings.Contains(it.Text, "retires=") && !strings.Contains(it.Text, "duePK=") {
				sk = "spent"
			}
			n[pk+"/"+sk]++
		case "L", "N", "Q":
			n[pk]++
		case "P":
			// An open invitation has a place in the team, and no grant.
			if strings.HasPrefix(it.SK, "M#I#") {
				sk = "I"
			}
			n[pk+"/"+sk]++
		default:
			n[pk+"/"+sk]++
		}
	}
	return n
}

// added lists the kinds that have more items than before, with their numbers.
func added(before, after map[string]int) string {
	var out []string
	for kind, n := range after {
		if n != before[kind] {
			out = append(out, fmt.Sprintf("%s%+d", kind, n-before[kind]))
		}
	}
	for kind, n := range before {
		if after[kind] == 0 {
			out = append(out, fmt.Sprintf("%s%+d", kind, -n))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// counted fails the test unless every count and every copy agrees with its
// items.
func (s stage) counted(when string, now seen) {
	s.Helper()
	kinds := now.kinds()
	if kinds["T/T"] != kinds["P/T"] {
		s.Errorf("%s: %d tokens have %d rows", when, kinds["T/T"], kinds["P/T"])
	}
	if kinds["A/P"] != kinds["P/P"]+kinds["P/M"] {
		s.Errorf("%s: %d profiles and %d members have %d grants", when, kinds["P/P"], kinds["P/M"], kinds["A/P"])
	}
	if kinds["A/A"] != kinds["E/E"] {
		s.Errorf("%s: %d accounts hold %d addresses", when, kinds["A/A"], kinds["E/E"])
	}
	account, grants, err := s.Store.AccountWithGrants(s.Context(), s.Ana.ID)
	s.OK(err)
	if account.ID == "" {
		return // the account is deleted
	}
	var allocated plan.Amounts
	own := 0
	for _, g := range grants {
		if !g.Own() {
			continue
		}
		own++
		p, _, err := s.Store.ProfileWithMembers(s.Context(), g.Profile)
		s.OK(err)
		allocated = allocated.Plus(p.Allocation)
		share := account.Shares[p.ID]
		if share.Allocation != p.Allocation || share.Addons != p.Addons || account.Plan != p.Plan ||
			!account.Anchor.Equal(p.Anchor) {
			s.Errorf("%s: profile %s is %+v, and its account has %+v for it", when, p.ID, p, share)
		}
	}
	if account.Profiles() != own || account.Allocated() != allocated {
		s.Errorf("%s: the account counts %d profiles with %v, and has %d with %v", when, account.Profiles(), account.Allocated(), own, allocated)
	}
}

// notCounted fails the test when an attempt at a password is still counted,
// because no scene guesses.
func (s stage) notCounted(when string, now seen) {
	s.Helper()
	for _, it := range now {
		if strings.HasPrefix(it.PK, "R#password#") && strings.Contains(it.Text, "ids=") {
			s.Errorf("%s: %s still counts an attempt", when, it.PK)
		}
	}
}
