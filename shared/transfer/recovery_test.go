package transfer_test

import (
	"reflect"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// The effect of a recovery on a field.
const kept, gone = "kept", "gone"

// afterRecovery is the effect on each field of a transfer that takes another
// back, when the agreement of a side no longer counts.
func afterRecovery(confirmed, accepted string) map[string]string {
	return map[string]string{
		"ID":               kept,
		"Profile":          kept,
		"ProfileName":      kept,
		"Source":           kept,
		"Destination":      kept,
		"Email":            kept,
		"Message":          kept,
		"Offered":          kept,
		"Policy":           kept,
		"Reverts":          kept,
		"State":            kept,
		"Reason":           kept,
		"Terms":            kept,
		"Before":           kept,
		"Spent":            kept,
		"Timeline":         kept,
		"Created":          kept,
		"Expires":          kept,
		"Ended":            kept,
		"Version":          kept,
		"Retry":            kept,
		"Waiting":          kept,
		"Reminded":         kept,
		"Returned":         kept,
		"Question":         kept,
		"Approvals":        kept, // of agents, whose own accounts vouch for them
		"ConfirmCodes":     kept,
		"AnswerCodes":      kept, // a return has none
		"Confirmed":        confirmed,
		"SourceEpoch":      confirmed,
		"Accepted":         accepted,
		"DestinationEpoch": accepted,
	}
}

// The agreement of an account that was recovered since does not count. An
// ordinary transfer ends. One that takes another back waits for that side to
// agree again, so that no side can end it by a recovery. The test lists what
// becomes of each field.
func TestRecoveryKeepsNoConsentToATransfer(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	var a tenancy.Account
	rules.Fill(t, reflect.ValueOf(&a).Elem(), now)
	a.ID, a.Factors = "a", nil
	a.Undos = []tenancy.Undo{
		{Code: "mine", Email: "owner", Expires: now.Add(time.Hour), Proved: now.Add(-time.Minute)},
	}
	recovered := a.RestoreEmail("owner", "mine", now.Add(time.Minute))
	other := tenancy.Account{ID: "b", Email: "b@example.com", Active: true, Epoch: 3}
	fresh := tenancy.Account{ID: "a", Email: "a@example.com", Active: true}
	elsewhere, err := a.NewEmail("x", tenancy.Undo{Code: "theirs"}, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		source, destination, sourceNow, destinationNow tenancy.Account
		confirmed, accepted                            string
		void                                           bool
	}{
		"neither":                        {a, other, a, other, kept, kept, false},
		"the giver":                      {a, other, recovered, other, gone, kept, true},
		"the receiver":                   {other, a, other, recovered, kept, gone, true},
		"the giver, of no epoch":         {fresh, other, fresh.Revoked(), other, gone, kept, true},
		"the receiver, of no epoch":      {other, fresh, other, fresh.Revoked(), kept, gone, true},
		"a new password of the giver":    {a, other, a.NewPassword("hash", now), other, kept, kept, false},
		"a new password of the receiver": {other, a, other, a.NewPassword("hash", now), kept, kept, false},
		"a new address of the giver":     {a, other, elsewhere, other, kept, kept, false},
	} {
		var tr transfer.Transfer
		rules.Fill(t, reflect.ValueOf(&tr).Elem(), now)
		tr.State, tr.Source, tr.Destination = transfer.Requested, c.source.ID, c.destination.ID
		tr.Created, tr.Expires = now, now.Add(transfer.Life)
		given := transfer.Context{
			Profile:     tenancy.Profile{ID: "p", Owner: c.source.ID, Name: "p"},
			Source:      c.sourceNow,
			Destination: c.destinationNow,
		}

		given.Transfer = tr
		given.Transfer.Reverts, given.Transfer.Confirmed = "original", time.Time{}
		given.Transfer.Accepted = time.Time{}
		var err [2]error
		given.Transfer, err[0] = given.Transfer.AgreeToRevert(c.source, now)
		given.Transfer, err[1] = given.Transfer.AgreeToRevert(c.destination, now)
		if err[0] != nil || err[1] != nil {
			t.Fatalf("%s: %v", name, err)
		}
		fields := afterRecovery(c.confirmed, c.accepted)
		if given.Void() != "" {
			t.Errorf("%s: the return is void: %s", name, given.Void())
		}
		was, is := reflect.ValueOf(given.Transfer), reflect.ValueOf(given.Vouched().Transfer)
		for _, f := range reflect.VisibleFields(was.Type()) {
			want := was.FieldByIndex(f.Index).Interface()
			switch fields[f.Name] {
			case kept:
			case gone:
				want = reflect.Zero(f.Type).Interface()
			default:
				t.Errorf("%s of a transfer: nobody says what recovery does to it", f.Name)
				continue
			}
			if got := is.FieldByIndex(f.Index).Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s of a return: got %v, want %v", name, f.Name, got, want)
			}
		}

		// An ordinary transfer, with the agreements made by the rules.
		p := tenancy.Profile{ID: "p", Owner: c.source.ID, Name: "p"}
		source := c.source
		source.Plan, source.Blocked = plan.Scale, false
		source.CredentialsChanged, source.Email = time.Time{}, "giver@example.com"
		source.Shares = map[value.ProfileID]billing.Share{"p": {}, "q": {}}
		to := c.destination
		to.Active = true
		offer, err1 := transfer.Request(p, source, to.Email, "", transfer.PolicyAuto, "TR-0", now)
		offer.AnswerCodes = [][]byte{[]byte("code")}
		given.Transfer, err[0] = offer.Accept(to, []byte("code"), transfer.Acceptance{}, p,
			billing.Usage{}, nil, now)
		if err1 != nil || err[0] != nil {
			t.Fatalf("%s: %v, %v", name, err1, err[0])
		}
		if void := given.Void() != ""; void != c.void {
			t.Errorf("%s: void is %v (%s)", name, void, given.Void())
		}
		if !reflect.DeepEqual(given.Vouched(), given) {
			t.Errorf("%s: an ordinary transfer is changed", name)
		}
		// A transfer from before the epochs were stored does not change.
		given.Transfer.SourceEpoch, given.Transfer.DestinationEpoch = nil, nil
		if given.Void() != "" {
			t.Errorf("%s: one without epochs is void: %s", name, given.Void())
		}
	}
}
