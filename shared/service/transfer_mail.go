package service

import (
	"fmt"
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// announce tells everybody of a new request: the desk, the owner, and whoever
// holds the address.
func (s Transfers) announce(
	tx *store.Tx,
	given tenancy.TransferContext,
	confirm, answer string,
	now time.Time,
) {
	t, source := given.Transfer, given.Source
	if t.Policy != tenancy.PolicyAuto {
		s.send(
			tx,
			s.newMail(
				tenancy.MessageTransferDesk,
				tenancy.SupportDesk,
				now,
				words(given, map[string]string{
					"message": orWord(
						t.Message,
						"(none)",
					),
					"missing": orWord(given.Checks(now).Missing(), "nothing"),
				}),
			),
		)
	}
	s.mailConfirm(tx, given, confirm, now)
	if given.Destination.ID != "" {
		tx.Notify(s.notice(given.Destination.ID, "A profile is offered to you", fmt.Sprintf(
			"%s (%s) offers you the profile %s. The mail about the transfer %s has the link to answer.",
			value.Isolated(source.Name),
			source.Email,
			value.Isolated(t.ProfileName),
			t.ID,
		), now).As(tenancy.NotificationProfile).
			About(string(t.ID)))
	}
	s.mailOffer(tx, given, answer, now)
}

// mailConfirm sends the owner the code that confirms a request.
func (s Transfers) mailConfirm(
	tx *store.Tx,
	given tenancy.TransferContext,
	code string,
	now time.Time,
) {
	more := map[string]string{"code": code}
	m := s.newMail(tenancy.MessageTransferRequested, given.Source.Email, now, words(given, more))
	s.send(tx, m.In(given.Source.Timezone))
}

// mailOffer sends whoever holds the address the offer, with the code that
// answers it.
func (s Transfers) mailOffer(
	tx *store.Tx,
	given tenancy.TransferContext,
	code string,
	now time.Time,
) {
	t := given.Transfer
	kind := tenancy.MessageTransferOfferedNew
	if given.Destination.ID != "" {
		kind = tenancy.MessageTransferOffered
	}
	s.send(tx, s.newMail(kind, t.Email, now, words(given, map[string]string{
		"message": orWord(
			t.Message,
			"(none)",
		),
		"amounts": amountsText(given.Profile.Allocation),
		"addons":  pricedAddons(given.Profile.Addons),
		"team":    given.Team.Size(),
		"code":    code,
	})).In(given.Destination.Timezone))
}

// words are what mails about a transfer may mention, and more of that.
func words(given tenancy.TransferContext, more map[string]string) map[string]string {
	t := given.Transfer
	w := map[string]string{
		"ticket": string(
			t.ID,
		),
		"profile":  t.ProfileName,
		"owner":    given.Source.Name,
		"address":  string(given.Source.Email),
		"name":     given.Source.Name,
		"receiver": string(t.Email),
		"expires":  t.Expires.Format(time.RFC3339),
		"needs":    "Nothing moves before both of you have agreed and our support desk has approved it.",
	}
	if t.Policy == tenancy.PolicyAuto {
		w["needs"] = "Nothing moves before both of you have agreed."
	}
	for word, value := range more {
		w[word] = value
	}
	return w
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// amountsText lists amounts that are not zero, a line each.
func amountsText(a plan.Amounts) string {
	var lines []string
	for _, service := range plan.Services() {
		if n := a[service]; n != 0 {
			lines = append(lines, fmt.Sprintf("%s: %d %s", service, n, service.Unit()))
		}
	}
	return orWord(strings.Join(lines, "\n"), "nothing, as it has no allocation")
}

// pricedAddons names add-ons with what they cost their owner from the next
// renewal on.
func pricedAddons(a tenancy.Addons) string {
	var lines []string
	for _, one := range plan.AllAddons() {
		if a.Has(one) {
			cents := one.Price()
			lines = append(
				lines,
				fmt.Sprintf(
					"%s, %d.%02d USD a month from your next renewal on",
					one,
					cents/100,
					cents%100,
				),
			)
		}
	}
	return orWord(strings.Join(lines, "; "), "none")
}

// side is one side of a transfer as mails reach it.
type side struct {
	party   tenancy.Party
	account tenancy.Account // zero: an address that has not answered
	address value.Email
}

// sides returns those sides that can be told something.
func sides(given tenancy.TransferContext) (out []side) {
	if a := given.Source; a.ID != "" {
		out = append(out, side{tenancy.PartySource, a, a.Email})
	}
	switch a := given.Destination; {
	case a.ID != "":
		out = append(out, side{tenancy.PartyDestination, a, a.Email})
	case given.Transfer.Destination == "":
		out = append(out, side{tenancy.PartyDestination, a, given.Transfer.Email})
	}
	return out
}

// noticeBoth notifies both sides; form has places for the ticket and the
// profile's name.
func (s Transfers) noticeBoth(
	tx *store.Tx,
	given tenancy.TransferContext,
	form string,
	now time.Time,
) {
	t := given.Transfer
	for _, to := range sides(given) {
		if to.account.ID != "" {
			tx.Notify(
				s.notice(to.account.ID, "Transfer "+string(t.ID), fmt.Sprintf(form, t.ID, value.Isolated(t.ProfileName)), now).
					As(tenancy.NotificationProfile).
					About(string(t.ID)),
			)
		}
	}
}

// notifyMissing tells each side what is missing on it.
func (s Transfers) notifyMissing(
	tx *store.Tx,
	given tenancy.TransferContext,
	checks tenancy.Checks,
	now time.Time,
) {
	for _, to := range sides(given) {
		if missing := checks.Of(to.party).Missing(); missing != "" {
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferWaiting, to.address, now, words(given, map[string]string{"name": to.account.Name, "missing": missing})).
					In(to.account.Timezone),
			)
		}
	}
}

// announceRevert tells the other side, or both, and the desk that a completed
// transfer is asked back.
func (s Transfers) announceRevert(tx *store.Tx, given tenancy.TransferContext, now time.Time) {
	t := given.Transfer
	asked := t.Timeline[0].By
	by := map[tenancy.Party]string{
		tenancy.PartySource: "the present owner", tenancy.PartyDestination: "the previous owner", tenancy.PartySupport: "the support desk",
	}[asked]
	more := map[string]string{"original": string(t.Reverts), "by": by}
	for _, to := range sides(given) {
		if to.party != asked {
			more["name"] = to.account.Name
			s.send(
				tx,
				s.newMail(tenancy.MessageTransferBack, to.address, now, words(given, more)).
					In(to.account.Timezone),
			)
			tx.Notify(
				s.notice(to.account.ID, "A transfer is asked back", fmt.Sprintf("%s asks to take back the transfer %s of the profile %s.", by, t.Reverts, value.Isolated(t.ProfileName)), now).
					As(tenancy.NotificationProfile).
					About(string(t.ID)),
			)
		}
	}
	s.send(
		tx,
		s.newMail(tenancy.MessageTransferBackDesk, tenancy.SupportDesk, now, words(given, more)),
	)
}
