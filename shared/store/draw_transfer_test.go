package store_test

import (
	"bytes"
	"slices"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func (d draw) terms(label string) transfer.Terms {
	t := transfer.Terms{
		Name:   d.text(label),
		Owner:  d.permission(label),
		Addons: billing.Addons{CustomDNS: d.flag(label), Mobile: d.flag(label)},
	}
	if d.flag(label) {
		t.TokenPolicy = &tenancy.TokenPolicy{
			LongestDays: rapid.IntRange(0, 99).Draw(d.T, label),
			NoNever:     d.flag(label),
		}
	}
	if d.flag(label) {
		t.Allocation = d.amounts(label)
	}
	for range rapid.IntRange(0, 3).Draw(d.T, label) {
		if t.Members == nil {
			t.Members = map[value.AccountID]tenancy.Permission{}
		}
		t.Members[value.AccountID(d.id())] = d.permission(label)
	}
	return t
}

// codes are hashes of codes in the order of their bytes. Their age does not
// matter, and the table keeps them as a set.
func (d draw) codes(label string) [][]byte {
	hashes := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 32, 32), 0, 3,
		func(b []byte) string { return string(b) }).
		Draw(d.T, label)
	if len(hashes) == 0 {
		return nil
	}
	slices.SortFunc(hashes, bytes.Compare)
	return hashes
}

func (d draw) epoch(label string) *int64 {
	if !d.flag(label) {
		return nil
	}
	n := rapid.Int64Range(0, 9).Draw(d.T, label)
	return &n
}

func (d draw) transfer(p value.ProfileID) transfer.Transfer {
	t := transfer.Transfer{
		ID: transfer.NewID(d.id()), Profile: p, ProfileName: d.text("profile name"),
		Source: value.AccountID(d.id()), Email: value.Email(d.text("email")),
		Message: d.text("message"),
		Offered: billing.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")},
		Policy:  transfer.Policy(d.text("policy")),
		Reverts: transfer.ID(d.text("reverts")), Reason: d.text("reason"),
		State: rapid.SampledFrom([]transfer.State{
			transfer.Requested,
			transfer.Completed,
			transfer.Canceled,
			transfer.Expired,
		}).Draw(d.T, "state"),
		Confirmed: d.time("confirmed"), Accepted: d.time("accepted"),
		SourceEpoch: d.epoch("source epoch"), DestinationEpoch: d.epoch("destination epoch"),
		Terms: d.terms("terms"), Before: d.terms("before"), ConfirmCodes: d.codes("confirm codes"),
		AnswerCodes: d.codes("answer codes"), Question: d.flag("question"),
		Waiting: d.text("waiting"), Retry: d.time("retry"),
		Reminded: rapid.IntRange(0, 9).Draw(d.T, "reminded"), Created: d.time("requested"),
		Expires: d.time("expires"), Ended: d.time("ended"),
		Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
	if d.flag("answered") {
		t.Destination = value.AccountID(d.id())
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "approvals") {
		t.Approvals = append(t.Approvals, value.AccountID(d.id()))
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "returned") {
		t.Returned = append(t.Returned, transfer.MailReturn{
			To: transfer.Party(d.text("side")), MailReturn: d.mailReturn(),
		})
	}
	for range rapid.IntRange(0, 3).Draw(d.T, "events") {
		t.Timeline = append(t.Timeline, transfer.Event{
			Time: d.time("event"), What: transfer.EventKind(d.text("what")),
			By: transfer.Party(d.text("by")), Who: value.AccountID(d.text("who")),
			Text: d.text("words"),
		})
	}
	return t
}
