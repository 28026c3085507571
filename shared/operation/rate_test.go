package operation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// guarded are the anonymous operations with limits of their own, and how many
// requests of one source these limits admit.
var guarded = map[string]int{
	"account-create": 30, "account-resend": 30, "password-request": 30, "account-login": 30, "account-token-create": 30, "session-create": 30, "otp-request": 30, "token-leaked": 100,
}

// limited is a world with rate limits, at the beginning of a minute, with a
// person on a plan.
func limited(t *testing.T, chosen plan.Plan) (*testkit.World, testkit.Person) {
	t.Helper()
	w := testkit.New(t)
	ana := w.Quick("ana")
	if chosen != plan.Scale {
		planOf(w, ana, chosen)
	}
	w.Advance(w.Now().Truncate(time.Minute).Add(time.Minute).Sub(w.Now()))
	w.LimitRates()
	return w, ana
}

// planOf gives a person another plan, in the account and in profiles: the first
// one, and others.
func planOf(w *testkit.World, p testkit.Person, chosen plan.Plan, others ...value.ProfileID) {
	w.Helper()
	for _, id := range append(others, p.Home) {
		batch := w.Store.Batch()
		account, found := batch.Account(p.ID), batch.Profile(id)
		w.OK(batch.Get(w.Context()))
		account.Value.Plan = chosen
		tx := w.Store.Begin()
		tx.UpdateAccount(account.Value)
		tx.UpdateProfile(found.Value.Of(account.Value), nil)
		w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	}
}

// process is another process of a function on the same table.
func process(w *testkit.World) *testkit.World {
	other := *w
	other.Services = new(service.Services)
	other.Restart()
	return &other
}

// call is a request that is sent again and again.
type call func(*testkit.World) testkit.Answer

func account(token string) call {
	return func(w *testkit.World) testkit.Answer {
		w.Helper()
		return w.Call(operation.AccountGet, "GET", "/account", token, nil)
	}
}

func profile(token string, id value.ProfileID) call {
	return func(w *testkit.World) testkit.Answer {
		w.Helper()
		return w.Call(operation.ProfileGet, "GET", "/profile/"+string(id), token, nil)
	}
}

// admitted sends a request n times and returns how often its rate limit did not
// refuse it.
func admitted(w *testkit.World, n int, send call) (count int) {
	w.Helper()
	for range n {
		if got := send(w); got.Code != http.StatusTooManyRequests {
			count++
		}
	}
	return count
}

// uses sends n requests, which must all be admitted.
func uses(w *testkit.World, n int, send call) {
	w.Helper()
	if got := admitted(w, n, send); got != n {
		w.Fatalf("%d of %d were admitted", got, n)
	}
}

// full asserts that a request is refused for its rate.
func full(w *testkit.World, send call, what string) {
	w.Helper()
	if got := send(w); got.Code != http.StatusTooManyRequests {
		w.Errorf("%s: got %d %q, want 429", what, got.Code, got.Message)
	}
}

// free asserts that a request is not refused for its rate.
func free(w *testkit.World, send call, what string) {
	w.Helper()
	if got := send(w); got.Code == http.StatusTooManyRequests {
		w.Errorf("%s: got 429 %q", what, got.Message)
	}
}

