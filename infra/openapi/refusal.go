package openapi

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
)

func refusal(status int, reasons []problem.Reason) *Response {
	codes := &jsonschema.Schema{}
	for _, reason := range reasons {
		codes.Enum = append(codes.Enum, string(reason))
	}
	response := &Response{
		Description: http.StatusText(status) + ".", Reasons: reasons,
		Content: map[string]MediaType{mediaJSON: {Schema: &jsonschema.Schema{
			AllOf: []*jsonschema.Schema{
				{Ref: schemaPrefix + "Refusal"},
				{Type: "object", Properties: map[string]*jsonschema.Schema{"code": codes}},
			},
		}}},
	}
	if status == http.StatusTooManyRequests {
		response.Headers = rateHeaders()
		response.Headers["Retry-After"] = Reference{"#/components/headers/Retry-After"}
	}
	return response
}

// byStatus groups reasons by the status that they are answered with.
func byStatus(reasons []problem.Reason) map[int][]problem.Reason {
	out := map[int][]problem.Reason{}
	for _, facts := range problem.Reasons() {
		if slices.Contains(reasons, facts.Reason) {
			status := httpapi.Fail(&problem.Error{Code: facts.Class}).Status
			out[status] = append(out[status], facts.Reason)
		}
	}
	return out
}

func rateHeaders() map[string]Reference {
	out := map[string]Reference{}
	for _, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} {
		out[name] = Reference{"#/components/headers/" + name}
	}
	return out
}

var rateGroups = map[plan.RateGroup]string{
	plan.RateAccount:      "account",
	plan.RateProfile:      "profile",
	plan.RateNotification: "notification",
	plan.RateTokenInfo:    "token info",
	plan.RateDesk:         "desk",
	plan.RateSource:       "source address",
	plan.RateLogo:         "logo",
}

// who says whom an operation admits.
var who = map[operation.Access]string{
	operation.Anonymous: "Takes no token.",
	operation.Usage:     "Takes any token that works.",
	operation.Read:      "Takes a token with the permission read, write or full.",
	operation.Write:     "Takes a token with the permission write or full.",
	operation.Full:      "Takes a token with the permission full.",
	operation.Owner:     "Takes a token of the profile's owner with the permission full.",
	operation.OwnerOrSelf: "Takes a token of the profile's owner with the permission full, " +
		"and a token of a member for that member itself, with the permission write or full.",
	operation.OwnerOrAccount: "Takes a token of the profile's owner with the permission full, " +
		"or for the account itself any of its tokens with the permission full.",
	operation.OwnerRead: "Takes a token of the profile's owner with the permission read, write or full.",
	operation.OwnerBilling: "Takes a token with the permission billing, write or full, of the profile's owner " +
		"or of a member with the permission billing.",
	operation.OwnerBillingRead: "Takes a token with the permission billing, read, write or full, of the profile's owner " +
		"or of a member with the permission billing.",
	operation.Billing:       "Takes a token with the permission billing, write or full.",
	operation.BillingRead:   "Takes a token with the permission billing, read, write or full.",
	operation.Agent:         "Takes a token with the permission full of an agent of the support desk; for others it does not exist.",
	operation.AgentRead:     "Takes a token with the permission read, write or full of an agent of the support desk; for others it does not exist.",
	operation.Browser:       "Takes the session of a browser, in a request of this service's own pages.",
	operation.DataPlane:     "Takes a request of a data plane: signed with AWS Signature Version 4, or with the token of a service account with the permission write or full.",
	operation.DataPlaneRead: "Takes a request of a data plane: signed with AWS Signature Version 4, or with the token of a service account with the permission read, write or full.",
}

// word is the document's name for an access. The released document has fewer
// names: what admits more callers than the name says keeps the name that it had
// there, and the description of the operation explains it.
func word(a operation.Access) string {
	switch a {
	case operation.OwnerOrSelf, operation.OwnerOrAccount:
		a = operation.Owner
	case operation.OwnerBilling:
		return "owner, write"
	case operation.OwnerBillingRead:
		a = operation.OwnerRead
	case operation.Usage, operation.BillingRead:
		a = operation.Read
	case operation.Billing:
		a = operation.Write
	}
	return string(a)
}

func describe(o operation.Operation) string { return strings.TrimSpace(Who(o) + " " + Limit(o)) }

// Who describes the callers that an operation admits.
func Who(o operation.Operation) string {
	words := []string{who[o.Access]}
	if o.Codes {
		words = append(words, "The code of a mail takes the place of the token.")
	}
	if o.Acts {
		words = append(words, "Although a GET, as links are, it changes something.")
	}
	return strings.Join(words, " ")
}

// Limit says how often an operation may be called, "" when there is no limit.
func Limit(o operation.Operation) string {
	switch group := o.RateGroup(); group {
	case plan.RateNone:
		return ""
	case plan.RateSource, plan.RateLogo:
		return fmt.Sprintf(
			"%d requests a minute from one network address.",
			group.PerMinute(plan.Free),
		)
	default:
		return fmt.Sprintf(
			"%d, %d or %d requests a minute of one profile, with the plan free, starter or scale.",
			group.PerMinute(plan.Free),
			group.PerMinute(plan.Starter),
			group.PerMinute(plan.Scale),
		)
	}
}

