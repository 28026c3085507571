package mailing_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/topic"
)

func sample(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The samples are those of the Amazon SES Developer Guide, with the tag of a
// mail of this service.
func TestEventsOfSESAreRead(t *testing.T) {
	t.Parallel()
	bounce, complaint := sample(t, "bounce"), sample(t, "complaint")
	for name, c := range map[string]struct {
		text string
		want mailing.ReturnKind
	}{
		"a bounce":                            {bounce, mailing.ReturnInvalid},
		"one of a mailbox that is full":       {strings.Replace(bounce, "Permanent", "Transient", 1), mailing.ReturnRefused},
		"one of an unknown kind":              {strings.Replace(bounce, "Permanent", "Undetermined", 1), mailing.ReturnRefused},
		"a complaint":                         {complaint, mailing.ReturnComplaint},
		"one of an unknown kind of complaint": {strings.Replace(complaint, `"abuse"`, "null", 1), mailing.ReturnComplaint},
		"a delay":                             {sample(t, "delivery-delay"), mailing.ReturnDelayed},
	} {
		r, ok, err := mailing.ParseEvent(c.text)
		if want := (mailing.Return{Mail: "0123456789abcdef01234567", Kind: c.want}); r != want || !ok || err != nil {
			t.Errorf("%s: got %+v, %v, %v, want %+v", name, r, ok, err, want)
		}
	}
	for name, text := range map[string]string{
		"the text that tries a topic": "Successfully validated SNS topic for Amazon SES event publishing.",
		"a mail that was wanted":      strings.Replace(complaint, `"abuse"`, `"not-spam"`, 1),
		"a mail without the tag":      strings.Replace(bounce, `"mail": ["0123456789abcdef01234567"],`, "", 1),
		"a mail with two":             strings.Replace(bounce, `4567"]`, `4567", "b"]`, 1),
		"another event":               strings.Replace(bounce, `"Bounce"`, `"Delivery"`, 1),
		"nothing":                     "",
	} {
		if r, ok, err := mailing.ParseEvent(text); ok || err != nil {
			t.Errorf("%s: got %+v, %v, %v, want nothing", name, r, ok, err)
		}
	}
	if _, ok, err := mailing.ParseEvent(bounce[:100]); ok || err == nil {
		t.Errorf("half an event: got %v, %v, want an error", ok, err)
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, name := range []string{"bounce", "complaint", "delivery-delay"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok, err := mailing.ParseEvent(text)
		if ok && (r.Mail == "" || r.Kind == "" || err != nil) {
			t.Errorf("%q is read as %+v (%v)", text, r, err)
		}
	})
}

// Every kind of mail is about security, or it is not: a new one must say which.
func TestEveryKindIsAboutSecurityOrNot(t *testing.T) {
	t.Parallel()
	kinds := mailing.Kinds()
	listed := mailing.Listed()
	for _, k := range kinds {
		n := len(slices.DeleteFunc(slices.Clone(listed), func(l mailing.Kind) bool {
			return l != k
		}))
		if n != 1 {
			t.Errorf("%s is listed %d times, want once", k, n)
		}
	}
	if len(listed) != len(kinds) {
		t.Errorf("%d kinds are listed, and there are %d", len(listed), len(kinds))
	}
}

// What is about security cannot be switched off, and everything else that
// customers get can, except the offers of transfers.
func TestEveryMailThatIsNotAboutSecurityHasATopic(t *testing.T) {
	t.Parallel()
	var without []mailing.Kind
	for _, k := range mailing.Kinds() {
		switch {
		case k.Security() && k.Topic() != topic.Security:
			t.Errorf("%s is about security, and can be switched off", k)
		case !k.Security() && k.Topic() == topic.Security:
			without = append(without, k)
		}
	}
	want := []mailing.Kind{
		mailing.KindTeamAccepted,
		mailing.KindTransferDesk, mailing.KindTransferOffered, mailing.KindTransferOfferedNew,
		mailing.KindTransferRemindReceiver, mailing.KindTransferRemindDesk,
		mailing.KindTransferBackDesk,
	}
	if !slices.Equal(without, want) {
		t.Errorf("no topic have %v, want %v", without, want)
	}
}

func TestAStopKeepsBackWhatItIsFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	none := mailing.Stop{Email: "ana@example.com"}
	invalid := none.After(mailing.ReturnInvalid, now)
	complaint := none.After(mailing.ReturnComplaint, now)
	both := complaint.After(mailing.ReturnInvalid, now)
	for _, k := range []mailing.ReturnKind{mailing.ReturnDelayed, mailing.ReturnRefused} {
		if got := none.After(k, now); got != none {
			t.Errorf("%s: got %+v, want no stop", k, got)
		}
	}
	for name, c := range map[string]struct {
		stop               mailing.Stop
		at                 time.Time
		news, reset, again mailing.ReturnKind
	}{
		"none":               {none, now, "", "", ""},
		"invalid":            {invalid, now, mailing.ReturnInvalid, mailing.ReturnInvalid, ""},
		"invalid, its end":   {invalid, invalid.Ends(), "", "", ""},
		"complaint":          {complaint, now, mailing.ReturnComplaint, "", ""},
		"complaint, its end": {complaint, complaint.Ends(), "", "", ""},
		"both":               {both, now, mailing.ReturnInvalid, mailing.ReturnInvalid, ""},
		"both, after a week": {both, both.Invalid, mailing.ReturnComplaint, "", ""},
	} {
		for kind, want := range map[mailing.Kind]mailing.ReturnKind{
			mailing.KindUsageAlert: c.news, mailing.KindPasswordReset: c.reset, mailing.KindEmailConfirmAgain: c.again,
		} {
			if got := c.stop.For(kind, c.at); got != want {
				t.Errorf("%s: %s is kept back for %q, want %q", name, kind, got, want)
			}
		}
	}
	if !both.Ends().Equal(complaint.Complaint) ||
		!invalid.Ends().Equal(now.Add(mailing.InvalidStop)) {
		t.Error("a stop ends with its later half")
	}
}

// A return counts only where it says more than what is known.
func TestReturnsOutweighEachOtherInOneOrder(t *testing.T) {
	t.Parallel()
	order := []mailing.ReturnKind{
		"", mailing.ReturnDelayed, mailing.ReturnRefused, mailing.ReturnInvalid, mailing.ReturnComplaint,
	}
	for i, a := range order {
		for j, b := range order {
			if got := a.Outweighs(b); got != (i > j) {
				t.Errorf("%q outweighs %q: got %v", a, b, got)
			}
		}
	}
}
