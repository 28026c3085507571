package store

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MAC authenticates texts. Only who has the secret key can make one. It is made under the key that another one, like, was made under, nil when
// that key is gone; without another one, under the key of the present.
type MAC func(like []byte, texts ...string) []byte

// chainLinkItem are the attributes that sealing adds to an entry.
type chainLinkItem struct {
	Sequence       int64  `dynamodbav:"sequence"`
	PreviousDigest []byte `dynamodbav:"before,omitempty"`
	PreviousKept   int64  `dynamodbav:"beforeKept"`
	Written        int64  `dynamodbav:"written"`
	TTL            int64  `dynamodbav:"ttl"`
	Digest         []byte `dynamodbav:"digest,omitempty"`
}

func chainLinkFrom(s auditlog.ChainLink) chainLinkItem {
	return chainLinkItem{s.Sequence, s.PreviousDigest, seconds(s.PreviousKept), millis(s.Written), seconds(s.Kept), s.Digest}
}

func (i chainLinkItem) value() auditlog.ChainLink {
	return auditlog.ChainLink{
		Sequence: i.Sequence, PreviousDigest: i.PreviousDigest, PreviousKept: fromSeconds(i.PreviousKept), Kept: fromSeconds(i.TTL), Written: fromMillis(i.Written), Digest: i.Digest,
	}
}