// Each counted answer says how many requests are left. The first one past the
// limit says when to come back, and its request has no effect.
func TestTheAnswersSayWhatIsLeft(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	w.Advance(21500 * time.Millisecond)
	edit := func(name string) testkit.Answer {
		return w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"name": name})
	}
	header := func(a testkit.Answer) string {
		return a.Header["Ratelimit-Limit"] + " " + a.Header["Ratelimit-Remaining"] + " " + a.Header["Ratelimit-Reset"] + " " + a.Header["Retry-After"]
	}
	if got := edit("the first"); got.Code != 200 || header(got) != "   " {
		t.Errorf("the first request of a process: got %d %q, want it not counted", got.Code, header(got))
	}
	for n := 1; n <= 50; n++ {
		got := edit(fmt.Sprint("edit ", n))
		if want := fmt.Sprintf("50 %d 39 ", 50-n); got.Code != 200 || header(got) != want {
			t.Fatalf("request %d: got %d %q, want %q", n, got.Code, header(got), want)
		}
	}
	before := w.State()
	for range 3 {
		got := edit("too many")
		if got.Code != 429 || got.Status || got.Message != "Too many requests (Retry-After: 39)" || header(got) != "50 0 39 39" {
			t.Errorf("past the limit: got %d %q %q", got.Code, got.Message, header(got))
		}
	}
	if w.State() != before {
		t.Error("a refused request has changed the table")
	}
	// The headers that browsers let pages read.
	for name := range edit("too many").Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "ratelimit-") || name == "retry-after" {
			if !slices.Contains(testkit.Template(t).API.CORS.ExposeHeaders, name) {
				t.Errorf("the template does not expose %s", name)
			}
		}
	}
}

// A limit that is hit at 12:45:09 is free again at 12:46:00.
func TestTheWindowIsTheMinuteOfTheClock(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	noon := w.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
	at := func(hour, minute, second, ms int) {
		w.Advance(noon.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
			time.Duration(second)*time.Second + time.Duration(ms)*time.Millisecond).Sub(w.Now()))
	}
	get := account(ana.Token)
	at(12, 44, 59, 999)
	uses(w, 31, get)
	at(12, 45, 0, 0)
	uses(w, 49, get)
	at(12, 45, 9, 0)
	uses(w, 1, get)
	if got := get(w); got.Code != 429 || got.Message != "Too many requests (Retry-After: 51)" {
		t.Errorf("at 12:45:09: got %d %q", got.Code, got.Message)
	}
	at(12, 45, 59, 999)
	if got := get(w); got.Code != 429 || got.Message != "Too many requests (Retry-After: 1)" {
		t.Errorf("at 12:45:59.999: got %d %q", got.Code, got.Message)
	}
	at(12, 46, 0, 0)
	if got := get(w); got.Code != 200 || got.Header["Ratelimit-Remaining"] != "49" {
		t.Errorf("at 12:46:00: got %d %v", got.Code, got.Header)
	}
}

// Each process serves its first request with a token uncounted. Beside that,
// all processes together admit exactly the limit, however their requests meet.
func TestTheLimitIsExactAcrossProcesses(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	const processes, each = 4, 25
	var mu sync.Mutex
	codes := map[int]int{}
	var wg sync.WaitGroup
	// Send no more at once than a busy machine counts in the second that an
	// answer waits for it.
	room := make(chan struct{}, 20)
	for range processes {
		p := process(w)
		free(p, profile(ana.Token, ana.Home), "the first request of a process")
		for range each {
			wg.Go(func() {
				room <- struct{}{}
				got := profile(ana.Token, ana.Home)(p)
				<-room
				mu.Lock()
				defer mu.Unlock()
				codes[got.Code]++
			})
		}
	}
	wg.Wait()
	if codes[200] != 60 || codes[429] != processes*each-60 {
		t.Errorf("got %v, want 60 admitted", codes)
	}
	full(process(w), func(p *testkit.World) testkit.Answer {
		profile(ana.Token, ana.Home)(p)
		return profile(ana.Token, ana.Home)(p)
	}, "the second request of one more process")
}

// All tokens of an account count together within a profile. Each profile and
// each route has a counter of its own.
func TestWhatSharesALimit(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	other := ana.Profile("other")
	planOf(w, ana, plan.Free)
	second, ofOther := ana.Mint(ana.Home, ""), ana.Mint(other, "")
	w.Restart()
	for _, token := range []string{ana.Token, second, ofOther} {
		free(w, account(token), "a first request")
	}
	uses(w, 25, account(ana.Token))
	uses(w, 25, account(second))
	full(w, account(ana.Token), "past the limit with one token")
	full(w, account(second), "past the limit with the other")
	free(w, account(ofOther), "a token of another profile of the account")
	uses(w, 49, account(ofOther))
	full(w, account(ofOther), "past the limit of the other profile")
	free(w, func(w *testkit.World) testkit.Answer {
		return w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"name": "x"})
	}, "another method of the same path")
	free(w, func(w *testkit.World) testkit.Answer {
		return w.Call(operation.TokenInfo, "GET", "/info", ana.Token, nil)
	}, "another route")
}

