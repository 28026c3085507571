package operation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/testkit/scene"
)

// unpaused are the operations that continue while the service is read-only. AWS
// would drop their events if they waited for long.
var unpaused = []string{operation.AuditSeal.Name, operation.MailReturn.Name}

// While the service is read-only, every request that would change something is
// refused with a time to wait and changes nothing, even if it would revoke
// something. Every other request is answered as always and changes nothing
// either, so that an operation that writes cannot pass for a read. Sweeps wait.
func TestMaintenanceRefusesEveryWrite(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	for _, c := range scenes {
		played[c.Operation.Name] = true
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			s := newModelledStage(t, c)
			s.Maintain(secret.Maintenance{Since: s.Now(),
				Until: s.Now().Add(7 * time.Minute), Who: "ana"})
			before := s.State()
			o := c.Operation
			method, _, _ := strings.Cut(c.Send, " ")
			switch {
			case o.Trigger == operation.Schedule:
				_, err := app.Handler(o, s.Services).Invoke(t.Context(), []byte("{}"))
				if err != nil {
					t.Fatal(err)
				}
			case o.Trigger != operation.HTTP:
				if got := c.Run(s); got.Code != 200 {
					t.Fatalf("got %d %q", got.Code, got.Message)
				}
				if slices.Contains(unpaused, o.Name) {
					return
				}
			case o.Changes(method):
				refusesWrites(t, c, s)
			default:
				if got := c.Run(s); got.Code != 200 {
					t.Errorf("a read: got %d %q", got.Code, got.Message)
				}
			}
			if s.State() != before {
				t.Error("the table has changed")
			}
		})
	}
	for _, o := range operation.All() {
		if !played[o.Name] && !o.Static {
			t.Errorf("%s has no scene here", o.Name)
		}
	}
}

func refusesWrites(t *testing.T, c scene.Scene, s *scene.Stage) {
	t.Helper()
	c.Denied = 0
	got := c.Run(s)
	if got.Code != 503 || got.Reason != problem.ReasonMaintenance || got.Header["Retry-After"] != "420" {
		t.Errorf("got %d %q %q with Retry-After %q, want 503 and 420", got.Code, got.Reason, got.Message, got.Header["Retry-After"])
	}
}
