// Package demo has what is public of the demo accounts of local stacks: samples
// and documents use it. It opens nothing elsewhere.
package demo

import (
	"profiles/shared/secret"
	"profiles/shared/value"
)

// Password is that of every demo account; Profile is the first profile of Ana,
// the owner.
const (
	Password = "demo lantern otter"
	Profile  = value.ProfileID("01a20c000000000000000001")
)

// Owner is the token of Ana, Plane that of the data plane.
var (
	Owner = secret.Credential{ID: "DemoAna0", Secret: "OnlyForTheLocalStack00"}
	Plane = secret.Credential{ID: "DemoPlne", Secret: "OnlyForTheLocalStack00"}
)
