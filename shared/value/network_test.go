package value_test

import (
	"encoding/binary"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

func TestParseNetworksReadsAddressesAndNetworks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, texts, want string }{
		{"nothing", "", ""},
		{"an address of IPv4", "203.0.113.7", "203.0.113.7"},
		{"an address of IPv6 in its shortest form", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
		{"a network", "203.0.113.0/24", "203.0.113.0/24"},
		{"a network of IPv6", "2001:db8::/32", "2001:db8::/32"},
		{"bits past the prefix are dropped", "203.0.113.7/24 2001:db8::7/32", "203.0.113.0/24 2001:db8::/32"},
		{"a network of one address is that address", "203.0.113.7/32 2001:db8::1/128", "203.0.113.7 2001:db8::1"},
		{"IPv4 written as IPv6", "::ffff:203.0.113.7", "203.0.113.7"},
		{"a network of IPv4 written as IPv6", "::ffff:203.0.113.7/120", "203.0.113.0/24"},
		{"all of IPv4 written as IPv6", "::ffff:0:0/96", "0.0.0.0/0"},
		{"all of each", "0.0.0.0/0 ::/0", "0.0.0.0/0 ::/0"},
		{"the same in several forms is there once", "203.0.113.7 203.0.113.7/32 ::ffff:203.0.113.7 203.0.113.8", "203.0.113.7 203.0.113.8"},
		{"an address in a network that is there too stays", "203.0.113.0/24 203.0.113.7", "203.0.113.0/24 203.0.113.7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := value.ParseNetworks(strings.Fields(test.texts))
			if err != nil || strings.Join(got.Texts(), " ") != test.want {
				t.Errorf(
					"ParseNetworks(%s): got %v, %v, want %s",
					test.texts,
					got.Texts(),
					err,
					test.want,
				)
			}
		})
	}
	if got, err := value.ParseNetworks([]string{" 203.0.113.7\n"}); err != nil || len(got) != 1 {
		t.Errorf("blanks around it: got %v, %v", got, err)
	}
}

func TestParseNetworksRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no text": "", "a name": "example.com", "an address with a port": "203.0.113.7:443", "a wildcard": "203.0.113.*",
		"a range": "203.0.113.1-203.0.113.9", "a number too large": "203.0.113.256", "leading zeros": "203.0.113.007", "three numbers": "203.0.113",
		"a prefix too long": "203.0.113.0/33", "a prefix too long for IPv6": "2001:db8::/129", "no prefix": "203.0.113.0/", "a negative prefix": "203.0.113.0/-1",
		"a mask": "203.0.113.0/255.255.255.0", "a zone": "fe80::1%eth0", "a zone of IPv4": "::ffff:203.0.113.7%eth0", "a zone and a prefix": "fe80::%eth0/64",
		"a prefix longer than IPv4": "::ffff:203.0.113.0/80", "two in one": "203.0.113.7, 203.0.113.8", "brackets": "[2001:db8::1]",
	} {
		const want = "allow_list[1] must be an IP address or a network"
		got, err := value.ParseNetworks([]string{"192.0.2.1", text})
		if problem.CodeOf(err) != problem.CodeInvalid ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s, %q: got %v, %v, want %s", name, text, got, err, want)
		}
	}
}

func TestAnAllowListHasTwentyNetworks(t *testing.T) {
	t.Parallel()
	texts := slices.Repeat([]string{"203.0.113.7"}, 21)
	if _, err := value.ParseNetworks(texts[1:]); err != nil {
		t.Errorf("20: %v", err)
	}
	if _, err := value.ParseNetworks(texts); problem.CodeOf(err) != problem.CodeInvalid ||
		!strings.Contains(err.Error(), "at most 20") {
		t.Errorf("21: got %v", err)
	}
}

