package app_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"profiles/shared/adapter"
	"profiles/shared/app"
	"profiles/shared/metric"
	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// lineWith returns the line of the log that has a text, and its metrics.
func lineWith(t *testing.T, text string) (map[string]any, []string) {
	t.Helper()
	for line := range strings.Lines(logged.String()) {
		if !strings.Contains(line, text) {
			continue
		}
		metrics, err := testkit.CheckLine(line)
		var members map[string]any
		if err != nil || json.Unmarshal([]byte(line), &members) != nil {
			t.Fatalf("got %v of %s", err, line)
		}
		return members, metrics
	}
	t.Fatalf("no line has %s", text)
	return nil, nil
}

// lineOf runs an operation as Lambda does, and returns its one line.
func lineOf(
	t *testing.T, w *testkit.World, o operation.Operation, id string, event any,
) (map[string]any, []string) {
	t.Helper()
	payload, err := json.Marshal(event)
	w.OK(err)
	//lint:ignore SA1029 the key is that of aws-lambda-go
	ctx := context.WithValue(w.Context(), "x-amzn-trace-id",
		"Root=1-"+id+";Parent=53995c3f42cd8ad8;Sampled=1")
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: id})
	_, err = app.Handler(o, w.Services).Invoke(ctx, payload)
	w.OK(err)
	return lineWith(t, `"invocation":"`+id+`"`)
}

// The line of a request has the ids that lead to the access log, to Lambda's
// own lines and to its trace, and its requests to the table.
func TestALineOfARequest(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	event := testkit.Event("GET", "/profile/"+string(ana.Home))
	event.Headers["token"] = ana.Token
	event.RequestContext.RequestID = "a-read"
	line, metrics := lineOf(t, w, operation.ProfileGet, "invocation-of-a-read", event)
	for name, want := range map[string]any{
		"operation": "profile-get", "request": "a-read", "status": 200.0,
		"profile": string(ana.Home), "trace": "1-invocation-of-a-read",
		"trips": 1.0, "requests": 1.0, "writes": 0.0,
	} {
		if line[name] != want {
			t.Errorf("%s: got %v, want %v", name, line[name], want)
		}
	}
	if reads, _ := line["reads"].(float64); reads < 1 {
		t.Errorf("got %v read units", line["reads"])
	}
	if _, is := line["cold"]; !is {
		t.Error("the first request of a process does not say so")
	}
	if len(metrics) != 1 || metrics[0] != metric.ReadLatency.Name {
		t.Errorf("got the metrics %v", metrics)
	}
}

// Operations that change something, need no table or refuse at once do not
// count as reads.
func TestOnlyReadsHaveALatency(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	edit := testkit.Event("PUT", "/profile/current")
	edit.Headers["token"], edit.Body = ana.Token, `{"name":"x"}`
	broken := testkit.Event("GET", "/account")
	broken.Version = "1.0"
	for id, c := range map[string]struct {
		operation operation.Operation
		event     any
	}{
		"a-write":       {operation.ProfileEdit, edit},
		"no-table":      {operation.StatusGet(), testkit.Event("GET", "/status")},
		"a-confirm":     {operation.AccountConfirm, testkit.Event("GET", "/account/confirm/x")},
		"another-event": {operation.AccountGet, broken},
	} {
		if line, metrics := lineOf(t, w, c.operation, id, c.event); len(metrics) != 0 {
			t.Errorf("%s: got the metrics %v of %v", id, metrics, line)
		}
	}
}

// A run of a schedule and a batch of the stream have one line each.
func TestALineOfARun(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	_ = w.Offer(ana.Profile("plant"), ana, "ben@example.com")
	w.Advance(time.Minute)
	line, metrics := lineOf(t, w, operation.TransferExpire, "a-sweep", map[string]any{})
	if line["msg"] != "swept" || line["level"] != "INFO" || line["count"] != 0.0 ||
		line["TransfersOpen"] != 1.0 || len(metrics) != 1 {
		t.Errorf("got %v", line)
	}
	line, _ = lineOf(t, w, operation.MailDeliver, "a-batch", map[string]any{"Records": []any{}})
	if line["msg"] != "handled" || line["count"] != 0.0 || line["request"] != nil {
		t.Errorf("got %v", line)
	}
}

