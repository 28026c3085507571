package program

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A stack has started when its file has its addresses. A stack that ends first,
// or whose time is over first, is an error that has the stack's output.
func TestAStackHasStartedWhenItLeavesItsAddresses(t *testing.T) {
	t.Parallel()
	start := func(ctx context.Context, script string) (*Stack, error) {
		data := t.TempDir()
		cmd := exec.Command("sh", "-c", script)
		cmd.Dir = data
		return StartStack(ctx, "the stack", cmd, data)
	}
	s, err := start(t.Context(), `: > stack.json; sleep 0.05; printf '{"API":"http://a' > stack.json
		sleep 0.05; echo '{"API":"http://api","DynamoDB":"http://db","SES":"http://ses"}' > stack.json
		exec sleep 600`)
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	want := Addresses{API: "http://api", DynamoDB: "http://db", SES: "http://ses"}
	if s.Addresses != want {
		t.Errorf("got the addresses %+v, want %+v", s.Addresses, want)
	}

	_, err = start(t.Context(), "echo no engine; exit 3")
	if err == nil || !strings.Contains(err.Error(), "the stack ended (exit status 3): no engine") {
		t.Errorf("a stack that ends: got %v, want its exit status and its output", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = start(ctx, "echo waiting; exec sleep 600")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "waiting") {
		t.Errorf("a stack that waits: got %v, want the end of its time and its output", err)
	}
}
