package operation_test

import (
	"fmt"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

// Webhooks have a bound, and a disabled one is sent nothing.
func TestWebhooksRefuse(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Account("ana")
	path := "/profile/" + string(ana.Home) + "/webhook"
	create := func() testkit.Answer {
		return w.Call(operation.WebhookCreate, "POST", path, ana.Token, object{"url": "https://example.com"})
	}
	var made struct{ ID webhook.ID }
	for range webhook.Most {
		create().Into(w, &made)
	}
	if got := create(); got.Code != 403 || !strings.Contains(got.Message, "at most 10") {
		t.Errorf("one more: got %d %q", got.Code, got.Message)
	}

	at := path + "/" + string(made.ID)
	// A page of them is larger than an answer may be.
	large := []byte(`{"text":"` + strings.Repeat("a", 25_000) + `"}`)
	for i := range 300 {
		tx := w.Store.Begin()
		tx.Queue(string(ana.Home), w.Now(), webhook.Delivery{
			ID: fmt.Sprintf("%024x", i+1), Webhook: made.ID, Type: "token.created", Body: large,
			Order: int64(i + 1), Created: w.Now(), State: webhook.Pending, Next: w.Now(),
		})
		w.OK(tx.CommitAside(t.Context(), store.Origin{}))
	}
	if got := w.Call(operation.DeliveryList, "GET", at+"/delivery?amount=300", ana.Token, nil); got.Code != 400 {
		t.Errorf("300 large ones: got %d %q", got.Code, got.Message)
	}
	w.Call(operation.WebhookEdit, "PUT", at, ana.Token, object{"enabled": false})
	resend := at + "/delivery/" + fmt.Sprintf("%024x", 1) + "/resend"
	for _, c := range []struct {
		o    operation.Operation
		path string
	}{{operation.WebhookTest, at + "/test"}, {operation.DeliveryResend, resend}} {
		if got := w.Call(c.o, "POST", c.path, ana.Token, nil); got.Code != 409 {
			t.Errorf("%s of a disabled one: got %d %q", c.o.Name, got.Code, got.Message)
		}
	}
}

// A person who left is not restored, and nobody is where the team is full.
func TestRestoringAMemberRefuses(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben, cleo := w.Account("ana"), w.Account("ben"), w.Account("cleo")
	team := "/profile/" + string(ana.Home) + "/team/"
	for _, p := range []testkit.Person{ben, cleo} {
		w.Share(ana.Home, p, tenancy.PermissionRead)
	}
	w.Call(operation.TeamRemove, "DELETE", team+string(ben.ID), ben.Token, nil)
	w.Call(operation.TeamRemove, "DELETE", team+string(cleo.ID), ana.Token, nil)
	planOf(w, ana, plan.Free)
	for _, c := range []struct {
		who  testkit.Person
		want problem.Reason
	}{{ben, problem.ReasonRemovalFinal}, {cleo, problem.ReasonTeamFull}} {
		got := w.Call(operation.TeamRestore, "POST", team+string(c.who.ID)+"/restore", ana.Token, nil)
		if got.Reason != c.want {
			t.Errorf("%s: got %d %q, want %s", c.who.Email, got.Code, got.Message, c.want)
		}
	}
}
