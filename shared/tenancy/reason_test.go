package tenancy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"profiles/shared/tenancy"
)

var classes = []tenancy.Code{
	tenancy.CodeInvalid, tenancy.CodeUnauthenticated, tenancy.CodeForbidden, tenancy.CodeNotFound, tenancy.CodeConflict, tenancy.CodeTooMany,
	tenancy.CodeTooLarge, tenancy.CodeUnavailable, tenancy.CodeInternal,
}

// declared are the constants of type Reason in the source, by their names.
func declared(t *testing.T) map[string]tenancy.Reason {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]tenancy.Reason{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "Reason" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out[spec.Names[0].Name] = tenancy.Reason(text)
		}
		return true
	})
	return out
}

func TestEveryReasonIsDescribed(t *testing.T) {
	t.Parallel()
	snake := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	described := map[tenancy.Reason]tenancy.Code{}
	for _, r := range tenancy.Reasons() {
		if _, again := described[r.Reason]; again || !snake.MatchString(string(r.Reason)) {
			t.Errorf("%s: a reason needs a name of its own, in snake case", r.Reason)
		}
		if !slices.Contains(classes, r.Class) {
			t.Errorf("%s: got the class %q", r.Reason, r.Class)
		}
		if len(r.Help) < 20 || strings.ContainsAny(r.Help, "\n|") || strings.HasSuffix(r.Help, ".") {
			t.Errorf("%s: got the help %q, want one line, without a dot at its end", r.Reason, r.Help)
		}
		described[r.Reason] = r.Class
	}
	names := declared(t)
	for name, r := range names {
		if _, ok := described[r]; !ok {
			t.Errorf("%s is not in the table", name)
		}
		if words := strings.ToLower(strings.TrimPrefix(name, "Reason")); words != strings.ReplaceAll(string(r), "_", "") {
			t.Errorf("%s: got the name %q", name, r)
		}
	}
	if len(names) != len(described) {
		t.Errorf("got %d constants and %d rows of the table", len(names), len(described))
	}
	for _, c := range classes {
		if got := described[c.Reason()]; got != c {
			t.Errorf("%s: its own reason is of the class %q", c, got)
		}
	}
}

