package value_test

import (
	"strings"
	"testing"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/value"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want, refused string }{
		{"a plain name", "Ana", "Ana", ""},
		{"blanks around it go", " \t Ana Berg\n", "Ana Berg", ""},
		{"blanks inside stay", "Ana  Berg", "Ana  Berg", ""},
		{"one character is enough", "x", "x", ""},
		{"any script", "Ána 山田 🏭", "Ána 山田 🏭", ""},
		{"markup is text", "<b>Ana & Co</b>", "<b>Ana & Co</b>", ""},
		{"100 characters, however many bytes", strings.Repeat("山", 100), strings.Repeat("山", 100), ""},
		{"101 characters are too many", strings.Repeat("a", 101), "", "invalid: label must have 1 to 100 characters"},
		{"an empty text", "", "", "invalid: label is required"},
		{"only blanks", " \n\t ", "", "invalid: label is required"},
		{"a line break inside", "Ana\nBerg", "", "invalid: label must not contain control characters"},
		{"a NUL inside", "Ana\x00", "", "invalid: label must not contain control characters"},
		{"a DEL", "Ana\x7f", "", "invalid: label must not contain control characters"},
		{"a control character of Latin-1", "Ana\u0085Berg", "", "invalid: label must not contain control characters"},
		{"bytes that are no text", "Ana\xff", "", "invalid: label must not contain control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseName("label", test.text); got != test.want ||
				problemtest.Text(err) != test.refused {
				t.Errorf(
					"got %q, %q, want %q, %q",
					got,
					problemtest.Text(err),
					test.want,
					test.refused,
				)
			}
		})
	}
}

func TestParseOptionalText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want, refused string }{
		{"an empty text is fine", "", "", ""},
		{"blanks are an empty text", "  ", "", ""},
		{"a text", " ACME ", "ACME", ""},
		{"too long", strings.Repeat("a", 101), "", "invalid: company must have 0 to 100 characters"},
		{"a control character", "a\rb", "", "invalid: company must not contain control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseOptionalText("company", test.text); got != test.want ||
				problemtest.Text(err) != test.refused {
				t.Errorf(
					"got %q, %q, want %q, %q",
					got,
					problemtest.Text(err),
					test.want,
					test.refused,
				)
			}
		})
	}
}