// A request that names a profile counts for that profile, whichever profile the
// token belongs to. A caller gains nothing by alternating between profiles, or
// between the forms of a name.
func TestTheNamedProfileCounts(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	other, third := ana.Profile("other"), ana.Profile("third")
	planOf(w, ana, plan.Free, other)
	w.Restart()
	free(w, profile(ana.Token, ana.Home), "first")
	free(w, profile(ana.Token, other), "first of the other, which counts for the own")
	free(w, profile(ana.Token, "current"), "own, as current")
	free(w, profile(ana.Token, other), "the other")
	free(w, profile(ana.Token, other), "the other")
	for range 29 {
		free(w, profile(ana.Token, ana.Home), "own, by id")
		free(w, profile(ana.Token, other), "the other")
		free(w, profile(ana.Token, "current"), "own, as current")
		free(w, profile(ana.Token, other), "the other")
	}
	full(w, profile(ana.Token, ana.Home), "own, by id")
	full(w, profile(ana.Token, "current"), "own, as current")
	full(w, profile(ana.Token, other), "the other")
	full(w, profile(ana.Token, other), "the other, again")
	if got := profile(ana.Token, third)(w); got.Code != 200 || got.Header["Ratelimit-Limit"] != "" {
		t.Errorf("a third one, which has used up nothing, while the own one has: got %d %v", got.Code, got.Header)
	}
}

// A caller who asks for profiles that it may not see counts for the profile of
// its token.
func TestAskingForOthersProfilesIsLimited(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	ben := w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	planOf(w, ana, plan.Starter)
	planOf(w, ben, plan.Free)
	w.Restart()
	for name, test := range map[string]struct {
		token string
		limit int
	}{
		"with a token of an own profile":     {ben.Token, 60},
		"with a token of a profile of ana's": {ben.Mint(ana.Home, ""), 100},
	} {
		ask := func(w *testkit.World) testkit.Answer {
			return profile(test.token, value.ProfileID(w.NextID()))(w)
		}
		free(w, ask, name)
		for range test.limit {
			if got := ask(w); got.Code != 404 {
				t.Fatalf("%s: got %d %q", name, got.Code, got.Message)
			}
		}
		full(w, ask, name)
	}
}

// Nobody who shares a profile uses up another person's limit: neither on the
// routes of that profile, nor on those of the account with tokens that belong
// to it.
func TestMembersDoNotUseUpEachOthersLimits(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	ben, cleo := w.Quick("ben"), w.Quick("cleo")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	w.Share(ana.Home, cleo, tenancy.PermissionFull)
	tokens := map[string]string{"the owner": ana.Token, "a read member": ben.Mint(ana.Home, ""),
		"a full member": cleo.Mint(ana.Home, "")}
	w.Restart()
	remove := func(token string) call {
		return func(w *testkit.World) testkit.Answer {
			return w.Call(operation.TeamRemove, "DELETE", "/profile/"+string(ana.Home)+"/team/0123456789abcdef01234567", token, nil)
		}
	}
	for _, send := range []func(string) call{remove,
		func(token string) call { return profile(token, ana.Home) }, func(token string) call {
			return func(w *testkit.World) testkit.Answer {
				return w.Call(operation.NotificationRead, "PUT", "/notification/read", token,
					object{"notification_ids": []string{}, "read": true})
			}
		}} {
		for _, token := range tokens {
			free(w, send(token), "first")
		}
		for n := range 2000 {
			if got := send(tokens["a read member"])(w); got.Code == 429 {
				break
			} else if n == 1999 {
				t.Fatal("the member has no limit")
			}
		}
		for who, token := range tokens {
			if who != "a read member" {
				free(w, send(token), who)
			}
		}
	}
	// The owner removes the member who did that.
	got := w.Call(operation.TeamRemove, "DELETE", "/profile/"+string(ana.Home)+"/team/"+string(ben.ID), ana.Token, nil)
	if got.Code != 200 {
		t.Errorf("got %d %q", got.Code, got.Message)
	}
}

