package app_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/adapter"
	"profiles/shared/app"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// scanner finds secrets in a text, in any form in which JSON, a URL or a dump
// of the table writes them.
type scanner map[string][]string // for each secret, the texts that reveal it

// keep adds a secret. A token or a code adds only its secret part, because the
// ids are in the audit log.
func (s scanner) keep(what, text string) {
	if credential, ok := secret.Parse(text); ok {
		text = credential.Secret
	}
	if len(text) < 8 {
		panic(fmt.Sprintf("%s is %q: whatever has that is no secret", what, text))
	}
	quoted, _ := json.Marshal(text)
	s[what+" "+text] = []string{
		text, string(quoted[1 : len(quoted)-1]), url.PathEscape(text), url.QueryEscape(text),
		hex.EncodeToString([]byte(text)),
	}
}

// find names the secrets in a text, with the line that each is in.
func (s scanner) find(text string) (found []string) {
	for what, forms := range s {
		for _, form := range forms {
			if at := strings.Index(text, form); at >= 0 {
				begin := strings.LastIndexByte(text[:at], '\n') + 1
				line, _, _ := strings.Cut(text[begin:], "\n")
				found = append(found, what+" in "+line)
				break
			}
		}
	}
	return found
}

// story is a world that remembers the secrets of its requests, answers and
// mails.
type story struct {
	*testkit.World
	secrets, addresses scanner
	sent               []events.APIGatewayV2HTTPRequest
	read               int      // mails whose codes are kept
	waiting            []string // the contents of the table while mails waited
}

// send sends a request, accepts any answer, and keeps the secrets in both.
func (s *story) send(
	o operation.Operation, method, target, token string, body map[string]any,
) (answer testkit.Answer) {
	s.Helper()
	event := testkit.PageEvent(method, target, "")
	if token != "" {
		event.Headers["token"] = token
	}
	for key, value := range body {
		text, _ := value.(string)
		switch {
		case strings.Contains(key, "password") && text != "":
			s.secrets.keep("the password", text)
		case key == "email" && text != "":
			s.addresses.keep("the address", text)
		}
	}
	if body != nil {
		raw, err := json.Marshal(body)
		s.OK(err)
		event.Body = string(raw)
	}
	answer = s.Send(o, event)
	s.sent = append(s.sent, event)
	if session := answer.SessionIn(); session != "" {
		s.secrets.keep("the session", session[len(session)-26:len(session)-4])
	}
	for _, text := range regexp.MustCompile(`[0-9A-Za-z]{34}`).FindAllString(string(answer.Result), -1) {
		if _, ok := secret.Parse(text); ok {
			s.secrets.keep("the token", text)
		}
	}
	return answer
}

// ok is send for requests that must succeed.
func (s *story) ok(
	o operation.Operation, method, target, token string, body map[string]any,
) testkit.Answer {
	s.Helper()
	got := s.send(o, method, target, token, body)
	if got.Code != 200 {
		s.Fatalf("%s: got %d %q", o.Name, got.Code, got.Message)
	}
	return got
}

// code delivers all mails and returns the code of the latest mail of a kind. It
// keeps all codes.
func (s *story) code(kind mailing.Kind) (code string) {
	s.Helper()
	s.waiting = append(s.waiting, s.text())
	for _, it := range s.Items() {
		err := s.Services.Outbox.DeliverItem(s.Context(), it.PK)
		if err != nil && problem.CodeOf(err) != problem.CodeInvalid {
			s.Fatal(err)
		}
	}
	for i, m := range s.Outbox.Sent() {
		if m.Data["code"] != "" && i >= s.read {
			s.secrets.keep("the code of "+string(m.Kind), m.Data["code"])
		}
		if m.Kind == kind {
			code = m.Data["code"]
		}
	}
	s.read = len(s.Outbox.Sent())
	if code == "" {
		s.Fatalf("no mail %s has a code", kind)
	}
	return code
}

// token signs in.
func (s *story) token(profile value.ProfileID, email, password string) string {
	s.Helper()
	var made struct{ Token string }
	s.ok(operation.AccountTokenCreate, "POST", "/account/profile/token", "", map[string]any{
		"profile_id": profile, "email": email, "password": password, "name": "laptop",
	}).Into(s.World, &made)
	return made.Token
}

