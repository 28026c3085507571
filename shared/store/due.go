package store

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// DueKind is a kind of work of the index "due".
type DueKind string

const (
	DueToken      DueKind = "token"      // remind of a token's end, retire it, or expire it
	DueReuse      DueKind = "reuse"      // revoke the family of a token used after its grace
	DueMail       DueKind = "mail"       // send a mail
	DueProfile    DueKind = "profile"    // reclaim what a deleted profile left
	DueAccount    DueKind = "account"    // remove what a deleted account left
	DueMember     DueKind = "member"     // reclaim the tokens of a membership that has ended
	DueInvitation DueKind = "invitation" // remind of an invitation, or end it
	DueMembership DueKind = "membership" // tell of the end of a membership, or end it
	DueTransfer   DueKind = "transfer"   // remind of a transfer, try to complete it, or end it
	DueRenewal    DueKind = "renewal"    // renew a subscription
	DueWebhook    DueKind = "webhook"    // send what waits for a webhook
)

// dueShards is the number of index partitions for one kind, so that many
// entries that are due at one time do not overload one partition.
const dueShards = 8

type due struct {
	PK string `dynamodbav:"duePK,omitempty"`
	SK string `dynamodbav:"dueSK,omitempty"`
}

func dueAt(kind DueKind, id string, at time.Time) due {
	if at.IsZero() {
		return due{}
	}
	return due{dueShard(kind, int(id[len(id)-1])%dueShards), sortable(at) + "#" + id}
}

func dueShard(kind DueKind, shard int) string { return string(kind) + "#" + strconv.Itoa(shard) }

// DueEntry is an entry of the index that is due. The index may be behind the
// table, so a sweep reads the item itself before it acts.
type DueEntry struct {
	ID string
	At time.Time
}

// Never is a time after every other in the index "due".
var Never = time.UnixMilli(9_999_999_999_999).UTC()

// Due iterates over the entries of one kind that are due at now, oldest first
// within each shard. Its cost depends only on their number.
func (s *Store) Due(ctx context.Context, kind DueKind, now time.Time) iter.Seq2[DueEntry, error] {
	return func(yield func(DueEntry, error) bool) {
		for shard := range dueShards {
			in := &dynamodb.QueryInput{
				TableName:              &s.table,
				IndexName:              aws.String("due"),
				Limit:                  aws.Int32(100),
				KeyConditionExpression: aws.String("duePK = :pk AND dueSK <= :now"),
				ExpressionAttributeValues: item{
					":pk":  text(dueShard(kind, shard)),
					":now": text(sortable(now) + afterHash),
				},
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
