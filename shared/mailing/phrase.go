package mailing

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// Phrase is a part of a mail that depends on what happened: the name of a text
// that each language has, with the words for it. The renderer writes it.
// Several are lines.
type Phrase string

// The signs that keep the parts of a Phrase apart. No text of a person has
// them, as control characters are refused.
const (
	partOf = "\x1f"
	lineOf = "\x1e"
)

// phrase names a text, with words and their values in turn.
func phrase(name string, words ...string) Phrase {
	return Phrase(partOf + name + partOf + strings.Join(words, partOf))
}

func lines(all []Phrase) Phrase {
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = string(p)
	}
	return Phrase(strings.Join(texts, lineOf))
}

// Line is one line of a Phrase.
type Line struct {
	Name  string
	Words map[string]string
}

// Lines reads the phrase; ok is false for the text of an older mail, which is
// in English.
func (p Phrase) Lines() (all []Line, ok bool) {
	for _, text := range strings.Split(string(p), lineOf) {
		parts := strings.Split(text, partOf)
		if len(parts) < 3 || parts[0] != "" {
			return nil, false
		}
		line := Line{parts[1], map[string]string{}}
		for i := 2; i+1 < len(parts); i += 2 {
			line.Words[parts[i]] = parts[i+1]
		}
		all = append(all, line)
	}
	return all, true
}

// Resets says when the count of a service begins again: never for a level, of
// which again is zero.
func Resets(again time.Time) Phrase {
	if again.IsZero() {
		return phrase("resets-level")
	}
	return phrase("resets", "when", Moment(again))
}

// Lasts says when a membership ends; empty for one without an end.
func Lasts(end time.Time) Phrase {
	if end.IsZero() {
		return ""
	}
	return phrase("lasts", "until", Moment(end.UTC()))
}

// NextOfUnused says what happens to a token that stays unused; disabled says
// that the policy of its profile disables it.
func NextOfUnused(disabled bool) Phrase {
	if disabled {
		return phrase("unused-disabled",
			"days", strconv.Itoa(int(tenancy.DisabledAfter/(24*time.Hour))))
	}
	return phrase("unused-stays")
}

// Optional returns a text that a person may leave out.
func Optional(text string) Phrase {
	if text == "" {
		return phrase("none")
	}
	return Phrase(text)
}

// Needs says whose agreement a transfer needs.
func Needs(p transfer.Policy) Phrase {
	if p == transfer.PolicyAuto {
		return phrase("needs-both")
	}
	return phrase("needs-support")
}

// Missing lists the checks that do not hold, a line each, with what puts them
// right. It is empty when all hold.
func Missing(checks transfer.Checks) Phrase {
	var all []Phrase
	for _, c := range checks {
		if !c.OK {
			all = append(all, phrase("check-"+string(c.Code),
				"code", string(c.Code), "sentence", c.String(), "service", c.Service))
		}
	}
	return lines(all)
}

// MissingOrNothing is Missing for a mail that is sent in any case.
func MissingOrNothing(checks transfer.Checks) Phrase {
	if missing := Missing(checks); missing != "" {
		return missing
	}
	return phrase("nothing")
}

// Unanswered adds a question of the desk to what is missing.
func Unanswered(missing Phrase) Phrase {
	if missing == "" {
		return phrase("unanswered")
	}
	return lines([]Phrase{phrase("unanswered"), missing})
}

// Reason gives the reason of an end, empty for an end without one.
func Reason(reason string) Phrase {
	if reason == "" {
		return ""
	}
	return phrase("reason", "reason", reason)
}

// Outcome says how a transfer stands.
func Outcome(t transfer.Transfer, now time.Time) Phrase {
	return phrase("outcome-"+string(t.State), "sentence", t.Outcome(now))
}

// Stays tells a previous owner what becomes of their access; previous is nil
// for one who does not stay in the team.
func Stays(previous *tenancy.Member) Phrase {
	if previous == nil {
		return phrase("leaves")
	}
	return phrase("stays", "permission", previous.Permission.String())
}

// Yours tells the owner to whom a profile returns.
func Yours() Phrase { return phrase("yours") }

// By names the party that asks a transfer back.
func By(asked transfer.Party) Phrase { return phrase("by-" + string(asked)) }

// Team says how many active members a team has.
func Team(t tenancy.Team) Phrase {
	if n := len(t.Joined()); n != 1 {
		return phrase("members", "count", strconv.Itoa(n))
	}
	return phrase("member")
}

// Amounts lists amounts that are not zero, a line each.
func Amounts(a plan.Amounts) Phrase {
	var all []Phrase
	for _, service := range plan.Services() {
		if n := a[service]; n != 0 {
			all = append(all, phrase("amount",
				"service", service.String(), "count", strconv.FormatInt(n, 10)))
		}
	}
	if all == nil {
		return phrase("no-amounts")
	}
	return lines(all)
}

// Addons names add-ons with what they cost their owner from the next renewal
// on.
func Addons(a billing.Addons) Phrase {
	var all []Phrase
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			all = append(all, phrase("addon",
				"addon", string(one), "price", fmt.Sprintf("%d.%02d", one.Price()/100, one.Price()%100)))
		}
	}
	if all == nil {
		return phrase("no-addons")
	}
	return lines(all)
}

// Happened says what happened to the second factors of an account, as its name
// does; sentence is the same in English, and about what it is about.
func Happened(e FactorEvent, about, sentence string) Phrase {
	return phrase("factors-"+string(e), "about", about, "sentence", sentence)
}

// FactorEvent is something that happens to the second factors of an account.
type FactorEvent string

// What happens to second factors.
const (
	FactorEnabled    FactorEvent = "enabled"
	FactorDisabled   FactorEvent = "disabled"
	FactorsTaken     FactorEvent = "taken" // by the operator
	FactorsCodesMade FactorEvent = "codes-made"
	FactorsCodeUsed  FactorEvent = "code-used"
	FactorsWrong     FactorEvent = "wrong"      // three wrong pins
	FactorsManyWrong FactorEvent = "many-wrong" // so many that none is looked at for a day
)
