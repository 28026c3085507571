package transfer_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
)

func TestTicketNumbers(t *testing.T) {
	t.Parallel()
	id := transfer.NewID("0123456789abcdef01234567")
	if again := transfer.NewID("0123456789abcdef01234567"); id != again {
		t.Errorf("one id stands for the tickets %s and %s", id, again)
	}
	for name, text := range map[string]string{
		"as it is written":             "TR-7K3M-92QD",
		"in lower case":                "tr-7k3m-92qd",
		"in both cases":                "Tr-7k3M-92Qd",
		"without dashes":               "TR7K3M92QD",
		"with blanks instead":          " TR 7K3M 92QD ",
		"with dashes anywhere":         "-T-R--7-K3M9-2QD-",
		"said with a blank each digit": "t r 7 k 3 m 9 2 q d",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := transfer.ParseID(text); err != nil || got != "TR-7K3M-92QD" {
				t.Errorf("%q: got %q, %v, want TR-7K3M-92QD", text, got, err)
			}
		})
	}
	for _, text := range []string{"TR-OoIi-LlQ0", "tr-0o1i-lLqO"} {
		if got, err := transfer.ParseID(text); err != nil || got != "TR-0011-11Q0" {
			t.Errorf("%q: got %q, %v, want TR-0011-11Q0", text, got, err)
		}
	}
}

func TestTextsThatAreNoTicketAreNotFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "TR", "TR-", "7K3M-92QD", "TR-7K3M-92Q", "TR-7K3M-92QDD", "TX-7K3M-92QD", "RT-7K3M-92QD", "TRTR-7K3M-92QD", "TR-7K3M-92QU",
		"TR_7K3M_92QD", "TR-7K3M-92Q#", "TR/7K3M/92QD", "TR-7K3M-92QÖ", "TR-7K3M-92Q\x00", "TR-7K3M-92QD\n", "TR–7K3M–92QD", "ＴＲ-7K3M-92QD",
		"TR-7K3M-9\xffQD", strings.Repeat("TR-7K3M-92QD", 1000),
	} {
		got, err := transfer.ParseID(text)
		if problemtest.Text(err) != "not-found: Transfer Not Found" ||
			got != "" {
			t.Errorf("%.20q: got %q, %q", text, got, problemtest.Text(err))
		}
	}
}

// The upper case of some letters beyond ASCII is a digit of tickets.
func TestLettersBeyondASCIIAreNoDigitsOfATicket(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"TR-7K3M-92ſD", "TR-7K3M-92ıD"} {
		if got, err := transfer.ParseID(text); problem.CodeOf(err) != problem.CodeNotFound {
			t.Errorf("%q: got %q, %v, want not-found", text, got, err)
		}
	}
}

func TestATicketIsReadFromWhatItIsWrittenAs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := transfer.NewID(rapid.String().Draw(t, "id"))
		if n := len(id); n != len("TR-7K3M-92QD") ||
			strings.Trim(string(id), "0123456789ABCDEFGHJKMNPQRSTVWXYZ-") != "" {
			t.Fatalf("got the ticket %q", id)
		}
		look := map[rune][]string{'0': {"0", "o", "O"}, '1': {"1", "i", "I", "l", "L"}}
		var text strings.Builder
		for _, r := range string(id) {
			forms := look[r]
			switch {
			case r == '-':
				forms = []string{"-", " ", "", " - "}
			case forms == nil:
				forms = []string{string(r), strings.ToLower(string(r)), string(r) + " "}
			}
			text.WriteString(rapid.SampledFrom(forms).Draw(t, "form"))
		}
		if got, err := transfer.ParseID(text.String()); err != nil || got != id {
			t.Fatalf("%q: got %q, %v, want %q", text.String(), got, err, id)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		got, err := transfer.ParseID(
			rapid.OneOf(rapid.String(), rapid.StringMatching(`[tT][rR][-0-9A-Za-z ]{7,11}`)).
				Draw(t, "text"),
		)
		if err != nil {
			return
		}
		if again, err := transfer.ParseID(string(got)); err != nil || again != got {
			t.Fatalf("%q is read as %q, %v", got, again, err)
		}
	})
}

func TestParseTransferPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want transfer.Policy
		code problem.Code
	}{
		{"", transfer.PolicySupport, ""}, {"support", transfer.PolicySupport, ""}, {"auto", transfer.PolicyAuto, ""},
		{"Auto", "", problem.CodeInvalid}, {"none", "", problem.CodeInvalid},
	} {
		if got, err := transfer.ParsePolicy(c.text); got != c.want ||
			problem.CodeOf(err) != c.code {
			t.Errorf("%q: got %q, %v, want %q, %q", c.text, got, err, c.want, c.code)
		}
	}
}

func TestTransferTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		required bool
		want     string
	}{
		"lines":                    {" a\n\tb\r\n", true, ""},
		"none, which is no matter": {"  ", false, ""},
		"none where one must be":   {" \n ", true, "reason is required"},
		"the longest":              {strings.Repeat("é", 1000), true, ""},
		"too long":                 {strings.Repeat("é", 1001), false, "reason must have 0 to 1000 characters"},
		"a control character":      {"a\x00", true, "control characters"},
		"bytes that are no text":   {"a\xff", true, "reason must have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := transfer.ParseText("reason", c.text, c.required)
			rules.Says(t, err, c.want)
			if want := strings.TrimSpace(c.text); err == nil && got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
