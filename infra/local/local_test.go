package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"profiles/infra/demo"
	"profiles/infra/engine"
	"profiles/infra/program"
	"profiles/infra/secrets"
)

// The test binary is the command itself when this variable is set, so that
// tests can kill it.
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
		"AWS_ENDPOINT_URL_DYNAMODB=", "AWS_ENDPOINT_URL_SES=", "TABLE_NAME=", "EMAIL=", "LOG=", "NOTES=", "SECRET_ID=", "AWS_ENDPOINT_URL_SECRETS_MANAGER=", "AWS_ENDPOINT_URL_EVENTBRIDGE=",
		"AWS_ENDPOINT_URL_STS=", "OPERATOR=", "REASON=")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// start brings a stack up and waits until it prints its addresses.
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

// eventually polls, because another process decides on the time.
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

// mails returns the texts of the mails to an address, with the other facts that
// the mailbox has about them.
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

// A person signs up, and the stack is killed twice, at the worst moments.
// Nothing that was acknowledged is lost.
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
	// The mail was committed with the account. If the first stack could not
	// send it, a later sweep does. This test asks for that sweep.
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

// slashes sends the requests that SDKs send with a slash at the end, the
// doubled slashes of a base URL that ends in one, and HEAD, which monitors
// send.
func (r *running) slashes() {
	r.Helper()
	token := demo.Owner.Token()
	for request, want := range map[string]int{
		"GET /notification/": 200, "GET //notification/": 200, "GET /account/payment_history/": 200, "GET /account/payment_method/": 200,
		"POST /profile/": 400, "POST /account/plan/": 400, "POST /account/payment_method/": 400, "DELETE /account/payment_method/": 400,
		"GET //account": 200, "GET //status": 200, "GET //profile/current": 200,
		"GET /notification/x": 404, "POST /profile/x": 404, "POST /account/plan/x/": 404, "GET /account/payment_history//x": 404,
		"HEAD /status": 200, "HEAD /console": 200, "HEAD /docs": 200, "HEAD /docs/errors": 200, "HEAD /openapi.json": 200, "GET /docs/nothing": 404, "HEAD /profile": 200,
		"HEAD /profile/" + string(demo.Profile): 200, "HEAD /notification/": 200,
		"HEAD /nowhere": 404, "HEAD /account/confirm/x": 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		code, answer := r.call(method, path, token, "{}")
		if code != want || method == "HEAD" && answer != "" || want == 404 && method != "HEAD" &&
			!strings.Contains(answer, "Route Not Found") {
			r.Errorf("%s: got %d %s, want %d", request, code, answer, want)
		}
	}
	if code, _ := r.call("HEAD", "/profile", "", ""); code != 401 {
		r.Errorf("HEAD without a token: got %d, want 401 as GET does", code)
	}
}

// An operator gives an account the role of support, then that of a data plane,
// and then takes it away. This works beside a running stack, on its data
// without one, and on a table that is named. The next request of the account
// shows each change.
func TestAccountsAreGrantedAndRevoked(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data, "TRAILING_SLASH=strict")
	r.slashes()
	token := demo.Owner.Token()
	set := func(verb, want string, env ...string) {
		t.Helper()
		out, err := command(t, data, env, verb).CombinedOutput()
		if refused := strings.HasPrefix(want, "profiles: "); refused != (err != nil) ||
			!strings.Contains(string(out), want) {
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

	var running program.Addresses
	raw, err := os.ReadFile(program.AddressFile(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &running); err != nil {
		t.Fatal(err)
	}
	named := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_ENDPOINT_URL_DYNAMODB=" + running.DynamoDB,
		"OPERATOR=jane", "REASON=a test",
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
			"OPERATOR=jane", "REASON=a test",
		}},
		{"profiles: there is no local table yet", []string{email, "DATA=" + filepath.Join(data, "nothing")}},
	} {
		set("grant-service", test.want, test.env...)
	}
}

// The audit logs of a stack verify while it runs and afterwards. A direct
// change of the table is found.
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

	var running program.Addresses
	raw, err := os.ReadFile(program.AddressFile(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &running); err != nil {
		t.Fatal(err)
	}
	table := dynamodb.NewFromConfig(engine.Config(running.DynamoDB))
	entry := func(message string) map[string]dbtypes.AttributeValue {
		return entryOf(t, table, message)
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
		ExpressionAttributeValues: map[string]dbtypes.AttributeValue{
			":source": &dbtypes.AttributeValueMemberS{Value: "192.0.2.7"},
		},
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

// entryOf is the entry of an audit log with a message, nil when there is none.
func entryOf(
	t *testing.T, table *dynamodb.Client, message string,
) (found map[string]dbtypes.AttributeValue) {
	t.Helper()
	out, err := table.Scan(t.Context(), &dynamodb.ScanInput{
		TableName: aws.String("Table"), FilterExpression: aws.String("begins_with(PK, :log) AND #message = :message"),
		ExpressionAttributeNames: map[string]string{"#message": "message"},
		ExpressionAttributeValues: map[string]dbtypes.AttributeValue{
			":log":     &dbtypes.AttributeValueMemberS{Value: "L#"},
			":message": &dbtypes.AttributeValueMemberS{Value: message},
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
		if _, err := port("PORT", value, 1, map[int]bool{}, io.Discard); err == nil ||
			!strings.Contains(err.Error(), "PORT") {
			t.Errorf("%s: got %v, want an error that names PORT", name, err)
		}
	}
	taken := map[int]bool{got: true}
	if next, err := port("PORT", "", got, taken, io.Discard); err != nil || next == got {
		t.Errorf("a port given away before: got %d, %v", next, err)
	}
}

func TestARecordOfTheStreamMayHaveEmptyMaps(t *testing.T) {
	t.Parallel()
	for _, image := range []map[string]types.AttributeValue{
		{"a": nil}, {"a": &types.AttributeValueMemberM{}},
	} {
		raw, err := recordEvent(types.Record{Dynamodb: &types.StreamRecord{
			NewImage: map[string]types.AttributeValue{
				"b": &types.AttributeValueMemberM{Value: image},
			},
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