// values describes the parameters of paths by name; descriptions for single
// operations come first.
var values = map[string]struct{ is, words string }{
	"id": {
		"profile",
		"The id of the profile, or `current` for the one that the token was made for.",
	},
	"account-confirm token":    {"mail_code", "The code from the mail."},
	"team-accept token":        {"mail_code", "The code from the mail."},
	"team-decline token":       {"mail_code", "The code from the mail."},
	"invitation-accept token":  {"mail_code", "The code from the mail."},
	"invitation-decline token": {"mail_code", "The code from the mail."},
	"notification-action id":   {"notification_id", "The id of the notification."},
	"notification-delete id":   {"notification_id", "The id of the notification."},
	"token":                    {"", "The token: itself, its masked form, or its id."},
	"email":                    {"", "The e-mail address of the account."},
	"member":                   {"member", "The id of the member's account, or of the invitation."},
	"ticket":                   {"", "The number of the transfer's ticket."},
	"type":                     {"factor", "The kind of second factor."},
	"button":                   {"button", "The button: accept or refuse."},
	"query":                    {"", "The queryId of an earlier answer."},
	"code":                     {"", "The code of the coupon."},
	"addon":                    {"addon", "The add-on."},
	"session":                  {"session", "The id of the session."},
	"webhook":                  {"webhook_id", "The id of the webhook."},
	"alert":                    {"alert_id", "The id of the alert."},
	"backup":                   {"backup_id", "The id of the backup."},
	"delivery":                 {"webhook_id", "The id of the delivery, which is that of the event."},
}

// Reasons lists why an operation may refuse: the reasons in its entry, and
// those that follow from its access and its input.
func Reasons(o operation.Operation) []problem.Reason {
	out := slices.Clone(o.Refuses)
	add := func(when bool, reasons ...problem.Reason) {
		if when {
			out = append(out, reasons...)
		}
	}
	types := o.Call.Types()
	body := types.Body == operation.Lenient || types.Body == operation.Strict
	token := o.Access != operation.Anonymous
	add(true, problem.ReasonInternal)
	add(!o.Static, problem.ReasonUnavailable, problem.ReasonNewerData)
	add(o.Acts || o.Idempotent(), problem.ReasonMaintenance)
	add(o.RateGroup() != plan.RateNone, problem.ReasonTooMany)
	add(!o.AnyParams, problem.ReasonUnknownParameter, problem.ReasonInvalid)
	add(body || len(o.Params()) > 0 || o.Idempotent(), problem.ReasonInvalid)
	add(body || o.Idempotent() || types.Body == operation.Nothing, problem.ReasonTooLarge)
	add(
		types.Body == operation.Strict || types.Body == operation.Nothing,
		problem.ReasonUnknownField,
	)
	browser := o.Access == operation.Browser
	plane := o.Access.DataPlanes()
	add(token, problem.ReasonNotSameOrigin, problem.ReasonSessionEnded)
	add(browser, problem.ReasonNoSession)
	add(plane, problem.ReasonTokenOnly)
	add(
		ofProfile(o) && token && !plane,
		problem.ReasonNoOwnProfile,
	)
	add(
		token && !browser && !o.Static,
		problem.ReasonNoToken,
		problem.ReasonTokenInvalid,
		problem.ReasonTokenWrongAddress,
		problem.ReasonTokenOneProfile,
	)
	switch o.Access {
	case operation.Anonymous, operation.Browser, operation.Usage, operation.DataPlane:
	default:
		add(true, problem.ReasonNeedsPermission)
	}
	add(o.Access.OfProfile() || o.Access.OwnerOnly(), problem.ReasonOwnerOnly)
	add(plane, problem.ReasonServiceOnly)
	proof := proves(types.In)
	add(
		proof,
		problem.ReasonSecondFactorRequired,
		problem.ReasonInvalidPin,
		problem.ReasonTooManyAttempts,
		problem.ReasonNotOffered,
	)
	add(proof && token, problem.ReasonPasswordRequired, problem.ReasonInvalidPassword)
	add(proof && !token, problem.ReasonInvalidCredentials)
	add(strings.Contains(o.Routes[0].Path, "{"), problem.ReasonNotFound)
	add(o.Access.Agents(), problem.ReasonNotFound)
	add(o.Acts, problem.ReasonConflict)
	add(
		o.Idempotent(),
		problem.ReasonConflict,
		problem.ReasonKeyReused,
		problem.ReasonKeyUnanswered,
	)
	slices.SortFunc(out, func(a, b problem.Reason) int { return cmp.Compare(a, b) })
	return slices.Compact(out)
}

// ofProfile reports whether the path names a profile, for which clients may say
// current.
func ofProfile(o operation.Operation) bool {
	return strings.HasPrefix(o.Routes[0].Path, "/profile/{id}")
}

// proves reports whether a body has what proves who sends it: a password, and a
// pin where the account asks for one.
func proves(in reflect.Type) bool {
	return in != nil && in.Kind() == reflect.Struct &&
		slices.ContainsFunc(reflect.VisibleFields(in), func(f reflect.StructField) bool {
			return f.Tag.Get("json") == "pin_code"
		}) &&
		slices.ContainsFunc(reflect.VisibleFields(in), func(f reflect.StructField) bool {
			return f.Tag.Get("json") == "password" || f.Tag.Get("json") == "current_password"
		})
}
