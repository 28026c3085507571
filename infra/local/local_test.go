package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
	"profiles/infra/engine"
	"profiles/infra/secrets"
	"profiles/infra/template"
)

// The test binary is the command itself when this variable is set, so that tests can kill it.
const runAsCommand = "PROFILES_RUN_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(runAsCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// running is a stack in a process of its own.
type running struct {
	*testing.T
	cmd     *exec.Cmd
	data    string
	output  *lockedBuffer
	API     string
	Mailbox string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func command(t *testing.T, data string, env []string, arguments ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an engine; leave out -short")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, arguments...)
	cmd.Env = append(os.Environ(), runAsCommand+"=1", "DATA="+data, "DEMO=accounts", "PORT=0", "DYNAMODB_PORT=0", "MAIL_PORT=0",
		"AWS_ENDPOINT_URL_DYNAMODB=", "AWS_ENDPOINT_URL_SES=", "TABLE_NAME=", "EMAIL=", "LOG=", "NOTES=", "SECRET_ID=", "AWS_ENDPOINT_URL_SECRETS_MANAGER=")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// start brings a stack up and waits until it says where it is.
func start(t *testing.T, data string, env ...string) *running {
	t.Helper()
	r := &running{T: t, cmd: command(t, data, env), data: data, output: &lockedBuffer{}}
	r.cmd.Stdout, r.cmd.Stderr = r.output, r.output
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.end(syscall.SIGKILL) })
	r.API = r.address("API")
	r.Mailbox = r.address("Mailbox")
	return r
}

func (r *running) address(name string) string {
	r.Helper()
	line := regexp.MustCompile(name + ` +(http://\S+)`)
	var found []string
	r.eventually("the stack says where its "+name+" is", func() bool {
		found = line.FindStringSubmatch(r.output.String())
		return found != nil
	})
	return found[1]
}

// eventually polls, because another process decides when.
func (r *running) eventually(what string, done func() bool) {
	r.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("waited in vain until %s; the stack said:\n%s", what, r.output)
		}
	}
}

func (r *running) end(signal syscall.Signal) {
	if r.cmd.ProcessState == nil {
		_ = r.cmd.Process.Signal(signal)
		_ = r.cmd.Wait()
	}
}