// stranger signs up, confirms and signs in.
func (s *story) stranger(name, email, password string) (profile value.ProfileID, token string) {
	s.Helper()
	s.ok(operation.AccountCreate, "POST", "/account", "",
		map[string]any{"name": name, "email": email, "password": password, "cpassword": password})
	s.ok(operation.AccountConfirm, "GET", "/account/confirm/"+s.code(mailing.KindAccountConfirm), "", nil)
	var login struct {
		Profiles []struct{ ID value.ProfileID }
	}
	s.ok(operation.AccountLogin, "POST", "/account/login", "",
		map[string]any{"email": email, "password": password}).Into(s.World, &login)
	profile = login.Profiles[0].ID
	return profile, s.token(profile, email, password)
}

// factors enables an authenticator, signs in with its recovery codes, and
// disables it.
func (s *story) factors(email, token, password string) {
	var setup, enabled string
	s.ok(operation.OtpEnable, "POST", "/account/otp/authenticator/enable", token,
		map[string]any{"email": email, "password": password}).Into(s.World, &setup)
	key := regexp.MustCompile(`secret=([A-Z2-7]+)`).FindStringSubmatch(setup)[1]
	s.secrets.keep("the secret of an authenticator", key)
	app := testkit.AppOf(s.World, setup)
	s.ok(operation.OtpConfirm, "POST", "/account/otp/authenticator/confirm", token,
		map[string]any{"pin_code": app.Now()}).Into(s.World, &enabled)
	recovery := regexp.MustCompile(`[2-9A-Z]{4}(-[2-9A-Z]{4}){2}`).FindAllString(enabled, -1)
	for _, code := range recovery {
		s.secrets.keep("a recovery code", code)
		s.secrets.keep("a recovery code", strings.ReplaceAll(code, "-", ""))
	}
	s.send(operation.AccountLogin, "POST", "/account/login", "", map[string]any{"email": email, "password": password})
	s.send(operation.AccountLogin, "POST", "/account/login", "", map[string]any{"email": email, "password": password, "pin_code": key})
	s.ok(operation.AccountLogin, "POST", "/account/login", "",
		map[string]any{"email": email, "password": password, "pin_code": recovery[0]})
	s.send(operation.AccountLogin, "POST", "/account/login?pin_code="+recovery[1], "",
		map[string]any{"email": email, "password": password, "pin_code": recovery[0]})
	s.ok(operation.OtpDisable, "POST", "/account/otp/authenticator/disable", token,
		map[string]any{"email": email, "password": password, "pin_code": recovery[2]})
}

// person is an account with a token of it.
type person struct{ email, token, password string }

// move gives a profile to another account, with mistakes.
func (s *story) move(from, to person, wrong string) {
	s.Advance(8 * 24 * time.Hour)
	var profile struct{ ID value.ProfileID }
	s.ok(operation.ProfileCreate, "POST", "/profile", from.token,
		map[string]any{"name": "Plant"}).Into(s.World, &profile)
	var transfer struct{ Ticket string }
	s.ok(operation.TransferRequest, "POST", "/profile/"+string(profile.ID)+"/transfer", from.token,
		map[string]any{"email": to.email, "password": from.password}).Into(s.World, &transfer)
	confirm, accept := s.code(mailing.KindTransferRequested), s.code(mailing.KindTransferOffered)
	at := "/transfer/" + transfer.Ticket
	s.send(operation.TransferConfirm, "POST", at+"/confirm", from.token,
		map[string]any{"code": accept, "password": from.password})
	s.send(operation.TransferConfirm, "POST", at+"/confirm", from.token, map[string]any{"code": confirm, "password": wrong})
	s.ok(operation.TransferConfirm, "POST", at+"/confirm", from.token,
		map[string]any{"code": confirm, "password": from.password})
	s.ok(operation.TransferAccept, "POST", at+"/accept", to.token, map[string]any{"code": accept, "password": to.password})
	s.ok(operation.TransferDecline, "POST", at+"/decline", to.token,
		map[string]any{"code": accept, "password": to.password})
}

