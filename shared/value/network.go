package value

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"profiles/shared/problem"
)

// Networks are the networks that a token may be used from; empty: from
// anywhere.
type Networks []netip.Prefix

// MaxNetworks bounds an allow-list. Every request of the token reads it.
const MaxNetworks = 20

// ParseNetworks reads an allow-list: each text is an IP address or a network in
// CIDR form. The result is normalized: bits after the prefix are zero, IPv4 is
// never written as IPv6, and no network is there twice. Errors: CodeInvalid
// naming the text that is wrong, or for more than 20.
func ParseNetworks(texts []string) (Networks, error) {
	if len(texts) > MaxNetworks {
		return nil, problem.InvalidField("allow_list", problem.FieldLength, "must have at most %d addresses and networks", MaxNetworks).
			Bound(MaxNetworks)
	}
	var list Networks
	for i, text := range texts {
		network, ok := parseNetwork(strings.TrimSpace(text))
		if !ok {
			return nil, problem.InvalidField(
				fmt.Sprintf("allow_list[%d]", i),
				problem.FieldFormat,
				"must be an IP address or a network, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32",
			)
		}
		if !slices.Contains(list, network) {
			list = append(list, network)
		}
	}
	return list, nil
}

// mappedBits is the length, in bits, of the prefix before an IPv4 address that
// is written as IPv6.
const mappedBits = 96

func parseNetwork(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		zone := a.Zone()
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), zone == ""
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, false
	}
	if p.Addr().Is4In6() {
		// A shorter prefix includes all of IPv4 and more, which cannot be meant
		// by an IPv4 address.
		if p.Bits() < mappedBits {
			return p, false
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedBits)
	}
	return p.Masked(), true
}

// Admits reports whether a request may come from an address, in the gateway's
// form. A text that is no address is in no network.
func (n Networks) Admits(address string) bool {
	if len(n) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Within reports whether each network is inside one of the others, so that the
// others admit all its addresses. A network that only several others together
// cover counts as not inside.
func (n Networks) Within(others Networks) bool {
	if len(others) == 0 {
		return true
	}
	if len(n) == 0 {
		return false
	}
	for _, p := range n {
		inside := func(other netip.Prefix) bool {
			return other.Bits() <= p.Bits() && other.Contains(p.Addr())
		}
		if !slices.ContainsFunc(others, inside) {
			return false
		}
	}
	return true
}

// Texts are the networks as ParseNetworks reads them; single addresses have no
// length.
func (n Networks) Texts() []string {
	texts := make([]string, len(n))
	for i, p := range n {
		if texts[i] = p.String(); p.IsSingleIP() {
			texts[i] = p.Addr().String()
		}
	}
	return texts
}

func (n Networks) String() string {
	if len(n) == 0 {
		return "anywhere"
	}
	return strings.Join(n.Texts(), ", ")
}
