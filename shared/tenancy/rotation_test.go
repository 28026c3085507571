package tenancy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

func TestParseGrace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, " ": 0, "0": 0, "000": 0, " 0 ": 0, "0 days": 0, "0s": 0,
		"1s": time.Second, "90 min": 90 * time.Minute, "12 hours": 12 * time.Hour, "12 HOURS": 12 * time.Hour, "1 day": 24 * time.Hour,
		"7 days": 7 * 24 * time.Hour, "1 week": 7 * 24 * time.Hour, "168h": 7 * 24 * time.Hour, "604800 s": 7 * 24 * time.Hour,
	} {
		if got, err := tenancy.ParseGrace(text); err != nil || got != want {
			t.Errorf("ParseGrace(%q): got %v, %v, want %v", text, got, err, want)
		}
	}
	for want, texts := range map[string][]string{
		"grace must be at most 7 days": {"8 days", "169 hours", "604801 s", "1 month", "1 y", "9999999999 days", "9999999999 years"},
		`grace must be a span such as "12 hours" or "7 days", or "0"`: {"7", "days", "never",
			"tomorrow", "-1 day", "+1 day", "1.5 days", "1 fortnight", "2030-01-31", "0 0",
			"7 days 1 s", "７ days", "99999999999 s", "0x1 s", strings.Repeat("9", 4000) + " s"},
	} {
		for _, text := range texts {
			if got, err := tenancy.ParseGrace(text); problemtest.Text(err) != "invalid: "+want ||
				got != 0 {
				t.Errorf("ParseGrace(%.40q): got %v, %q, want %q", text, got, problemtest.Text(err),
					want)
			}
		}
	}
}

func FuzzParseGrace(f *testing.F) {
	for _, seed := range []string{"", "0", "7 days", "12h", "1 M", "9999999999 years", "-1 s", "\xff", "7days", "0 ", "168 hours"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := tenancy.ParseGrace(text)
		if err != nil {
			if problem.CodeOf(err) != problem.CodeInvalid || got != 0 {
				t.Fatalf("got %v, %v, want nothing and CodeInvalid", got, err)
			}
			return
		}
		if got < 0 || got > tenancy.LongestGrace || got%time.Second != 0 {
			t.Fatalf("got %v, want whole seconds of at most 7 days", got)
		}
		// A grace must be asked for exactly: only digits, blanks and a unit are
		// read as one.
		if got > 0 &&
			strings.Trim(
				strings.TrimSpace(text),
				"0123456789 abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\t\n\v\f\r\u0085\u00a0",
			) != "" &&
			isASCII(text) {
			t.Fatalf("%q is a grace of %v", text, got)
		}
		if again, err := tenancy.ParseGrace(text); err != nil || again != got {
			t.Fatalf("got %v, and %v (%v) the second time", got, again, err)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

// A rotation changes the id, the secret and the age of a token, and none of its
// rights. At most two tokens of a family work.
func TestRotate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMilli(1_900_000_000_000).UTC()
		span := func(label string) time.Duration {
			return time.Duration(
				rapid.Int64Range(0, int64(10*24*time.Hour/time.Millisecond)).Draw(t, label),
			) * time.Millisecond
		}
		token := tenancy.Token{
			ID:           "00000001",
			Hash:         []byte("1"),
			Profile:      "p",
			Account:      "a",
			Name:         "n",
			Permission:   tenancy.PermissionRead,
			Created:      now.Add(-span("age")),
			AccountEpoch: 3,
			GrantEpoch:   4,
			SignIn:       rapid.Bool().Draw(t, "sign in"),
		}
		if rapid.Bool().Draw(t, "ends") {
			token.Expires = now.Add(span("life") + time.Millisecond)
		}
		chain := []tenancy.Token{token}
		for i := range rapid.IntRange(1, 4).Draw(t, "rotations") {
			current := chain[len(chain)-1]
			id := value.TokenID("0000001" + string(rune('0'+i)))
			grace := min(span("grace"), tenancy.LongestGrace)
			old, next, family, err := current.Rotate(id, []byte(id), grace, now)
			if err != nil {
				t.Fatal(err)
			}
			want := current
			want.ID, want.Hash, want.Created = id, []byte(id), now
			want.Family, want.Previous, want.PreviousRetires = token.ID, current.ID, old.Retires
			if !reflect.DeepEqual(next, want) {
				t.Fatalf("the new one is %+v, want %+v", next, want)
			}
			if !next.Live(now) || next.Rotated() || !next.Expires.Equal(token.Expires) {
				t.Fatalf("the new one does not work as long as the old one would have")
			}
			if !old.Rotated() || old.Retires.After(now.Add(grace)) ||
				!token.Expires.IsZero() && old.Retires.After(token.Expires) {
				t.Fatalf("the old one retires at %v", old.Retires)
			}
			if old.Live(old.Retires) || grace > 0 && !old.Live(old.Retires.Add(-time.Millisecond)) {
				t.Fatalf("the old one does not work up to the millisecond before %v", old.Retires)
			}
			if spent := old.Spent(old.Retires); spent !=
				(token.Expires.IsZero() || old.Retires.Before(token.Expires)) {
				t.Fatalf("its use at %v is reported: %v", old.Retires, spent)
			}
			if old.Kept().Before(old.Retires) {
				t.Fatalf("it is forgotten at %v, before it retires", old.Kept())
			}
			if family.ID != token.ID || family.Current != id || family.Previous != current.ID ||
				family.Kept.Before(old.Kept()) {
				t.Fatalf("the family is %+v", family)
			}
			_, _, _, err = old.Rotate("other", nil, grace, now)
			if problem.CodeOf(err) != problem.CodeConflict {
				t.Fatalf("rotating it again: got %v, want CodeConflict", err)
			}
			chain = append(chain, next)
		}
	})
}

