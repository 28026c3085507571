package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindGrant Kind = "grant"

const grantPrefix = "P#"

func grantKey(a value.AccountID, p value.ProfileID) key {
	return key{kindGrant, "A#" + string(a), grantPrefix + string(p)}
}

type grantItem struct {
	key
	Account    string `dynamodbav:"account"`
	Profile    string `dynamodbav:"profile"`
	Owner      string `dynamodbav:"owner"`
	Permission string `dynamodbav:"permission"`
	Epoch      int64  `dynamodbav:"epoch"`
	Received   int64  `dynamodbav:"received,omitempty"`
	Ends       int64  `dynamodbav:"ends,omitempty"`
	Name       string `dynamodbav:"name"`
	LogoURL    string `dynamodbav:"logoURL,omitempty"`
}

func grantFrom(g tenancy.Grant) grantItem {
	return grantItem{
		key: grantKey(g.Account, g.Profile), Account: string(g.Account), Profile: string(g.Profile),
		Owner: string(g.Owner), Permission: g.Permission.String(), Epoch: g.Epoch,
		Received: millis(g.Received), Ends: millis(g.Ends), Name: g.Name, LogoURL: g.LogoURL,
	}
}

func (i grantItem) value() tenancy.Grant {
	return tenancy.Grant{
		Account: value.AccountID(i.Account), Profile: value.ProfileID(i.Profile),
		Owner: value.AccountID(i.Owner), Permission: storedPermission(i.Permission),
		Epoch: i.Epoch, Received: fromMillis(i.Received), Ends: fromMillis(i.Ends),
		Name: i.Name, LogoURL: i.LogoURL,
	}
}

// storedPermission reads a stored permission. One that it cannot read allows
// nothing.
func storedPermission(s string) tenancy.Permission {
	p, err := tenancy.ParsePermission(s)
	if err != nil {
		return tenancy.PermissionNone
	}
	return p
}

// Grant adds the grant of an account on a profile to the batch.
func (b *Batch) Grant(a value.AccountID, p value.ProfileID) *Found[tenancy.Grant] {
	return want(b, grantKey(a, p), grantItem.value)
}

// CheckGrant fails with refused if the grant has changed since g was read.
func (tx *Tx) CheckGrant(g tenancy.Grant, refused error) {
	tx.check(grantKey(g.Account, g.Profile), condition{
		"attribute_exists(PK) AND #epoch = :epoch AND #permission = :permission",
		item{":epoch": number(g.Epoch), ":permission": text(g.Permission.String())}, refused,
	})
}
