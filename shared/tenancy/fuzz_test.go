package tenancy_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// fuzzNow is a moment from which a month, a year and a century are of different
// lengths.
var fuzzNow = time.Date(2028, time.January, 31, 23, 59, 59, 999_000_000, time.UTC)

// isRefused checks a refusal: CodeInvalid, with a short text that is for
// people.
func isRefused(t *testing.T, text string, err error) {
	t.Helper()
	if message := err.Error(); problem.CodeOf(err) != problem.CodeInvalid || message == "" ||
		len(message) > 300 ||
		!utf8.ValidString(message) {
		t.Errorf("%.200q: got %.400v, want CodeInvalid with a short text", text, err)
	}
}

// An expiry is never, or in the future and within a century. Written as a date
// and read again, it is the same.
func FuzzParseExpiry(f *testing.F) {
	for _, text := range []string{
		"never", "NEVER ", "3 months", "1 day", "90 min", "1M", "1 m", "1 MM", "0 days", "-1 day", "9999999999 years", "100 years", "101 years", "1 century", "12", "",
		"2030-01-31T12:00:00Z", "2030-01-31 12:00:00.123456789", "2030-01-31T12:00:00+23:59", "2030-01-31", "2020-01-01", "9999-12-31", "2030-02-30", "0000-01-01", "2028-02-29T23:59:60Z",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end, err := tenancy.ParseExpiry(text, fuzzNow)
		if err != nil {
			isRefused(t, text, err)
			if !end.IsZero() {
				t.Errorf("%q is refused and ends at %v", text, end)
			}
			return
		}
		if end.IsZero() {
			if !strings.EqualFold(strings.TrimSpace(text), "never") {
				t.Errorf("%q has no end", text)
			}
			return
		}
		if !end.After(fuzzNow) || end.After(fuzzNow.AddDate(100, 0, 0)) ||
			end.Location() != time.UTC ||
			!end.Equal(end.Truncate(time.Millisecond)) {
			t.Errorf("%q ends at %v", text, end)
		}
		if again, err := tenancy.ParseExpiry(end.Format(value.TimeFormat), fuzzNow); err != nil ||
			!again.Equal(end) {
			t.Errorf("%q ends at %v, and written so at %v, %v", text, end, again, err)
		}
	})
}

// An address is in the form in which it is compared, and has no character with
// a meaning in a header, a key or a URL's host.
func FuzzParseEmail(f *testing.F) {
	for _, text := range []string{
		"ana@example.com", " ANA@Example.COM ", "a+b@example.com", "o'neil@example.co.uk", "a..b@example.com", ".a@example.com", "a@b", "a@@b.c", "a@b.c@d.e", `"a b"@example.com`, "a@[127.0.0.1]",
		"Ana <ana@example.com>", "a@example.com\r\nBcc: b@example.com", "a@example..com", "a@-x.com", "a@x-.com", "ana@exämple.com", "\u212ana@example.com", "a#b@example.com", "a%00@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b.", 130) + "com", "", "@", "ana@example.com.",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		email, err := value.ParseEmail(text)
		if err != nil {
			isRefused(t, text, err)
			if email != "" {
				t.Errorf("%q is refused and is %q", text, email)
			}
			return
		}
		s := string(email)
		if again, err := value.ParseEmail(s); err != nil || again != email {
			t.Errorf("%q is %q, and that is %q, %v", text, email, again, err)
		}
		if !strings.EqualFold(s, strings.TrimSpace(text)) || strings.ToLower(s) != s ||
			len(s) > 254 ||
			strings.Count(s, "@") != 1 {
			t.Errorf("%q is %q", text, email)
		}
		if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q is %q, with what an address has not", text, email)
		}
	})
}