func TestParseEmailAccepts(t *testing.T) {
	t.Parallel()
	longLocal, longLabel := strings.Repeat("a", 64), strings.Repeat("b", 63)
	for _, test := range []struct {
		name, text string
		want       value.Email
	}{
		{"a plain address", "ana@example.com", "ana@example.com"},
		{"blanks around it, as people paste it", "  ana@example.com\n", "ana@example.com"},
		{"capitals are folded, so that one address has one account", "Ana.Berg@Example.COM", "ana.berg@example.com"},
		{"a plus stays a plus", "ana+test@example.com", "ana+test@example.com"},
		{"signs that mailboxes use", "o'neil_x-1%a/b#c@mail-1.example.co.uk", "o'neil_x-1%a/b#c@mail-1.example.co.uk"},
		{"digits", "007@123.example", "007@123.example"},
		{"a domain in its ASCII form", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{"a mailbox of 64 characters", longLocal + "@example.com", value.Email(longLocal + "@example.com")},
		{"a label of 63 characters", "a@" + longLabel + ".com", value.Email("a@" + longLabel + ".com")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseEmail(test.text); err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// Addresses from before may have what ends or parts a path and sign in as they
// did; new ones may not, and are told what it is.
func TestANewAddressIsOnePartOfAPath(t *testing.T) {
	t.Parallel()
	for text, sign := range map[string]string{
		"sales/eu@example.com": "slash", "/@example.com": "slash", " A/B@example.com": "slash", "a?b@example.com": "question mark", "a?b#c@example.com": "question mark",
		"a#b@example.com": "number sign", "a%b@example.com": "percent sign", "a%2fb@example.com": "percent sign", "100%@example.com": "percent sign",
	} {
		if _, err := value.ParseEmail(text); err != nil {
			t.Errorf("%q: got %v", text, err)
		}
		if got, err := value.ParseNewEmail(text); got != "" ||
			problem.CodeOf(err) != problem.CodeInvalid ||
			!strings.Contains(err.Error(), "no "+sign) {
			t.Errorf("%q as a new address: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"o'neil_x-1&a=c@example.com", "!$*{|}~^`@example.com", "", "ana"} {
		got, err := value.ParseNewEmail(text)
		if want, refused := value.ParseEmail(text); got != want ||
			problemtest.Text(err) != problemtest.Text(refused) {
			t.Errorf(
				"%q: got %q, %v, want what any address gets: %q, %v",
				text,
				got,
				err,
				want,
				refused,
			)
		}
	}
}

func TestParseEmailRefuses(t *testing.T) {
	t.Parallel()
	const bad = "invalid: email must be an address such as ana@example.com"
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "invalid: email is required"},
		{"blanks", " \t", "invalid: email is required"},
		{"no at sign", "ana.example.com", bad},
		{"no mailbox", "@example.com", bad},
		{"no domain", "ana@", bad},
		{"a domain without a dot", "ana@localhost", bad},
		{"a domain that ends in a dot", "ana@example.com.", bad},
		{"an empty label", "ana@example..com", bad},
		{"a label that begins with a hyphen", "ana@-example.com", bad},
		{"a label that ends with a hyphen", "ana@example-.com", bad},
		{"an underscore in the domain", "ana@ex_ample.com", bad},
		{"two at signs", "ana@ben@example.com", bad},
		{"two addresses", "ana@example.com,ben@example.com", bad},
		{"a second address behind a line break", "ana@example.com\nbcc:ben@example.com", bad},
		{"a name in front of it", "Ana <ana@example.com>", bad},
		{"angle brackets", "<ana@example.com>", bad},
		{"a comment", "ana(home)@example.com", bad},
		{"a quoted mailbox", `"ana"@example.com`, bad},
		{"a blank inside", "ana berg@example.com", bad},
		{"a NUL inside", "ana\x00@example.com", bad},
		{"two dots in a row", "ana..berg@example.com", bad},
		{"a dot at the beginning", ".ana@example.com", bad},
		{"a dot before the at sign", "ana.@example.com", bad},
		{"a number in place of a domain", "ana@[127.0.0.1]", bad},
		{"letters beyond ASCII in the mailbox", "aná@example.com", bad},
		{"letters beyond ASCII in the domain", "ana@büro.example", "invalid: email must have its domain in ASCII form, as mail servers do: xn--mnchen-3ya.de for münchen.de"},
		{"a letter beyond ASCII whose lower case is ASCII", "\u212aate@example.com", bad},
		{"bytes that are no text", "ana\xff@example.com", bad},
		{"a mailbox of 65 characters", strings.Repeat("a", 65) + "@example.com", bad},
		{"a label of 64 characters", "ana@" + strings.Repeat("b", 64) + ".com", bad},
		{"more than 254 characters", "ana@" + strings.Repeat("abcdefghi.", 25) + "com", bad},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseEmail(test.text); got != "" ||
				problemtest.Text(err) != test.want {
				t.Errorf("got %q, %q, want %q", got, problemtest.Text(err), test.want)
			}
		})
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	const bad = "invalid: logo_url must be an https or http address of at most 2048 characters, or null for none"
	long := "https://example.com/" + strings.Repeat("a", 2048-len("https://example.com/"))
	for _, test := range []struct{ name, text, want, refused string }{
		{"https", "https://example.com/logo.png?v=1#x", "https://example.com/logo.png?v=1#x", ""},
		{"http with a port", "http://example.com:8080/", "http://example.com:8080/", ""},
		{"a scheme in capitals", "HTTPS://example.com/", "HTTPS://example.com/", ""},
		{"blanks around it", " https://example.com ", "https://example.com", ""},
		{"an empty text means none", "", "", ""},
		{"blanks mean none", "  ", "", ""},
		{"2048 characters", long, long, ""},
		{"2049 characters", long + "a", "", bad},
		{"a script", "javascript:alert(1)", "", bad},
		{"data", "data:image/png;base64,AAAA", "", bad},
		{"a file", "file:///etc/passwd", "", bad},
		{"another protocol", "ftp://example.com/logo.png", "", bad},
		{"no scheme", "example.com/logo.png", "", bad},
		{"a path", "/logo.png", "", bad},
		{"the scheme of the page", "//example.com/logo.png", "", bad},
		{"no host", "https:///logo.png", "", bad},
		{"a port without a host", "https://:443/logo.png", "", bad},
		{"an opaque address", "https:example.com", "", bad},
		{"a password inside", "https://ana:secret@example.com/", "", bad},
		{"a blank in the host", "https://exam ple.com/", "", bad},
		{"a line break inside", "https://example.com/\nx", "", bad},
		{"a broken escape", "https://example.com/%zz", "", bad},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseURL("logo_url", test.text); got != test.want ||
				problemtest.Text(err) != test.refused {
				t.Errorf(
					"got %q, %q, want %q, %q",
					got,
					problemtest.Text(err),
					test.want,
					test.refused,
				)
			}
		})
	}
}

func TestParseTimezone(t *testing.T) {
	t.Parallel()
	const bad = "invalid: timezone must be an IANA name such as Europe/Berlin"
	for _, test := range []struct{ name, text, want, refused string }{
		{"a zone", "Europe/Berlin", "Europe/Berlin", ""},
		{"three parts", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires", ""},
		{"a sign and digits", "Etc/GMT+12", "Etc/GMT+12", ""},
		{"a hyphen", "America/Port-au-Prince", "America/Port-au-Prince", ""},
		{"blanks around it", " UTC ", "UTC", ""},
		{"an abbreviation", "CET", "CET", ""},
		{"a zone that is none", "Mars/Olympus_Mons", "", bad},
		{"a city alone", "Berlin", "", bad},
		{"the zone of whoever reads it", "Local", "", bad},
		{"the zone of a machine", "localtime", "", bad},
		{"a clock with leap seconds", "right/Europe/Berlin", "", bad},
		{"a zone by another path", "posix/Europe/Berlin", "", bad},
		{"no place", "Factory", "", bad},
		{"a file beside the zones", "zone.tab", "", bad},
		{"a folder of zones", "Europe", "", bad},
		{"an empty text means UTC", "", "UTC", ""},
		{"a long text", strings.Repeat("a", 5000), "", bad},
		{"a way out of a folder", "../../etc/passwd", "", bad},
		{"a blank inside", "Europe/New Berlin", "", bad},
		{"an offset with a colon", "+01:00", "", bad},
		{"letters beyond ASCII", "Europe/Zürich", "", bad},
		{"digits beyond ASCII", "Etc/GMT+１", "", bad},
		{"a NUL", "UTC\x00", "", bad},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := value.ParseTimezone(test.text); got != test.want ||
				problemtest.Text(err) != test.refused {
				t.Errorf(
					"got %q, %q, want %q, %q",
					got,
					problemtest.Text(err),
					test.want,
					test.refused,
				)
			}
		})
	}
}