// A thief with a copy of a token cannot use up the limit of the requests that
// revoke it. Each token has its own limit for these remedies.
func TestAStolenTokenDoesNotUseUpItsRemedy(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	planOf(w, ana, plan.Free)
	stolen := ana.With("read", "")
	w.Restart()
	for name, o := range map[string]struct {
		operation operation.Operation
		path      string
	}{
		"revoking all":          {operation.TokenRevokeAll, "/profile/" + string(ana.Home) + "/token"},
		"deleting the token":    {operation.TokenDelete, "/profile/" + string(ana.Home) + "/token/" + stolen[2:10]},
		"deleting it, anywhere": {operation.TokenDelete, "/profile/token/AAAAAAAA"},
		"canceling a transfer":  {operation.TransferCancel, "/profile/" + string(ana.Home) + "/transfer"},
	} {
		with := func(token string) call {
			return func(w *testkit.World) testkit.Answer {
				return w.Call(o.operation, "DELETE", o.path, token, object{})
			}
		}
		for range 70 {
			with(stolen)(w)
		}
		full(w, with(stolen), name+" with the stolen token")
		if name == "revoking all" || name == "deleting the token" {
			continue
		}
		free(w, with(ana.Token), name)
		free(w, with(ana.Token), name+", once more")
	}
	got := w.Call(operation.TokenDelete, "DELETE", "/profile/"+string(ana.Home)+"/token/"+stolen, ana.Token, nil)
	if got.Code != 200 {
		t.Errorf("the owner deletes the token: got %d %q", got.Code, got.Message)
	}
	got = w.Call(operation.TokenRevokeAll, "DELETE", "/profile/"+string(ana.Home)+"/token", ana.Token, nil)
	if got.Code != 200 {
		t.Errorf("the owner revokes all: got %d %q", got.Code, got.Message)
	}
}

// Every operation that deletes or takes something away is a remedy, unless it
// takes nothing from anybody else.
func TestEveryRemedyIsKnown(t *testing.T) {
	t.Parallel()
	own := []string{"subscription-schedule-cancel", "addon-remove", "payment-method-edit", "notification-delete",
		"profile-deleted", // a list
		"alert-delete",    // gives something back
		"backup-delete"}   // nobody else has a use for it
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			words := strings.ContainsAny(o.Name, "-") && slices.ContainsFunc([]string{"revoke", "remove", "delete", "cancel",
				"decline", "revert", "reject", "disable", "otp-recovery", "password-set", "email-request", "press"}, func(word string) bool {
				return strings.Contains(o.Name, word)
			})
			if (route.Method == "DELETE" || words) && o.Trigger == operation.HTTP &&
				o.Access != operation.Anonymous && o.Remedy == slices.Contains(own, o.Name) {
				t.Errorf("%s: remedy is %v; say here if it takes nothing from anybody else", o.Name, o.Remedy)
			}
		}
	}
}