// The whole life of two accounts runs through the handlers and their log as in
// Lambda, with mistakes and failures. None of their secrets is in a line of the
// log or in the table, not even while the mails with them wait.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	s := &story{World: testkit.New(t), secrets: scanner{}, addresses: scanner{}}
	const (
		first, second, third, fourth = "granite <otter> & lantern", `wicker "falcon" marble`, "cobalt heron thimble ÿ", "spruce anvil harbour"
		ana, ben, moved              = "ana.secret@example.org", "ben.secret@example.org", "ana+new.secret@example.org"
	)
	s.addresses.keep("the source", testkit.Home)
	home, anas := s.stranger("Ana", ana, first)
	bens, bensToken := s.stranger("Ben", ben, second)
	for _, token := range []string{anas, bensToken} {
		s.ok(operation.SubscriptionEdit, "POST", "/account/subscription", token, map[string]any{"plan": "scale"})
	}

	// Signing up and in, with mistakes.
	used := s.code(mailing.KindAccountConfirm)
	s.send(operation.AccountConfirm, "GET", "/account/confirm/"+used, "", nil)
	s.send(operation.AccountConfirm, "GET", "/account/confirm/"+used+"x", "", nil)
	s.send(operation.AccountConfirm, "GET", "/account/confirm/"+used+"/x", "", nil)
	s.send(operation.RouteUnknown(), "GET", "/account/confirmation/"+used, "", nil)
	s.send(operation.AccountResend, "GET", "/account/resend_confirmation/"+ben, "", nil)
	s.send(operation.AccountCreate, "POST", "/account", "",
		map[string]any{"name": "x", "email": ben, "password": third, "cpassword": third})
	s.send(operation.AccountCreate, "POST", "/account", "",
		map[string]any{"name": "x", "email": ben, "password": third, "cpassword": fourth})
	s.send(operation.AccountLogin, "POST", "/account/login", "", map[string]any{"email": ana, "password": second})
	begun := s.ok(operation.SessionCreate, "POST", "/console/session", "", map[string]any{"email": ben, "password": second})
	s.sent[len(s.sent)-1].Cookies = begun.Cookies
	s.send(operation.AccountLogin, "POST", "/account/login", "", map[string]any{"email": "nobody.secret@example.org", "password": first})
	s.send(operation.AccountTokenCreate, "POST", "/account/profile/token", "",
		map[string]any{"profile_id": home, "email": ana, "password": fourth, "name": "x"})
	s.send(operation.AccountGet, "GET", "/account?token="+anas, "", nil)
	s.send(operation.AccountGet, "GET", "/account/"+anas, anas+"x", nil)
	s.send(operation.AccountGet, "GET", "/account", anas, map[string]any{"token": anas})

	s.tokensByHand(ana, anas, first)

	s.factors(ben, bensToken, second)

	s.teams(ana, anas, ben, bensToken)

	s.move(person{ana, anas, first}, person{ben, bensToken, second}, third)

	// A new password, and a new address and back.
	s.ok(operation.PasswordRequest, "GET", "/account/passwordreset/"+url.PathEscape(ben), "", nil)
	reset := s.code(mailing.KindPasswordReset)
	s.send(operation.PasswordSet, "POST", "/account/passwordreset", reset, map[string]any{"password": "password1"})
	s.ok(operation.PasswordSet, "POST", "/account/passwordreset", reset, map[string]any{"password": third})
	s.send(operation.PasswordSet, "POST", "/account/passwordreset", reset, map[string]any{"password": fourth})
	s.send(operation.PasswordSet, "POST", "/account/passwordreset", anas, map[string]any{"password": fourth, "current_password": third})
	s.ok(operation.EmailRequest, "POST", "/account/email", anas, map[string]any{"email": moved, "password": first})
	change := s.code(mailing.KindEmailConfirm)
	s.ok(operation.EmailConfirm, "POST", "/account/email/confirm", "", map[string]any{"code": change})
	s.send(operation.EmailConfirm, "POST", "/account/email/confirm", "", map[string]any{"code": change})
	undo := s.code(mailing.KindEmailChanged)
	s.ok(operation.EmailUndo, "POST", "/account/email/undo", "", map[string]any{"code": undo})
	s.ok(operation.PasswordSet, "POST", "/account/passwordreset", s.code(mailing.KindPasswordReset),
		map[string]any{"password": fourth})
	anas, bensToken = s.token(home, ana, fourth), s.token(bens, ben, third)

	// The contents of the table and of the logs at the end.
	for name, found := range map[string][]string{
		"the table":          s.secrets.find(s.text()),
		"a table with mails": s.secrets.find(strings.Join(s.waiting, "\n")),
		"the audit log":      s.secrets.find(string(s.ok(operation.AuditGet, "GET", "/profile/current/auditlog", anas, nil).Result)),
		// The answer shows the one token that the request carries.
		"the list of tokens":   s.secrets.find(strings.ReplaceAll(string(s.ok(operation.TokenList, "GET", "/profile/current/token", anas, nil).Result), anas, "")),
		"the account":          s.secrets.find(string(s.ok(operation.AccountGet, "GET", "/account", anas, nil).Result)),
		"the notifications":    s.secrets.find(string(s.ok(operation.NotificationList, "GET", "/notification", bensToken, nil).Result)),
		"the keys of tokens":   s.secrets.find(strings.Join(s.keys(), "\n")),
		"what a refusal tells": s.secrets.find(s.send(operation.AccountConfirm, "GET", "/account/confirm/"+used, "", nil).Message),
	} {
		for _, what := range found {
			t.Errorf("%s has %s", name, what)
		}
	}

	s.misfortunes(anas, ana, fourth)

	// Hashes are in the table and nowhere else.
	hashes := regexp.MustCompile(`\$argon2id\$[^" ]+`).FindAllString(s.text(), -1)
	if len(hashes) < 2 {
		t.Fatalf("the table has %d hashes of passwords, want those of two accounts", len(hashes))
	}
	kept := scanner{}
	for _, hash := range hashes {
		kept.keep("the hash", hash)
	}
	for _, scan := range []scanner{s.secrets, s.addresses, kept} {
		for _, what := range scan.find(logged.String()) {
			t.Errorf("the log has %s", what)
		}
	}
	s.sane()
}