// A reason fixes the status, so that it may refine refusals of its class only; and one that nothing is refused for would be a promise.
func TestEveryReasonRefinesItsClass(t *testing.T) {
	t.Parallel()
	class := map[tenancy.Reason]tenancy.Code{}
	for _, r := range tenancy.Reasons() {
		class[r.Reason] = r.Class
	}
	made := map[string]tenancy.Code{
		"Invalid": tenancy.CodeInvalid, "InvalidField": tenancy.CodeInvalid, "Forbidden": tenancy.CodeForbidden, "LimitReached": tenancy.CodeForbidden,
		"Conflict": tenancy.CodeConflict, "Unauthenticated": tenancy.CodeUnauthenticated, "TooMany": tenancy.CodeTooMany, "NotFound": tenancy.CodeNotFound,
	}
	names, used := declared(t), map[tenancy.Reason]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || nameOf(call.Fun) != "For" {
				return true
			}
			r, ok := names[nameOf(call.Args[0])]
			if !ok {
				return true // that of an invitation
			}
			used[r] = true
			for inner := call; ; {
				next, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr)
				if of, known := made[nameOf(inner.Fun)]; known {
					if of != class[r] {
						t.Errorf("%s: %s is of the class %s, and refines one of %s", path, r, class[r], of)
					}
					return true
				}
				if !ok {
					t.Errorf("%s: cannot tell what %s refines", path, r)
					return true
				}
				if inner, ok = ast.Unparen(next.X).(*ast.CallExpr); !ok {
					t.Errorf("%s: cannot tell what %s refines", path, r)
					return true
				}
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tenancy.Reasons() {
		if own := r.Reason == r.Class.Reason(); own == used[r.Reason] {
			t.Errorf("%s: is that of a class: %v, refines a refusal: %v", r.Reason, own, used[r.Reason])
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Who is invited learns what the plan admits, as the message says, and not how many members there are.
func TestAFullTeamTellsWhoIsInvitedItsLimitAlone(t *testing.T) {
	t.Parallel()
	now := at(t, "2030-03-14T09:26:53Z")
	i := tenancy.Invitation{State: tenancy.InvitationPending, Email: "ben@example.com", Expires: now.Add(1)}
	_, err := i.Accept(tenancy.Account{ID: "b", Active: true, Email: i.Email}, tenancy.Profile{Plan: tenancy.PlanFree}, nil, now)
	want := tenancy.LimitReached("team members", 0).For(tenancy.ReasonTeamFull)
	if !reflect.DeepEqual(err, want) || want.Details["used"] != nil {
		t.Errorf("got %#v, want %#v", err, want)
	}
	_, err = tenancy.Profile{Plan: tenancy.PlanFree}.Invite(tenancy.Account{}, nil, i.Email, tenancy.PermissionRead, "i", now)
	if want := want.With("used", 0).With("plan", tenancy.PlanFree); !reflect.DeepEqual(err, want) {
		t.Errorf("got %#v, want %#v", err, want)
	}
}

// What the rules say to programs. Their messages are held where the rules are tested.
func TestRulesTellProgramsWhy(t *testing.T) {
	t.Parallel()
	second := func(_ any, err error) error { return err }
	now := asked.Add(time.Hour)
	open := agreed(t)
	canceled, err := open.Transfer.Cancel(now)
	if err != nil {
		t.Fatal(err)
	}
	owner := owning(6, "home")
	owner.Shares["plant"] = tenancy.Share{}
	allocate := func(n int64) error {
		return second(owner.Allocate(map[tenancy.ProfileID]map[tenancy.Service]int64{"home": {tenancy.ServiceSMS: n}},
			map[tenancy.ProfileID]tenancy.Usage{"home": usedUp(tenancy.Amounts{tenancy.ServiceSMS: 4})}, halfway))
	}
	rotate := func(token tenancy.Token) error {
		_, _, _, err := token.Rotate("next", nil, 0, now)
		return err
	}
	policy := tenancy.TokenPolicy{LongestDays: 7, NoNever: true}
	both := tenancy.Account{Plan: tenancy.PlanFree, Factors: []tenancy.EnabledFactor{{Factor: tenancy.FactorEmail}, {Factor: tenancy.FactorAuthenticator}}}
	for name, test := range map[string]struct {
		err     error
		reason  tenancy.Reason
		details string
	}{
		"a transfer that has ended":     {second(canceled.Cancel(now)), tenancy.ReasonTransferOver, ""},
		"a return of what is not done":  {second(open.Transfer.Revert(tenancy.PartySource, gives, ticket2, now)), tenancy.ReasonTransferFinal, ""},
		"a transfer that lacks a thing": {second(open.Profile.RequestTransfer(holding(gives, 1), "x@example.com", "", tenancy.PolicyAuto, ticket2, now)), tenancy.ReasonPrerequisitesMissing, `{"missing":["source-keeps-profile"]}`},
		"a transfer to oneself":         {second(open.Profile.RequestTransfer(gives, gives.Email, "", tenancy.PolicyAuto, ticket2, now)), tenancy.ReasonOwnAddress, `{"fields":[{"field":"email"}]}`},
		"a profile on hold":             {tenancy.Profile{Transferred: asked}.Deletable(now), tenancy.ReasonTransferHold, `{"until":"2030-05-13T10:00:00.000Z"}`},
		"less than is used":             {allocate(3), tenancy.ReasonAllocationUnder, `{"limit":4,"profile":"home","service":"sms"}`},
		"what is not left":              {second(gives.AddProfile("x", tenancy.Share{Allocation: each(5000)}, now)), tenancy.ReasonAllocationLacks, ""},
		"tokens for ever":               {policy.Admits(time.Time{}, now), tenancy.ReasonTokenPolicy, `{"never":false}`},
		"tokens for long":               {policy.Admits(now.AddDate(1, 0, 0), now), tenancy.ReasonTokenPolicy, `{"longest_days":7}`},
		"a token that was rotated":      {rotate(tenancy.Token{Retires: now}), tenancy.ReasonTokenRotated, ""},
		"a token that is disabled":      {rotate(tenancy.Token{DisabledBy: "x"}), tenancy.ReasonTokenDisabled, ""},
		"pins by mail":                  {both.CanEnable(tenancy.FactorEmail), tenancy.ReasonPlanLacks, `{"needs":["starter","scale"],"plan":"free"}`},
		"a second factor":               {both.NeedsFactor(), tenancy.ReasonSecondFactorRequired, `{"factors":["email","authenticator"],"first":"authenticator"}`},
		"a spent budget of mails":       {tenancy.MailsToOthers.Spent(now.Add(time.Hour), now), tenancy.ReasonMailLimit, `{"budget":"mails-to-others","limit":20}`},
		"another line of an event":      {tenancy.UsageLine{Service: tenancy.ServiceSMS, Amount: 1}.Repeats(tenancy.UsageAnswer{Service: tenancy.ServiceEmail}), tenancy.ReasonEventReused, ""},
	} {
		var e *tenancy.Error
		if !errors.As(test.err, &e) {
			t.Errorf("%s: got %v", name, test.err)
			continue
		}
		details := ""
		if e.Details != nil {
			raw, err := json.Marshal(e.Details)
			if err != nil {
				t.Fatal(err)
			}
			details = string(raw)
		}
		if e.Reason != test.reason || details != test.details {
			t.Errorf("%s: got %s %s for %q, want %s %s", name, e.Reason, details, e.Message, test.reason, test.details)
		}
	}
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	for want, err := range map[tenancy.Reason]error{
		"":                               nil,
		tenancy.ReasonInternal:           errors.New("the network is down"),
		tenancy.ReasonForbidden:          tenancy.Forbidden("x"),
		tenancy.ReasonUnavailable:        &tenancy.Error{Code: tenancy.CodeUnavailable, Err: errors.New("throttled")},
		tenancy.ReasonNoToken:            fmt.Errorf("words around it: %w", tenancy.ErrNoToken),
		tenancy.ReasonAddressUnconfirmed: tenancy.Account{}.CanSignIn(),
		tenancy.ReasonAccountBlocked:     tenancy.Account{Blocked: true}.CanSignIn(),
		tenancy.ReasonKeyUnanswered:      tenancy.ErrInProgress,
		tenancy.ReasonConflict:           tenancy.ErrConflict,
		tenancy.ReasonInvalidCredentials: tenancy.ErrInvalidCredentials,
	} {
		if got := tenancy.ReasonOf(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
