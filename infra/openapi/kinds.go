package openapi

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/infra/demo"
	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/event"
	"profiles/shared/operation"
	"profiles/shared/picture"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/transfer"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// A kind is the format of a text, as far as a schema can express it. Input may
// have blanks around it and any letter case, so that a pattern holds for
// answers only, unless it is exact.
type kind struct {
	Type     string // of JSON, where it is no text
	Format   string // as of JSON Schema, for people and generators
	Pattern  string
	exact    bool // the pattern holds for what is sent, too
	Enum     []any
	Min, Max int
	Example  string
}

const (
	idPattern   = `^[0-9a-f]{24}$`
	timePattern = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` // value.TimeFormat
)

// sampleSecret is a secret that signs nothing.
const sampleSecret = "c2FtcGxlIHNlY3JldCBvZiBub2JvZHkh"

// eventPatterns are all that select events.
func eventPatterns() []any {
	out := []any{"*"}
	seen := map[string]bool{}
	for _, f := range event.Types() {
		if group := f.Group() + ".*"; !seen[group] {
			seen[group] = true
			out = append(out, group)
		}
		out = append(out, string(f.Type))
	}
	return out
}

// kinds are what the tag is of a field may name. The bounds are the rules' own.
var kinds = map[string]kind{
	"email":    {Format: "email", Max: 254, Example: "ana@example.com"},
	"password": {Format: "password", Example: demo.Password},
	"new_password": {
		Format:  "password",
		Min:     value.MinPassword,
		Max:     value.MaxPassword,
		Example: demo.Password,
	},
	"pin":         {Example: "123456"},
	"webhook_url": {Format: "uri", Max: webhook.MaxURL, Example: "https://example.com/events"},
	"webhook_id":  {Pattern: idPattern, exact: true, Example: "0123456789abcdef01234567"},
	"alert_id":    {Pattern: idPattern, exact: true, Example: "0123456789abcdef01234567"},
	"backup_id":   {Pattern: idPattern, exact: true, Example: "0123456789abcdef01234567"},
	"backup_state": {
		Enum: set(operation.BackupCompleted), Example: "completed",
	},
	"backup_reason": {Enum: set(backup.Reasons()...), Example: "request"},
	"backup_part":   {Enum: set(backup.Parts()...), Example: "settings"},
	"alert_action": {
		Enum: set(billing.AlertActions()...), Example: "mail",
	},
	"alert_stop": {
		Enum: set(billing.StopNone, billing.StopService, billing.StopAll), Example: "service",
	},
	"event_pattern": {
		Enum: eventPatterns(), Example: "token.*",
	},
	"event_type":     {Pattern: `^[a-z]+\.[a-z_]+$`, Example: "token.created"},
	"webhook_note":   {Max: webhook.MaxNote, Example: "Inventory"},
	"webhook_secret": {Pattern: `^whsec_[0-9A-Za-z+/]{32}$`, Example: "whsec_" + sampleSecret},
	"delivery_state": {
		Enum: set(webhook.Pending, webhook.Delivered, webhook.Dead), Example: "delivered",
	},
	"factor": {
		Enum:    set(tenancy.FactorAuthenticator, tenancy.FactorEmail),
		Example: "authenticator",
	},
	"mail_code":       {Example: "Sample00ThisCodeConfirmsNobody5aUJ"},
	"profile_id":      {Pattern: idPattern, exact: true, Example: string(demo.Profile)},
	"profile":         {Pattern: `^([0-9a-f]{24}|current)$`, exact: true, Example: "current"},
	"account_id":      {Pattern: idPattern, exact: true, Example: string(demo.Profile)},
	"notification_id": {Pattern: idPattern, exact: true, Example: "0123456789abcdef01234567"},
	"member":          {Pattern: idPattern, exact: true, Example: "0123456789abcdef01234567"},
	"ticket": {
		Pattern: `^TR-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`,
		Example: "TR-7K3M-92QD",
	},
	"session": {Pattern: `^s-[0-9A-J][0-9A-Za-z]{7}$`, exact: true, Example: "s-0Sample0"},
	"role":    {Enum: set(operation.RoleSupport, operation.RoleDataPlane), Example: "support"},
	"member_state": {
		Enum:    set(operation.MemberActive, operation.MemberOpen, operation.MemberExpired),
		Example: "active",
	},
	"png":          {Min: 1, Max: (picture.MaxLogo + 2) / 3 * 4},
	"profile_role": {Enum: set(operation.RoleOwner, operation.RoleMember), Example: "owner"},
	"token":        {Example: demo.Owner.Token()},
	"token_name":   {Min: 1, Max: value.MaxName, Example: "Sample"},
	"profile_name": {Min: 1, Max: value.MaxName, Example: "Greenhouse"},
	"person_name":  {Min: 1, Max: value.MaxName, Example: "Ana Sample"},
	"company":      {Max: value.MaxName, Example: "Ana & Co"},
	"phone":        {Max: tenancy.MaxPhone, Example: "+351 22 000 0000"},
	"country":      {Max: value.MaxName, Example: "PT"},
	"timezone":     {Example: "Europe/Lisbon"},
	"language":     {Max: tenancy.MaxLanguage, Example: "en"},
	"url":          {Format: "uri", Max: 2048, Example: "https://example.com/logo.png"},
	"logo":         {Format: "uri-reference", Max: 2048, Example: "/logo/ebf069468eca712b641a1ad47c5bec39"},
	"new_logo":     {Format: "uri-reference", Max: 2048, Example: "https://example.com/logo.png"},
	"permission":   {Enum: permissions(), Example: "write"},
	"scope": {
		Enum:    set(tenancy.ScopeAccount.String(), tenancy.ScopeProfile.String()),
		Example: "profile",
	},
	"expiry":   {Example: "3 months"},
	"duration": {Example: "12 hours"},
	"cidr":     {Example: "192.0.2.0/24"},
	"time": {
		Format:  "date-time",
		Pattern: timePattern,
		Example: "2030-03-14T09:26:53.589Z",
	},
	"date":     {Example: "2030-03-14"},
	"month":    {Pattern: `^(\d{4}-\d\d)?$`, exact: true, Example: "2030-03"},
	"title":    {Min: 1, Max: tenancy.MaxTitle, Example: "Greenhouse"},
	"text":     {},
	"event":    {Max: billing.MaxEvent, Example: "0f8b1c"},
	"service":  {Enum: services(), Example: "input"},
	"addon":    {Enum: set(plan.AllAddons()...), Example: "custom_dns"},
	"plan":     {Enum: set(plan.Plans()...), Example: "scale"},
	"currency": {Enum: set("usd")},

	"flag":        {Type: "boolean"}, // in any letter case, or 1 and 0
	"whole":       {Type: "integer", Min: 1, Max: auditlog.MaxAuditLimit},
	"separator":   {Max: 1, Example: "."},
	"date_format": {Enum: set(tenancy.DateFormats()...), Example: "YYYY-MM-DD"},
	"time_format": {Enum: set(tenancy.TimeFormats()...), Example: "24"},
	"mail_preference": {
		Enum:    set(topic.MailEach, topic.MailDaily, topic.MailOff),
		Example: "daily",
	},
	"show_updated": {Enum: set(tenancy.LastUpdatedPlaces()...), Example: "footer"},
	"billing_text": {Max: billing.MaxAddressLine, Example: "Porto"},
	"long_text":    {Max: transfer.MaxText, Example: "The plant is yours from now on."},
	"note_text":    {Min: 1, Max: tenancy.MaxMessage, Example: "The window is open."},
	"note_kind": {
		Enum:    set(transfer.EventNote, transfer.EventQuestion, transfer.EventAnswer),
		Example: "note",
	},
	"notification_type": {
		Enum:    set("tago", "profile", "limit_alert", "dashboard", "bucket", "analysis"),
		Example: "profile",
	},
	"periodicity":  {Enum: set("hour", "day", "month", "year"), Example: "day"},
	"direction":    {Enum: set("asc", "desc"), Example: "desc"},
	"audit_format": {Enum: set("json", "csv", "ndjson"), Example: "json"},
	"cost_format":  {Enum: set("json", "csv"), Example: "json"},
	"payment_id":   {Example: "0123456789abcdef01234567"},
	"button":       {Enum: set(tenancy.ButtonAccept, tenancy.ButtonRefuse), Example: "accept"},
}

func set[T ~string](values ...T) (out []any) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

func permissions() (out []any) {
	for _, p := range tenancy.Permissions() {
		out = append(out, p.String())
	}
	return out
}

func services() (out []any) {
	for _, one := range plan.Services() {
		out = append(out, one.String())
	}
	return out
}

func (k kind) schema(way direction) *jsonschema.Schema {
	if k.Type != "" {
		s := &jsonschema.Schema{Type: k.Type}
		if k.Max > 0 {
			s.Minimum, s.Maximum = jsonschema.Ptr(float64(k.Min)), jsonschema.Ptr(float64(k.Max))
		}
		return s
	}
	s := &jsonschema.Schema{Type: "string", Format: k.Format, Enum: k.Enum}
	if k.exact || way == answered {
		s.Pattern = k.Pattern
	}
	if k.Min > 0 {
		s.MinLength = &k.Min
	}
	if k.Max > 0 && way == sent {
		s.MaxLength = &k.Max
	}
	if k.Example != "" {
		s.Examples = []any{k.Example}
	}
	return s
}

// sets are the types of tenancy with a closed set of values, and those whose
// values have one form.
var sets = map[reflect.Type]kind{
	reflect.TypeFor[plan.Plan]():              kinds["plan"],
	reflect.TypeFor[topic.Mail]():             kinds["mail_preference"],
	reflect.TypeFor[plan.Addon]():             kinds["addon"],
	reflect.TypeFor[tenancy.Factor]():         kinds["factor"],
	reflect.TypeFor[value.ProfileID]():        kinds["profile_id"],
	reflect.TypeFor[value.AccountID]():        kinds["account_id"],
	reflect.TypeFor[value.SessionID]():        kinds["session"],
	reflect.TypeFor[tenancy.NotificationID](): kinds["notification_id"],
	reflect.TypeFor[transfer.ID]():            kinds["ticket"],
	reflect.TypeFor[tenancy.NotificationType](): {
		Enum: set(
			tenancy.NotificationAccount,
			tenancy.NotificationProfile,
			tenancy.NotificationLimit,
		),
	},
	reflect.TypeFor[billing.ChargeKind](): {
		Enum: set(billing.ChargePlan, billing.ChargeService, billing.ChargeAddon),
	},
	reflect.TypeFor[transfer.Party](): {
		Enum: set(
			transfer.PartySource,
			transfer.PartyDestination,
			transfer.PartySupport,
			transfer.PartySystem,
		),
	},
	reflect.TypeFor[transfer.State](): {
		Enum: set(
			transfer.Requested,
			transfer.Completed,
			transfer.Canceled,
			transfer.Declined,
			transfer.Rejected,
			transfer.Expired,
			transfer.Failed,
		),
	},
	reflect.TypeFor[transfer.Policy](): {Enum: set("support", "auto")},
	reflect.TypeFor[value.Email]():     {},
	reflect.TypeFor[transfer.EventKind](): {
		Enum: set(
			transfer.EventRequested,
			transfer.EventConfirmed,
			transfer.EventAccepted,
			transfer.EventApproved,
			transfer.EventNote,
			transfer.EventQuestion,
			transfer.EventAnswer,
			transfer.EventExtended,
			transfer.EventReminded,
			transfer.EventWaiting,
			transfer.EventReturned,
			transfer.EventEnded,
		),
	},
	reflect.TypeFor[transfer.CheckCode](): {
		Enum: set(
			transfer.CheckSourceActive,
			transfer.CheckSourcePlan,
			transfer.CheckSourceKeeps,
			transfer.CheckNoOther,
			transfer.CheckLock,
			transfer.CheckHold,
			transfer.CheckDestAccount,
			transfer.CheckDestActive,
			transfer.CheckDestPlan,
			transfer.CheckDestProfiles,
			transfer.CheckDestAllocated,
			transfer.CheckDestStored,
			transfer.CheckDestTeam,
			transfer.CheckDestAddons,
			transfer.CheckSource,
			transfer.CheckDestination,
		),
	},
}

// closed is the schema of a type in sets, nil for others.
func closed(t reflect.Type) *jsonschema.Schema {
	if k, ok := sets[t]; ok {
		return k.schema(answered)
	}
	return nil
}
