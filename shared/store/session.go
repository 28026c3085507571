package store

import (
	"context"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindSession Kind = "session"

const sessionPrefix = "S#"

// sessionKey returns the key of a place of a session. An account has a fixed
// number of places, and so at most as many sessions.
func sessionKey(a value.AccountID, place string) key {
	return key{kindSession, "A#" + string(a), sessionPrefix + place}
}

type sessionItem struct {
	key
	ID      string `dynamodbav:"id"`
	Hash    []byte `dynamodbav:"hash"`
	Account string `dynamodbav:"account"`
	Epoch   int64  `dynamodbav:"epoch"`
	Created int64  `dynamodbav:"created"`
	Used    int64  `dynamodbav:"used"`
	Address string `dynamodbav:"address"`
	Agent   string `dynamodbav:"agent"`
	Expires int64  `dynamodbav:"expires"`
	TTL     int64  `dynamodbav:"ttl"`
}

func sessionFrom(s tenancy.Session) sessionItem {
	return sessionItem{
		key: sessionKey(s.Account, s.ID.Place()), ID: string(s.ID), Hash: s.Hash,
		Account: string(s.Account), Epoch: s.Epoch, Created: millis(s.Created),
		Used: millis(s.Used), Address: s.Address, Agent: s.Agent, Expires: millis(s.Expires),
		TTL: s.Expires.Unix() + 1,
	}
}

func (i sessionItem) value() tenancy.Session {
	return tenancy.Session{
		ID: value.SessionID(i.ID), Hash: i.Hash, Account: value.AccountID(i.Account),
		Epoch: i.Epoch, Created: fromMillis(i.Created), Used: fromMillis(i.Used),
		Address: i.Address, Agent: i.Agent, Expires: fromMillis(i.Expires),
	}
}

// Session adds the session in the place of a session to the batch. It may be
// another session.
func (b *Batch) Session(a value.AccountID, id value.SessionID) *Found[tenancy.Session] {
	return want(b, sessionKey(a, id.Place()), sessionItem.value)
}

// Sessions reads the sessions in an account's places, including those that no
// longer work.
func (s *Store) Sessions(ctx context.Context, a value.AccountID) ([]tenancy.Session, error) {
	var out []tenancy.Session
	of := span{pk: accountKey(a).PK, from: sessionPrefix, to: upTo(sessionPrefix)}
	for one, err := range decoded(s.query(ctx, of), sessionItem.value) {
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// CreateSession puts a session into its place. was is the session that was read
// there; nil: none. It fails with problem.ErrConflict if the place has changed
// meanwhile.
func (tx *Tx) CreateSession(s tenancy.Session, was *tenancy.Session) {
	c := absent
	if was != nil {
		c = sameSession(*was, problem.ErrConflict).orAbsent()
	}
	tx.put(sessionFrom(s), c)
}

// ExtendSession stores an extended session. It fails with ended if the session
// has ended meanwhile.
func (tx *Tx) ExtendSession(s tenancy.Session, ended error) {
	i := sessionFrom(s)
	tx.update(i.key,
		"SET #used = :used, #address = :address, #agent = :agent, #expires = :expires, #ttl = :ttl",
		item{
			":used": number(i.Used), ":address": text(i.Address), ":agent": text(i.Agent),
			":expires": number(i.Expires), ":ttl": number(i.TTL),
		}, sameSession(s, ended))
}

// EndSession removes a session. It fails with gone if the session has ended
// meanwhile.
func (tx *Tx) EndSession(s tenancy.Session, gone error) {
	tx.delete(sessionKey(s.Account, s.ID.Place()), sameSession(s, gone))
}

// ForgetSession removes the session in the place of a session, whichever it is.
func (tx *Tx) ForgetSession(s tenancy.Session) {
	tx.delete(sessionKey(s.Account, s.ID.Place()), condition{})
}

// sameSession is the condition that a session still has its place.
func sameSession(s tenancy.Session, ended error) condition {
	return condition{"#id = :id", item{":id": text(string(s.ID))}, ended}
}
