package store

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// maxActions is DynamoDB's limit for one transaction.
const maxActions = 100

// Tx is a unit of work: everything it holds is committed together or not at all. Each step carries its condition and the
// error that a failed condition means; the first failed step, in the order in which they were added, names the error.
type Tx struct {
	store  *Store
	steps  []types.TransactWriteItem
	errors []error
	audits []int // which steps are audit entries
	beside []func()
	broken error
}

// Begin starts a unit of work.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// condition is an expression with its values and the error that its failure means.
type condition struct {
	expression string
	values     item
	failure    error
}

var (
	absent = condition{expression: "attribute_not_exists(PK)", failure: problem.ErrConflict}
	exists = condition{expression: "attribute_exists(PK)", failure: problem.ErrConflict}
)

// orAbsent also admits an item that does not exist.
func (c condition) orAbsent() condition {
	c.expression = "attribute_not_exists(PK) OR (" + c.expression + ")"
	return c
}

func (c condition) text() *string {
	if c.expression == "" {
		return nil
	}
	return &c.expression
}

func (tx *Tx) add(step types.TransactWriteItem, c condition) {
	tx.steps = append(tx.steps, step)
	tx.errors = append(tx.errors, c.failure)
}

func (tx *Tx) marshal(stored any) item {
	it, err := attributevalue.MarshalMap(stored)
	if err != nil && tx.broken == nil {
		tx.broken = err
	}
	return it
}

// value is one attribute in its stored form.
func (tx *Tx) value(v any) types.AttributeValue {
	av, err := attributevalue.Marshal(v)
	if err != nil && tx.broken == nil {
		tx.broken = err
	}
	return av
}