// The limit is that of the plan of the profile's owner, also for members. A new
// plan is in force from the next request on.
func TestTheOwnersPlanCounts(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Starter)
	ben := w.Quick("ben")
	planOf(w, ben, plan.Free)
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	shared := ben.Mint(ana.Home, "")
	limit := func(send call) string {
		w.Helper()
		free(w, send, "first")
		return send(w).Header["Ratelimit-Limit"]
	}
	list := func(w *testkit.World) testkit.Answer {
		return w.Call(operation.ProfileList, "GET", "/profile", shared, nil)
	}
	for name, test := range map[string]struct {
		send call
		want string
	}{
		"a member's request to the profile":         {profile(shared, ana.Home), "100"},
		"a member's request to the account":         {account(shared), "100"},
		"a member's list of profiles":               {list, "100"},
		"with a token of an own one, to the shared": {profile(ben.Token, ana.Home), "100"},
		"a member's own profile":                    {profile(ben.Token, ben.Home), "60"},
		"the member's own account":                  {account(ben.Token), "50"},
	} {
		if got := limit(test.send); got != test.want {
			t.Errorf("%s: the limit is %q, want %s", name, got, test.want)
		}
	}

	w.Advance(time.Minute)
	free(w, account(ana.Token), "a first request")
	uses(w, 100, account(ana.Token))
	free(w, account(shared), "a member, past the limit of the owner")
	full(w, account(ana.Token), "past the limit")
	planOf(w, ana, plan.Scale)
	if got := account(ana.Token)(w); got.Code != 200 || got.Header["Ratelimit-Limit"] != "500" {
		t.Errorf("after an upgrade: got %d %v", got.Code, got.Header)
	}
	planOf(w, ana, plan.Free)
	full(w, account(ana.Token), "after a downgrade")
}

// forge returns a token with the id of another one, and a secret of its own.
func forge(w *testkit.World, token string) string {
	w.Helper()
	id, ok := secret.Parse(token)
	if !ok {
		w.Fatalf("%q is no token", token)
	}
	return secret.Credential{ID: id.ID, Secret: w.NextKey().Secret}.Token()
}

// Ids of tokens and of profiles are not secret. A person who knows only ids
// uses up nobody's limit.
func TestStrangersUseUpNobodysLimit(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Scale)
	eve, ben := w.Quick("eve"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionFull)
	planOf(w, ana, plan.Free)
	left := ben.Mint(ana.Home, "")
	revoked, expired := ana.Mint(ana.Home, ""), ana.Mint(ana.Home, "1 second")
	forged := forge(w, ana.Token)
	sendAll := func() {
		for range 15 {
			for _, token := range []string{forged, eve.Token, revoked, expired, left, ben.Token} {
				profile(token, ana.Home)(w)
			}
			for _, token := range []string{forged, revoked, expired, left} {
				account(token)(w)
			}
		}
	}
	// The process has served those tokens while they were valid, and ana's.
	for _, token := range []string{ana.Token, eve.Token, revoked, expired, left, ben.Token} {
		account(token)(w)
		profile(token, ana.Home)(w)
	}
	w.Call(operation.TokenDelete, "DELETE", "/profile/current/token/"+revoked, ana.Token, nil)
	w.Call(operation.TeamRemove, "DELETE", "/profile/"+string(ana.Home)+"/team/"+string(ben.ID), ana.Token, nil)
	w.Advance(time.Minute)
	sendAll()
	// A token that was valid when this process last saw it is counted once, and
	// then forgotten: ana's revoked one and the expired one. Those of ben count
	// for ben.
	if got := profile(ana.Token, ana.Home)(w); got.Header["Ratelimit-Remaining"] != strconv.Itoa(59-2) {
		t.Errorf("of the named profile: %s are left", got.Header["Ratelimit-Remaining"])
	}
	if got := account(ana.Token)(w); got.Header["Ratelimit-Remaining"] != "49" {
		t.Errorf("of the token's own profile: %s are left", got.Header["Ratelimit-Remaining"])
	}
	// A process that has seen no token counts none of these requests.
	w.Advance(time.Minute)
	w.Restart()
	sendAll()
	profile(ana.Token, ana.Home)(w)
	if got := profile(ana.Token, ana.Home)(w); got.Header["Ratelimit-Remaining"] != "59" {
		t.Errorf("in a new process: %s are left", got.Header["Ratelimit-Remaining"])
	}
}

