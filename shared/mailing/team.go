package mailing

import (
	"time"

	"profiles/shared/value"
)

// TeamInvited offers the holder of an account a place in a team.
type TeamInvited struct {
	Owner      string      `word:"owner"`
	Address    value.Email `word:"address"` // of the owner
	Profile    string      `word:"profile"`
	Permission string      `word:"permission"`
	Lasts      Phrase      `word:"lasts"` // a sentence about the end of the membership; empty: none
	Code       string      `word:"code"`
	Expires    time.Time   `word:"expires"`
	// Invitation is not shown; see Message.
	Invitation value.CodeID `word:"invitation"`
}

func (TeamInvited) Kind() Kind { return KindTeamInvited }

// TeamInvitedNew is TeamInvited for an address without an account.
type TeamInvitedNew TeamInvited

func (TeamInvitedNew) Kind() Kind { return KindTeamInvitedNew }

// TeamReminder reminds of an open invitation.
type TeamReminder struct {
	Owner   string      `word:"owner"`
	Address value.Email `word:"address"` // of the owner
	Profile string      `word:"profile"`
	Expires time.Time   `word:"expires"`
	// Invitation is not shown; see Message.
	Invitation value.CodeID `word:"invitation"`
}

func (TeamReminder) Kind() Kind { return KindTeamReminder }

// TeamAnswer is what a mail about the end of an invitation says.
type TeamAnswer struct {
	Name    string      `word:"name"`
	Profile string      `word:"profile"`
	Member  string      `word:"member"`  // empty: a person without a name here
	Address value.Email `word:"address"` // that was invited
}

// TeamAccepted tells an owner that an invitation was accepted.
type TeamAccepted TeamAnswer

func (TeamAccepted) Kind() Kind { return KindTeamAccepted }

// TeamDeclined tells an owner that an invitation was declined.
type TeamDeclined TeamAnswer

func (TeamDeclined) Kind() Kind { return KindTeamDeclined }

// TeamExpired tells an owner that an invitation was not answered in time.
type TeamExpired TeamAnswer

func (TeamExpired) Kind() Kind { return KindTeamExpired }

// TeamEnding tells a member that its membership ends soon.
type TeamEnding struct {
	Name    string      `word:"name"`
	Owner   string      `word:"owner"`
	Address value.Email `word:"address"` // of the owner
	Profile string      `word:"profile"`
	Until   time.Time   `word:"until"`
}

func (TeamEnding) Kind() Kind { return KindTeamEnding }

// TeamEndingOwner tells an owner that a membership ends soon.
type TeamEndingOwner struct {
	Name    string      `word:"name"`
	Member  string      `word:"member"`
	Address value.Email `word:"address"` // of the member
	Profile string      `word:"profile"`
	Until   time.Time   `word:"until"`
}

func (TeamEndingOwner) Kind() Kind { return KindTeamEndingOwner }