// A request that cannot be counted is served, and measured.
func TestARequestThatIsNotCountedIsMeasured(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.LimitRates()
	ana := w.Account("ana")
	event := testkit.Event("GET", "/account")
	event.Headers["token"] = ana.Token
	w.Send(operation.AccountGet, event) // from now on the token is known
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "UpdateItem" {
			return testkit.BrokenService
		}
		return testkit.NoFault
	})
	event.RequestContext.RequestID = "not-counted"
	line, metrics := lineOf(t, w, operation.AccountGet, "invocation-not-counted", event)
	if line["status"] != 200.0 || !slices.Contains(metrics, metric.RateUncounted.Name) {
		t.Errorf("got the metrics %v of %v", metrics, line)
	}
}

// Every line that is written on the way of a request has its id, and not only
// the last one.
func TestLinesOnTheWayHaveTheRequest(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	log := adapter.NewLog(&b, slog.LevelInfo, "")
	ctx, _ := metric.Begin(t.Context(), "profile-get", "a-request")
	log.WarnContext(ctx, "something", "ms", 1)
	log.With("operation", "profile-get").WarnContext(ctx, "something else")
	log.Warn("of nobody")
	lines := strings.Split(b.String(), "\n")
	for n, want := range []string{
		`"msg":"something","operation":"profile-get","request":"a-request","ms":1}`,
		`"msg":"something else","operation":"profile-get","request":"a-request"}`,
		`"msg":"of nobody"}`,
	} {
		if !strings.HasSuffix(lines[n], want) {
			t.Errorf("got %s, want %s", lines[n], want)
		}
	}
}

// Without a namespace, as in the local stack, a line has its numbers, and
// CloudWatch makes no metrics of them.
func TestALogWithoutANamespace(t *testing.T) {
	t.Parallel()
	ctx, record := metric.Begin(t.Context(), "x", "")
	metric.Add(ctx, metric.SignUps, 1)
	for namespace, makes := range map[string]int{"": 0, "profiles-test": 1} {
		var b strings.Builder
		adapter.NewLog(&b, adapter.LevelQuiet, namespace).
			LogAttrs(ctx, adapter.LevelQuiet, "handled", record.Attributes(time.Now())...)
		metrics, err := testkit.CheckLine(b.String())
		if err != nil || len(metrics) != makes || !strings.Contains(b.String(), `"SignUps":1`) ||
			strings.Contains(b.String(), `"Namespace":"profiles-test"`) != (makes == 1) {
			t.Errorf("%q: got %v, %v of %s", namespace, metrics, err, b.String())
		}
	}
}

// X-Ray gets the operation and its result, for a trace that it records and for
// no other.
func TestATraceHasTheOperation(t *testing.T) {
	t.Parallel()
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	handler, err := app.New(operation.StatusGet(), slog.Default(), func(name string) string {
		return map[string]string{"AWS_XRAY_DAEMON_ADDRESS": daemon.LocalAddr().String()}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(testkit.Event("GET", "/status"))
	if err != nil {
		t.Fatal(err)
	}
	const root, parent = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
	for _, header := range []string{
		"", "Root=" + root + ";Parent=" + parent + ";Sampled=0", "Root=" + root + ";Sampled=1",
		"Root=" + root + ";Parent=" + parent + ";Sampled=1;Lineage=a87bd80c:1",
	} {
		//lint:ignore SA1029 the key is that of aws-lambda-go
		ctx := context.WithValue(t.Context(), "x-amzn-trace-id", header)
		if _, err := handler.Invoke(ctx, payload); err != nil {
			t.Fatal(err)
		}
	}
	_ = daemon.SetReadDeadline(time.Now().Add(10 * time.Second))
	datagram := make([]byte, 64<<10)
	n, _, err := daemon.ReadFrom(datagram)
	if err != nil {
		t.Fatal(err)
	}
	head, document, _ := strings.Cut(string(datagram[:n]), "\n")
	var got struct {
		Name, ID, Type string
		Trace          string  `json:"trace_id"`
		Parent         string  `json:"parent_id"`
		Start          float64 `json:"start_time"`
		End            float64 `json:"end_time"`
		Annotations    map[string]any
	}
	if err := json.Unmarshal([]byte(document), &got); err != nil ||
		head != `{"format":"json","version":1}` {
		t.Fatalf("got %v of %s", err, datagram[:n])
	}
	if got.Name != "status-get" || got.Type != "subsegment" || got.Trace != root ||
		got.Parent != parent || len(got.ID) != 16 || got.End < got.Start ||
		got.Annotations["operation"] != "status-get" || got.Annotations["status"] != 200.0 {
		t.Errorf("got %s", document)
	}
	// The other traces came before and have sent nothing.
	_ = daemon.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, _, err := daemon.ReadFrom(datagram); err == nil {
		t.Errorf("got %s as well", datagram[:n])
	}
}
