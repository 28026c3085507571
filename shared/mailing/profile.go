package mailing

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/value"
)

// ProfileDeleted tells an owner that one of their profiles is deleted, and
// until when they can restore it.
type ProfileDeleted struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	When    time.Time `word:"when"`
	Until   time.Time `word:"until"`
}

func (ProfileDeleted) Kind() Kind { return KindProfileDeleted }

// BackupDownloaded tells an owner that somebody with their password can read a
// backup.
type BackupDownloaded struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Made    time.Time `word:"made"`
	When    time.Time `word:"when"`
}

func (BackupDownloaded) Kind() Kind { return KindBackupDownloaded }

// UsageAlert tells an owner that a profile has used much or all of a service.
type UsageAlert struct {
	Name    string `word:"name"`
	Profile string `word:"profile"`
	Service string `word:"service"` // the name of the service on the wire
	Percent int64  `word:"percent"`
	Used    string `word:"used"`
	Limit   string `word:"limit"`
	Resets  Phrase `word:"resets"` // see Resets
}

func (UsageAlert) Kind() Kind { return KindUsageAlert }

// UsageDigest tells an owner of all that a UsageAlert would have told in a day.
type UsageDigest struct {
	Name  string `word:"name"`
	Lines Phrase `word:"lines"` // see AddLine
}

func (UsageDigest) Kind() Kind { return KindUsageDigest }

// maxDigestLines is how many lines a digest has at most: more than a person
// reads, and less than an item can hold.
const maxDigestLines = 200

// AddLine returns the lines of a digest with one more, as they are when there
// are already as many as a digest has.
func AddLine(digest, line Phrase) Phrase {
	switch {
	case digest == "":
		return line
	case strings.Count(string(digest), lineOf) == maxDigestLines-1:
		return digest
	}
	return lines([]Phrase{digest, line})
}

// Line is what a digest says of the alert.
func (a UsageAlert) Line(now time.Time) Phrase {
	return phrase("usage-line", "profile", a.Profile, "service", a.Service,
		"used", a.Used, "limit", a.Limit, "percent", strconv.FormatInt(a.Percent, 10),
		"when", Moment(now))
}

// AlertReached tells an owner that an alert of a profile was reached.
type AlertReached struct {
	Name    string `word:"name"`
	Profile string `word:"profile"`
	What    Phrase `word:"what"` // see Reached
	Next    Phrase `word:"next"` // see Stops
}

func (AlertReached) Kind() Kind { return KindAlertReached }

// reachedWords names the text of an alert that was reached, with its words.
func reachedWords(a billing.AlertReached) (name string, words []string) {
	one := a.Alert
	if one.OfCost() {
		return "cost", []string{"price", billing.Dollars(a.Used), "limit", billing.Dollars(one.Cost)}
	}
	if a.Refused {
		name = "refused"
	}
	words = []string{"service", one.Service.String(), "used", one.Service.Text(a.Used)}
	if one.Percent > 0 {
		return name + "percent", append(words, "limit", one.Service.Text(a.Limit),
			"percent", strconv.FormatInt(one.Percent, 10))
	}
	return name + "amount", append(words, "limit", one.Service.Text(one.Amount))
}

// Reached says which level an alert has reached.
func Reached(a billing.AlertReached) Phrase {
	name, words := reachedWords(a)
	return phrase("alert-"+name, words...)
}

// ReachedLine is what a digest says of an alert of a profile.
func ReachedLine(profile string, a billing.AlertReached, now time.Time) Phrase {
	name, words := reachedWords(a)
	return phrase("alertline-"+name, append(words, "profile", profile, "when", Moment(now))...)
}

// Stops says what an alert stops that was reached.
func Stops(a billing.Alert) Phrase { return phrase("stops-" + string(a.Stop)) }

// LinesOf returns the lines of a digest that waits.
func LinesOf(m Message) Phrase { return Phrase(m.Data[wordLines]) }

// DigestID names the digest of an account that is sent at a time. It begins
// with the time, as all ids do.
func DigestID(a value.AccountID, due time.Time) ID {
	return ID(fmt.Sprintf("%012x%s", due.UnixMilli(), a))
}

// TokenLeaked tells an owner that a token was found in public, and is revoked.
type TokenLeaked struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Token   string    `word:"token"`
	When    time.Time `word:"when"`
}

func (TokenLeaked) Kind() Kind { return KindTokenLeaked }

// TokenReused tells an owner that a rotated token was used after its grace, and
// that the token which took its place is revoked.
type TokenReused struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Token   string    `word:"token"`
	When    time.Time `word:"when"`
	Address string    `word:"address"` // of the network
}

func (TokenReused) Kind() Kind { return KindTokenReused }

// TokenEnds reminds an owner that a token is about to expire.
type TokenEnds struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Token   string    `word:"token"`
	Expires time.Time `word:"expires"`
}

func (TokenEnds) Kind() Kind { return KindTokenEnds }

// TokenUnused tells the maker of a token, or the owner of its profile, that it
// was not used for tenancy.UnusedAfter.
type TokenUnused struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Token   string    `word:"token"`
	Last    time.Time `word:"last"` // when it was last used, or made
	Next    Phrase    `word:"next"` // see NextOfUnused
}

func (TokenUnused) Kind() Kind { return KindTokenUnused }

// TokenDisabled tells the maker of a token, or the owner of its profile, that
// it is disabled, as it was not used for tenancy.DisabledAfter.
type TokenDisabled struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"`
	Token   string    `word:"token"`
	Last    time.Time `word:"last"` // when it was last used, or made
}

func (TokenDisabled) Kind() Kind { return KindTokenDisabled }

// WebhookDisabled tells an owner that a webhook gets no more events, as it took
// none for three days.
type WebhookDisabled struct {
	Name    string    `word:"name"`
	Profile string    `word:"profile"` // or words for the account
	URL     string    `word:"address"`
	When    time.Time `word:"when"`
}

func (WebhookDisabled) Kind() Kind { return KindWebhookDisabled }
