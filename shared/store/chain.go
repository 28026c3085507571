package store

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// MAC returns a MAC of texts. If like, another MAC, is given, it uses the key
// that like was made under, and returns nil if that key is gone. Otherwise it
// uses the present key.
type MAC func(like []byte, texts ...string) []byte

// chainLinkItem has the attributes that Seal adds to an entry.
type chainLinkItem struct {
	Sequence       int64  `dynamodbav:"sequence"`
	PreviousDigest []byte `dynamodbav:"before,omitempty"`
	PreviousKept   int64  `dynamodbav:"beforeKept"`
	Written        int64  `dynamodbav:"written"`
	TTL            int64  `dynamodbav:"ttl"`
	Digest         []byte `dynamodbav:"digest,omitempty"`
}

func chainLinkFrom(s auditlog.ChainLink) chainLinkItem {
	return chainLinkItem{
		s.Sequence,
		s.PreviousDigest,
		seconds(s.PreviousKept),
		millis(s.Written),
		seconds(s.Kept),
		s.Digest,
	}
}

func (i chainLinkItem) value() auditlog.ChainLink {
	return auditlog.ChainLink{
		Sequence: i.Sequence, PreviousDigest: i.PreviousDigest,
		PreviousKept: fromSeconds(i.PreviousKept), Kept: fromSeconds(i.TTL),
		Written: fromMillis(i.Written), Digest: i.Digest,
	}
}

// EntryToSeal is an entry without a chain link, and the chain head of its log.
type EntryToSeal struct {
	Log    string
	Head   auditlog.ChainHead // zero before the first entry
	Kept   time.Time          // the time until which the entry is stored
	Found  bool
	Sealed bool
	// Webhooks are those that hear of the entry, as there were when it was
	// read.
	Webhooks webhook.List
	// Subject is what the log is about: an account that there is or that is
	// being removed, or else a profile. It is zero if ToSeal was not asked for
	// it.
	Subject event.Subject

	key  key
	item item
}

// Entry returns the entry itself. ok is false for an item that is none.
func (e EntryToSeal) Entry() (entry auditlog.Entry, ok bool) {
	entry, err := decode(e.item, auditItem.value)
	return entry, err == nil && e.Found && entry.Log == e.Log
}

// LogOfKey returns the log of an entry by the entry's key; ok is false for the
// key of another item.
func LogOfKey(pk, sk string) (log string, ok bool) {
	rest, ok := strings.CutPrefix(pk, auditPrefix)
	at := strings.LastIndex(rest, "#")
	if !ok || at < 1 || sk == headSK {
		return "", false
	}
	return rest[:at], true
}

// EntryPlace is the key of an entry.
type EntryPlace struct{ PK, SK string }