// tokensByHand makes tokens of ana's that are named in paths and found in
// public.
func (s *story) tokensByHand(ana, anas, password string) {
	var made struct{ Token string }
	byHand := map[string]any{"name": "plant", "permission": "full", "email": ana, "password": password}
	s.ok(operation.TokenCreate, "POST", "/profile/current/token", anas, byHand).Into(s.World, &made)
	s.ok(operation.TokenList, "GET", "/profile/current/token?filter%5Btoken%5D="+made.Token, anas, nil)
	s.ok(operation.TokenDelete, "DELETE", "/profile/current/token/"+made.Token, anas, nil)
	s.send(operation.TokenDelete, "DELETE", "/profile/current/token/"+made.Token, anas, nil)
	s.send(operation.TokenInfo, "GET", "/info", made.Token, nil)
	s.ok(operation.TokenCreate, "POST", "/profile/current/token", anas, byHand).Into(s.World, &made)
	s.ok(operation.TokenLeaked, "POST", "/token/leaked", "", map[string]any{"token": made.Token})
	s.ok(operation.TokenLeaked, "POST", "/token/leaked", "", map[string]any{"token": made.Token})
}

// teams has ana and ben invite each other.
func (s *story) teams(ana, anas, ben, bens string) {
	for _, answer := range []operation.Operation{operation.TeamDecline, operation.TeamAccept} {
		s.Advance(time.Hour)
		s.ok(operation.TeamInvite, "POST", "/profile/current/team", anas, map[string]any{"email": ben, "permission": "read"})
		code := s.code(mailing.KindTeamInvited)
		path := strings.NewReplacer("{token}", code).Replace(answer.Routes[0].Path)
		s.send(answer, "GET", path[:len(path)-1], "", nil)
		s.ok(answer, "GET", path, "", nil)
		s.send(answer, "GET", path, "", nil)
	}
	s.ok(operation.TeamInvite, "POST", "/profile/current/team", bens, map[string]any{"email": ana, "permission": "read"})
	s.ok(operation.InvitationAccept, "POST", "/profile/team/accept/"+s.code(mailing.KindTeamInvited), anas, nil)
}

