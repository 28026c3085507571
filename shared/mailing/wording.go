package mailing

import (
	"fmt"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// Source says from where a request came; address is empty where that is not
// known.
func Source(address string) string { return orWord(address, "an unknown address") }

// Resets says when the count of a service begins again: never for a level, of
// which again is zero. form writes the time.
func Resets(again time.Time, form func(time.Time) string) string {
	if again.IsZero() {
		return "It is a level: use falls when something is removed."
	}
	return "The count begins again on " + form(again) + "."
}

// NextOfUnused says what happens to a token that stays unused; disabled says
// that the policy of its profile disables it.
func NextOfUnused(disabled bool) string {
	if disabled {
		return fmt.Sprintf(
			"If it is not used for %d days, it is disabled: the owner of the profile has chosen that.",
			tenancy.DisabledAfter/(24*time.Hour),
		)
	}
	return "It stays as it is until somebody deletes it."
}

// Optional returns a text that a person may leave out.
func Optional(text string) string { return orWord(text, "(none)") }

// Needs says whose agreement a transfer needs.
func Needs(p transfer.Policy) string {
	if p == transfer.PolicyAuto {
		return "Nothing moves before both of you have agreed."
	}
	return "Nothing moves before both of you have agreed and our support desk has approved it."
}

// Missing lists the checks that do not hold, a line each, with what puts them
// right. It is empty when all hold.
func Missing(checks transfer.Checks) string {
	var lines []string
	for _, c := range checks {
		if !c.OK {
			lines = append(lines, "- "+string(c.Code)+": "+c.String())
		}
	}
	return strings.Join(lines, "\n")
}

// MissingOrNothing is Missing for a mail that is sent in any case.
func MissingOrNothing(checks transfer.Checks) string { return orWord(Missing(checks), "nothing") }

// Unanswered adds a question of the desk to what is missing.
func Unanswered(missing string) string {
	return strings.TrimSpace("- support waits for your answer to its question\n" + missing)
}

// Reason gives the reason of an end, empty for an end without one.
func Reason(reason string) string {
	if reason == "" {
		return ""
	}
	return "The reason: " + reason
}

// Stays tells a previous owner what becomes of their access; previous is nil
// for one who does not stay in the team.
func Stays(previous *tenancy.Member) string {
	if previous == nil {
		return "You can no longer open it."
	}
	return fmt.Sprintf("You stay in its team, with %s permission.", previous.Permission)
}

// Yours tells the owner to whom a profile returns.
const Yours = "It is yours again."

// By names the party that asks a transfer back.
func By(asked transfer.Party) string {
	return map[transfer.Party]string{
		transfer.PartySource:      "the present owner",
		transfer.PartyDestination: "the previous owner",
		transfer.PartySupport:     "the support desk",
	}[asked]
}

// Team says how many active members a team has.
func Team(t tenancy.Team) string {
	if n := len(t.Joined()); n != 1 {
		return fmt.Sprintf("%d members", n)
	}
	return "1 member"
}

// Amounts lists amounts that are not zero, a line each.
func Amounts(a plan.Amounts) string {
	var lines []string
	for _, service := range plan.Services() {
		if n := a[service]; n != 0 {
			lines = append(lines, fmt.Sprintf("%s: %d %s", service.Title(), n, service.Unit()))
		}
	}
	return orWord(strings.Join(lines, "\n"), "nothing, as it has no allocation")
}

// Addons names add-ons with what they cost their owner from the next renewal
// on.
func Addons(a billing.Addons) string {
	var lines []string
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			cents := one.Price()
			lines = append(lines, fmt.Sprintf("%s, %d.%02d USD a month from your next renewal on",
				one, cents/100, cents%100))
		}
	}
	return orWord(strings.Join(lines, "; "), "none")
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