func (r *running) call(method, path, token, body string) (int, string) {
	r.Helper()
	request, err := http.NewRequest(method, r.API+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("token", token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		r.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// mails returns the texts of the mails to an address, with what else the mailbox says of them.
func (r *running) mails(to string) (texts []string) {
	r.Helper()
	response, err := http.Get(r.Mailbox + "/store")
	if err != nil {
		r.Fatal(err)
	}
	defer response.Body.Close()
	var store struct {
		Emails []struct {
			Destination struct{ To []string }
			Body        struct{ Text string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&store); err != nil {
		r.Fatal(err)
	}
	for _, mail := range store.Emails {
		if len(mail.Destination.To) == 1 && mail.Destination.To[0] == to {
			texts = append(texts, mail.Body.Text)
		}
	}
	return texts
}

const signUp = `{"name":"Zoe","email":"zoe@example.com","password":"granite otter lantern","cpassword":"granite otter lantern"}`

// A person signs up; the stack is killed, twice, at the worst moments; nothing that was acknowledged is lost.
func TestAStackThatIsKilledLosesNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, data)
	if code, answer := first.call("GET", "/status", "", ""); code != 200 {
		t.Fatalf("status: got %d %s", code, answer)
	}
	code, answer := first.call("POST", "/account", "", signUp)
	first.end(syscall.SIGKILL)
	if code != 200 {
		t.Fatalf("sign-up: got %d %s", code, answer)
	}

	second := start(t, data)
	if !strings.Contains(second.output.String(), "Demo accounts") {
		t.Error("the second start does not name the demo accounts that the first one made")
	}
	// The mail was committed with the account; if the first stack could not send it, a later sweep does. Here one is asked for.
	confirmation := regexp.MustCompile(`#/account/confirm/(\w+)`)
	if code, answer := second.call("GET", "/account/resend_confirmation/zoe@example.com", "", ""); code != 200 {
		t.Fatalf("resend: got %d %s", code, answer)
	}
	var link []string
	second.eventually("the confirmation is in the mailbox", func() bool {
		for _, text := range second.mails("zoe@example.com") {
			if strings.Contains(text, "choose a password") {
				link = confirmation.FindStringSubmatch(text)
			}
		}
		return link != nil
	})
	code, answer = second.call("POST", "/account/passwordreset", link[1], `{"password":"granite otter lantern"}`)
	second.end(syscall.SIGKILL)
	if code != 200 {
		t.Fatalf("confirm: got %d %s", code, answer)
	}

	third := start(t, data)
	if code, answer := third.call("POST", "/account/login", "", `{"email":"zoe@example.com","password":"granite otter lantern"}`); code != 200 {
		t.Errorf("login: got %d %s", code, answer)
	}
	third.end(syscall.SIGINT)
	if code := third.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("Ctrl-C: the exit status is %d, want 0; the stack said:\n%s", code, third.output)
	}
	for _, address := range []string{third.API, third.Mailbox} {
		if connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil {
			connection.Close()
			t.Errorf("something still listens at %s", address)
		}
	}
}

// slashes sends what SDKs send with a slash at the end, what a base URL with one makes of their paths, and HEAD, which monitors send.
func (r *running) slashes() {
	r.Helper()
	token := demo.Owner.Token()
	for request, want := range map[string]int{
		"GET /notification/": 200, "GET //notification/": 200, "GET /account/payment_history/": 200, "GET /account/payment_method/": 200,
		"POST /profile/": 400, "POST /account/plan/": 400, "POST /account/payment_method/": 400, "DELETE /account/payment_method/": 400,
		"GET //account": 200, "GET //status": 200, "GET //profile/current": 200,
		"GET /notification/x": 404, "POST /profile/x": 404, "POST /account/plan/x/": 404, "GET /account/payment_history//x": 404,
		"HEAD /status": 200, "HEAD /console": 200, "HEAD /docs": 200, "HEAD /docs/errors": 200, "HEAD /openapi.json": 200, "GET /docs/nothing": 404, "HEAD /profile": 200, "HEAD /profile/" + string(demo.Profile): 200, "HEAD /notification/": 200,
		"HEAD /nowhere": 404, "HEAD /account/confirm/x": 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		code, answer := r.call(method, path, token, "{}")
		if code != want || method == "HEAD" && answer != "" || want == 404 && method != "HEAD" && !strings.Contains(answer, "Route Not Found") {
			r.Errorf("%s: got %d %s, want %d", request, code, answer, want)
		}
	}
	if code, _ := r.call("HEAD", "/profile", "", ""); code != 401 {
		r.Errorf("HEAD without a token: got %d, want 401 as GET does", code)
	}
}

func TestTheDemoAccountsWorkAsTheyAreDescribed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data, "DEMO=1")
	r.slashes()
	for _, d := range (seed.Made{Accounts: true, History: true}).Described() {
		if !strings.Contains(r.output.String(), d.Email) {
			t.Errorf("%s is not said in\n%s", d.Email, r.output)
		}
		body, _ := json.Marshal(map[string]string{"email": d.Email, "password": demo.Password})
		if code, answer := r.call("POST", "/account/login", "", string(body)); code != 200 {
			t.Errorf("%s: got %d %s", d.Email, code, answer)
		}
	}
	token := demo.Owner.Token()
	if code, answer := r.call("GET", "/profile", token, ""); code != 200 || !strings.Contains(answer, `"Plant"`) {
		t.Errorf("the demo token: got %d %s", code, answer)
	}
	profile := string(demo.Profile)
	if code, answer := r.call("GET", "/profile/"+profile, token, ""); code != 200 || !strings.Contains(answer, `"name":"Ana"`) {
		t.Errorf("the demo profile: got %d %s", code, answer)
	}
	for _, curl := range []string{
		"curl -H 'token: " + token + "' " + r.API + "/profile",
		"curl -H 'token: " + demo.Plane.Token() + "' " + r.API + "/usage/" + profile + " -d '" + demoReport + "'",
	} {
		if !strings.Contains(r.output.String(), curl) {
			t.Errorf("%s is not said in\n%s", curl, r.output)
		}
	}
	for _, by := range []struct {
		token string
		want  int
	}{{demo.Plane.Token(), 200}, {token, 403}, {"", 401}} {
		if code, answer := r.call("POST", "/usage/"+profile, by.token, demoReport); code != by.want {
			t.Errorf("a report with the token %q: got %d %s, want %d", by.token, code, answer, by.want)
		}
	}

	t.Run("a report is signed instead", func(t *testing.T) {
		for what, test := range map[string]struct {
			secret string
			alter  func(*http.Request)
			want   int
		}{
			"as it should be":     {engine.SecretAccessKey, func(*http.Request) {}, 200},
			"with another key":    {"other", func(*http.Request) {}, 403},
			"for another profile": {engine.SecretAccessKey, func(r *http.Request) { r.URL.Path = "/profile/" + strings.Repeat("0", 24) + "/usage" }, 403},
			"for another body": {engine.SecretAccessKey, func(r *http.Request) {
				r.Body = io.NopCloser(strings.NewReader(strings.Replace(demoReport, "5", "6", 1)))
			}, 403},
			"not, but with a token":   {engine.SecretAccessKey, func(r *http.Request) { r.Header.Del("Authorization"); r.Header.Set("token", demo.Plane.Token()) }, 403},
			"for a time that is past": {engine.SecretAccessKey, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") }, 403},
		} {
			request, err := http.NewRequest("POST", r.API+"/profile/"+profile+"/usage", strings.NewReader(demoReport))
			if err != nil {
				t.Fatal(err)
			}
			hash := sha256.Sum256([]byte(demoReport))
			key := aws.Credentials{AccessKeyID: engine.AccessKeyID, SecretAccessKey: test.secret}
			if err := v4.NewSigner().SignHTTP(t.Context(), key, request, hex.EncodeToString(hash[:]), "execute-api", "eu-central-1", time.Now()); err != nil {
				t.Fatal(err)
			}
			test.alter(request)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("signed %s: got %d %s, want %d", what, response.StatusCode, answer, test.want)
			}
		}
	})

	t.Run("a second stack on the same data is refused", func(t *testing.T) {
		out, err := command(t, data, nil).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "another stack is running") {
			t.Errorf("got %v %s", err, out)
		}
	})
	t.Run("a function is invoked beside it", func(t *testing.T) {
		for function, want := range map[string]string{
			"token-expire": "token-expire ended without an error", "profile-list": "Plant", "usage-report": `\"admitted\":true`, "usage-check": `\"used\":25`, "account-login": `\"type\":\"user\"`,
		} {
			out, err := command(t, data, []string{"FUNCTION=" + function}, "invoke").CombinedOutput()
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("%s: got %v %s, want %q", function, err, out, want)
			}
		}
		out, err := command(t, data, []string{"FUNCTION=nonsense"}, "invoke").CombinedOutput()
		if err == nil || !strings.Contains(string(out), `profiles: there is no function "nonsense"`) {
			t.Errorf("an unknown function: got %v %s", err, out)
		}
		broken := filepath.Join(t.TempDir(), "event.json")
		if err := os.WriteFile(broken, []byte(`{"a":`), 0o600); err != nil {
			t.Fatal(err)
		}
		for event, want := range map[string]string{
			broken: "profiles: EVENT: " + broken + " is no JSON", filepath.Join(data, "nothing"): "profiles: EVENT: open ",
		} {
			out, err := command(t, data, []string{"FUNCTION=token-expire", "EVENT=" + event}, "invoke").CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("the event %s: got %v %s, want %q", event, err, out, want)
			}
		}
	})
	t.Run("a browser is let in", func(t *testing.T) {
		request, err := http.NewRequest("OPTIONS", r.API+"/profile", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT",
			"Access-Control-Request-Headers": "token,content-type,pragma,cache-control",
		} {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		allowed := response.Header.Get("Access-Control-Allow-Headers")
		for _, header := range []string{"token", "content-type", "pragma", "cache-control"} {
			if !strings.Contains(allowed, header) {
				t.Errorf("the header %s is not allowed: %q", header, allowed)
			}
		}
		if response.StatusCode >= 300 || response.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("got %d, allowed origin %q", response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"))
		}
	})
	t.Run("headers of answers arrive", func(t *testing.T) {
		for _, path := range []string{"/status", "/console", "/docs", "/docs/reference.css", "/openapi.json", "/account", "/nothing"} {
			response, err := http.Get(r.API + path)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			h := response.Header
			if id := h.Get("X-Request-Id"); id == "" || id != h.Get("Apigw-Requestid") {
				t.Errorf("%s: the request's id is %q, the gateway's %q", path, id, h.Get("Apigw-Requestid"))
			}
			for _, name := range []string{"Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"} {
				if len(h.Values(name)) != 1 {
					t.Errorf("%s: %s is %q", path, name, h.Values(name))
				}
			}
			want := "no-store"
			if h.Get("ETag") != "" {
				want = "no-cache" // a page of the console that was built
			}
			if h.Get("Cache-Control") != want {
				t.Errorf("%s: Cache-Control is %q", path, h.Get("Cache-Control"))
			}
		}
	})
}