func TestASpentTokenIsReportedOnceAndWhileItsFamilyMayLive(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2030-03-14T12:00:00Z")
	token := tenancy.Token{ID: "00000001", Expires: now.Add(time.Hour), Retires: now}
	for _, test := range []struct {
		name   string
		change func(*tenancy.Token)
		now    time.Time
		want   bool
	}{
		{"at the end of its grace", func(*tenancy.Token) {}, now, true},
		{"a millisecond before", func(*tenancy.Token) {}, now.Add(-time.Millisecond), false},
		{"a millisecond before its end", func(*tenancy.Token) {}, now.Add(time.Hour - time.Millisecond), true},
		{"at its end, which is that of the family", func(*tenancy.Token) {}, now.Add(time.Hour), false},
		{"without an end", func(t *tenancy.Token) { t.Expires = time.Time{} }, now.Add(1000 * time.Hour), true},
		{"dealt with", func(t *tenancy.Token) { t.Reused = true }, now, false},
		{"not rotated", func(t *tenancy.Token) { t.Retires = time.Time{} }, now, false},
	} {
		token := token
		test.change(&token)
		if got := token.Spent(test.now); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// For each field of a token, the test says whether it gives power. If it does,
// a token does not cover another one that has more of it; if not, the field
// changes no comparison. A new field must be added here.
func TestATokenCoversWhatGivesNothingMore(t *testing.T) {
	t.Parallel()
	end := rules.At(t, "2030-03-14T12:00:00Z")
	networks := func(text string) value.Networks {
		list, err := value.ParseNetworks([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	token := tenancy.Token{
		ID:              "00000001",
		Hash:            []byte{1},
		Name:            "n",
		Account:         "a",
		Permission:      tenancy.PermissionWrite,
		Created:         end.Add(-time.Hour),
		Expires:         end,
		Profile:         "p",
		Scope:           tenancy.ScopeProfile,
		Networks:        networks("192.0.2.0/24"),
		SignIn:          true,
		Family:          "00000001",
		Previous:        "00000000",
		PreviousRetires: end.Add(-time.Minute),
		AccountEpoch:    1,
		GrantEpoch:      1,
		Version:         1,
	}
	type change struct {
		name string
		to   any
		want bool
	}
	fields := map[string][]change{
		"Account": {{"another account", value.AccountID("b"), false}},
		"Profile": {{"another profile", value.ProfileID("q"), false}},
		"Permission": {
			{"a lower permission", tenancy.PermissionRead, true},
			{"a higher permission", tenancy.PermissionFull, false},
		},
		"Expires": {
			{"an earlier end", end.Add(-time.Millisecond), true},
			{"a later end", end.Add(time.Millisecond), false},
			{"no end", time.Time{}, false},
		},
		"Retires": {
			{"a grace that ends before", end.Add(-time.Millisecond), true},
			{"a grace that ends after", end.Add(time.Millisecond), true},
		},
		"Networks": {
			{"fewer addresses", networks("192.0.2.7"), true},
			{"other addresses", networks("198.51.100.0/24"), false},
			{"from anywhere", value.Networks(nil), false},
		},
		"Scope":  {{"the scope of the account", tenancy.ScopeAccount, false}},
		"SignIn": {{"one made by hand, which a new password does not end", false, false}},
		"Family": {
			{"another family", value.TokenID("00000009"), false},
			{"no family, whose end it does not share", value.TokenID(""), false},
		},

		"ID":              {{"names it", value.TokenID("00000002"), true}},
		"Hash":            {{"is its secret", []byte{2}, true}},
		"Name":            {{"names it", "m", true}},
		"Created":         {{"orders lists", end.Add(-time.Minute), true}},
		"Previous":        {{"has a grace of its own", value.TokenID("00000003"), true}},
		"PreviousRetires": {{"is of another one", end, true}},
		"Version":         {{"orders changes", int64(2), true}},
		"Reused":          {{"was dealt with", true, true}},
		"Reminded":        {{"concerns mails", end, true}},
		"IdleCheck":       {{"concerns mails", end, true}},
		"IdleTold":        {{"concerns mails", end, true}},
		// Covers does not look at whether a token works at present.
		"DisabledBy":   {{"opens nothing", value.AccountID("a"), true}},
		"AccountEpoch": {{"is judged where it is used", int64(2), true}},
		"GrantEpoch":   {{"is judged where it is used", int64(2), true}},
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[tenancy.Token]()) {
		if len(fields[f.Name]) == 0 {
			t.Errorf("%s is a field of tokens of which no comparison of powers is tested", f.Name)
		}
		for _, c := range fields[f.Name] {
			other := token
			reflect.ValueOf(&other).Elem().FieldByIndex(f.Index).Set(reflect.ValueOf(c.to))
			if got := token.Covers(other); got != c.want {
				t.Errorf("%s, %s: got %v, want %v", f.Name, c.name, got, c.want)
			}
			// If two tokens differ in a field that gives power, at least one
			// does not cover the other.
			if c.want && f.Name != "Permission" && f.Name != "Expires" && f.Name != "Networks" &&
				f.Name != "Retires" &&
				!other.Covers(token) {
				t.Errorf("%s, the other way round: it gives something", f.Name)
			}
		}
	}
	narrow := token
	narrow.Expires, narrow.Family = end.Add(-time.Millisecond), ""
	retiring := token
	retiring.Retires = end.Add(-time.Millisecond)
	hand, endless := token, token
	hand.SignIn, endless.Expires = false, time.Time{}
	for name, c := range map[string]struct {
		by, other tenancy.Token
		want      bool
	}{
		"its like": {token, token, true}, "one without an end, and its like": {endless, endless, true}, "one without an end, and one with": {endless, token, true},
		"one that ends before": {narrow, token, false}, "one whose grace ends before": {retiring, token, false},
		"one made by hand, and one of signing in": {hand, token, true},
	} {
		if got := c.by.Covers(c.other); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2030-03-01T00:00:00Z")
	const day = 24 * time.Hour
	for _, test := range []struct {
		name   string
		life   time.Duration
		change func(*tenancy.Token)
		want   []time.Duration // before the end
	}{
		{"a year", 365 * day, nil, []time.Duration{7 * day, day}},
		{"14 days", 14 * day, nil, []time.Duration{7 * day, day}},
		{"a millisecond less than 14 days", 14*day - time.Millisecond, nil, []time.Duration{day}},
		{"2 days", 2 * day, nil, []time.Duration{day}},
		{"a millisecond less than 2 days", 2*day - time.Millisecond, nil, nil},
		{"an hour", time.Hour, nil, nil},
		{"made by signing in", 365 * day, func(t *tenancy.Token) { t.SignIn = true }, nil},
		{"without an end", 0, func(t *tenancy.Token) { t.Expires = time.Time{} }, nil},
		{"rotated", 365 * day, func(t *tenancy.Token) { t.Retires = now.Add(day) }, nil},
	} {
		token := tenancy.Token{ID: "00000001", Created: now, Expires: now.Add(test.life)}
		if test.change != nil {
			test.change(&token)
		}
		var got []time.Duration
		for _, reminder := range token.Reminders() {
			got = append(got, token.Expires.Sub(reminder))
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A token is due next at a reminder that is not done yet, and last at its end.
func TestATokenIsDueAtTheNextOfItsReminders(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := rules.At(t, "2030-03-01T00:00:00Z")
	token := tenancy.Token{ID: "00000001", Created: now, Expires: now.Add(30 * day)}
	for _, test := range []struct {
		name     string
		reminded time.Duration
		want     time.Duration
	}{
		{"at first", 0, 23 * day}, {"after the first", 23 * day, 29 * day}, {"late, after the first", 25 * day, 29 * day},
		{"after the second", 29 * day, 30 * day}, {"late, when both were missed", 29*day + time.Hour, 30 * day},
	} {
		token := token
		if test.reminded > 0 {
			token.Reminded = now.Add(test.reminded)
		}
		if got := token.Due().Sub(now); got != test.want {
			t.Errorf("%s: due after %v, want %v", test.name, got, test.want)
		}
	}
	token.Retires = now.Add(time.Hour)
	if got := token.Due(); got != token.Retires {
		t.Errorf("rotated: due at %v, want %v", got, token.Retires)
	}
	if got := (tenancy.Token{Created: now, SignIn: true}).Due(); !got.IsZero() {
		t.Errorf("without an end: due at %v", got)
	}
}