type headItem struct {
	key
	Log      string `dynamodbav:"log"`
	Sequence int64  `dynamodbav:"sequence"`
	Digest   []byte `dynamodbav:"digest"`
	Kept     int64  `dynamodbav:"kept"`
	MAC      []byte `dynamodbav:"mac"`
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// headFrom is the stored form of a head, with the MAC that shows that it was left so, like another one if there is one.
func headFrom(h auditlog.ChainHead, mac MAC, like []byte) headItem {
	i := headItem{key: headKey(h.Log), Log: h.Log, Sequence: h.Sequence, Digest: h.Digest, Kept: seconds(h.Kept)}
	i.MAC = mac(like, "head", h.Log, strconv.FormatInt(i.Sequence, 10), string(i.Digest), strconv.FormatInt(i.Kept, 10))
	return i
}

func (i headItem) value(mac MAC) auditlog.ChainHead {
	h := auditlog.ChainHead{Log: i.Log, Sequence: i.Sequence, Digest: i.Digest, Kept: fromSeconds(i.Kept)}
	// Both are MACs over the same bytes, and whoever compares them reads the table already.
	h.Verified = i.key == headKey(i.Log) && len(i.MAC) > 0 && string(headFrom(h, mac, i.MAC).MAC) == string(i.MAC)
	return h
}

// EntryToSeal is an entry with the head of its log.
type EntryToSeal struct {
	Log    string
	Head   auditlog.ChainHead // zero before the first entry
	Kept   time.Time          // until when the entry asks to be kept
	Found  bool
	Sealed bool

	key  key
	item item
}

// LogOfKey returns the log that an entry's key is of; ok is false for other items.
func LogOfKey(pk, sk string) (log string, ok bool) {
	rest, ok := strings.CutPrefix(pk, auditPrefix)
	at := strings.LastIndex(rest, "#")
	if !ok || at < 1 || sk == headSK {
		return "", false
	}
	return rest[:at], true
}

// ToSeal reads an entry by its key, with the head of its log. The key of anything else finds nothing.
func (s *Store) ToSeal(ctx context.Context, pk, sk string, mac MAC) (EntryToSeal, error) {
	e := EntryToSeal{key: key{pk, sk}}
	var ok bool
	if e.Log, ok = LogOfKey(pk, sk); !ok {
		return e, nil
	}
	batch := s.Batch()
	entry, head := wantItem(batch, e.key), wantItem(batch, headKey(e.Log))
	if err := batch.Get(ctx); err != nil {
		return e, err
	}
	e.item, e.Found = entry.Value, entry.OK
	_, e.Sealed = e.item["digest"]
	// Whatever else was inserted is sealed too, for people to find when they look.
	if ttl := new(int64); attributevalue.Unmarshal(e.item["ttl"], ttl) == nil {
		e.Kept = fromSeconds(*ttl)
	}
	e.Head = auditlog.ChainHead{Log: e.Log, Verified: true}
	if head.OK {
		e.Head = readHead(e.Log, head.Value, mac)
	}
	return e, nil
}

// wantItem registers one key, for its item as it is.
func wantItem(b *Batch, k key) *Found[item] {
	found := new(Found[item])
	if b.into[k] == nil {
		b.keys = append(b.keys, k)
	}
	b.into[k] = append(b.into[k], func(it item) error {
		found.Value, found.OK = it, true
		return nil
	})
	return found
}

// readHead reads the head of a log, which does not fit when it cannot be read.
func readHead(log string, it item, mac MAC) auditlog.ChainHead {
	h, err := decode(it, func(i headItem) auditlog.ChainHead { return i.value(mac) })
	h.Log, h.Verified = log, h.Verified && err == nil && h.Log == log
	return h
}

// Seal puts a seal on an entry and moves the head of its log to it, and returns the new head. It fails with tenancy.ErrConflict when the
// entry has a seal by now or another one was sealed meanwhile.
func (s *Store) Seal(ctx context.Context, e EntryToSeal, link auditlog.ChainLink, mac MAC) (auditlog.ChainHead, error) {
	tx := s.Begin()
	sealed := item{}
	for name, v := range e.item {
		sealed[name] = v
	}
	added := tx.marshal(chainLinkFrom(link))
	for name, v := range added {
		sealed[name] = v
	}
	link.Digest = entryDigest(sealed, mac, nil)
	tx.overwrite(e.key, chainLinkFrom(link), nil, nil, condition{"attribute_exists(PK) AND attribute_not_exists(#digest)", nil, problem.ErrConflict})
	head := auditlog.ChainHead{Log: e.Log, Sequence: link.Sequence, Digest: link.Digest, Kept: link.Kept, Verified: true}
	moved := absent
	if e.Head.Sequence > 0 {
		moved = condition{"#sequence = :was AND #digest = :wasDigest",
			item{":was": number(e.Head.Sequence), ":wasDigest": bytes(e.Head.Digest)}, problem.ErrConflict}
	}
	tx.put(headFrom(head, mac, nil), moved)
	return head, tx.Commit(ctx)
}

// SetAside notes at the head of a log that it is set aside, as that is not as it
// was left. The rest of the head stays, for whoever looks into it; a head that
// is made anew is without the note. already is returned when it has one.
func (tx *Tx) SetAside(log string, now time.Time, already error) {
	tx.update(headKey(log), "SET #aside = :now", item{":now": number(millis(now))},
		condition{"attribute_exists(PK) AND attribute_not_exists(#aside)", nil, already})
}

// entryDigest is the MAC over everything that an item has, its key too, but for the digest itself.
func entryDigest(it item, mac MAC, like []byte) []byte {
	texts := []string{"entry"}
	for _, name := range names(it) {
		if name != "digest" {
			texts = appendTexts(append(texts, name), it[name])
		}
	}
	return mac(like, texts...)
}

func names(it item) []string {
	out := make([]string, 0, len(it))
	for name := range it {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// appendTexts writes a value as texts, each kind after a letter and collections after their length, so that no two values are written alike.
func appendTexts(to []string, v types.AttributeValue) []string {
	length := func(kind string, n int) []string { return append(to, kind, strconv.Itoa(n)) }
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return append(to, "S", v.Value)
	case *types.AttributeValueMemberN:
		return append(to, "N", v.Value)
	case *types.AttributeValueMemberB:
		return append(to, "B", string(v.Value))
	case *types.AttributeValueMemberBOOL:
		return append(to, "T", strconv.FormatBool(v.Value))
	case *types.AttributeValueMemberNULL:
		return append(to, "0")
	case *types.AttributeValueMemberL:
		to = length("L", len(v.Value))
		for _, part := range v.Value {
			to = appendTexts(to, part)
		}
	case *types.AttributeValueMemberM:
		to = length("M", len(v.Value))
		for _, name := range names(v.Value) {
			to = appendTexts(append(to, name), v.Value[name])
		}
	case *types.AttributeValueMemberSS:
		to = sorted(length("s", len(v.Value)), v.Value)
	case *types.AttributeValueMemberNS:
		to = sorted(length("n", len(v.Value)), v.Value)
	case *types.AttributeValueMemberBS:
		parts := make([]string, len(v.Value))
		for i, part := range v.Value {
			parts[i] = string(part)
		}
		to = sorted(length("b", len(parts)), parts)
	}
	return to
}

func sorted(to, parts []string) []string {
	at := len(to)
	to = append(to, parts...)
	sort.Strings(to[at:])
	return to
}

// LogKeys is where a log lies: its partitions, all that were found or those in which entries may be kept.
type LogKeys struct {
	Log        string
	Head       *auditlog.ChainHead // as reading the whole table found it; nil: none was found, or not looked for
	Unsealed   bool                // reading the whole table found an entry without a seal
	partitions map[string]bool
}

// LogKeysAt are the partitions in which the entries of a log may lie at now, with a few months before and behind.
func LogKeysAt(log string, now time.Time) LogKeys {
	k := LogKeys{Log: log, partitions: map[string]bool{headKey(log).PK: true}}
	this := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for n := -12; n <= 2; n++ {
		k.partitions[auditKey(auditlog.Entry{Log: log, Time: this.AddDate(0, n, 0)}).PK] = true
	}
	return k
}

// And are the partitions of k together with those in which entries may lie at now.
func (k LogKeys) And(now time.Time) LogKeys {
	all := LogKeysAt(k.Log, now)
	for pk := range k.partitions {
		all.partitions[pk] = true
	}
	return all
}

// Logs reads the whole table for its logs, and for the accounts and profiles that have none. It is for the operator's commands alone: no
// function may scan.
func (s *Store) Logs(ctx context.Context, mac MAC) (logs []LogKeys, without []string, err error) {
	found := map[string]*LogKeys{}
	var owners []string
	const wanted = "PK, SK, #log, #sequence, #digest, #kept, #mac"
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String(wanted), ExpressionAttributeNames: namesIn(wanted),
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
			if (key{pk, sortKey(it)}) == headKey(log) {
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

// SealedLog reads a whole log with its seals.
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
			KeyConditionExpression: aws.String("PK = :pk"), ExpressionAttributeValues: item{":pk": text(pk)},
		}
		for it, err := range s.pages(ctx, in) {
			if err != nil {
				return l, err
			}
			if (key{pk, sortKey(it)}) != headKey(k.Log) {
				l.Entries = append(l.Entries, sealedEntry(it, mac))
			}
		}
	}
	l.Last, err = s.head(ctx, k.Log, mac)
	return l, err
}

func (s *Store) head(ctx context.Context, log string, mac MAC) (*auditlog.ChainHead, error) {
	batch := s.Batch()
	found := wantItem(batch, headKey(log))
	if err := batch.Get(ctx); err != nil || !found.OK {
		return nil, err
	}
	head := readHead(log, found.Value, mac)
	return &head, nil
}

// sealedEntry reads an item of a log as far as it can be read: what somebody has changed need not be of the form that an entry has.
func sealedEntry(it item, mac MAC) auditlog.SealedEntry {
	var entry auditItem
	var link chainLinkItem
	broken := attributevalue.UnmarshalMap(it, &entry) != nil
	if attributevalue.UnmarshalMap(it, &link) != nil {
		broken = true
	}
	e := auditlog.SealedEntry{Entry: entry.value(), Link: link.value(), Place: stringOf(it["PK"]) + " " + sortKey(it)}
	e.Other = broken
	e.Verified = !broken && len(link.Digest) > 0 && string(entryDigest(it, mac, link.Digest)) == string(link.Digest)
	return e
}

// EntryKey is the key of a sealed entry's place.
func EntryKey(e auditlog.SealedEntry) (pk, sk string) {
	pk, sk, _ = strings.Cut(e.Place, " ")
	return pk, sk
}
