package adapter

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"time"
)

// traceHeader is the key under which aws-lambda-go has the trace header in the
// context of an invocation.
const traceHeader = "x-amzn-trace-id"

// trace is the place of an invocation in a trace of X-Ray.
type trace struct{ root, parent string }

// traceOf returns the trace of an invocation. ok is false if X-Ray does not
// record it.
func traceOf(ctx context.Context) (t trace, ok bool) {
	header, _ := ctx.Value(traceHeader).(string)
	for part := range strings.SplitSeq(header, ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "Root":
			t.root = value
		case "Parent":
			t.parent = value
		case "Sampled":
			ok = value == "1"
		}
	}
	return t, ok && t.root != "" && t.parent != ""
}

// traceDaemon opens the way to X-Ray's daemon, which runs beside a function
// that is traced. It returns nil where there is none. Nothing is sent until the
// first subsegment.
func traceDaemon(getenv func(string) string) net.Conn {
	address := getenv("AWS_XRAY_DAEMON_ADDRESS")
	if address == "" {
		return nil
	}
	daemon, err := net.Dial("udp", address)
	if err != nil {
		return nil
	}
	return daemon
}

// annotations are the fields of a line by which traces can be searched.
var annotations = map[string]bool{"status": true, "code": true, "count": true}

// subsegment is the part of a trace that the function itself adds: the
// operation, and what came of it. Source: X-Ray's segment documents.
type subsegment struct {
	Name        string         `json:"name"`
	ID          string         `json:"id"`
	Trace       string         `json:"trace_id"`
	Parent      string         `json:"parent_id"`
	Type        string         `json:"type"`
	Start       float64        `json:"start_time"`
	End         float64        `json:"end_time"`
	Fault       bool           `json:"fault,omitempty"`
	Annotations map[string]any `json:"annotations"`
}

// annotate sends the invocation's subsegment. It is one datagram, and best
// effort: a trace without it still has Lambda's own segments.
func (i *Invocation) annotate(t trace, level slog.Level, line []slog.Attr) {
	if i.daemon == nil {
		return
	}
	var id [8]byte
	_, _ = rand.Read(id[:])
	s := subsegment{
		Name: i.Name, ID: hex.EncodeToString(id[:]), Trace: t.root, Parent: t.parent,
		Type: "subsegment", Start: seconds(i.begun), End: seconds(time.Now()),
		Fault: level >= slog.LevelError, Annotations: map[string]any{"operation": i.Name},
	}
	for _, a := range line {
		if annotations[a.Key] {
			s.Annotations[a.Key] = a.Value.Any()
		}
	}
	document, err := json.Marshal(s)
	if err != nil {
		return
	}
	_, _ = i.daemon.Write(append([]byte(`{"format":"json","version":1}`+"\n"), document...))
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
