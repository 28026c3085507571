package store

import (
	"net/netip"
	"strings"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// tokenLimitAttributes are what of a token changes after it was made.
type tokenLimitAttributes struct {
	Networks   []string `dynamodbav:"networks,omitempty"`
	Scope      string   `dynamodbav:"scope,omitempty"` // none: account
	DisabledBy string   `dynamodbav:"disabledBy,omitempty"`
	Version    int64    `dynamodbav:"version,omitempty"`
}

func tokenLimitsFrom(t tenancy.Token) tokenLimitAttributes {
	a := tokenLimitAttributes{DisabledBy: string(t.DisabledBy), Version: t.Version}
	for _, network := range t.Networks {
		a.Networks = append(a.Networks, network.String())
	}
	if t.Scope != tenancy.ScopeAccount {
		a.Scope = t.Scope.String()
	}
	return a
}

// limit returns the token with its limits. What this package cannot read of them admits nothing.
func (a tokenLimitAttributes) limit(t tenancy.Token) tenancy.Token {
	for _, stored := range a.Networks {
		network, err := netip.ParsePrefix(stored)
		if err != nil {
			network = netip.Prefix{}
		}
		t.Networks = append(t.Networks, network)
	}
	if a.Scope != "" {
		t.Scope = tenancy.ScopeProfile
	}
	t.DisabledBy, t.Version = value.AccountID(a.DisabledBy), a.Version
	return t
}

// unchangedToken is the condition of a change of a token that was read before: it is still the profile's, and nobody changed it since. gone
// is returned when that is not so.
func unchangedToken(t tenancy.Token, gone error) condition {
	c := ofProfile(t.Profile, gone)
	if t.Version == 0 {
		c.expression += " AND attribute_not_exists(#version)"
		return c
	}
	c.expression += " AND #version = :was"
	c.values[":was"] = number(t.Version)
	return c
}

// EditToken changes the name and the limits of a token that was read at t.Version, and those of its row.
func (tx *Tx) EditToken(t tenancy.Token) {
	c := unchangedToken(t, problem.ErrConflict)
	t.Version++
	a := tokenLimitsFrom(t)
	values := item{":name": text(t.Name), ":version": number(t.Version)}
	expression := "SET #name = :name, #version = :version"
	var remove []string
	for _, optional := range []struct {
		name string
		set  bool
		v    any
	}{{"networks", len(a.Networks) > 0, a.Networks}, {"scope", a.Scope != "", a.Scope}, {"disabledBy", a.DisabledBy != "", a.DisabledBy}} {
		if !optional.set {
			remove = append(remove, "#"+optional.name)
			continue
		}
		expression += ", #" + optional.name + " = :" + optional.name
		values[":"+optional.name] = tx.value(optional.v)
	}
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	tx.update(tokenKey(t.ID), expression, values, c)
	tx.update(tokenRowKey(t.Profile, t.Created, t.ID), expression, values, exists)
}

type tokenPolicyAttributes struct {
	LongestTokenDays int  `dynamodbav:"longestTokenDays,omitempty"`
	NoEndlessTokens  bool `dynamodbav:"noEndlessTokens,omitempty"`
}

func tokenPolicyFrom(p tenancy.TokenPolicy) tokenPolicyAttributes {
	return tokenPolicyAttributes{p.LongestDays, p.NoNever}
}

func (a tokenPolicyAttributes) value() tenancy.TokenPolicy {
	return tenancy.TokenPolicy{LongestDays: a.LongestTokenDays, NoNever: a.NoEndlessTokens}
}

// SetTokenPolicy changes the policy of a profile that was read at p.Version.
func (tx *Tx) SetTokenPolicy(p tenancy.Profile) {
	tx.update(profileKey(p.ID), "SET #longestTokenDays = :days, #noEndlessTokens = :no, #updated = :updated, #version = #version + :one",
		item{
			":days": number(int64(p.TokenPolicy.LongestDays)), ":no": boolean(p.TokenPolicy.NoNever), ":updated": number(millis(p.Updated)), ":one": number(1),
		}, sameVersion(p.Version))
}

// CheckTokenPolicy requires that the profile still has the policy it was read with. changed is returned when it does not.
func (tx *Tx) CheckTokenPolicy(p tenancy.Profile, changed error) {
	days, no := "#longestTokenDays = :days", "#noEndlessTokens = :no"
	if p.TokenPolicy.LongestDays == 0 {
		days = "(attribute_not_exists(#longestTokenDays) OR " + days + ")"
	}
	if !p.TokenPolicy.NoNever {
		no = "(attribute_not_exists(#noEndlessTokens) OR " + no + ")"
	}
	tx.check(profileKey(p.ID), condition{
		"attribute_exists(PK) AND " + days + " AND " + no,
		item{":days": number(int64(p.TokenPolicy.LongestDays)), ":no": boolean(p.TokenPolicy.NoNever)}, changed,
	})
}
