package operation_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/testkit"
)

// clicked is the request that a mail program sends (RFC 8058).
func clicked(code string) events.APIGatewayV2HTTPRequest {
	event := events.APIGatewayV2HTTPRequest{Version: "2.0"}
	event.RequestContext.HTTP.Method = http.MethodPost
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	event.RequestContext.HTTP.Path = "/account/unsubscribe/" + code
	event.RouteKey = "POST /account/unsubscribe/{token}"
	event.RawPath = event.RequestContext.HTTP.Path
	event.PathParameters = map[string]string{"token": code}
	event.Headers = map[string]string{"content-type": "application/x-www-form-urlencoded"}
	event.Body = "List-Unsubscribe=One-Click"
	return event
}

// offCode is the code of the invitation that an address has got.
func offCode(w *testkit.World, to testkit.Person) (code string) {
	w.Helper()
	for _, m := range w.Mail(to.Email) {
		if m.Kind == mailing.KindTeamInvited {
			code = m.UnsubscribeCode()
		}
	}
	if code == "" {
		w.Fatalf("%s was not invited", to.Email)
	}
	return code
}

func TestOneClickOfAMailProgram(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invitationCode(w, ana, ben)
	got := w.Send(operation.MailUnsubscribe, clicked(offCode(w, ben)))
	if want := `"Mails about this topic are switched off: team"`; got.Code != 200 || string(got.Result) != want {
		t.Errorf("got %d %s %s, want %s", got.Code, got.Message, got.Result, want)
	}
	account := w.Call(operation.AccountGet, "GET", "/account", ben.Token, nil)
	const off = `"team":{"mail":"off","console":true}`
	if !strings.Contains(string(account.Result), off) {
		t.Errorf("got %s, want %s in it", account.Result, off)
	}
}

// The link of a mail gives the same answer whether the mails are switched off
// already or the account is gone, and every text that is no code another one.
func TestTheLinkOfAMailTellsNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invitationCode(w, ana, ben)
	code := offCode(w, ben)
	answer := func(code string) [3]any {
		got := w.Send(operation.MailUnsubscribe, clicked(code))
		return [3]any{got.Code, got.Message, string(got.Result)}
	}
	first := answer(code)
	if again := answer(code); !reflect.DeepEqual(again, first) {
		t.Errorf("the second click: got %v, want %v", again, first)
	}
	w.Call(operation.AccountDelete, "DELETE", "/account", ben.Token,
		object{"password": testkit.Password})
	if gone := answer(code); !reflect.DeepEqual(gone, first) {
		t.Errorf("after the account is deleted: got %v, want %v", gone, first)
	}
	void := answer("x")
	for _, bad := range []string{code[1:], code + code, "Sample00ThisCodeConfirmsNobody5aUJ"} {
		if got := answer(bad); !reflect.DeepEqual(got, void) || got[0] != 400 {
			t.Errorf("%.20s: got %v, want %v", bad, got, void)
		}
	}
	got := w.Send(operation.MailUnsubscribe, clicked("x"))
	if got.Reason != problem.ReasonLinkVoid {
		t.Errorf("got the code %s, want link_void", got.Reason)
	}
}