func TestParseIDs(t *testing.T) {
	t.Parallel()
	const id = "61fac4d9a5c9f40012a5ff92"
	if got, err := value.ParseProfileID(id); err != nil || got != id {
		t.Errorf("got %q, %v, want %q", got, err, id)
	}
	if got, err := value.ParseAccountID(id); err != nil || got != id {
		t.Errorf("got %q, %v, want %q", got, err, id)
	}
	for _, test := range []struct{ name, text string }{
		{"nothing", ""},
		{"a word that only one route knows", "current"},
		{"23 digits", id[1:]},
		{"25 digits", id + "0"},
		{"capitals, which would be a second name for one thing", strings.ToUpper(id)},
		{"a letter that is no digit", "g" + id[1:]},
		{"a separator of keys", "#" + id[1:]},
		{"a separator of paths", id[:11] + "/" + id[12:]},
		{"a blank at the end", id[:23] + " "},
		{"a line break at the end", id[:23] + "\n"},
		{"a letter of two bytes", id[:22] + "é"},
		{"digits of another script", strings.Repeat("１", 8)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// A text that cannot be an id gets the answer of an unknown id, so
			// that nobody learns which is which.
			if got, err := value.ParseProfileID(test.text); got != "" ||
				problemtest.Text(err) != "not-found: Profile Not Found" {
				t.Errorf("got %q, %q, want Profile Not Found", got, problemtest.Text(err))
			}
			if got, err := value.ParseAccountID(test.text); got != "" ||
				problemtest.Text(err) != "not-found: Account Not Found" {
				t.Errorf("got %q, %q, want Account Not Found", got, problemtest.Text(err))
			}
		})
	}
}
