package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindFactors Kind = "second-factors"

func factorsKey(id value.AccountID) key { return key{kindFactors, "A#" + string(id), "F"} }

type factorsItem struct {
	key
	Account       string       `dynamodbav:"account"`
	Authenticator []byte       `dynamodbav:"authenticator,omitempty"` // sealed
	Setup         []byte       `dynamodbav:"setup,omitempty"`         // sealed
	SetupEnds     int64        `dynamodbav:"setupEnds,omitempty"`
	SetupFor      int64        `dynamodbav:"setupFor,omitempty"`
	Step          int64        `dynamodbav:"step,omitempty"`
	Mailed        pinAttribute `dynamodbav:"mailed"`
	First         pinAttribute `dynamodbav:"first"`
	SignInPin     pinAttribute `dynamodbav:"pass"`
	Recovery      [][]byte     `dynamodbav:"recovery,omitempty"`
	RecoveryMade  int64        `dynamodbav:"recoveryMade,omitempty"`
	Wrong         int          `dynamodbav:"wrong"`
	WrongAt       int64        `dynamodbav:"wrongAt,omitempty"`
	Version       int64        `dynamodbav:"version"`
}

// pinAttribute has no pin, only its MAC.
type pinAttribute struct {
	MAC     []byte `dynamodbav:"mac,omitempty"`
	Expires int64  `dynamodbav:"expires,omitempty"`
}

func pinFrom(p tenancy.Pin) pinAttribute { return pinAttribute{p.MAC, millis(p.Expires)} }

func (p pinAttribute) value() tenancy.Pin {
	return tenancy.Pin{MAC: p.MAC, Expires: fromMillis(p.Expires)}
}

func factorsItemFrom(k tenancy.SecondFactors) factorsItem {
	return factorsItem{
		key: factorsKey(k.Account), Account: string(k.Account), Authenticator: k.Authenticator,
		Setup: k.Setup, SetupEnds: millis(k.SetupEnds), SetupFor: millis(k.SetupFor), Step: k.Step,
		Mailed: pinFrom(k.Mailed), First: pinFrom(k.First), SignInPin: pinFrom(k.SignInPin),
		Recovery: k.Recovery, RecoveryMade: millis(k.RecoveryMade), Wrong: k.Wrong,
		WrongAt: millis(k.WrongAt), Version: k.Version,
	}
}

func (i factorsItem) value() tenancy.SecondFactors {
	return tenancy.SecondFactors{
		Account: value.AccountID(i.Account), Authenticator: i.Authenticator, Setup: i.Setup,
		SetupEnds: fromMillis(i.SetupEnds), SetupFor: fromMillis(i.SetupFor), Step: i.Step,
		Mailed: i.Mailed.value(), First: i.First.value(), SignInPin: i.SignInPin.value(),
		Recovery: i.Recovery, RecoveryMade: fromMillis(i.RecoveryMade), Wrong: i.Wrong,
		WrongAt: fromMillis(i.WrongAt), Version: i.Version,
	}
}

// SecondFactors adds the second factors of an account to the batch. For an
// account without any, all fields but Account are zero.
func (b *Batch) SecondFactors(id value.AccountID) *Found[tenancy.SecondFactors] {
	found := want(b, factorsKey(id), factorsItem.value)
	found.Value.Account = id
	return found
}

// DeleteFactors removes second factors that were read at k.Version, or were not
// found.
func (tx *Tx) DeleteFactors(k tenancy.SecondFactors) {
	if k.Version == 0 {
		tx.check(factorsKey(k.Account), absent)
		return
	}
	tx.delete(factorsKey(k.Account), sameVersion(k.Version))
}

// UpdateFactors stores second factors that were read at k.Version. It fails
// with problem.ErrConflict if they have changed, as by the use of a pin. The
// caller then checks its pin again.
func (tx *Tx) UpdateFactors(k tenancy.SecondFactors) {
	c := absent
	if k.Version > 0 {
		c = sameVersion(k.Version)
	}
	k.Version++
	tx.put(factorsItemFrom(k), c)
}