// An unknown or invalid token or session counts for its sender, and for nobody
// whose token or session is valid.
func TestWrongCredentialsCountForTheirSource(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(w *testkit.World, ana testkit.Person) call{
		"tokens that nobody made": func(w *testkit.World, _ testkit.Person) call {
			return func(*testkit.World) testkit.Answer { return account(w.NextKey().Token())(w) }
		},
		"sessions that nobody has": func(w *testkit.World, ana testkit.Person) call {
			return func(*testkit.World) testkit.Answer {
				return w.Browse(operation.AccountGet, "GET", "/account",
					w.NextKey().Session(string(ana.ID), '0').Text(), nil)
			}
		},
		"a revoked token": func(w *testkit.World, ana testkit.Person) call {
			revoked := ana.Mint(ana.Home, "")
			w.Call(operation.TokenDelete, "DELETE", "/profile/current/token/"+revoked, ana.Token, nil)
			return account(revoked)
		},
		"a session that has ended": func(w *testkit.World, ana testkit.Person) call {
			text := ana.Browser()
			w.Browse(operation.SessionDelete, "DELETE", "/console/session", text, nil)
			return func(*testkit.World) testkit.Answer {
				return w.Browse(operation.AccountGet, "GET", "/account", text, nil)
			}
		},
		"a token from a wrong network": func(w *testkit.World, ana testkit.Person) call {
			made, err := w.Tokens.Create(t.Context(), ana.Client(operation.TokenCreate),
				tokens.NewToken{
					Profile: refOf(ana.Home), Email: string(ana.Email), Credentials: service.Credentials{Password: testkit.Password},
					Name: "x", Permission: "full", TokenLimits: tenancy.TokenLimits{AllowList: &[]string{"198.51.100.0/24"}},
				})
			w.OK(err)
			return account(made.Text)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana := limited(t, plan.Free)
			text := ana.Browser()
			send := wrong(w, ana)
			for i := range plan.RateAccount.PerMinute(plan.Free) {
				if got := send(w); got.Code != 401 && got.Code != 403 {
					t.Fatalf("request %d: got %d %q", i+1, got.Code, got.Message)
				}
			}
			full(w, send, "past the limit")
			for range 2 {
				if got := account(ana.Token)(w); got.Code != 200 {
					t.Errorf("a token that works: got %d %q", got.Code, got.Message)
				}
				if got := w.Browse(operation.AccountGet, "GET", "/account", text, nil); got.Code != 200 {
					t.Errorf("a session that works: got %d %q", got.Code, got.Message)
				}
			}
			w.Advance(time.Minute)
			free(w, send, "in the next minute")
		})
	}
}

// A request without the secret of a token or session causes no reads of lists.
// It causes only the reads that show that it is invalid.
func TestWrongCredentialsReadNoLists(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, eve := w.Quick("ana"), w.Quick("eve")
	text := ana.Browser()
	ours, _ := secret.ParseSession(text)
	theirs, _ := secret.ParseSession(eve.Browser())
	guessed := secret.Session{Account: ours.Account,
		Credential: secret.Credential{ID: ours.ID, Secret: theirs.Secret}}.Text()
	forged := forge(w, ana.Token)
	for _, warm := range []bool{false, true} {
		if w.Restart(); warm {
			account(ana.Token)(w)
			w.Browse(operation.AccountGet, "GET", "/account", text, nil)
		}
		for path, o := range map[string]operation.Operation{"/profile": operation.ProfileList,
			"/account/session": operation.SessionList} {
			for name, send := range map[string]func() testkit.Answer{
				"a forged token":    func() testkit.Answer { return w.Call(o, "GET", path, forged, nil) },
				"a guessed session": func() testkit.Answer { return w.Browse(o, "GET", path, guessed, nil) },
				"a session of nobody's": func() testkit.Answer {
					return w.Browse(o, "GET", path,
						w.NextKey().Session(string(ana.ID), '5').Text(), nil)
				},
				"a session of no account's": func() testkit.Answer {
					return w.Browse(o, "GET", path,
						w.NextKey().Session(strings.Repeat("0", 24), '5').Text(), nil)
				},
			} {
				w.Meter.Reset()
				got, used := send(), w.Meter.Reset()
				if got.Code != 401 || used.Requests != 1 || used.Kinds["Query"] != 0 {
					t.Errorf("GET %s with %s, warm %v: got %d for %v", path, name, warm, got.Code, used.Kinds)
				}
			}
		}
	}
}

