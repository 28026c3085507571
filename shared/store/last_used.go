package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
	due              // while there are networks of which nobody has been told
	Time    int64    `dynamodbav:"time"`
	Address string   `dynamodbav:"address,omitempty"`
	Agent   string   `dynamodbav:"agent,omitempty"`
	Known   []string `dynamodbav:"known,stringset,omitempty"`
	Untold  []string `dynamodbav:"untold,stringset,omitempty"`
	TTL     int64    `dynamodbav:"ttl"`
}

func (i useItem) value() tenancy.Use {
	return tenancy.Use{
		Token: value.TokenID(i.key.PK[len(usePrefix):]), Time: fromMillis(i.Time),
		Address: i.Address, Agent: i.Agent,
		Known:  slices.Sorted(slices.Values(i.Known)),
		Untold: slices.Sorted(slices.Values(i.Untold)),
	}
}

// Use adds the last use of a token to the batch.
func (b *Batch) Use(id value.TokenID) *Found[tenancy.Use] {
	return want(b, useKey(id), useItem.value)
}

// NoteUse stores the use of a token from u.Address, unless a use is stored that
// is later, or earlier by less than tenancy.LastUsedCooldown. The first use
// from a network is always stored, and makes the token due for a sweep; see
// tenancy.Use.News. u.Known and u.Untold are not read.
func (s *Store) NoteUse(ctx context.Context, u tenancy.Use) error {
	cooled := item{":before": number(millis(u.Time.Add(-tenancy.LastUsedCooldown)))}
	network := tenancy.NetworkOf(u.Address)
	if !network.IsValid() {
		_, err := s.noteUse(ctx, u, "", "attribute_not_exists(PK) OR #time <= :before", cooled)
		return err
	}
	here := item{":here": text(network.String()), ":most": number(tenancy.MostNetworks)}
	maps.Copy(cooled, here)
	old, err := s.noteUse(
		ctx, u, "", "#time <= :before AND (contains(#known, :here) OR size(#known) >= :most)",
		cooled,
	)
	if err != nil || old == nil {
		return err
	}
	networks := item{":networks": texts(network.String())}
	if old["known"] == nil {
		_, err = s.noteUse(ctx, u, " ADD #known :networks", "attribute_not_exists(#known)", networks)
		return err
	}
	was, err := decode(old, useItem.value)
	if err != nil || !was.News(network.String()) {
		return err
	}
	now := dueAt(DueToken, string(u.Token), u.Time)
	maps.Copy(networks, here)
	maps.Copy(networks, item{":duePK": text(now.PK), ":dueSK": text(now.SK)})
	_, err = s.noteUse(
		ctx, u, ", #duePK = :duePK, #dueSK = :dueSK ADD #known :networks, #untold :networks",
		"NOT contains(#known, :here) AND size(#known) < :most",
		networks,
	)
	return err
}

// noteUse stores a use, with more changes, unless a condition fails: then it
// returns the item as it is, which is not nil.
func (s *Store) noteUse(
	ctx context.Context,
	u tenancy.Use,
	more, condition string,
	values item,
) (item, error) {
	k := useKey(u.Token)
	values = k.asNew(maps.Clone(values))
	maps.Copy(values, item{
		":time": number(millis(u.Time)), ":address": text(u.Address), ":agent": text(u.Agent),
		":ttl": number(u.Time.Add(useLife).Unix()),
	})
	expression := "SET #time = :time, #address = :address, #agent = :agent, #ttl = :ttl, " +
		setNew + more
	_, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: k.attributes(), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: namesIn(expression, condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, failure("UpdateItem", err)
	}
	if failed.Item == nil {
		return item{}, nil
	}
	return failed.Item, readable(failed.Item)
}

// ToldNetworks records that people know of the networks that were untold when u
// was read. It fails with changed if there are others by now.
func (tx *Tx) ToldNetworks(u tenancy.Use, changed error) {
	tx.update(
		useKey(u.Token),
		"REMOVE #untold, #duePK, #dueSK",
		nil,
		condition{
			"#untold = :told",
			item{":told": texts(u.Untold...)},
			changed,
		},
	)
}
