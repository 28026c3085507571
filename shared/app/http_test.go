package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/adapter"
	"profiles/shared/app"
	"profiles/shared/auditlog"
	"profiles/shared/masterkey"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// logged is everything that functions log in the tests of this package.
var logged lockedBuffer

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestMain(m *testing.M) {
	slog.SetDefault(adapter.NewLog(&logged, slog.LevelDebug, "test"))
	code := m.Run()
	tokens := regexp.MustCompile(`p-[0-9A-Za-z]{34}|@example\.com|` + testkit.Password).FindString(logged.String())
	if tokens != "" {
		fmt.Println("FAIL: the log holds", tokens)
		code = 1
	}
	for line := range strings.Lines(logged.String()) {
		if _, err := testkit.CheckLine(line); err != nil {
			fmt.Println("FAIL: CloudWatch does not read", line, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Every value that a client can put into a path arrives at the operation
// unchanged. The gateway has decoded it once.
func TestPathsArriveAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"plain@example.com", "a+b@example.com", "100%@example.com", "%zz@example.com", "a%2Bb@example.com", "who?admin=true@example.com",
		"a#b@example.com", "a&b=c@example.com", "a%00b@example.com",
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			// New accounts have no such addresses any more. Older accounts do.
			name, _, _ := strings.Cut(strings.ToLower(address), "@")
			w.Quick(name)
			event := testkit.Event("GET", "/x")
			event.RawPath = "/account/passwordreset/" + address
			if got := w.Send(operation.PasswordRequest, event); got.Code != 200 {
				t.Fatalf("got %d %q", got.Code, got.Message)
			}
			if mails := w.Mail(value.Email(strings.ToLower(address))); len(mails) != 1 {
				t.Errorf("got %d mails to %s, want the one asked for", len(mails), address)
			}
		})
	}
}