// An operator makes an account an agent of the desk, or a data plane's, and a customer's again, beside a running stack, on its data without one, and in a
// table that is named; each time the account's next request shows it.
func TestAccountsAreGrantedAndRevoked(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data, "TRAILING_SLASH=strict")
	r.slashes()
	token := demo.Owner.Token()
	set := func(verb, want string, env ...string) {
		t.Helper()
		out, err := command(t, data, env, verb).CombinedOutput()
		if refused := strings.HasPrefix(want, "profiles: "); refused != (err != nil) || !strings.Contains(string(out), want) {
			t.Errorf("%s with %q: got %v %s, want %q", verb, env, err, out, want)
		}
	}
	desk := func(r *running, want int) {
		t.Helper()
		if code, answer := r.call("GET", "/desk/transfer", token, ""); code != want {
			t.Errorf("the desk: got %d %s, want %d", code, answer, want)
		}
	}
	reports := func(want int) {
		t.Helper()
		if code, answer := r.call("POST", "/usage/"+string(demo.Profile), token, demoReport); code != want {
			t.Errorf("a report: got %d %s, want %d", code, answer, want)
		}
	}
	const email = "EMAIL=ana@example.com"
	desk(r, 404)
	for _, when := range []string{"now", "already"} {
		set("grant-support", "Ana (ana@example.com) is an agent of the support desk "+when, email)
		desk(r, 200)
	}
	set("revoke-service", "profiles: the running stack, "+r.API+": ana@example.com is an account of the type support, not service", email)
	set("grant-service", "profiles: the running stack, "+r.API+": ana@example.com is an account of the type support", email)
	desk(r, 200)
	set("revoke-support", "Ana (ana@example.com) is a customer again", "EMAIL= Ana@Example.com ")
	desk(r, 404)
	reports(403)
	set("grant-service", "Ana (ana@example.com) is a data plane's now", email)
	reports(200)
	desk(r, 404)
	set("revoke-service", "Ana (ana@example.com) is a customer again and reports no use any more", email)
	reports(403)
	set("revoke-service", "Ana (ana@example.com) is a customer already", email)
	set("reset-factors", "Ana (ana@example.com) has no second factor: nothing was changed, and nobody gets a mail", email)

	var running addresses
	raw, err := os.ReadFile(addressFile(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &running); err != nil {
		t.Fatal(err)
	}
	named := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_ENDPOINT_URL_DYNAMODB=" + running.DynamoDB,
	}
	set("grant-support", "the table Table at "+running.DynamoDB, append(named, email, "TABLE_NAME=Table")...)
	desk(r, 200)
	set("grant-support", "profiles: the table Nonsense at "+running.DynamoDB+" does not exist", append(named, email, "TABLE_NAME=Nonsense")...)
	r.end(syscall.SIGINT)

	set("revoke-support", "the local table in "+data, email)
	again := start(t, data)
	desk(again, 404)
	set("sign-out", "Ana (ana@example.com) has no token any more that works", email)
	desk(again, 401)

	for _, test := range []struct {
		want string
		env  []string
	}{
		{"profiles: say whose account: make grant-service EMAIL=", nil},
		{`profiles: EMAIL is "sam"`, []string{"EMAIL=sam"}},
		{"profiles: no confirmed account has the address nobody@example.com", []string{"EMAIL=nobody@example.com"}},
		{"profiles: for the deployed table Table set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY as well", []string{
			email, "TABLE_NAME=Table", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=",
		}},
		{"profiles: there is no local table yet", []string{email, "DATA=" + filepath.Join(data, "nothing")}},
	} {
		set("grant-service", test.want, test.env...)
	}
}

