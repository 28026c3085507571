package store

import "strings"

// Kind is the kind of an item. Every item except an account is written with it,
// as the attribute itemKind. Items from before there were kinds have none, so
// no read relies on it.
type Kind string

// setKind is the part of an update that gives a new item its kind.
const setKind = "#itemKind = :itemKind"

// withKind adds the value of setKind to those of an update.
func (k key) withKind(values item) item {
	values[":itemKind"] = text(string(k.Kind))
	return values
}

// Entity is a row of the table's description: an item and the patterns of its
// keys. A word in a pattern stands for a variable part.
type Entity struct {
	Name   string
	Kind   Kind
	PK, SK string
}

// Entities describes all items that the table may have.
func Entities() []Entity {
	return []Entity{
		{"account", kindAccount, "A#account", "A"},
		{"second factors of an account", kindFactors, "A#account", "F"},
		{"grant: a profile that an account can open", kindGrant, "A#account", "P#profile"},
		{
			"session of a browser, in one of the account's places",
			kindSession,
			"A#account",
			"S#place",
		},
		{"email reservation", kindReservation, "E#address", "E"},
		{"profile", kindProfile, "P#profile", "P"},
		{"logo of a profile that is kept here", kindLogo, "G#hash", "G"},
		{"member", kindMember, "P#profile", "M#account"},
		{
			"invitation in the list of a team, while it is open and 30 days longer",
			kindOpenPlace,
			"P#profile",
			"M#I#invitation",
		},
		{"invitation", kindInvitation, "I#code", "I"},
		{"invitation, by address", kindInvited, "E#address", "I#code"},
		{"notification", kindNotification, "N#account", "id"},
		{"transfer", kindTransfer, "X#ticket", "X"},
		{"open transfer of a profile, at most one", kindOpenTransfer, "P#profile", "X"},
		{"transfer, by account", kindTransferRow, "A#account", "X#created#ticket"},
		{
			"transfer that waits for an address's answer",
			kindOffered,
			"E#address",
			"X#created#ticket",
		},
		{"open transfer in the queue of support", kindQueued, "Q#desk", "created#ticket"},
		{"instant at which a profile's cost changed accounts", kindCostCut, "P#profile", "C#time"},
		{"usage of a profile", kindUsage, "P#profile", "U"},
		{"its usage at the end of an hour, for 13 months", kindUsageHour, "P#profile", "H#hour"},
		{"answer to an event of a report, for 35 days", kindUsageEvent, "V#profile#event", "V"},
		{"charge", kindCharge, "B#account", "C#time#id"},
		{
			"limits of an account and how they were divided, from a time on",
			kindSnapshot,
			"B#account",
			"S#version",
		},
		{"token row, for lists", kindTokenRow, "P#profile", "T#created#id"},
		{"token", kindToken, "T#id", "T"},
		{"family of tokens that took each other's place", kindFamily, "T#first", "F"},
		{"use of a token after its grace, until it is dealt with", kindReuse, "J#token", "J"},
		{"last use of a token", kindLastUsed, "U#token", "U"},
		{"one-time code", kindConfirmation, "C#id", "C"},
		{"security code: a new password, a new address, its undo", kindSecurityCode, "C#id", "S"},
		{"mail of the outbox", kindMail, "O#id", "O"},
		{"stop of mails to an address, until it ends", kindMailStop, "E#address", "B"},
		{"deleted profile, until its rest is gone", kindDeletedProfile, "D#profile", "D"},
		{"deleted account, until its rest is gone", kindDeletedAccount, "D#account", "A"},
		{"former member, until the tokens are gone", kindFormerMember, "D#profile", "M#account"},
		{"audit entry", kindAuditEntry, "L#log#month", "time#id"},
		{"chain head of an audit log", kindChainHead, "L#log", "H"},
		{"rate window", kindRateWindow, "R#subject#end", "R"},
		{"cooldown between two of a kind", kindCooldown, "R#subject", "R"},
		{"idempotency record", kindRecord, "K#scope#key", "K"},
	}
}

// KindOf returns the kind whose patterns match a key best, for an item without
// a kind; "" if none matches.
func KindOf(pk, sk string) (kind Kind) {
	most := -1
	for _, e := range Entities() {
		n, ok := alike(e.PK, pk)
		m, also := alike(e.SK, sk)
		if ok && also && n+m > most {
			kind, most = e.Kind, n+m
		}
	}
	return kind
}

// alike reports whether a part of a key matches a pattern, and how many of its
// letters are fixed by the pattern. The last word of a pattern may contain the
// separator.
func alike(pattern, part string) (letters int, ok bool) {
	patterns := strings.Split(pattern, "#")
	parts := strings.SplitN(part, "#", len(patterns))
	if len(parts) < len(patterns) {
		return 0, false
	}
	for i, p := range patterns {
		switch {
		case p == parts[i]:
			letters++
		case p == strings.ToUpper(p) || parts[i] == "":
			return 0, false
		}
	}
	return letters, true
}