func TestTheGatewaysEventsAreNormalized(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	get := func(change func(*events.APIGatewayV2HTTPRequest)) testkit.Answer {
		t.Helper()
		event := testkit.Event("GET", "/account")
		event.Headers["token"] = ana.Token
		change(&event)
		return w.Send(operation.AccountGet, event)
	}
	for name, c := range map[string]struct {
		change func(*events.APIGatewayV2HTTPRequest)
		code   int
	}{
		"a plain request":                   {func(*events.APIGatewayV2HTTPRequest) {}, 200},
		"a doubled first slash":             {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "//account" }, 200},
		"dots in the path":                  {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/x/../account" }, 200},
		"a stage in the path":               {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath, e.RequestContext.Stage = "/v1/account", "v1" }, 200},
		"a path that begins like its stage": {func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.Stage = "acc" }, 200},
		"an unreadable query":               {func(e *events.APIGatewayV2HTTPRequest) { e.RawQueryString = "%zz=1;a" }, 400},
		"another path":                      {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/account/x" }, 404},
		"a slash in a value":                {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/account/a/b" }, 404},
		"an empty path":                     {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "" }, 404},
		"another method":                    {func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "PATCH" }, 404},
		"two tokens in one header":          {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["token"] += "," + ana.Token }, 401},
		"header names in any case":          {func(e *events.APIGatewayV2HTTPRequest) { delete(e.Headers, "token"); e.Headers["TOKEN"] = ana.Token }, 200},
		"a base64 body that is none":        {func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.IsBase64Encoded = "%%%", true }, 400},
		"an event of payload 1.0":           {func(e *events.APIGatewayV2HTTPRequest) { e.Version = "1.0" }, 400},
		"an event that is no request":       {func(e *events.APIGatewayV2HTTPRequest) { *e = events.APIGatewayV2HTTPRequest{} }, 400},
		"a body where none is read":         {func(e *events.APIGatewayV2HTTPRequest) { e.Body = "{" }, 200},
		"many headers and a long path":      {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/" + strings.Repeat("x", 5000) }, 404},
	} {
		t.Run(name, func(t *testing.T) {
			if got := get(c.change); got.Code != c.code || c.code != 200 && got.Message == "" {
				t.Errorf("got %d %q, want %d", got.Code, got.Message, c.code)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	edit := func(body string, base64Encoded bool, contentType string) testkit.Answer {
		event := testkit.Event("PUT", "/account")
		event.Headers["token"], event.Body, event.IsBase64Encoded = ana.Token, body, base64Encoded
		if contentType != "" {
			event.Headers["content-type"] = contentType
		}
		return w.Send(operation.AccountEdit, event)
	}
	for name, c := range map[string]struct {
		body        string
		encoded     bool
		contentType string
		code        int
		says        string
	}{
		"JSON":                           {`{"name":"Ana"}`, false, "application/json", 200, ""},
		"JSON with another content type": {`{"name":"Ana"}`, false, "text/plain", 200, ""},
		"JSON in base64":                 {base64.StdEncoding.EncodeToString([]byte(`{"name":"Ana"}`)), true, "application/octet-stream", 200, ""},
		"no body, as a form":             {"", false, "application/x-www-form-urlencoded", 200, ""},
		"a list":                         {`[]`, false, "", 400, "object"},
		"half an object":                 {`{"name":`, false, "", 400, "JSON"},
		"a value of another type":        {`{"options":{"time_format":24}}`, false, "", 400, "options.time_format must be a text"},
		"bytes that are no UTF-8":        {base64.StdEncoding.EncodeToString([]byte("{\"name\":\"\xff\"}")), true, "", 400, "UTF-8"},
		"more than 64 KiB":               {`{"name":"` + strings.Repeat("x", 70_000) + `"}`, false, "", 413, "64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			got := edit(c.body, c.encoded, c.contentType)
			if got.Code != c.code || !strings.Contains(got.Message, c.says) {
				t.Errorf("got %d %q, want %d with %q", got.Code, got.Message, c.code, c.says)
			}
		})
	}
}

// The gateway found no route for the path as it was sent, so the answer names
// this path.
func TestAnUnknownPathIsNamedAsItCame(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	event := testkit.Event("GET", "//account")
	event.RouteKey = operation.DefaultRoute
	got := w.Send(operation.RouteUnknown(), event)
	if got.Code != 404 || !strings.Contains(got.Message, "GET //account") {
		t.Errorf("got %d %q, want 404 that names //account", got.Code, got.Message)
	}
}

// The preflight request of a browser is answered, whichever path it is for.
func TestPreflightsWithoutAGatewaysHelp(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	if got := w.Call(operation.RouteUnknown(), "OPTIONS", "/profile", "", nil); got.Code != 200 {
		t.Errorf("got %d %q, want 200", got.Code, got.Message)
	}
}

func TestHEADHasNoBody(t *testing.T) {
	t.Parallel()
	payload, err := json.Marshal(testkit.Event("HEAD", "/status"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := app.Handler(operation.StatusGet(), service.New(service.Config{})).
		Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var answer events.APIGatewayV2HTTPResponse
	err = json.Unmarshal(raw, &answer)
	if err != nil || answer.Body != "" || answer.StatusCode != 200 {
		t.Errorf("got %d %q (%v), want 200 without a body", answer.StatusCode, answer.Body, err)
	}
}

// A defect becomes the fixed text of the envelope, and the process continues.
func TestAPanicIsAnsweredAndSurvived(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	broken := *w
	broken.Services = &service.Services{}
	ana := w.Account("ana")
	for range 2 {
		got := broken.Call(operation.AccountGet, "GET", "/account", ana.Token, nil)
		if got.Code != 500 || !strings.Contains(got.Message, "x-request-id") ||
			strings.Contains(got.Message, "nil pointer") {
			t.Errorf("got %d %q, want 500 and the fixed text", got.Code, got.Message)
		}
	}
}

// A scheduled run and a batch of the stream report a panic as their error, and
// continue with the next event.
func TestAPanicOfASweepIsItsError(t *testing.T) {
	t.Parallel()
	if _, err := app.Handler(operation.TokenExpire, &service.Services{}).
		Invoke(t.Context(), []byte("{}")); err == nil {
		t.Error("a sweep that panics reports success")
	}
	event, err := os.ReadFile("../../events/mail-deliver.json")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := app.Handler(operation.MailDeliver, &service.Services{}).Invoke(t.Context(), event)
	if err != nil || !strings.Contains(string(raw), `"itemIdentifier":"100000000000000000001"`) {
		t.Errorf("got %s, %v; want the record reported as failed", raw, err)
	}
}

// A batch of the stream seals each of its entries once, however often it is
// delivered.
func TestABatchOfTheStreamIsSealed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.OK(
		w.Profiles.Edit(
			w.Context(),
			ana.Client(operation.ProfileEdit),
			service.ProfileRef{ID: ana.Home},
			tenancy.ProfileEdit{},
		),
	)
	w.OK(
		w.Profiles.Edit(
			w.Context(),
			ana.Client(operation.ProfileEdit),
			service.ProfileRef{ID: ana.Home},
			tenancy.ProfileEdit{},
		),
	)
	sample, err := os.ReadFile("../../events/audit-seal.json")
	w.OK(err)
	var records []json.RawMessage
	for n, it := range w.Items() {
		if strings.HasPrefix(it.PK, "L#"+string(ana.Home)+"#") {
			record := strings.NewReplacer(
				"L#0123456789abcdef01234567#2030-03", it.PK, "1899710813589#89abcdef0123456789abcdef", it.SK, "100000000000000000001", fmt.Sprint(1000+n),
			).Replace(string(sample))
			var batch struct{ Records []json.RawMessage }
			w.OK(json.Unmarshal([]byte(record), &batch))
			records = append(records, batch.Records...)
		}
	}
	event, err := json.Marshal(map[string]any{"Records": append(records, records[0])})
	w.OK(err)
	for range 2 {
		raw, err := app.Handler(operation.AuditSeal, w.Services).Invoke(t.Context(), event)
		if err != nil || string(raw) != `{"batchItemFailures":[]}` {
			t.Errorf("got %s, %v", raw, err)
		}
	}
	w.OK(w.Chain.Verify(w.Context(), string(ana.Home), nil, func(r auditlog.LogReport) {
		if r.Entries != 2 || r.Last != 2 || r.ByCommand != 0 || len(r.Findings) > 0 {
			t.Errorf("got %+v", r)
		}
	}))
}

// Each sample event reaches the operation that it is for.
func TestSamplesReachTheirOperations(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for _, o := range operation.All() {
		event, err := os.ReadFile("../../events/" + o.Name + ".json")
		if err != nil {
			t.Error(err)
			continue
		}
		raw, err := app.Handler(o, w.Services).Invoke(t.Context(), event)
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
		if o.Trigger != operation.HTTP {
			continue
		}
		var answer events.APIGatewayV2HTTPResponse
		w.OK(json.Unmarshal(raw, &answer))
		unknown := strings.Contains(answer.Body, "Route Not Found")
		if unknown != (o.Name == "route-unknown") || answer.StatusCode >= 500 {
			t.Errorf("%s: got %d %s", o.Name, answer.StatusCode, answer.Body)
		}
	}
}

// Only the gateway writes the part of the event about IAM. In the form that AWS
// sends, it admits a data plane. A client's imitation of it does not.
func TestTheGatewaysWordAboutACaller(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	const role = "arn:aws:sts::111122223333:assumed-role/data-plane/i-1"
	iam := func(fields string) string { return `{"iam":{` + fields + `}}` }
	full := iam(`"accessKey":"ASIAEXAMPLE","accountId":"111122223333","callerId":"AROAEXAMPLE:i-1","cognitoIdentity":null,"principalOrgId":"o-1",` +
		`"userArn":"` + role + `","userId":"AROAEXAMPLE:i-1"`)
	send := func(
		context string, headers map[string]string, body string,
	) events.APIGatewayV2HTTPResponse {
		t.Helper()
		event := testkit.Event("POST", "/profile/"+string(ana.Home)+"/usage")
		for name, value := range headers {
			event.Headers[name] = value
		}
		event.Body = body
		payload, err := json.Marshal(event)
		w.OK(err)
		if context != "" {
			payload = bytes.Replace(payload, []byte(`"requestContext":{`), []byte(`"requestContext":{"authorizer":`+context+`,`), 1)
		}
		raw, err := app.Handler(operation.UsageReport, w.Services).Invoke(t.Context(), payload)
		w.OK(err)
		var answer events.APIGatewayV2HTTPResponse
		w.OK(json.Unmarshal(raw, &answer))
		return answer
	}
	n := 0
	for name, c := range map[string]struct {
		context string
		headers map[string]string
		code    int
	}{
		"as the gateway writes it":             {full, nil, 200},
		"with a token that is none beside it":  {full, map[string]string{"token": "p-short"}, 200},
		"with a customer's token beside it":    {full, map[string]string{"token": ana.Token}, 200},
		"nothing":                              {"", nil, 401},
		"null":                                 {"null", nil, 401},
		"IAM null":                             {`{"iam":null}`, nil, 401},
		"IAM without a name":                   {iam(`"accountId":"111122223333"`), nil, 401},
		"IAM with an empty name":               {iam(`"userArn":""`), nil, 401},
		"a JWT with the name":                  {`{"jwt":{"claims":{"userArn":"` + role + `"},"scopes":[]}}`, nil, 401},
		"an authorizer's function":             {`{"lambda":{"userArn":"` + role + `","iam":{"userArn":"` + role + `"}}}`, nil, 401},
		"a customer's token alone":             {"", map[string]string{"token": ana.Token}, 403},
		"headers that claim it":                {"", map[string]string{"x-amzn-iam-user-arn": role, "requestcontext": full, "authorizer": full}, 401},
		"a signature that nobody has verified": {"", map[string]string{"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/1/r/execute-api/aws4_request"}, 401},
	} {
		n++
		lines := fmt.Sprintf(`"lines":[{"service":"input","amount":1,"event":"%d"}]}`, n)
		// A body with this part is refused, because a report has no such key.
		claimed := send(c.context, c.headers, `{"requestContext":{"authorizer":`+full+`},`+lines)
		if want := map[int]int{200: 400, 401: 401, 403: 400}[c.code]; claimed.StatusCode != want {
			t.Errorf(
				"%s, and a body that claims it: got %d %s, want %d",
				name,
				claimed.StatusCode,
				claimed.Body,
				want,
			)
		}
		if got := send(c.context, c.headers, "{"+lines); got.StatusCode != c.code {
			t.Errorf("%s: got %d %s, want %d", name, got.StatusCode, got.Body, c.code)
		}
	}
	used, err := w.Usage.Check(
		t.Context(),
		service.Client{Service: true}.For(operation.UsageCheck.Access),
		ana.Home,
	)
	w.OK(err)
	if got := used.Usage.Used[plan.ServiceInput]; got != 3 {
		t.Errorf("%d were counted, want those of the three that were admitted", got)
	}
}

// A request that its rate limit refuses has a log line like any other.
func TestARefusalForTheRateIsLogged(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.LimitRates()
	ana := w.Account("ana")
	limit := plan.RateAccount.PerMinute(plan.Scale)
	event := testkit.Event("GET", "/account")
	event.Headers["token"] = ana.Token
	event.RequestContext.RequestID = "one-too-many"
	var got testkit.Answer
	for n := 0; n <= limit+1 && got.Code != 429; n++ {
		got = w.Send(operation.AccountGet, event)
	}
	if got.Code != 429 || got.Header["X-Request-Id"] != "one-too-many" {
		t.Fatalf("got %d %v", got.Code, got.Header)
	}
	for line := range strings.Lines(logged.String()) {
		if strings.Contains(line, `"operation":"account-get","request":"one-too-many","status":429,`) && strings.Contains(line, `"code":"too_many"`) {
			return
		}
	}
	t.Error("the refusal has no line in the log")
}

func TestStartingNamesTheVariableThatIsWrong(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"TABLE_NAME": "t", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
	}
	for name, value := range map[string]string{
		"TABLE_NAME": "", "AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ENDPOINT_URL_DYNAMODB": "localhost",
		"RATE_LIMITS": "none",
	} {
		_, err := app.New(operation.ProfileGet, slog.Default(), func(asked string) string {
			if asked == name {
				return value
			}
			return good[asked]
		})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("with a wrong %s: got error %v, want one that names it", name, err)
		}
	}
	getenv := func(name string) string { return good[name] }
	_, err := app.New(operation.TokenCreate, slog.Default(), getenv,
		app.WithKeys(masterkey.FromEnvironment))
	if err == nil || !strings.Contains(err.Error(), "SECRET_ID") {
		t.Errorf("a function that seals starts without its key: %v", err)
	}
	if _, err = app.New(operation.TokenCreate, slog.Default(), getenv); err == nil {
		t.Error("a function that seals starts without a reader of its key")
	}
	good["SECRET_ID"] = "s"
	_, err = app.New(operation.MailDeliver, slog.Default(), getenv,
		app.WithKeys(masterkey.FromEnvironment))
	if err == nil || !strings.Contains(err.Error(), "wired to send mail") {
		t.Errorf("a function that mails starts without a mailer: %v", err)
	}
	_, err = app.New(operation.StatusGet(), slog.Default(), func(string) string { return "" })
	if err != nil {
		t.Errorf("a function without a table needs none: %v", err)
	}
}
