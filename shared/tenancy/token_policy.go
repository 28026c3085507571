package tenancy

import (
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// TokenPolicy is what the owner of a profile decides about its tokens. How long
// they may live applies to tokens that are made for the profile, or moved to
// it, from now on; the rest applies to all of them. The zero policy admits all
// and disables none.
type TokenPolicy struct {
	LongestDays   int  // 0: no limit
	NoNever       bool // tokens that never expire are refused, also without a limit
	DisableUnused bool // tokens that were not used for DisabledAfter are disabled
	QuietNetworks bool // nobody is told of a token's first use from a network
}

// String says how long tokens may live.
func (p TokenPolicy) String() string {
	longest, never := "any number of days", ", or for ever"
	if p.LongestDays != 0 {
		longest = value.Plural(p.LongestDays, "day")
	}
	if p.NoNever {
		never = ""
	}
	return longest + never
}

// maxPolicyDays is the largest limit: no token that expires lives longer.
const maxPolicyDays = longestLife * 365

// TokenPolicyEdit is a partial change of a policy; a nil field stays as it is.
type TokenPolicyEdit struct {
	LongestDays      *int // 0: no limit
	Never            *bool
	DisableUnused    *bool
	NotifyNewNetwork *bool
}

// Edit returns the policy with the change applied. Errors: CodeInvalid naming
// the field, and for a change without a field.
func (p TokenPolicy) Edit(e TokenPolicyEdit) (TokenPolicy, error) {
	if e == (TokenPolicyEdit{}) {
		return p, problem.Invalid("longest_days, never, disable_unused or notify_new_network is required: how long tokens may live, whether they may live for ever, whether unused ones are disabled, and whether you are told of new networks").
			At("longest_days", "never", "disable_unused", "notify_new_network")
	}
	if e.LongestDays != nil {
		if p.LongestDays = *e.LongestDays; p.LongestDays < 0 || p.LongestDays > maxPolicyDays {
			return p, problem.InvalidField("longest_days", problem.FieldRange, "must be a whole number from 1 to %d, or null for no limit", maxPolicyDays).
				Bound(maxPolicyDays)
		}
	}
	if e.Never != nil {
		p.NoNever = !*e.Never
	}
	if e.DisableUnused != nil {
		p.DisableUnused = *e.DisableUnused
	}
	if e.NotifyNewNetwork != nil {
		p.QuietNetworks = !*e.NotifyNewNetwork
	}
	return p, nil
}

// Looser reports whether the policy admits a life that another one refuses,
// leaves tokens alone that the other one disables, or keeps quiet where the
// other one tells.
func (p TokenPolicy) Looser(than TokenPolicy) bool {
	return than.NoNever && !p.NoNever ||
		than.DisableUnused && !p.DisableUnused ||
		p.QuietNetworks && !than.QuietNetworks ||
		than.LongestDays != 0 && (p.LongestDays == 0 || p.LongestDays > than.LongestDays)
}

// last returns the latest end that the limit admits for a token made at now.
func (p TokenPolicy) last(now time.Time) time.Time {
	return now.Add(time.Duration(p.LongestDays) * 24 * time.Hour)
}

// Admits refuses (CodeForbidden) a token whose end, expires, is later than the
// policy admits. A zero expires means never.
func (p TokenPolicy) Admits(expires, now time.Time) error {
	if expires.IsZero() {
		if p.NoNever {
			return problem.Forbidden("The owner of the profile does not allow tokens that never expire: give the token an end with expire_time").
				For(problem.ReasonTokenPolicy).
				With("never", false)
		}
		return nil
	}
	if p.LongestDays != 0 && expires.After(p.last(now)) {
		return problem.Forbidden("The owner of the profile allows tokens to live %d days at most: this one would end later", p.LongestDays).
			For(problem.ReasonTokenPolicy).
			With("longest_days", p.LongestDays)
	}
	return nil
}

// Shortened returns expires, or the latest end that the policy admits if
// expires is later. It is for tokens whose end the client did not choose.
func (p TokenPolicy) Shortened(expires, now time.Time) time.Time {
	if p.Admits(expires, now) == nil {
		return expires
	}
	return p.last(now)
}

// Differences lists the fields of the policy that differ from was.
func (p TokenPolicy) Differences(was TokenPolicy) []auditlog.Change {
	return auditlog.Differences(
		auditlog.Changed("token_policy.longest_days", was.days(), p.days()),
		auditlog.Changed(
			"token_policy.never",
			strconv.FormatBool(!was.NoNever),
			strconv.FormatBool(!p.NoNever),
		),
		auditlog.Changed(
			"token_policy.disable_unused",
			strconv.FormatBool(was.DisableUnused),
			strconv.FormatBool(p.DisableUnused),
		),
		auditlog.Changed(
			"token_policy.notify_new_network",
			strconv.FormatBool(!was.QuietNetworks),
			strconv.FormatBool(!p.QuietNetworks),
		),
	)
}

func (p TokenPolicy) days() string {
	if p.LongestDays == 0 {
		return "no limit"
	}
	return strconv.Itoa(p.LongestDays)
}