// Names, texts, URLs of pictures and time zones are accepted unchanged, apart
// from blanks around them, or refused.
func FuzzTexts(f *testing.F) {
	for _, text := range []string{
		"Ana", " Ana ", "", " ", "a\nb", "\x00", "\x7f", "\u0085", "\u200b", "\u202egnp.exe", "\xff", "é", "e\u0301", strings.Repeat("山", 100), strings.Repeat("山", 101), "<script>", "=1+1", "Europe/Berlin",
		"../../etc/passwd", "https://example.com/a.png", "http://user:pass@example.com/", "javascript:alert(1)", "https://", "https:///x", "https://exa mple.com", "//example.com/x", "HTTPS://EXAMPLE.com",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string) (string, error){
			"a name":     func(s string) (string, error) { return value.ParseName("name", s) },
			"a text":     func(s string) (string, error) { return value.ParseOptionalText("company", s) },
			"a picture":  func(s string) (string, error) { return value.ParseURL("logo_url", s) },
			"a zone":     value.ParseTimezone,
			"words":      func(s string) (string, error) { return transfer.ParseText("message", s, false) },
			"some words": func(s string) (string, error) { return transfer.ParseText("reason", s, true) },
		} {
			got, err := parse(text)
			if err != nil {
				isRefused(t, text, err)
				if got != "" {
					t.Errorf("%s: %q is refused and is %q", name, text, got)
				}
				continue
			}
			if again, err := parse(got); err != nil || again != got {
				t.Errorf("%s: %q is %q, and that is %q, %v", name, text, got, again, err)
			}
			if got != strings.TrimSpace(text) && !(name == "a zone" && got == "UTC") {
				t.Errorf("%s: %q is %q", name, text, got)
			}
			control := func(r rune) bool {
				return unicode.IsControl(r) &&
					(r != '\n' && r != '\t' && r != '\r' || !strings.HasSuffix(name, "words"))
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, control) ||
				utf8.RuneCountInString(got) > 2048 {
				t.Errorf("%s: %q is taken", name, got)
			}
			if name == "a picture" && got != "" {
				if u, err := url.Parse(got); err != nil || u.Scheme != "http" &&
					u.Scheme != "https" || u.Host == "" ||
					u.User != nil {
					t.Errorf("%s: %q is taken", name, got)
				}
			}
		}
	})
}

// An id, a word or a month that is accepted is written as it was read; anything
// else is refused.
func FuzzIDs(f *testing.F) {
	for _, text := range []string{"01a20c000000000000000001", "01A20C000000000000000001", "current", "", "T-2030-000001", "TR-1", "2030-03", "2030-13", "0000-00", "read", "full", "mobile", "scale", "input",
		strings.Repeat("f", 25)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		codes := map[problem.Code]bool{problem.CodeInvalid: true, problem.CodeNotFound: true}
		check := func(what, got string, err error) {
			if err != nil && (!codes[problem.CodeOf(err)] || got != "") ||
				err == nil && text != "" && got != text && what != "a ticket" {
				t.Errorf("%s: %q is %q, %v", what, text, got, err)
			}
		}
		profile, err := value.ParseProfileID(text)
		check("a profile", string(profile), err)
		account, err := value.ParseAccountID(text)
		check("an account", string(account), err)
		member, err := value.ParseMember(text)
		check("a member", member, err)
		notification, err := tenancy.ParseNotificationID(text)
		check("a notification", string(notification), err)
		addon, err := plan.ParseAddon(text)
		check("an add-on", string(addon), err)
		chosen, err := plan.ParsePlan(text)
		check("a plan", string(chosen), err)
		ticket, err := transfer.ParseID(text)
		check("a ticket", string(ticket), err)
		if err == nil {
			if again, err := transfer.ParseID(string(ticket)); err != nil ||
				again != ticket {
				t.Errorf("the ticket %q is %q, and that is %q, %v", text, ticket, again, err)
			}
		}
		if month, err := billing.ParseMonth(text, fuzzNow); err != nil {
			isRefused(t, text, err)
		} else if text != "" && month.Format("2006-01") != text || month.Day() != 1 ||
			month.Location() != time.UTC {
			t.Errorf("the month %q is %v", text, month)
		}
	})
}

// A query of the audit log spans at most seven days, for any dates, bounds and
// position.
func FuzzParseAuditQuery(f *testing.F) {
	const position = "1899710813589#01a20c000000000000000001"
	for _, q := range [][4]string{
		{"", "", "", ""}, {"2028-01-30", "2028-01-31", "", "1"}, {"2028-01-24T00:00:00Z", "2028-01-31T00:00:00Z", position, "1000"}, {"2028-01-24", "2028-01-31", position + "x", "1001"},
		{"2028-02-01", "2028-01-31", "#", "0"}, {"0000-01-01", "9999-12-31", "1899710813589#", "-1"}, {"", "0000-01-01", strings.Repeat("9", 13) + "#" + strings.Repeat("f", 24), "1e2"},
		{"9999-12-30", "9999-12-31T23:59:59+23:59", "\x00", "٣"}, {" 2028-01-30 ", " 2028-01-31 ", position, " 5"},
	} {
		f.Add(q[0], q[1], q[2], q[3])
	}
	f.Fuzz(func(t *testing.T, start, end, next, limit string) {
		q, err := auditlog.ParseQuery(
			auditlog.Params{Start: start, End: end, Next: next, Limit: limit},
			fuzzNow,
		)
		if err != nil {
			isRefused(t, start+" "+end, err)
			return
		}
		if span := q.To.Sub(q.From); span <= 0 || span > auditlog.MaxSpan || q.Limit < 1 ||
			q.Limit > 1000 {
			t.Errorf("%s to %s: got %+v", start, end, q)
		}
		if q.After != next || next != "" && (len(next) != len(position) || next[13] != '#') {
			t.Errorf("%q: it goes on after %q", next, q.After)
		}
	})
}
