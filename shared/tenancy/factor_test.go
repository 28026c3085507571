package tenancy_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// app is an authenticator whose pin of a step is the step itself.
func app(shown int64, mac string) tenancy.Checker {
	return tenancy.Checker{
		MAC:     []byte(mac),
		Matches: func(kept []byte) bool { return string(kept) == mac },
		Step:    func(_ []byte, from, to int64) (int64, bool) { return shown, from <= shown && shown <= to },
	}
}

func TestParsePin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"123456": "123456", " 123 456 ": "123456", "abcd-efgh-2345": "ABCDEFGH2345", "ABCDEFGH2345": "ABCDEFGH2345",
		"": "", "12345": "", "1234567": "", "12345a": "", "ABCD-EFGH-2341": "", "ABCD-EFGH-234": "", "１２３４５６": "",
	} {
		if got := tenancy.ParsePin(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// In any order of uses, a pin or a recovery code works once; the one of a
// sign-in can then make one token.
func TestNoPinProvesTwoThings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
		a := tenancy.Account{
			ID: "a",
			Factors: []tenancy.EnabledFactor{
				{Factor: tenancy.FactorAuthenticator},
				{Factor: tenancy.FactorEmail},
			},
		}
		k := tenancy.SecondFactors{Account: "a", Authenticator: []byte("sealed")}
		codes := []string{"one", "two", "three"}
		for _, c := range codes {
			k.Recovery = append(k.Recovery, []byte(c))
		}
		credentials, tokens, signed := map[string]int{}, map[string]int{}, map[string]int{}
		mailed := 0
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "seconds")) * time.Second)
			var given, name string
			shown := int64(0)
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				shown = now.Unix()/30 + int64(rapid.IntRange(-3, 3).Draw(rt, "skew"))
				given = "step" + time.Unix(shown, 0).String()
				name = given
			case 1:
				given = rapid.SampledFrom(codes).Draw(rt, "code")
				name = given
			case 2:
				mailed++
				k.Mailed = tenancy.Pin{MAC: []byte{byte(mailed)}, Expires: now.Add(tenancy.PinLife)}
				continue
			case 3:
				given = string([]byte{byte(rapid.IntRange(0, mailed).Draw(rt, "pin"))})
				name = "mail" + given
			}
			use := rapid.SampledFrom([]tenancy.PinUse{tenancy.ForAction, tenancy.ForSignIn,
				tenancy.ForToken}).
				Draw(rt, "use")
			factor := rapid.SampledFrom([]tenancy.Factor{"", tenancy.FactorAuthenticator,
				tenancy.FactorEmail}).
				Draw(rt, "factor")
			was := slices.Clone(k.Recovery)
			next, recovery, err := k.Prove(a, factor, use, app(shown, given), now)
			if err != nil {
				if problem.CodeOf(err) != problem.CodeUnauthenticated {
					rt.Fatal(err)
				}
				continue
			}
			if recovery != (len(next.Recovery) < len(was)) {
				rt.Fatalf(
					"%s: recovery is %v, and %d codes of %d are left",
					name,
					recovery,
					len(next.Recovery),
					len(was),
				)
			}
			k = next
			switch {
			case use == tenancy.ForToken && signed[name] > 0:
				tokens[name]++
			default:
				credentials[name]++
				if use == tenancy.ForSignIn {
					signed[name]++
				}
			}
			if credentials[name] > 1 || tokens[name] > 1 {
				rt.Fatalf(
					"%s proved %d things and made %d tokens after a sign-in",
					name,
					credentials[name],
					tokens[name],
				)
			}
		}
	})
}

// A change of the password, the address or a factor voids a setup that was
// begun before it.
func TestASetUpEndsWhenTheAccountIsSecured(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	a := tenancy.Account{ID: "a", CredentialsChanged: now.Add(-time.Hour)}
	begun := tenancy.SecondFactors{
		Account: "a",
	}.BeginMail(a, tenancy.Pin{MAC: []byte("pin"), Expires: now.Add(time.Minute)}).
		Begin(a, []byte("sealed"), now)
	for _, f := range []tenancy.Factor{tenancy.FactorAuthenticator, tenancy.FactorEmail} {
		if _, err := begun.Confirm(a, f, app(now.Unix()/30, "pin"), now); err != nil {
			t.Errorf("%s: got %v", f, err)
		}
		later := a
		later.CredentialsChanged = now
		_, err := begun.Confirm(later, f, app(now.Unix()/30, "pin"), now)
		if problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%s, after the account was secured: got %v, want CodeInvalid", f, err)
		}
		// The voided setup does not come back with a later one.
		if f == tenancy.FactorEmail {
			if _, err := begun.Begin(later, []byte("other"), now).
				Confirm(later, f, app(0, "pin"), now); problem.CodeOf(err) != problem.CodeInvalid {
				t.Errorf("%s, when something else is begun: got %v, want CodeInvalid", f, err)
			}
		}
	}
}

func TestWrongPinsInARow(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	k := tenancy.SecondFactors{Account: "a"}
	for n := 1; n <= 10; n++ {
		if err := k.Admits(now); err != nil {
			t.Fatalf("after %d wrong ones: %v", n-1, err)
		}
		if k = k.Failed(now); k.Wrong != n {
			t.Errorf("the %dth is counted as the %dth", n, k.Wrong)
		}
	}
	got := problem.CodeOf(k.Admits(now.Add(24*time.Hour - time.Millisecond)))
	if got != problem.CodeTooMany {
		t.Errorf("after ten: got %q", got)
	}
	if err := k.Admits(now.Add(24 * time.Hour)); err != nil {
		t.Errorf("a day later: %v", err)
	}
	if k = k.Failed(now.Add(24 * time.Hour)); k.Wrong != 1 {
		t.Errorf("the first of the next day is the %dth", k.Wrong)
	}
}