// text is everything in the table.
func (s *story) text() string {
	s.Helper()
	var b strings.Builder
	for _, it := range s.Items() {
		fmt.Fprintln(&b, it.Text)
	}
	return b.String()
}

func (s *story) keys() (keys []string) {
	s.Helper()
	for _, it := range s.Items() {
		keys = append(keys, it.PK+" "+it.SK)
	}
	return keys
}

// misfortunes are a table that cannot be reached, a provider of mail that names
// the address that it refuses, and panics whose text has values of the request.
func (s *story) misfortunes(token, email, password string) {
	s.Helper()
	for _, fault := range []testkit.Fault{testkit.BrokenService, testkit.Throttled,
		testkit.LostAnswer} {
		s.Faults.Always(func(string, int) testkit.Fault { return fault })
		for _, got := range []testkit.Answer{
			s.send(operation.AccountLogin, "POST", "/account/login", "", map[string]any{"email": email, "password": password}),
			s.send(operation.AccountGet, "GET", "/account", token, nil),
			s.send(operation.TokenDelete, "DELETE", "/profile/current/token/"+token, token, nil),
			s.send(operation.PasswordRequest, "GET", "/account/passwordreset/"+email, "", nil),
		} {
			if got.Code < 500 {
				s.Errorf("without a table: got %d %q, want 5xx", got.Code, got.Message)
			}
		}
		s.Faults.Always(nil)
	}

	s.Advance(2 * time.Hour)
	s.send(operation.PasswordRequest, "GET", "/account/passwordreset/"+email, "", nil)
	s.Outbox.Refuse(fmt.Errorf("MessageRejected: the identity %s is not verified; Ana <%s>, to=%[1]s", email, email))
	batch := `{"Records":[]}`
	for _, it := range s.Items() {
		if strings.HasPrefix(it.PK, "O#") && strings.Contains(it.Text, "duePK") {
			batch = fmt.Sprintf(`{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"PK":{"S":%q},"SK":{"S":"O"}}}}]}`, it.PK)
		}
	}
	raw, err := app.Handler(operation.MailDeliver, s.Services).Invoke(s.Context(), []byte(batch))
	if err != nil || !strings.Contains(string(raw), "itemIdentifier") {
		s.Errorf("a mail that is refused: got %s, %v; want a record that failed", raw, err)
	}
	s.Advance(time.Hour)
	s.Outbox.Refuse(&problem.Error{Code: problem.CodeInvalid, Message: "no such address: " + email})
	_, err = app.Handler(operation.MailRetry, s.logging()).Invoke(s.Context(), []byte(`{}`))
	if err == nil || len(s.addresses.find(err.Error())) > 0 ||
		len(s.secrets.find(err.Error())) > 0 {
		s.Errorf("a mail that can never be sent: got %v, want an error that names nobody", err)
	}

	broken := *s.World
	for _, cause := range []any{
		errors.New("no item for " + email + " with " + token),
		"GET /account/confirm/" + strings.TrimPrefix(token, "p-") + "?email=" + url.QueryEscape(email),
		fmt.Sprintf("%+v", map[string]string{"email": email, "token": token}),
	} {
		broken.Services = service.New(service.Config{Background: s.Background, Store: s.Store,
			Now: func() time.Time {
				panic(cause)
			}, Log: slog.Default()})
		if got := broken.Call(operation.AccountGet, "GET", "/account", token, nil); got.Code != 500 {
			s.Errorf("a panic: got %d, want 500", got.Code)
		}
		_, err := app.Handler(operation.TokenExpire, broken.Services).
			Invoke(s.Context(), []byte(`{}`))
		if err == nil {
			s.Error("a sweep that panics reports success")
		}
	}
	s.code(mailing.KindPasswordReset)
}

// logging are the services with the log of the process, as functions have them.
func (s *story) logging() *service.Services {
	return service.New(service.Config{Background: s.Background, Store: s.Store, Now: s.Now,
		Mailer: s.Outbox, Keys: testkit.Keys, Log: slog.Default()})
}

