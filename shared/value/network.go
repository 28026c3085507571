package value

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"profiles/shared/problem"
)

// Networks are the addresses that a token may be used from; none: from
// anywhere.
type Networks []netip.Prefix

// MaxNetworks bounds an allow-list. Every request of the token reads it.
const MaxNetworks = 20

// ParseNetworks reads an allow-list: each text is an IP address or a network in
// CIDR form. The result has the form in which equal networks are equal: bits
// past the prefix are zero, IPv4 is never written as IPv6, and nothing is there
// twice. Errors: CodeInvalid naming the text that is wrong, or for more than
// 20.
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

// mappedBits is the length of what goes before an IPv4 address that is written
// as an IPv6 address.
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
		// One that is shorter has all of IPv4 and more, which nobody means who
		// writes an address of IPv4.
		if p.Bits() < mappedBits {
			return p, false
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedBits)
	}
	return p.Masked(), true
}

// Admits reports whether a request may come from an address, as the gateway
// writes it. What is no address is in no network.
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

// Within reports whether every network lies in one of the others: then none of
// them admits an address that the others do not. Networks that only several
// others together contain count as not within.
func (n Networks) Within(others Networks) bool {
	if len(others) == 0 {
		return true
	}
	if len(n) == 0 {
		return false
	}
	for _, p := range n {
		inside := func(other netip.Prefix) bool { return other.Bits() <= p.Bits() && other.Contains(p.Addr()) }
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
