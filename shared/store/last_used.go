package store

import (
	"context"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindLastUsed Kind = "last-used"

const usePrefix = "U#"

func useKey(id value.TokenID) key { return key{kindLastUsed, usePrefix + string(id), "U"} }

// useLife is how long the last use of a token is stored.
const useLife = 400 * 24 * time.Hour

type useItem struct {
	key
	Time    int64  `dynamodbav:"time"`
	Address string `dynamodbav:"address,omitempty"`
	Agent   string `dynamodbav:"agent,omitempty"`
	TTL     int64  `dynamodbav:"ttl"`
}

func (i useItem) value() tenancy.Use {
	return tenancy.Use{
		Token: value.TokenID(i.PK[len(usePrefix):]), Time: fromMillis(i.Time), Address: i.Address,
		Agent: i.Agent,
	}
}

// Use adds the last use of a token to the batch.
func (b *Batch) Use(id value.TokenID) *Found[tenancy.Use] {
	return want(b, useKey(id), useItem.value)
}

// NoteUse stores the use of a token, unless a use is stored that is later, or
// earlier by less than tenancy.LastUsedCooldown.
func (s *Store) NoteUse(ctx context.Context, u tenancy.Use) error {
	k := useKey(u.Token)
	_, err := s.updateOne(
		ctx,
		k,
		"SET #time = :time, #address = :address, #agent = :agent, #ttl = :ttl, "+setNew,
		"attribute_not_exists(PK) OR #time <= :before",
		k.asNew(item{
			":time": number(millis(u.Time)), ":address": text(u.Address), ":agent": text(u.Agent),
			":ttl":    number(u.Time.Add(useLife).Unix()),
			":before": number(millis(u.Time.Add(-tenancy.LastUsedCooldown))),
		}),
	)
	return err
}
