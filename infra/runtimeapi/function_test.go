package runtimeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"profiles/infra/runtimeapi"
)

// The test binary is the function too. With the variable ROLE set it plays that
// role instead of running tests.
func TestMain(m *testing.M) {
	switch os.Getenv("ROLE") {
	case "":
		os.Exit(m.Run())
	case "function":
		lambda.Start(handle)
	case "exits":
		fmt.Fprintln(os.Stderr, "the environment variable TABLE_NAME is missing")
		os.Exit(1)
	case "reports":
		response, err := http.Post(
			"http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error",
			"application/json",
			strings.NewReader(`{"errorType":"Config","errorMessage":"no table"}`),
		)
		if err != nil || response.StatusCode != http.StatusAccepted {
			panic(fmt.Sprint(response, err))
		}
		hang()
	case "hangs":
		fmt.Println("waiting for a lock")
		hang()
	}
}

// hang never returns. Without C, Go would end a program that waits for nothing.
func hang() {
	for {
		time.Sleep(time.Hour)
	}
}

type order struct{ Do, Text string }

type seen struct {
	Text        string
	RequestID   string
	ARN         string
	Trace       string
	Left        time.Duration
	Environment []string
	Folder      string
}

func handle(ctx context.Context, o order) (seen, error) {
	switch o.Do {
	case "fail":
		return seen{}, errors.New(o.Text)
	case "panic":
		panic(o.Text)
	case "exit":
		fmt.Println(o.Text)
		os.Exit(3)
	case "sleep":
		hang()
	case "swell":
		o.Text = strings.Repeat("x", 7<<20)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	folder, _ := os.Getwd()
	return seen{
		Text:        o.Text,
		RequestID:   lc.AwsRequestID,
		ARN:         lc.InvokedFunctionArn,
		Trace:       os.Getenv("_X_AMZN_TRACE_ID"),
		Left:        time.Until(deadline),
		Environment: os.Environ(),
		Folder:      folder,
	}, nil
}

func options(t *testing.T, role string) runtimeapi.Options {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runtimeapi.Options{
		Name:        "profile-get",
		Program:     program,
		MemoryMB:    256,
		Timeout:     30 * time.Second,
		Environment: map[string]string{"ROLE": role},
	}
}

func start(t *testing.T, o runtimeapi.Options) *runtimeapi.Function {
	t.Helper()
	f, err := runtimeapi.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

func invoke(t *testing.T, f *runtimeapi.Function, o order) (seen, error) {
	t.Helper()
	event, _ := json.Marshal(o)
	answer, err := f.Invoke(t.Context(), event)
	var s seen
	if err == nil {
		if err := json.Unmarshal(answer, &s); err != nil {
			t.Fatalf("got answer %s: %v", answer, err)
		}
	}
	return s, err
}

func TestTheProgramSeesWhatLambdaGives(t *testing.T) {
	t.Parallel()
	f := start(t, options(t, "function"))
	if f.Ready() <= 0 {
		t.Errorf("got ready after %v, want a time", f.Ready())
	}
	first, err := invoke(t, f, order{Text: "one"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := invoke(t, f, order{Text: "two"})
	if err != nil {
		t.Fatal(err)
	}
	if first.Text != "one" || second.Text != "two" {
		t.Errorf("got answers %q and %q, want those of their events", first.Text, second.Text)
	}
	if len(first.RequestID) != 36 || first.RequestID == second.RequestID {
		t.Errorf(
			"got request ids %q and %q, want two different ones",
			first.RequestID,
			second.RequestID,
		)
	}
	if want := "arn:aws:lambda:us-east-1:000000000000:function:profile-get"; first.ARN != want {
		t.Errorf("got ARN %q, want %q", first.ARN, want)
	}
	if !strings.HasPrefix(first.Trace, "Root=1-") {
		t.Errorf("got trace %q, want an X-Ray header", first.Trace)
	}
	if first.Left <= 0 || first.Left > 30*time.Second {
		t.Errorf("got %v until the deadline, want at most the timeout", first.Left)
	}
	if program, _ := os.Executable(); !strings.HasPrefix(program, first.Folder) {
		t.Errorf("got folder %q, want that of %q", first.Folder, program)
	}
	f.Stop()
	if f.CPU() <= 0 {
		t.Errorf("got CPU time %v, want some", f.CPU())
	}
}

func TestTheEnvironmentIsOnlyWhatIsGiven(t *testing.T) {
	t.Setenv("OF_THIS_PROCESS", "1")
	o := options(t, "function")
	o.Environment["TABLE_NAME"], o.Environment["TZ"] = "Table", "Europe/Lisbon"
	got, err := invoke(t, start(t, o), order{})
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for _, line := range got.Environment {
		name, value, _ := strings.Cut(line, "=")
		variables[name] = value
	}
	for name, want := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME": "profile-get", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "_HANDLER": "bootstrap",
		"AWS_REGION": "us-east-1", "TABLE_NAME": "Table", "TZ": "Europe/Lisbon", "OF_THIS_PROCESS": "", "HOME": "",
	} {
		if variables[name] != want {
			t.Errorf("got %s=%q, want %q", name, variables[name], want)
		}
	}
}

func TestAFailureIsTheAnswerOfOneInvocation(t *testing.T) {
	t.Parallel()
	f := start(t, options(t, "function"))
	_, err := invoke(t, f, order{Do: "fail", Text: "out of stock"})
	if failure := (*runtimeapi.FunctionError)(nil); !errors.As(err, &failure) ||
		failure.Message != "out of stock" {
		t.Errorf("got error %v, want the one that the function reported", err)
	}
	if got, err := invoke(t, f, order{Text: "next"}); err != nil || got.Text != "next" {
		t.Errorf("got %q, %v after a failure, want an answer", got.Text, err)
	}
}

func TestAnAnswerThatIsTooLargeFails(t *testing.T) {
	t.Parallel()
	_, err := invoke(t, start(t, options(t, "function")), order{Do: "swell"})
	if failure := (*runtimeapi.FunctionError)(nil); !errors.As(err, &failure) ||
		failure.Type != "Function.ResponseSizeTooLarge" {
		t.Errorf("got error %v, want ResponseSizeTooLarge", err)
	}
}

func TestAProgramThatEndsServesNothingMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   order
		want string
	}{
		"a panic is reported before the end": {order{"panic", "nil map"}, "nil map"},
		"an exit says what was written":      {order{"exit", "disk full"}, "exit status 3): disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, options(t, "function"))
			if _, err := invoke(t, f, c.do); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q in it", err, c.want)
			}
			if _, err := invoke(t, f, order{}); err == nil {
				t.Error("got an answer of a program that ended")
			}
		})
	}
}

func TestAnInvocationThatTakesTooLongEndsTheProgram(t *testing.T) {
	t.Parallel()
	o := options(t, "function")
	o.Timeout = 300 * time.Millisecond
	f := start(t, o)
	if _, err := invoke(t, f, order{Do: "sleep"}); err == nil ||
		!strings.Contains(err.Error(), "timed out after 300ms") {
		t.Errorf("got error %v, want a time-out", err)
	}
	if _, err := invoke(t, f, order{}); err == nil {
		t.Error("got an answer of a program that was ended")
	}
}

func TestAFailedStartSaysWhatWasWritten(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{"exits": "TABLE_NAME is missing", "reports": "Config: no table"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			_, err := runtimeapi.Start(t.Context(), options(t, role))
			if failed := (*runtimeapi.InitError)(nil); !errors.As(err, &failed) ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want an InitError with %q", err, want)
			}
		})
	}
}

func TestAStartThatHangsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	if _, err := runtimeapi.Start(ctx, options(t, "hangs")); !errors.Is(err, context.Canceled) ||
		!strings.Contains(err.Error(), "waiting for a lock") {
		t.Errorf("got error %v, want the context's with what was written", err)
	}
}
