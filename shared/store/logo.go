package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindLogo Kind = "logo"

func logoKey(hash string) key { return key{kindLogo, "G#" + hash, "G"} }

type logoItem struct {
	key
	Hash    string `dynamodbav:"hash"`
	Profile string `dynamodbav:"profile"`
	PNG     []byte `dynamodbav:"png"`
}

func logoFrom(l tenancy.Logo) logoItem {
	return logoItem{key: logoKey(l.Hash), Hash: l.Hash, Profile: string(l.Profile), PNG: l.PNG}
}

func (i logoItem) value() tenancy.Logo {
	return tenancy.Logo{Hash: i.Hash, Profile: value.ProfileID(i.Profile), PNG: i.PNG}
}

// Logo adds a logo to the batch.
func (b *Batch) Logo(hash string) *Found[tenancy.Logo] {
	return want(b, logoKey(hash), logoItem.value)
}

// SetLogo stores a logo. The same unit of work must change the profile, with
// its condition, because this step has none.
func (tx *Tx) SetLogo(l tenancy.Logo) { tx.put(logoFrom(l), condition{}) }

// DropLogo removes a logo that its profile no longer has.
func (tx *Tx) DropLogo(hash string) { tx.delete(logoKey(hash), condition{}) }
