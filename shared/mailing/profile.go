package mailing

import (
	"time"
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

// UsageAlert tells an owner that a profile has used much or all of a service.
type UsageAlert struct {
	Name    string `word:"name"`
	Profile string `word:"profile"`
	Service string `word:"service"`
	Unit    string `word:"unit"`
	Percent int64  `word:"percent"`
	Used    string `word:"used"`
	Limit   string `word:"limit"`
	Resets  string `word:"resets"` // see Resets
}

func (UsageAlert) Kind() Kind { return KindUsageAlert }

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
	Next    string    `word:"next"` // see NextOfUnused
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