func (tx *Tx) put(stored any, c condition) {
	tx.add(types.TransactWriteItem{Put: &types.Put{
		TableName: &tx.store.table, Item: tx.marshal(stored),
		ConditionExpression: c.text(), ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

func (tx *Tx) delete(k key, c condition) {
	tx.add(types.TransactWriteItem{Delete: &types.Delete{
		TableName: &tx.store.table, Key: k.attributes(),
		ConditionExpression: c.text(), ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

func (tx *Tx) check(k key, c condition) {
	tx.add(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &tx.store.table, Key: k.attributes(),
		ConditionExpression: c.text(), ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

// update applies an update expression; its values and those of the condition must have different names.
func (tx *Tx) update(k key, expression string, values item, c condition) {
	all := item{}
	for name, v := range values {
		all[name] = v
	}
	for name, v := range c.values {
		all[name] = v
	}
	if len(all) == 0 {
		all = nil // DynamoDB refuses an empty map
	}
	tx.add(types.TransactWriteItem{Update: &types.Update{
		TableName: &tx.store.table, Key: k.attributes(), UpdateExpression: &expression,
		ConditionExpression: c.text(), ExpressionAttributeValues: all, ExpressionAttributeNames: namesIn(expression, c.expression),
	}}, c)
}

// overwrite sets every attribute of the stored form except those named, and removes the optional ones it lacks.
func (tx *Tx) overwrite(k key, stored any, optional []string, except []string, c condition) {
	it := tx.marshal(stored)
	for _, name := range append(except, "PK", "SK") {
		delete(it, name)
	}
	var set, remove []string
	values := item{}
	for name, v := range it {
		set = append(set, "#"+name+" = :"+name)
		values[":"+name] = v
	}
	for _, name := range optional {
		if _, has := it[name]; !has {
			remove = append(remove, "#"+name)
		}
	}
	sort.Strings(set)
	expression := "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	tx.update(k, expression, values, c)
}

// namesIn declares the #names of expressions, which keep attribute names clear of DynamoDB's reserved words.
func namesIn(expressions ...string) map[string]string {
	var names map[string]string
	for _, expression := range expressions {
		for _, word := range strings.FieldsFunc(expression, func(r rune) bool { return strings.ContainsRune(" ,=<>()+-.", r) }) {
			if name, ok := strings.CutPrefix(word, "#"); ok {
				if names == nil {
					names = map[string]string{}
				}
				names[word] = name
			}
		}
	}
	return names
}

// Beside runs do while the transaction is under way, and whatever becomes of
// it. Commit returns when both have ended.
func (tx *Tx) Beside(do func()) { tx.beside = append(tx.beside, do) }

// Commit writes everything or nothing; a unit of work without a step is done.
// A failed condition returns the error of its step. Contention with other
// transactions, and lack of capacity for some of the items, is waited out for a
// short while and then returned as an error that is tenancy.ErrConflict, for
// the caller to read again and decide again; its code is CodeConflict or
// CodeUnavailable. What the table could not do at all is CodeUnavailable, and
// may be sent again as it is.
func (tx *Tx) Commit(ctx context.Context) error {
	var beside sync.WaitGroup
	for _, do := range tx.beside {
		beside.Go(do)
	}
	defer beside.Wait()
	if tx.broken != nil || len(tx.steps) == 0 {
		return tx.broken
	}
	tx.stamp(ctx)
	if len(tx.steps) > maxActions {
		return fmt.Errorf("a transaction of %d steps exceeds %d", len(tx.steps), maxActions)
	}
	if set, ok := tx.addRecord(ctx); ok {
		return tx.settleRecord(ctx, set, tx.commit(ctx))
	}
	return tx.commit(ctx)
}

func (tx *Tx) commit(ctx context.Context) error {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: tx.steps}
	err := retryOnContention(ctx, func() error {
		_, err := tx.store.client.TransactWriteItems(ctx, in)
		return err
	})
	if decided := tx.decision(err); err == nil || decided != nil {
		return decided
	}
	return contentionOf(err).failed("TransactWriteItems", err)
}

// decision is the error of the first step whose condition failed, nil when no condition did.
func (tx *Tx) decision(err error) error {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return nil
	}
	var first error
	for i, reason := range canceled.CancellationReasons {
		if aws.ToString(reason.Code) == "ConditionalCheckFailed" && i < len(tx.errors) {
			// A mark comes last and goes first: what else has failed is what the first sending of the request has done.
			if first == nil || errors.Is(tx.errors[i], problem.ErrInProgress) {
				first = tx.errors[i]
			}
		}
	}
	return first
}

// sameVersion is the condition of every change of a thing that was read before: nobody changed it since.
func sameVersion(version int64) condition {
	return condition{"attribute_exists(PK) AND #version = :was", item{":was": number(version)}, problem.ErrConflict}
}

// ReserveEmail takes an address for an account, unless another one holds it. taken is returned when it does.
func (tx *Tx) ReserveEmail(c tenancy.EmailReservation, now time.Time, taken error) {
	tx.put(reservationFrom(c), condition{"attribute_not_exists(PK) OR #expires <= :now", item{":now": number(millis(now))}, taken})
}

// KeepReservation makes the claim of an unconfirmed sign-up permanent.
// lost is returned when another account holds the address by now.
func (tx *Tx) KeepReservation(c tenancy.EmailReservation, lost error) {
	tx.update(reservationKey(c.Email), "REMOVE #expires, #ttl", nil,
		condition{"#account = :account", item{":account": text(string(c.Account))}, lost})
}

// ExtendReservation lets an unconfirmed sign-up wait longer.
func (tx *Tx) ExtendReservation(c tenancy.EmailReservation) {
	tx.put(reservationFrom(c), condition{"#account = :account AND attribute_exists(#expires)", item{":account": text(string(c.Account))}, problem.ErrConflict})
}

// CreateAccount adds an account. One that is not active is forgotten at lapses.
func (tx *Tx) CreateAccount(a tenancy.Account, lapses time.Time) {
	i := accountFrom(a)
	if !a.Active {
		i.TTL = lapses.Unix()
	}
	tx.put(i, absent)
}

// ActivateAccount puts a confirmed account in place of its unconfirmed sign-up. done is returned when there is none any
// more, because the account is active already or the sign-up has lapsed.
func (tx *Tx) ActivateAccount(a tenancy.Account, done error) {
	a.Version++
	tx.put(accountFrom(a), condition{"#active = :no", item{":no": boolean(false)}, done})
}

var (
	accountOptional = []string{"company", "country", "phone", "secured", "proved", "unproven", "contested", "undos", "factors", "paidUntil", "spent", "schedule", "billing", "duePK", "dueSK", "ttl"}
	// accountOfSignIn are written by SignIn alone, so that signing in does not contend with other changes.
	accountOfSignIn = []string{"sources", "lastLogin"}
)

// UpdateSignUp changes an unconfirmed account that was read at a.Version; it is forgotten at lapses.
func (tx *Tx) UpdateSignUp(a tenancy.Account, lapses time.Time) {
	c := sameVersion(a.Version)
	a.Version++
	i := accountFrom(a)
	i.TTL = lapses.Unix()
	tx.put(i, c)
}

// UpdateAccount changes an account that was read at a.Version.
func (tx *Tx) UpdateAccount(a tenancy.Account) { tx.updateAccount(a, accountOfSignIn) }

func (tx *Tx) updateAccount(a tenancy.Account, except []string) {
	c := sameVersion(a.Version)
	a.Version++
	optional := accountOptional
	if except == nil {
		optional = append(optional[:len(optional):len(optional)], accountOfSignIn...)
	}
	tx.overwrite(accountKey(a.ID), accountFrom(a), optional, except, c)
}

// SignIn records a successful sign-in. It fails with refused when the account's tokens were revoked meanwhile.
func (tx *Tx) SignIn(a tenancy.Account, refused error) {
	sources, _ := attributevalue.Marshal(a.KnownSources)
	tx.update(accountKey(a.ID), "SET #sources = :sources, #lastLogin = :lastLogin",
		item{":sources": sources, ":lastLogin": number(millis(a.LastLogin))}, sameEpoch(a, refused))
}

// CheckAccount requires that the account's tokens were not revoked since it was read.
func (tx *Tx) CheckAccount(a tenancy.Account, refused error) {
	tx.check(accountKey(a.ID), sameEpoch(a, refused))
}

// CheckAddress requires that the account still has the address it was read with, and that its tokens were not revoked since.
func (tx *Tx) CheckAddress(a tenancy.Account, refused error) {
	c := sameEpoch(a, refused)
	c.expression += " AND #email = :email"
	c.values[":email"] = text(string(a.Email))
	tx.check(accountKey(a.ID), c)
}

// CheckAgent requires that the account is still one of the support desk, and that its tokens were not revoked since it was read.
func (tx *Tx) CheckAgent(a tenancy.Account, refused error) {
	c := sameEpoch(a, refused)
	c.expression += " AND #type = :type"
	c.values[":type"] = text(string(tenancy.AccountSupport))
	tx.check(accountKey(a.ID), c)
}

func sameEpoch(a tenancy.Account, refused error) condition {
	return condition{
		"attribute_exists(PK) AND #epoch = :epoch AND #sessions = :sessions", item{":epoch": number(a.Epoch), ":sessions": number(a.Sessions)}, refused,
	}
}

// CreateProfile adds a profile with the grant of its owner.
func (tx *Tx) CreateProfile(p tenancy.Profile) {
	tx.put(profileFrom(p), absent)
	tx.put(grantFrom(p.OwnerGrant()), absent)
}

var profileOptional = []string{"logoURL", "bannerURL", "longestTokenDays", "noEndlessTokens"}

// UpdateProfile changes a profile that was read at p.Version, and the copies of its name and logo that its owner and its
// active members list. Whoever adds or removes a member must update the profile too, so that no copy is missed.
func (tx *Tx) UpdateProfile(p tenancy.Profile, team tenancy.Team) {
	c := sameVersion(p.Version)
	p.Version++
	tx.overwrite(profileKey(p.ID), profileFrom(p), profileOptional, nil, c)
	listed := item{":name": text(p.Name), ":logoURL": text(p.LogoURL)}
	const expression = "SET #name = :name, #logoURL = :logoURL"
	tx.update(grantKey(p.Owner, p.ID), expression, listed, exists)
	for _, m := range team {
		if m.Active {
			tx.update(grantKey(m.Account, p.ID), expression, listed, exists)
		}
	}
}

// DeleteProfile removes a profile that was read at p.Version, its team and all grants on it. Its tokens are dead with it;
// a due entry makes their items go too. Use goes by CloseUse or ForgetUse.
func (tx *Tx) DeleteProfile(p tenancy.Profile, team tenancy.Team, now time.Time) {
	tx.delete(profileKey(p.ID), sameVersion(p.Version))
	tx.delete(grantKey(p.Owner, p.ID), exists)
	for _, m := range team {
		tx.delete(memberKey(m), exists)
		if m.Active {
			tx.delete(grantKey(m.Account, p.ID), exists)
		} else {
			tx.forget(tenancy.Invitation{Code: m.Code, Email: m.Email})
		}
	}
	tx.put(deletedProfileItem{
		key: deletedProfileKey(p.ID), due: dueAt(DueProfile, string(p.ID), now), Profile: string(p.ID), Deleted: millis(now),
	}, condition{})
}

// CheckGrant requires that the account still has the right g, as it was read.
func (tx *Tx) CheckGrant(g tenancy.Grant, refused error) {
	tx.check(grantKey(g.Account, g.Profile), condition{
		"attribute_exists(PK) AND #epoch = :epoch AND #permission = :permission",
		item{":epoch": number(g.Epoch), ":permission": text(g.Permission.String())}, refused,
	})
}

// CreateToken adds a token and its row in the profile's list.
func (tx *Tx) CreateToken(t tenancy.Token) {
	tx.put(tokenFrom(t), absent)
	tx.put(tokenRowFrom(t), condition{})
}

// DeleteToken removes a token and its row, if it is still the profile's and was not rotated since it was read. gone is returned when it is
// not: whoever deletes a token must not think that what took its place is gone too.
func (tx *Tx) DeleteToken(t tenancy.Token, gone error) {
	c := ofProfile(t.Profile, gone)
	if !t.Rotated() {
		c.expression += " AND attribute_not_exists(#retires)"
	}
	tx.delete(tokenKey(t.ID), c)
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

// ExpireToken is DeleteToken for a token whose end has come.
func (tx *Tx) ExpireToken(t tenancy.Token, now time.Time, gone error) {
	c := ofProfile(t.Profile, gone)
	c.expression += " AND #expires <= :now"
	c.values[":now"] = number(millis(now))
	tx.delete(tokenKey(t.ID), c)
	tx.delete(tokenRowKey(t.Profile, t.Created, t.ID), condition{})
}

// MoveToken makes a token one of another profile. gone is returned when it is no longer as it was read.
func (tx *Tx) MoveToken(from, to tenancy.Token, gone error) {
	to.Version++
	tx.put(tokenFrom(to), tx.tokenAsRead(from, gone))
	tx.delete(tokenRowKey(from.Profile, from.Created, from.ID), condition{})
	tx.put(tokenRowFrom(to), condition{})
}

func ofProfile(p value.ProfileID, gone error) condition {
	return condition{"attribute_exists(PK) AND #profile = :profile", item{":profile": text(string(p))}, gone}
}

// CreateConfirmation adds a one-time code.
func (tx *Tx) CreateConfirmation(c tenancy.Confirmation) { tx.put(codeFrom(c), absent) }

// UseConfirmation spends a one-time code. used is returned when somebody else was first.
func (tx *Tx) UseConfirmation(c tenancy.Confirmation, used error) {
	tx.delete(codeKey(c.ID), condition{"attribute_exists(PK) AND #hash = :hash", item{":hash": bytes(c.Hash)}, used})
}

// Send puts a mail into the outbox, with its Data in a sealed form only. It is delivered from the table's stream; the due index finds it if
// that fails.
func (tx *Tx) Send(m tenancy.Message, sealed []byte) {
	tx.put(messageItem{
		key: messageKey(m.ID), due: dueAt(DueMail, string(m.ID), m.Created.Add(deliveryGrace)),
		ID: string(m.ID), Kind: string(m.Kind), To: m.To, Sealed: sealed, Created: millis(m.Created),
	}, absent)
}