// ToSeal reads entries of one log by their keys, with the chain head of the
// log. With subject it says what the log is about, also where no webhook hears
// of it.
func (s *Store) ToSeal(
	ctx context.Context, log string, places []EntryPlace, mac MAC, subject bool,
) ([]EntryToSeal, error) {
	batch := s.Batch()
	found := make([]*Found[item], len(places))
	for i, p := range places {
		found[i] = wantItem(batch, key{PK: p.PK, SK: p.SK})
	}
	head, hooks := wantItem(batch, headKey(log)), batch.Webhooks(log)
	var account *Found[tenancy.Account]
	var leaving *Found[tenancy.AccountDeletion]
	if subject {
		account = batch.Account(value.AccountID(log))
		leaving = batch.AccountDeletion(value.AccountID(log))
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	of := EntryToSeal{
		Log: log, Head: auditlog.ChainHead{Log: log, Verified: true}, Webhooks: hooks.Value,
	}
	switch {
	case hooks.OK || !subject:
		of.Subject = hooks.Value.Subject
	case account.OK || leaving.OK:
		of.Subject.Account = value.AccountID(log)
	default:
		of.Subject.Profile = value.ProfileID(log)
	}
	if head.OK {
		of.Head = readHead(log, head.Value, mac)
	}
	entries := make([]EntryToSeal, len(places))
	for i, p := range places {
		e := of
		e.key, e.item, e.Found = key{PK: p.PK, SK: p.SK}, found[i].Value, found[i].OK
		_, e.Sealed = e.item["digest"]
		// An item of another form, which somebody has inserted, is sealed too,
		// so that people find it.
		if ttl := new(int64); attributevalue.Unmarshal(e.item["ttl"], ttl) == nil {
			e.Kept = fromSeconds(*ttl)
		}
		entries[i] = e
	}
	return entries, nil
}

// Sealing adds chain links to entries of one log, in one commit.
type Sealing struct {
	tx        *Tx
	was, head auditlog.ChainHead
	mac       MAC
}

// BeginSealing begins behind the head of a log, as it was read.
func (s *Store) BeginSealing(head auditlog.ChainHead, mac MAC) *Sealing {
	return &Sealing{s.Begin(), head, head, mac}
}

// Head is the chain head behind the entries that were added.
func (s *Sealing) Head() auditlog.ChainHead { return s.head }

// Fits reports whether the commit has room for another entry and more steps.
func (s *Sealing) Fits(more int) bool { return len(s.tx.steps)+2+more <= maxActions }

// Add adds the chain link to an entry, which becomes the head.
func (s *Sealing) Add(e EntryToSeal, link auditlog.ChainLink) {
	sealed := item{}
	for name, v := range e.item {
		sealed[name] = v
	}
	for name, v := range s.tx.marshal(chainLinkFrom(link)) {
		sealed[name] = v
	}
	link.Digest = entryDigest(sealed, s.mac, nil)
	s.tx.overwrite(
		e.key,
		chainLinkFrom(link),
		nil,
		nil,
		condition{
			"attribute_exists(PK) AND attribute_not_exists(#digest)",
			nil,
			problem.ErrConflict,
		},
	)
	s.head = auditlog.ChainHead{
		Log:      e.Log,
		Sequence: link.Sequence,
		Digest:   link.Digest,
		Kept:     link.Kept,
		Verified: true,
	}
}

// Commit moves the chain head of the log to the last entry. with adds what is
// to be in the same commit. Errors: problem.ErrConflict if an entry has a link
// by now, or another one was sealed meanwhile.
func (s *Sealing) Commit(ctx context.Context, with func(*Tx)) error {
	moved := absent
	if s.was.Sequence > 0 {
		moved = condition{
			"#sequence = :was AND #digest = :wasDigest",
			item{
				":was":       number(s.was.Sequence),
				":wasDigest": bytes(s.was.Digest),
			},
			problem.ErrConflict,
		}
	}
	s.tx.put(headFrom(s.head, s.mac, nil), moved)
	with(s.tx)
	return s.tx.CommitAside(ctx, Origin{})
}

// Unseal removes the chain link from an entry, or from the item in its place.
// Errors: problem.ErrConflict if there is none any more.
func (s *Store) Unseal(ctx context.Context, e auditlog.SealedEntry) error {
	var k key
	k.PK, k.SK = EntryKey(e)
	tx := s.Begin()
	tx.update(k, "REMOVE #sequence, #before, #beforeKept, #written, #digest", nil, exists)
	return tx.CommitAside(ctx, Origin{})
}

// Remove deletes the item at the key of an entry.
func (s *Store) Remove(ctx context.Context, e auditlog.SealedEntry) error {
	var k key
	k.PK, k.SK = EntryKey(e)
	tx := s.Begin()
	tx.delete(k, condition{})
	return tx.CommitAside(ctx, Origin{})
}

// entryDigest returns the MAC over all attributes of an item, with its key and
// without the digest itself.
func entryDigest(it item, mac MAC, like []byte) []byte {
	texts := []string{"entry"}
	for _, name := range names(it) {
		if name != "digest" {
			texts = appendTexts(append(texts, name), it[name])
		}
	}
	return mac(like, texts...)
}

// appendTexts writes a value as texts. Each type has a letter, and collections
// have their length, so that different values give different texts.
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
