package store

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// span is a range of sort keys in one partition, both ends included.
type span struct {
	pk, from, to string
	newestFirst  bool
	pageSize     int32 // 0: as much as fits into one answer
}

// query walks a span with consistent reads, a page at a time, as far as the caller goes on.
func (s *Store) query(ctx context.Context, q span) iter.Seq2[item, error] {
	if q.from > q.to {
		// DynamoDB calls a span without anything invalid.
		return func(func(item, error) bool) {}
	}
	in := &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!q.newestFirst),
		KeyConditionExpression:    aws.String("PK = :pk AND SK BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": text(q.pk), ":from": text(q.from), ":to": text(q.to)},
	}
	if q.pageSize > 0 {
		in.Limit = &q.pageSize
	}
	return s.pages(ctx, in)
}

func (s *Store) pages(ctx context.Context, in *dynamodb.QueryInput) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for {
			out, err := s.client.Query(ctx, in)
			if err != nil {
				yield(nil, failure("Query", err))
				return
			}
			for _, it := range out.Items {
				if !yield(it, nil) {
					return
				}
			}
			if out.LastEvaluatedKey == nil {
				return
			}
			in.ExclusiveStartKey = out.LastEvaluatedKey
		}
	}
}

// decode reads an item of the stored form I.
func decode[I, T any](it item, value func(I) T) (T, error) {
	var stored I
	if err := attributevalue.UnmarshalMap(it, &stored); err != nil {
		var zero T
		return zero, err
	}
	return value(stored), nil
}

// decoded walks items of the stored form I until one cannot be read.
func decoded[I, T any](items iter.Seq2[item, error], value func(I) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for it, err := range items {
			var v T
			if err == nil {
				v, err = decode(it, value)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// AccountWithGrants reads an account and its rights on profiles, in the order in which the profiles were made. An account
// that does not exist is the zero Account.
func (s *Store) AccountWithGrants(ctx context.Context, id value.AccountID) (tenancy.Account, []tenancy.Grant, error) {
	account, _, grants, err := s.AccountWithFactors(ctx, id)
	return account, grants, err
}

// AccountWithFactors is AccountWithGrants, and what the account proves itself with besides.
func (s *Store) AccountWithFactors(ctx context.Context, id value.AccountID) (account tenancy.Account, factors tenancy.SecondFactors, grants []tenancy.Grant, err error) {
	k := accountKey(id)
	factors.Account = id
	for it, err := range s.query(ctx, span{pk: k.PK, from: k.SK, to: upTo(grantPrefix)}) {
		if err != nil {
			return account, factors, nil, err
		}
		switch sortKey(it) {
		case k.SK:
			account, err = decode(it, accountItem.value)
		case factorsKey(id).SK:
			factors, err = decode(it, factorsItem.value)
		default:
			var g tenancy.Grant
			g, err = decode(it, grantItem.value)
			grants = append(grants, g)
		}
		if err != nil {
			return account, factors, nil, err
		}
	}
	return account, factors, grants, nil
}

// ProfileWithMembers reads a profile and its team. A profile that does not exist is the zero Profile. The profile comes before its
// team: a team that is newer than the version read with it makes a write that relies on both fail, and one that is older cannot be.
func (s *Store) ProfileWithMembers(ctx context.Context, id value.ProfileID) (tenancy.Profile, tenancy.Team, error) {
	k := profileKey(id)
	var profile tenancy.Profile
	var members tenancy.Team
	for it, err := range s.query(ctx, span{pk: k.PK, from: memberPrefix, to: k.SK, newestFirst: true}) {
		if err != nil {
			return profile, nil, err
		}
		if sortKey(it) == k.SK {
			profile, err = decode(it, profileItem.value)
		} else {
			var m tenancy.Member
			m, err = decode(it, memberItem.value)
			members = append(members, m)
		}
		if err != nil {
			return profile, nil, err
		}
	}
	slices.Reverse(members)
	return profile, members, nil
}

// TokenRows walks what a list shows of the profile's tokens, by age: no hashes, of the epochs only the grant's. pageSize is how many one round
// trip should read.
func (s *Store) TokenRows(ctx context.Context, id value.ProfileID, newestFirst bool, pageSize int) iter.Seq2[tenancy.Token, error] {
	rows := s.query(ctx, span{
		pk: profileKey(id).PK, from: tokenPrefix, to: upTo(tokenPrefix),
		newestFirst: newestFirst, pageSize: int32(min(pageSize, 1000)),
	})
	return decoded(rows, tokenItem.value)
}

// DueEntry is work that the index says is due. The index may lag behind the table: read the thing itself before acting.
type DueEntry struct {
	ID string
	At time.Time
}

// Due walks the work of one kind that was due at now, oldest first within each shard. Its cost follows what is due.
func (s *Store) Due(ctx context.Context, kind DueKind, now time.Time) iter.Seq2[DueEntry, error] {
	return func(yield func(DueEntry, error) bool) {
		for shard := range dueShards {
			in := &dynamodb.QueryInput{
				TableName: &s.table, IndexName: aws.String("due"), Limit: aws.Int32(100),
				KeyConditionExpression:    aws.String("duePK = :pk AND dueSK <= :now"),
				ExpressionAttributeValues: item{":pk": text(dueShard(kind, shard)), ":now": text(sortable(now) + afterHash)},
			}
			for it, err := range s.pages(ctx, in) {
				if err != nil {
					yield(DueEntry{}, err)
					return
				}
				at, id, _ := strings.Cut(stringOf(it["dueSK"]), "#")
				if !yield(DueEntry{ID: id, At: parseSortable(at)}, nil) {
					return
				}
			}
		}
	}
}

func parseSortable(s string) time.Time {
	ms, _ := strconv.ParseInt(s, 10, 64)
	return fromMillis(ms)
}

// upTo is the end of a span of all keys that begin with prefix, which ends in '#'.
func upTo(prefix string) string { return strings.TrimSuffix(prefix, "#") + afterHash }

func sortKey(it item) string { return stringOf(it["SK"]) }

func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