// What a stack writes into its audit logs verifies, while it runs and after; what somebody changes straight in the table is found.
func TestAuditLogsAreVerified(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	token := demo.Owner.Token()
	verify := func(want string, findings bool, env ...string) {
		t.Helper()
		out, err := command(t, data, env, "verify-audit").CombinedOutput()
		if findings != (err != nil) || !strings.Contains(string(out), want) {
			t.Errorf("verify-audit with %q: got %v\n%s\nwant %q", env, err, out, want)
		}
	}
	for i := range 3 {
		if code, answer := r.call("PUT", "/profile/current", token, `{"name":"Plant `+strconv.Itoa(i)+`"}`); code != 200 {
			t.Fatalf("edit: got %d %s", code, answer)
		}
	}
	if code, answer := r.call("POST", "/account/login", "", `{"email":"ana@example.com","password":"`+demo.Password+`"}`); code != 200 {
		t.Fatalf("sign in: got %d %s", code, answer)
	}
	if code, answer := r.call("GET", "/account/auditlog", token, ""); code != 200 || !strings.Contains(answer, "Signed in") {
		t.Errorf("the log of the account: got %d %s", code, answer)
	}

	var running addresses
	raw, err := os.ReadFile(addressFile(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &running); err != nil {
		t.Fatal(err)
	}
	table := dynamodb.NewFromConfig(engine.Config(running.DynamoDB))
	entry := func(message string) (found map[string]dbtypes.AttributeValue) {
		t.Helper()
		out, err := table.Scan(t.Context(), &dynamodb.ScanInput{
			TableName: aws.String("Table"), FilterExpression: aws.String("begins_with(PK, :log) AND #message = :message"),
			ExpressionAttributeNames: map[string]string{"#message": "message"},
			ExpressionAttributeValues: map[string]dbtypes.AttributeValue{
				":log": &dbtypes.AttributeValueMemberS{Value: "L#"}, ":message": &dbtypes.AttributeValueMemberS{Value: message},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Items) > 0 {
			found = out.Items[0]
		}
		return found
	}
	r.eventually("the sign-in is sealed by the stream", func() bool { return entry("Signed in")["digest"] != nil })
	r.eventually("the edits are sealed", func() bool { return entry("Profile updated")["digest"] != nil })
	verify(", 0 findings", false)
	verify("1 logs", false, "LOG="+string(demo.Profile))
	rotate := func(want string, refused bool, env ...string) {
		t.Helper()
		out, err := command(t, data, env, "rotate-key").CombinedOutput()
		if refused != (err != nil) || !strings.Contains(string(out), want) {
			t.Errorf("rotate-key with %q: got %v %s, want %q", env, err, out, want)
		}
	}
	rotate("which open what they have sealed: 1.\n("+filepath.Join(data, secretID), false)
	rotate("a rotation is under way", true)
	rotate("the secret key of the local table: ", true, "DATA="+filepath.Join(data, "nothing"))
	rotate("AWS_REGION is missing", true, "SECRET_ID=deployed", "AWS_REGION=")
	deployed, variables, err := serveSecret(data)
	if err != nil {
		t.Fatal(err)
	}
	defer deployed.Close()
	named := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_SECRETS_MANAGER=" + variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
	}
	rotate("the secret secret-key in us-east-1: a rotation is under way", true, append(named, "SECRET_ID="+secretID)...)
	rotate("the secret other, which SECRET_ID names", true, append(named, "SECRET_ID=other")...)
	verify(", 0 findings", false)

	it := entry("Signed in")
	_, err = table.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("Table"), Key: map[string]dbtypes.AttributeValue{"PK": it["PK"], "SK": it["SK"]},
		UpdateExpression: aws.String("SET #source = :source"), ExpressionAttributeNames: map[string]string{"#source": "source"},
		ExpressionAttributeValues: map[string]dbtypes.AttributeValue{":source": &dbtypes.AttributeValueMemberS{Value: "192.0.2.7"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	verify("is not as it was sealed", true)
	verify(", 0 findings", false, "LOG="+string(demo.Profile))
	under := func(key, want string) {
		t.Helper()
		file := filepath.Join(data, secretID)
		own, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []func() error{
			func() error { return secrets.Write(file, key) },
			func() error { verify(want, true, "LOG="+string(demo.Profile)); return nil },
			func() error { return secrets.Write(file, string(own)) },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	under(strings.Repeat("another key ", 5), "is not as it was sealed")
	under("short", "a random text of at least 43 characters is needed")

	notes := filepath.Join(data, "notes")
	line := `2030-03-14T09:26:53 {"level":"INFO","msg":"sealed","log":"` + string(demo.Profile) + `","sequence":99,"digest":"00"}`
	if err := os.WriteFile(notes, []byte("START\n"+line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	verify("had a head at 99 and was put back", true, "LOG="+string(demo.Profile), "NOTES="+notes)

	r.end(syscall.SIGINT)
	verify("is not as it was sealed", true)
	out, err := command(t, data, nil, "seal-audit").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "0 entries sealed") {
		t.Errorf("seal-audit: got %v %s", err, out)
	}
	for want, env := range map[string][]string{
		"for a deployed table set SECRET_ID to the stack's output SecretArn": {
			"TABLE_NAME=Table", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		},
		"there is no local table yet": {"DATA=" + filepath.Join(data, "nothing")},
		"no such file":                {"NOTES=" + filepath.Join(data, "nothing")},
	} {
		verify(want, true, env...)
	}
}

func TestWithRunsACommandBesideAFreshStack(t *testing.T) {
	t.Parallel()
	out, err := command(t, t.TempDir(), []string{"DEMO=0"}, "with", "sh", "-c", `echo "at $TAGOIO_API and $MAILBOX"; exit 7`).CombinedOutput()
	exit, _ := err.(*exec.ExitError)
	if exit == nil || exit.ExitCode() != 7 || !regexp.MustCompile(`at http://127\.0\.0\.1:\d+ and http://127\.0\.0\.1:\d+`).Match(out) {
		t.Errorf("got %v %s, want both addresses and the command's exit status", err, out)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	busy := listener.Addr().(*net.TCPAddr).Port
	var said bytes.Buffer
	got, err := port("PORT", "", busy, map[int]bool{}, &said)
	if err != nil || got <= busy || !strings.Contains(said.String(), strconv.Itoa(got)) {
		t.Errorf("a taken default: got %d, %v, said %q", got, err, said.String())
	}
	for name, value := range map[string]string{"taken": strconv.Itoa(busy), "no number": "x", "out of range": "70000"} {
		if _, err := port("PORT", value, 1, map[int]bool{}, io.Discard); err == nil || !strings.Contains(err.Error(), "PORT") {
			t.Errorf("%s: got %v, want an error that names PORT", name, err)
		}
	}
	taken := map[int]bool{got: true}
	if next, err := port("PORT", "", got, taken, io.Discard); err != nil || next == got {
		t.Errorf("a port given away before: got %d, %v", next, err)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]*function{}
	for _, f := range declared.Functions {
		functions[f.Name] = &function{name: f.Name}
	}
	// What either behaviour of API Gateway gives a request to.
	either := map[string]string{
		"GET /profile":                       "profile-list",
		"HEAD /profile":                      "profile-list",
		"POST /profile":                      "profile-create",
		"POST /profile/":                     "profile-create",
		"POST //profile/":                    "profile-create",
		"POST /profile/x/y":                  "profile-create", // which answers 404
		"GET /notification/":                 "notification-list",
		"HEAD /notification/":                "notification-list",
		"PUT /notification/read":             "notification-read",
		"DELETE /notification/x":             "notification-delete",
		"POST /account/plan/":                "plan-edit",
		"GET /account/payment_method/":       "payment-method-get",
		"POST /account/payment_method/":      "payment-method-edit",
		"DELETE /account/payment_method/":    "payment-method-edit",
		"DELETE /account/payment_method/x":   "payment-method-edit",
		"GET /account/payment_history/":      "payment-history",
		"GET //account":                      "account-get",
		"PUT ///account":                     "account-edit",
		"GET /profile/current":               "profile-get",
		"PUT /profile/switch/x":              "profile-switch",
		"DELETE /profile/token/x":            "token-delete",
		"DELETE /profile/x/token/y":          "token-delete",
		"DELETE /profile/x":                  "profile-delete",
		"POST /account/profile/token":        "account-token-create",
		"GET /account/resend_confirmation/x": "account-resend",
		"HEAD /account/confirm/x":            "route-unknown",
		"HEAD /profile/team/accept/x":        "route-unknown",
		"HEAD /status":                       "status-get",
		"GET /profile//summary":              "profile-get",
		"PATCH /profile":                     "profile-list", // which answers 404
		"PATCH /account/confirm/x":           "route-unknown",
		"GET /":                              "route-unknown",
		"GET //":                             "route-unknown",
		"POST /profile/x/usage":              "usage-report",
		"GET /usage/x":                       "usage-check",
		"DELETE /profile/x/mobile":           "addon-remove",
	}
	for strict, more := range map[bool]map[string]string{
		false: {"GET /profile/": "profile-list", "PUT /account/": "account-edit", "GET /status/": "status-get", "DELETE /profile/x/": "profile-delete"},
		true:  {"GET /profile/": "route-unknown", "PUT /account/": "route-unknown", "GET /status/": "route-unknown", "DELETE /profile/x/": "route-unknown"},
	} {
		a, err := newAPI(t.Context(), declared, functions, strict)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(more, either)
		for request, want := range more {
			method, path, _ := strings.Cut(request, " ")
			if got, ok := a.find(method, path); !ok || got.name != want {
				t.Errorf("strict: %t: %s goes to %v, want %s", strict, request, got.name, want)
			}
		}
		for _, r := range a.routes {
			if want := r.Path == "/profile/{id}/usage"; r.signed != want {
				t.Errorf("that %s %s needs a signature is %v, want %v", r.Method, r.Path, r.signed, want)
			}
		}
		got, _ := a.find("DELETE", "/profile/x/token/y")
		if got.key != "DELETE /profile/{id}/token/{token}" || got.parameters["id"] != "x" || got.parameters["token"] != "y" {
			t.Errorf("got the route %q with %v", got.key, got.parameters)
		}
		if got, _ := a.find("POST", "/account/plan/x/y"); got.parameters["proxy"] != "x/y" {
			t.Errorf("a greedy part is %q, want x/y", got.parameters["proxy"])
		}
	}
	if got, _ := mustAPI(t, declared, functions, true).find("POST", "/profile/"); got.key != "POST /profile/{proxy+}" || got.parameters["proxy"] != "" {
		t.Errorf("strict: POST /profile/ has the route %q with %v", got.key, got.parameters)
	}
	if got, _ := mustAPI(t, declared, functions, false).find("POST", "/profile/"); got.key != "POST /profile" {
		t.Errorf("POST /profile/ has the route %q", got.key)
	}
	if _, err := trailingSlash("kept"); err == nil || !strings.Contains(err.Error(), "ignored or strict") {
		t.Errorf("TRAILING_SLASH=kept: got %v", err)
	}
}

func mustAPI(t *testing.T, declared *template.Template, functions map[string]*function, strict bool) *api {
	t.Helper()
	a, err := newAPI(t.Context(), declared, functions, strict)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEventsAreThoseOfTheGateway(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/profile/a%20b%25/token?fields%5B0%5D=a&x=1&x=2", strings.NewReader("a=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Add("X-Two", "1")
	r.Header.Add("X-Two", "2")
	r.Header.Set("Cookie", "a=1; b=2")
	e, err := eventOf(r, target{key: "POST /profile/{id}/token", parameters: map[string]string{"id": "a b%"}}, "id", time.UnixMilli(0))
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"path": {e.RawPath, "/profile/a b%/token"}, "query": {e.RawQueryString, "fields%5B0%5D=a&x=1&x=2"},
		"body": {e.Body, "YT0x"}, "header": {e.Headers["x-two"], "1,2"}, "cookies": {strings.Join(e.Cookies, "|"), "a=1|b=2"},
		"method": {e.RequestContext.HTTP.Method, "POST"}, "folded query": {e.QueryStringParameters["x"], "1,2"},
		"source": {e.RequestContext.HTTP.SourceIP, "192.0.2.1"}, "version": {e.Version, "2.0"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("the %s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if !e.IsBase64Encoded {
		t.Error("a form is not handed on as text")
	}
}

func TestARecordOfTheStreamMayHaveEmptyMaps(t *testing.T) {
	t.Parallel()
	for _, image := range []map[string]types.AttributeValue{{"a": nil}, {"a": &types.AttributeValueMemberM{}}} {
		raw, err := recordEvent(types.Record{Dynamodb: &types.StreamRecord{
			NewImage: map[string]types.AttributeValue{"b": &types.AttributeValueMemberM{Value: image}},
		}}, "arn")
		if want := `"NewImage":{"b":{"M":{"a":{"M":{}}}}}`; err != nil || !strings.Contains(string(raw), want) {
			t.Errorf("got %s, %v, want %s", raw, err, want)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f, err := parseFilter([]byte(`{"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "O#"}, "other"]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[string]bool{
		`{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"O#1"}}},"more":1}`: true,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"other"}}}}`:        true,
		`{"eventName":"MODIFY","dynamodb":{"Keys":{"PK":{"S":"O#1"}}}}`:          false,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"A#1"}}}}`:          false,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"N":"1"}}}}`:            false,
		`{"eventName":"INSERT"}`: false,
	} {
		var decoded any
		if err := json.Unmarshal([]byte(record), &decoded); err != nil {
			t.Fatal(err)
		}
		if got := f.admits(decoded); got != want {
			t.Errorf("%s: admitted is %v, want %v", record, got, want)
		}
	}
	for _, pattern := range []string{`{"eventName": [{"suffix": "x"}]}`, `{"eventName": [1]}`, `["INSERT"`} {
		if _, err := parseFilter([]byte(pattern)); err == nil {
			t.Errorf("%s is read as if it were understood", pattern)
		}
	}
}
