package mailing

import (
	"time"

	"profiles/shared/transfer"
	"profiles/shared/value"
)

// TransferDesk opens a ticket at the support desk, and goes to its address.
type TransferDesk struct {
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Owner    string      `word:"owner"`
	Address  value.Email `word:"address"` // of the owner
	Receiver value.Email `word:"receiver"`
	Message  Phrase      `word:"message"` // see Optional
	Missing  Phrase      `word:"missing"` // see Missing
	Expires  time.Time   `word:"expires"`
}

func (TransferDesk) Kind() Kind { return KindTransferDesk }

// TransferRequested asks an owner to confirm a request.
type TransferRequested struct {
	Name     string      `word:"name"`
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Receiver value.Email `word:"receiver"`
	Needs    Phrase      `word:"needs"` // see Needs
	Code     string      `word:"code"`
	Expires  time.Time   `word:"expires"`
}

func (TransferRequested) Kind() Kind { return KindTransferRequested }

// TransferOffered offers a profile to the holder of an account.
type TransferOffered struct {
	Owner   string      `word:"owner"`
	Address value.Email `word:"address"` // of the owner
	Profile string      `word:"profile"`
	Message Phrase      `word:"message"` // see Optional
	Ticket  transfer.ID `word:"ticket"`
	Amounts Phrase      `word:"amounts"` // see Amounts
	Team    Phrase      `word:"team"`    // see Team
	Addons  Phrase      `word:"addons"`  // see Addons
	Needs   Phrase      `word:"needs"`   // see Needs
	Code    string      `word:"code"`
	Expires time.Time   `word:"expires"`
}

func (TransferOffered) Kind() Kind { return KindTransferOffered }

// TransferOfferedNew is TransferOffered for an address without an account.
type TransferOfferedNew TransferOffered

func (TransferOfferedNew) Kind() Kind { return KindTransferOfferedNew }

// TransferNote carries words of the desk to an owner.
type TransferNote struct {
	Name    string      `word:"name"`
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Note    string      `word:"note"`
	Expires time.Time   `word:"expires"`
}

func (TransferNote) Kind() Kind { return KindTransferNote }

// TransferQuestion carries a question of the desk to an owner.
type TransferQuestion TransferNote

func (TransferQuestion) Kind() Kind { return KindTransferQuestion }

// TransferRemindOwner reminds an owner to confirm.
type TransferRemindOwner TransferRequested

func (TransferRemindOwner) Kind() Kind { return KindTransferRemindOwner }

// TransferRemindReceiver reminds of an offer.
type TransferRemindReceiver struct {
	Owner   string      `word:"owner"`
	Address value.Email `word:"address"` // of the owner
	Profile string      `word:"profile"`
	Ticket  transfer.ID `word:"ticket"`
	Code    string      `word:"code"`
	Expires time.Time   `word:"expires"`
}

func (TransferRemindReceiver) Kind() Kind { return KindTransferRemindReceiver }

// TransferRemindDesk reminds the desk of a ticket, and goes to its address.
type TransferRemindDesk struct {
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Missing Phrase      `word:"missing"` // see Missing
	Expires time.Time   `word:"expires"`
}

func (TransferRemindDesk) Kind() Kind { return KindTransferRemindDesk }

// TransferWaiting tells one side what is missing on it.
type TransferWaiting struct {
	Name    string      `word:"name"`
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Missing Phrase      `word:"missing"` // see Missing
	Expires time.Time   `word:"expires"`
}

func (TransferWaiting) Kind() Kind { return KindTransferWaiting }

// TransferExtended tells both sides of more time.
type TransferExtended struct {
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Expires time.Time   `word:"expires"`
}

func (TransferExtended) Kind() Kind { return KindTransferExtended }

// TransferEnded tells everybody concerned that a transfer ended without moving
// the profile.
type TransferEnded struct {
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Outcome Phrase      `word:"outcome"` // see Outcome
	Reason  Phrase      `word:"reason"`  // see Reason
}

func (TransferEnded) Kind() Kind { return KindTransferEnded }

// TransferGiven tells the previous owner that the profile has moved.
type TransferGiven struct {
	Name     string      `word:"name"`
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Receiver value.Email `word:"receiver"`
	Stays    Phrase      `word:"stays"` // see Stays
	When     time.Time   `word:"when"`
	Until    time.Time   `word:"until"` // when it can be taken back
}

func (TransferGiven) Kind() Kind { return KindTransferGiven }

// TransferReceived tells the new owner that the profile is theirs.
type TransferReceived struct {
	Name    string      `word:"name"`
	Ticket  transfer.ID `word:"ticket"`
	Profile string      `word:"profile"`
	Owner   string      `word:"owner"`
	Amounts Phrase      `word:"amounts"` // see Amounts
	Addons  Phrase      `word:"addons"`  // see Addons
	When    time.Time   `word:"when"`
	Until   time.Time   `word:"until"` // when it can be taken back
}

func (TransferReceived) Kind() Kind { return KindTransferReceived }

// TransferReturned tells both sides that a transfer was taken back.
type TransferReturned struct {
	Name     string      `word:"name"`
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Original transfer.ID `word:"original"`
	Owner    string      `word:"owner"`
	Receiver value.Email `word:"receiver"`
	Stays    Phrase      `word:"stays"` // see Stays
	When     time.Time   `word:"when"`
}

func (TransferReturned) Kind() Kind { return KindTransferReturned }

// TransferBack tells one side that a completed transfer is asked back.
type TransferBack struct {
	Name     string      `word:"name"`
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Original transfer.ID `word:"original"`
	By       Phrase      `word:"by"` // see By
	Expires  time.Time   `word:"expires"`
}

func (TransferBack) Kind() Kind { return KindTransferBack }

// TransferBackDesk tells the desk that a completed transfer is asked back.
type TransferBackDesk struct {
	Ticket   transfer.ID `word:"ticket"`
	Profile  string      `word:"profile"`
	Original transfer.ID `word:"original"`
	By       Phrase      `word:"by"` // see By
	Owner    string      `word:"owner"`
	Address  value.Email `word:"address"` // of the owner
	Receiver value.Email `word:"receiver"`
	Expires  time.Time   `word:"expires"`
}

func (TransferBackDesk) Kind() Kind { return KindTransferBackDesk }