// If the table cannot count, nobody is refused, except after wrong passwords.
func TestATableThatCannotCountRefusesNobody(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	free(w, account(ana.Token), "first")
	uses(w, 50, account(ana.Token))
	full(w, account(ana.Token), "past the limit")
	w.Advance(time.Minute) // a window that is known to be full needs no count
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "UpdateItem" {
			return testkit.Throttled
		}
		return testkit.NoFault
	})
	if got := account(ana.Token)(w); got.Code != 200 || got.Header["Ratelimit-Limit"] != "" {
		t.Errorf("a count that fails: got %d %v", got.Code, got.Header)
	}
	got := w.Call(operation.TeamDecline, "GET", "/profile/team/decline/"+w.NextKey().Code(), "", nil)
	if got.Code != 400 || got.Header["Ratelimit-Limit"] != "" {
		t.Errorf("a count by source that fails: got %d %v", got.Code, got.Header)
	}
	login := object{"email": ana.Email, "password": testkit.Password}
	if got := w.Call(operation.AccountLogin, "POST", "/account/login", "", login); got.Code != 503 {
		t.Errorf("a password whose attempt cannot be counted: got %d, want 503", got.Code)
	}
	w.Faults.Always(nil)
	uses(w, 50, account(ana.Token))
	full(w, account(ana.Token), "when it can count again")
}

// Data planes report as fast as their customers cause usage.
func TestDataPlanesAreNotLimited(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	plane := w.Quick("plane")
	_, err := w.Operator.SetType(t.Context(), string(plane.Email), tenancy.AccountService)
	w.OK(err)
	uses(w, 250, func(w *testkit.World) testkit.Answer {
		return w.Call(operation.UsageCheck, "GET", "/usage/"+string(ana.Home), plane.Token, nil)
	})
}

// Every operation that touches the table without a token has a limit for each
// source. No catalogue entry makes this limit wider.
func TestEveryAnonymousOperationIsLimitedBySource(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Static || o.Access != operation.Anonymous && !o.Codes {
			continue
		}
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			w, ana := limited(t, plan.Scale)
			limit := guarded[o.Name]
			if limit == 0 {
				limit = o.RateGroup().PerMinute(plan.Free)
			}
			n := 0
			send := func(source string) testkit.Answer {
				n++
				email, code := fmt.Sprintf("zoe%d@example.com", n), w.NextKey().Code()
				event := testkit.PageEvent(o.Routes[0].Method, strings.NewReplacer("{email}", email, "{token}",
					code, "{hash}", strings.Repeat("0", 32)).Replace(o.Routes[0].Path), "")
				event.RequestContext.HTTP.SourceIP = source
				event.Headers["token"] = code
				sent := object{"email": email, "name": "Zoe", "password": another, "profile_id": ana.Home, "otp_type": "email"}
				if o.Name != operation.AccountTokenCreate.Name { // it refuses unknown keys
					sent["cpassword"], sent["code"], sent["token"] = another, code, code
				}
				body, err := json.Marshal(sent)
				w.OK(err)
				event.Body = string(body)
				return w.Send(o, event)
			}
			for i := range limit {
				if got := send(fmt.Sprintf("2001:db8:0:1::%x", i)); got.Code == 429 || got.Code >= 500 {
					t.Fatalf("request %d of %d: got %d %q", i+1, limit, got.Code, got.Message)
				}
			}
			before := w.State()
			if got := send("2001:db8:0:1:ffff::1"); got.Code != 429 || got.Header["Retry-After"] == "" {
				t.Errorf("past the limit: got %d %q %v", got.Code, got.Message, got.Header)
			}
			if w.State() != before {
				t.Error("a refused request has changed the table")
			}
			if got := send("2001:db8:0:2::1"); got.Code == 429 {
				t.Error("another source is refused as well")
			}
		})
	}
}
