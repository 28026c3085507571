package webhook_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/webhook"
)

var now = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)

// Events go to addresses of the public internet only, however they are written.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
		"2a00:1450:4001::200e",
	} {
		if !webhook.Admits(netip.MustParseAddr(s), false) {
			t.Errorf("%s is refused", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
		"127.8.8.8", "169.254.169.254", "169.254.79.129", "172.16.0.1", "172.31.255.255",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1",
		"2002:7f00:1::", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
		"fec0::1", "ff02::1", "5f00::1",
	} {
		if webhook.Admits(netip.MustParseAddr(s), false) {
			t.Errorf("%s is admitted", s)
		}
	}
	for s, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "10.0.0.1": false,
		"169.254.169.254": false, "0.0.0.0": false,
	} {
		if webhook.Admits(netip.MustParseAddr(s), true) != want {
			t.Errorf("on the local stack %s is admitted: %v", s, !want)
		}
	}
	if webhook.Admits(netip.Addr{}, true) {
		t.Error("no address is admitted")
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	edit := func(s string, loopback bool) (string, error) {
		h, err := webhook.Webhook{}.Edit(webhook.Edit{URL: &s}, loopback, now)
		return h.URL, err
	}
	for _, s := range []string{
		"https://example.com", "https://example.com:8443/a/b?c=d", "https://8.8.8.8/x",
		"https://[2606:4700::1111]/x", " https://example.com/x ",
	} {
		if got, err := edit(s, false); err != nil || got != strings.TrimSpace(s) {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "x", "http://example.com", "ftp://example.com", "https://", "https:example.com",
		"//example.com", "https://a:b@example.com", "https://a@example.com",
		"https://example.com/#x", "https://exa mple.com", "https://example.com/a b",
		"https://example.com\\@10.0.0.1", "https://127.0.0.1", "https://10.0.0.1/x",
		"https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/",
		"https://169.254.169.254/latest/meta-data", "https://localhost", "https://LOCALHOST.",
		"https://a.localhost", "https://a.local", "https://a.internal", "http://127.0.0.1",
		"https://example.com/" + strings.Repeat("x", webhook.MaxURL),
	} {
		if got, err := edit(s, false); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%q: got %q, %v, want a refusal", s, got, err)
		}
	}
	for s, want := range map[string]bool{
		"http://127.0.0.1:8080/x": true, "https://[::1]:1/": true, "http://example.com": false,
		"http://10.0.0.1": false, "http://localhost": false,
	} {
		if _, err := edit(s, true); (err == nil) != want {
			t.Errorf("on the local stack %q: %v", s, err)
		}
	}
}

func TestListsHaveABound(t *testing.T) {
	t.Parallel()
	var l webhook.List
	var err error
	for i := range webhook.Most {
		if l, err = l.With(webhook.Webhook{ID: webhook.ID(rune('a' + i))}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = l.With(webhook.Webhook{ID: "x"}); problem.ReasonOf(
		err) != problem.ReasonWebhooksFull {
		t.Errorf("one more: %v", err)
	}
	if l, err = l.With(webhook.Webhook{ID: "a", Note: "changed"}); err != nil || l.Hooks[0].Note != "changed" {
		t.Errorf("a change of one: %v", err)
	}
	if l = l.Without("a"); len(l.Hooks) != webhook.Most-1 {
		t.Errorf("%d are left", len(l.Hooks))
	}
}

// A delivery is tried for a day, and then once more at most.
func TestPausesOfADelivery(t *testing.T) {
	t.Parallel()
	d := webhook.Delivery{State: webhook.Pending, Created: now, Next: now}
	var last time.Time
	for d.State == webhook.Pending {
		last = d.Next
		d = d.Failed(webhook.Answer{Status: 500}, last)
	}
	if age := last.Sub(now); age < webhook.TriedFor || age > webhook.TriedFor+4*time.Hour ||
		d.Attempts < 10 || d.Attempts > 20 || d.State != webhook.Dead {
		t.Errorf("given up after %s and %d attempts", age, d.Attempts)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]string{{"x"}, {""}, {"token.painted"}, make([]string, 51)} {
		if _, err := (webhook.Webhook{}).Edit(webhook.Edit{Events: &bad}, false,
			now); problem.CodeOf(
			err,
		) != problem.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	h, err := webhook.Webhook{}.Edit(
		webhook.Edit{Events: &[]string{"token.*", "token.*", "team.left"}}, false, now)
	if err != nil || len(h.Events) != 2 {
		t.Errorf("got %q, %v", h.Events, err)
	}
}
