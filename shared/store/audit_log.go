package store

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/auditlog"
)

// LogKeys has the partitions of an audit log: all that were found, or those
// that may have entries.
type LogKeys struct {
	Log        string
	Head       *auditlog.ChainHead // as reading the whole table found it, or nil
	Unsealed   bool                // reading the whole table found an entry without a seal
	partitions map[string]bool
}

// LogKeysAt returns the partitions that may have entries of a log at now, with
// a few months before and after.
func LogKeysAt(log string, now time.Time) LogKeys {
	k := LogKeys{Log: log, partitions: map[string]bool{headKey(log).PK: true}}
	this := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for n := -12; n <= 2; n++ {
		k.partitions[auditKey(auditlog.Entry{Log: log, Time: this.AddDate(0, n, 0)}).PK] = true
	}
	return k
}

// And returns the partitions of k, and those that may have entries at now.
func (k LogKeys) And(now time.Time) LogKeys {
	all := LogKeysAt(k.Log, now)
	for pk := range k.partitions {
		all.partitions[pk] = true
	}
	return all
}

// Logs scans the whole table for its audit logs, and for the accounts and
// profiles without one. Logs and SealedLog read items of any version: MACs are
// over all attributes, whatever they mean. It is for the operator's commands
// only: no function may scan.
func (s *Store) Logs(ctx context.Context, mac MAC) (logs []LogKeys, without []string, err error) {
	found := map[string]*LogKeys{}
	var owners []string
	const wanted = "PK, SK, #log, #sequence, #digest, #kept, #mac, #" + schemaName
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		ProjectionExpression: aws.String(wanted), ExpressionAttributeNames: namesIn(wanted),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, failure("Scan", err)
		}
		for _, it := range page.Items {
			pk, sk := stringOf(it["PK"]), sortKey(it)
			if kind, id, _ := strings.Cut(pk, "#"); sk == kind && (kind == "A" || kind == "P") {
				owners = append(owners, id)
			}
			log, ok := LogOfKey(pk, sk)
			if !ok {
				if log, ok = strings.CutPrefix(pk, auditPrefix); !ok {
					continue
				}
			}
			if _, has := found[log]; !has {
				found[log] = &LogKeys{Log: log, partitions: map[string]bool{headKey(log).PK: true}}
			}
			k := found[log]
			k.partitions[pk] = true
			if (place{pk, sortKey(it)}) == headKey(log).place() {
				head := readHead(log, it, mac)
				k.Head = &head
			} else if _, sealed := it["digest"]; !sealed {
				k.Unsealed = true
			}
		}
	}
	for _, k := range found {
		logs = append(logs, *k)
	}
	sort.Slice(logs, func(i, j int) bool { return logs[i].Log < logs[j].Log })
	for _, id := range owners {
		if _, has := found[id]; !has {
			without = append(without, id)
		}
	}
	sort.Strings(without)
	return logs, without, nil
}

// SealedLog reads a whole audit log with its chain links.
func (s *Store) SealedLog(ctx context.Context, k LogKeys, mac MAC) (auditlog.SealedLog, error) {
	l := auditlog.SealedLog{Log: k.Log}
	var err error
	if l.First, err = s.head(ctx, k.Log, mac); err != nil {
		return l, err
	}
	partitions := make([]string, 0, len(k.partitions))
	for pk := range k.partitions {
		partitions = append(partitions, pk)
	}
	sort.Strings(partitions)
	for _, pk := range partitions {
		in := &dynamodb.QueryInput{
			TableName: &s.table, ConsistentRead: aws.Bool(true),
			KeyConditionExpression:    aws.String("PK = :pk"),
			ExpressionAttributeValues: item{":pk": text(pk)},
		}
		for it, err := range s.pages(ctx, in) {
			if err != nil {
				return l, err
			}
			if (place{pk, sortKey(it)}) != headKey(k.Log).place() {
				l.Entries = append(l.Entries, sealedEntry(it, mac))
			}
		}
	}
	l.Last, err = s.head(ctx, k.Log, mac)
	return l, err
}

// sealedEntry reads an item of a log as far as possible: an item that was
// changed from outside may not have the form of an entry.
func sealedEntry(it item, mac MAC) auditlog.SealedEntry {
	var entry auditItem
	var link chainLinkItem
	broken := attributevalue.UnmarshalMap(it, &entry) != nil
	if attributevalue.UnmarshalMap(it, &link) != nil {
		broken = true
	}
	e := auditlog.SealedEntry{
		Entry: entry.value(),
		Link:  link.value(),
		Place: stringOf(it["PK"]) + " " + sortKey(it),
	}
	e.Other = broken
	e.Verified = !broken && len(link.Digest) > 0 &&
		string(entryDigest(it, mac, link.Digest)) == string(link.Digest)
	return e
}

// EntryKey returns the key of an entry of a log.
func EntryKey(e auditlog.SealedEntry) (pk, sk string) {
	pk, sk, _ = strings.Cut(e.Place, " ")
	return pk, sk
}