func TestNetworksAdmit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, texts, address string
		want                 bool
	}{
		{"no list admits all", "", "203.0.113.7", true},
		{"no list admits what is no address", "", "", true},
		{"the address", "203.0.113.7", "203.0.113.7", true},
		{"the address after", "203.0.113.7", "203.0.113.8", false},
		{"the first of a network", "203.0.113.0/24", "203.0.113.0", true},
		{"the last of a network", "203.0.113.0/24", "203.0.113.255", true},
		{"one past a network", "203.0.113.0/24", "203.0.114.0", false},
		{"the second of two", "192.0.2.1 203.0.113.7", "203.0.113.7", true},
		{"IPv4 that comes as IPv6", "203.0.113.0/24", "::ffff:203.0.113.7", true},
		{"all of IPv6 has no IPv4", "::/0", "203.0.113.7", false},
		{"all of IPv6 has no IPv4 that comes as IPv6", "::/0", "::ffff:203.0.113.7", false},
		{"all of IPv4 has no IPv6", "0.0.0.0/0", "2001:db8::1", false},
		{"a network of IPv6", "2001:db8::/32", "2001:db8:ffff::1", true},
		{"an address of IPv6 with a zone", "fe80::/10", "fe80::1%eth0", true},
		{"no address", "0.0.0.0/0 ::/0", "", false},
		{"a text", "0.0.0.0/0 ::/0", "unknown", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, err := value.ParseNetworks(strings.Fields(test.texts))
			if err != nil {
				t.Fatal(err)
			}
			if got := list.Admits(test.address); got != test.want {
				t.Errorf("%s admits %q: got %v, want %v", list, test.address, got, test.want)
			}
		})
	}
	if (value.Networks{{}}).Admits("203.0.113.7") {
		t.Error("a network that could not be read admits an address")
	}
}

func TestWhatLiesWithinAdmitsNoMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rules.Networks(t, "a"), rules.Networks(t, "b")
		if !a.Within(a) || !a.Within(nil) || a.Within(b) && len(a) == 0 && len(b) > 0 {
			t.Fatalf("%s is not within itself, or anywhere is within %s", a, b)
		}
		if !a.Within(b) {
			return
		}
		for last := range 256 {
			for _, address := range []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(last)}),
				netip.AddrFrom16([16]byte{0x20, 0x01, 15: byte(last)})} {
				if a.Admits(address.String()) && !b.Admits(address.String()) {
					t.Fatalf("%s is within %s, and admits %s", a, b, address)
				}
			}
		}
	})
}

func TestNetworksWithin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"192.0.2.1", "", true}, {"", "192.0.2.1", false}, {"", "0.0.0.0/0 ::/0", false},
		{"192.0.2.1", "192.0.2.0/24", true}, {"192.0.2.0/24", "192.0.2.1", false}, {"192.0.2.0/25 192.0.2.128/25", "192.0.2.0/24", true},
		{"192.0.2.1 203.0.113.1", "192.0.2.0/24", false}, {"192.0.2.1", "::/0", false},
	} {
		a, _ := value.ParseNetworks(strings.Fields(test.a))
		b, _ := value.ParseNetworks(strings.Fields(test.b))
		if got := a.Within(b); got != test.want {
			t.Errorf("%s within %s: got %v, want %v", a, b, got, test.want)
		}
	}
}

// FuzzParseNetworks holds that whatever is read is in its one form, which reads
// back as itself, and admits the first and last address of each of its
// networks.
func FuzzParseNetworks(f *testing.F) {
	for _, seed := range []string{
		"", "203.0.113.7", "203.0.113.7/24", "::ffff:203.0.113.7/120", "::ffff:0:0/95", "2001:db8::/32\n::1", "fe80::1%eth0", "0.0.0.0/0\n::/0",
		"203.0.113.7\n203.0.113.7/32", "1.2.3.4/33", "::/129",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		list, err := value.ParseNetworks(strings.Split(lines, "\n"))
		if err != nil {
			if problem.CodeOf(err) != problem.CodeInvalid ||
				!strings.Contains(err.Error(), "allow_list") {
				t.Fatalf("got %v, want CodeInvalid naming allow_list", err)
			}
			return
		}
		if again, err := value.ParseNetworks(list.Texts()); err != nil ||
			!reflect.DeepEqual(again, list) {
			t.Fatalf("%v reads back as %v, %v", list, again, err)
		}
		for i, p := range list {
			if p != p.Masked() || p.Addr().Is4In6() || p.Addr().Zone() != "" ||
				slices.Contains(list[:i], p) {
				t.Fatalf("%s in %s is not in its one form", p, list)
			}
			// The last of ::/80 is an address of IPv4, written as one of IPv6.
			if !list.Admits(p.Addr().String()) ||
				!last(p).Is4In6() && !list.Admits(last(p).String()) {
				t.Fatalf("%s does not admit the ends of %s", list, p)
			}
		}
	})
}

func last(p netip.Prefix) netip.Addr {
	if p.Addr().Is4() {
		b := p.Addr().As4()
		binary.BigEndian.PutUint32(
			b[:],
			binary.BigEndian.Uint32(b[:])|uint32(uint64(1)<<(32-p.Bits())-1),
		)
		return netip.AddrFrom4(b)
	}
	b := p.Addr().As16()
	for bit := p.Bits(); bit < 128; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom16(b)
}