// sane proves that the scan finds secrets. It finds those of this story when a
// line has the headers, the body or the path of a request, or an item of the
// table has one.
func (s *story) sane() {
	s.Helper()
	seen := map[string]int{}
	for _, event := range s.sent {
		for what, line := range map[string][]any{
			"headers": {"headers", event.Headers}, "body": {"body", event.Body}, "path": {"path", event.RawPath}, "query": {"query", event.RawQueryString},
		} {
			var b bytes.Buffer
			adapter.NewLog(&b, slog.LevelInfo, "test").Info("planted", line...)
			if found := s.secrets.find(b.String()); len(found) > 0 {
				seen[what]++
			}
			if slices.Contains([]string{"body", "path"}, what) && len(s.addresses.find(b.String())) > 0 {
				seen["address in a "+what]++
			}
		}
	}
	for _, what := range []string{"headers", "body", "path", "query", "address in a body", "address in a path"} {
		if seen[what] == 0 {
			s.Errorf("no secret was found in a planted %s", what)
		}
	}
	s.Advance(2 * time.Hour)
	s.ok(operation.PasswordRequest, "GET", "/account/passwordreset/"+"ana.secret@example.org", "", nil)
	code := s.code(mailing.KindPasswordReset)
	if len(s.secrets.find(s.text())) > 0 {
		s.Error("the table has a secret before one is planted")
	}
	_, err := s.Client.PutItem(s.Context(),
		&dynamodb.PutItemInput{TableName: &s.Table, Item: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "planted"}, "SK": &types.AttributeValueMemberS{Value: "planted"},
			"data": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"code": &types.AttributeValueMemberS{Value: code}}},
		}})
	s.OK(err)
	if len(s.secrets.find(s.text())) == 0 {
		s.Error("no secret was found in a planted item of the table")
	}
	for what, line := range map[string]string{
		"answered": `"msg":"answered"`, "a sweep": "the sweep did not finish", "a record": "a record of the stream failed", "a panic": "panic:",
	} {
		if !strings.Contains(logged.String(), line) {
			s.Errorf("the log has no line of %s: it was not captured", what)
		}
	}
}

// The text of an error stays as it is, apart from secrets and addresses.
func TestErrorsAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()
	credential := secret.NewCredential()
	hash := secret.Passwords{}.Hash("granite otter lantern")
	for _, c := range []struct{ name, text, want string }{
		{"nothing secret", "dynamodb GetItem: timeout after 2 s (request 3f2a-11)", "dynamodb GetItem: timeout after 2 s (request 3f2a-11)"},
		{"a token", "bad " + credential.Token() + ".", "bad p-" + credential.ID + "***."},
		{"a code in a path", "GET /x/" + credential.Code() + "/y", "GET /x/" + credential.ID + "***/y"},
		{"a token that is too long", credential.Token() + "x7", "p-" + credential.ID + "***"},
		{"an address", "to <ana@example.com>, or ana+x@mail.example.com: no", "to <***>, or ***: no"},
		{"an address in a URL", "/reset/ana%40example.com", "***"},
		{"a hash", "hash " + hash + " is odd", "hash ***,t=2,*** is odd"},
		{"a file in a stack", "\t/mod/github.com/aws/aws-sdk-go-v2@v1.42.0/aws/x.go:12 +0x1f", "\t/mod/github.com/aws/aws-sdk-go-v2@v1.42.0/aws/x.go:12 +0x1f"},
		{"a long name", "TransactionCanceledExceptionOfLongNames", "TransactionCanceledExceptionOfLongNames"},
		{"an id", "profile 01a20c000000000000000001", "profile 01a20c000000000000000001"},
		{"not UTF-8", "\xff@\xfe.x ok", "*** ok"},
		{"nothing", "", ""},
	} {
		var b bytes.Buffer
		adapter.NewLog(&b, slog.LevelInfo, "test").Error("failed", "error", c.text)
		var line struct{ Error string }
		if err := json.Unmarshal(b.Bytes(), &line); err != nil || line.Error != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.name, line.Error, err, c.want)
		}
	}
}
