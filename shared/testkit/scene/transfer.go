package scene

import (
	"time"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

func ofTransfers() []Scene {
	toBen := of("ben@example.com", nil)
	confirming := Object{"code": "CONFIRM", "password": testkit.Password}
	answering := Object{"code": "ANSWER", "password": testkit.Password}
	return []Scene{
		{
			Operation: operation.TransferRequest, What: "an address with an account",
			Send: "POST /profile/OTHER/transfer", Body: toBen,
			Cost: Cost{4, 3, 9, 12, 41}, Again: 409,
		},
		{
			Operation: operation.TransferRequest, What: "an address without one",
			Send: "POST /profile/OTHER/transfer", Body: of(zoe, nil), Again: 409,
		},
		{
			Operation: operation.TransferRequest, What: "after one whose time is over",
			Prepare: func(s *Stage) { offers(s); s.Advance(transfer.Life) },
			Send:    "POST /profile/OTHER/transfer", Body: toBen,
			Cost: Cost{11, 10, 18, 31, 67}, Calm: true,
		},
		{
			Operation: operation.TransferCheck, What: "no open transfer", Calm: true,
			Send: "GET /profile/OTHER/transfer", Cost: Cost{3, 2, 3, 8, 0},
		},
		{
			Operation: operation.TransferCheck, Prepare: offers,
			Send: "GET /profile/OTHER/transfer", Cost: Cost{5, 4, 6, 14, 0},
		},
		{
			Operation: operation.TransferCancel, Prepare: offers,
			Send: "DELETE /profile/OTHER/transfer", Cost: Cost{5, 4, 6, 11, 39}, Again: 404,
		},
		{
			Operation: operation.TransferList, What: "one offered", Prepare: offers,
			Send: "GET /transfer", By: Ben, Cost: Cost{4, 3, 5, 8, 0},
		},
		{
			Operation: operation.TransferGet, Prepare: confirmed,
			Send: "GET /transfer/TICKET", Cost: Cost{4, 3, 5, 9, 0},
		},
		{
			Operation: operation.TransferConfirm, Prepare: offers,
			Send: "POST /transfer/TICKET/confirm", Body: confirming, Cost: Cost{4, 3, 9, 8, 14},
		},
		{
			Operation: operation.TransferConfirm, What: "the profile moves",
			Prepare: func(s *Stage) { offers(s); approves(s); accepts(s) },
			Send:    "POST /transfer/TICKET/confirm", Body: confirming, Cost: Cost{4, 3, 9, 9, 99},
		},
		{
			Operation: operation.TransferMail, What: "the offer", Prepare: offers,
			Send: "POST /transfer/TICKET/mail", By: Ben, Cost: Cost{5, 4, 6, 9, 13}, Again: 429,
		},
		{
			Operation: operation.TransferAccept, Prepare: offers,
			Send: "POST /transfer/TICKET/accept", By: Ben, Body: answering,
			Cost: Cost{4, 3, 9, 8, 24},
		},
		{
			Operation: operation.TransferAccept, What: "the profile moves",
			Prepare: func(s *Stage) { confirmed(s); approves(s) },
			Send:    "POST /transfer/TICKET/accept", By: Ben, Body: answering,
			Cost: Cost{4, 3, 9, 8, 100},
		},
		{
			Operation: operation.TransferDecline, Prepare: offers,
			Send: "POST /transfer/TICKET/decline", By: Ben, Body: answering,
			Cost: Cost{4, 3, 9, 8, 50},
		},
	}
}

// ofReturns are scenes in which a transfer is taken back, or time does
// something to it.
func ofReturns() []Scene {
	return []Scene{
		{
			Operation: operation.TransferRevert, What: "asked for", Prepare: moved,
			Send: "POST /transfer/TICKET/revert", Body: proves, Cost: Cost{5, 4, 10, 12, 46},
		},
		{
			Operation: operation.TransferRevert, What: "the profile returns",
			Prepare: func(s *Stage) {
				moved(s)
				_, err := s.Transfers.Revert(s.Context(), s.Ana.Client(operation.TransferRevert),
					s.Ticket.ID, proof)
				s.OK(err)
			},
			Send: "POST /transfer/TICKET/revert", By: Ben, Body: proves, Cost: Cost{6, 5, 11, 13, 95},
		},
		{
			Operation: operation.TransferExpire, What: "one to remind of",
			Prepare: func(s *Stage) { offers(s); s.Advance(transfer.Life / 2) },
		},
		// A run that meets contention leaves the transfer to the next one; it
		// has ended by the clock.
		{
			Operation: operation.TransferExpire, What: "one that has expired",
			Prepare: func(s *Stage) { offers(s); s.Advance(transfer.Life) },
			Cost:    Cost{13, 13, 14, 11, 39},
		},
		{
			Operation: operation.TransferExpire, What: "one that is moved after a hold",
			Prepare: func(s *Stage) {
				s.Secure(s.Ana)
				confirmed(s)
				approves(s)
				accepts(s)
				s.Advance(transfer.SecurityHold)
			},
			Cost: Cost{12, 12, 13, 10, 100},
		},
	}
}

func ofDesk() []Scene {
	return []Scene{
		{
			Operation: operation.DeskList, What: "one open transfer", Prepare: offers,
			Send: "GET /desk/transfer", By: Sam, Cost: Cost{4, 3, 4, 6, 0},
		},
		{
			Operation: operation.DeskGet, Prepare: offers,
			Send: "GET /desk/transfer/TICKET", By: Sam, Cost: Cost{4, 3, 5, 12, 0},
		},
		{
			Operation: operation.DeskApprove, Prepare: offers,
			Send: "POST /desk/transfer/TICKET/approve", By: Sam, Cost: Cost{4, 3, 5, 7, 13},
		},
		{
			Operation: operation.DeskApprove, What: "the profile moves",
			Prepare: func(s *Stage) { confirmed(s); accepts(s) },
			Send:    "POST /desk/transfer/TICKET/approve", By: Sam, Cost: Cost{4, 3, 5, 8, 102},
		},
		{
			Operation: operation.DeskReject, Prepare: offers,
			Send: "POST /desk/transfer/TICKET/reject", By: Sam, Body: Object{"reason": "x"},
			Cost: Cost{4, 3, 5, 7, 39},
		},
		{
			Operation: operation.DeskNote, Prepare: offers,
			Send: "POST /desk/transfer/TICKET/note", By: Sam,
			Body: Object{"kind": "note", "text": "x"},
			Cost: Cost{4, 3, 5, 7, 13}, Calm: true,
		},
		{
			Operation: operation.DeskNote, What: "a question", Prepare: offers,
			Send: "POST /desk/transfer/TICKET/note", By: Sam,
			Body: Object{"kind": "question", "text": "x"}, More: "L+1 O/O+1",
		},
		{
			Operation: operation.DeskExtend,
			Prepare:   func(s *Stage) { offers(s); s.Advance(time.Hour) },
			Send:      "POST /desk/transfer/TICKET/extend", By: Sam, Cost: Cost{4, 3, 5, 7, 17},
		},
		{
			Operation: operation.DeskRevert, What: "asked for", Prepare: moved,
			Send: "POST /desk/transfer/TICKET/revert", By: Sam, Cost: Cost{5, 4, 6, 11, 49},
		},
		{
			Operation: operation.DeskRevert, What: "the profile returns",
			Prepare: func(s *Stage) {
				moved(s)
				sue := s.Agent(s.Quick("sue")).Client(operation.DeskRevert)
				_, err := s.Desk.Revert(s.Context(), sue,
					s.Ticket.ID)
				s.OK(err)
			},
			Send: "POST /desk/transfer/TICKET/revert", By: Sam, Cost: Cost{6, 5, 7, 12, 98}, Calm: true,
		},
	}
}

// offers leaves an open transfer of ana's second profile to ben.
func offers(s *Stage) { s.Ticket = s.Offer(s.Other, s.Ana, s.Ben.Email) }

// confirmed leaves one that ana has confirmed.
func confirmed(s *Stage) {
	offers(s)
	_, err := s.Transfers.Confirm(
		s.Context(), s.Ana.Client(operation.TransferConfirm), s.Ticket.ID, s.Ticket.Confirm, proof)
	s.OK(err)
}

// approves is the desk's part in the transfer.
func approves(s *Stage) {
	_, err := s.Desk.Approve(s.Context(), s.Sam.Client(operation.DeskApprove), s.Ticket.ID)
	s.OK(err)
}

// accepts is ben's.
func accepts(s *Stage) {
	_, err := s.Transfers.Accept(s.Context(), s.Ben.Client(operation.TransferAccept),
		s.Ticket.ID, s.Ticket.Answer, proof,
		transfer.Acceptance{})
	s.OK(err)
}

// moved leaves a transfer that has completed an hour ago.
func moved(s *Stage) {
	s.Ticket.ID = s.Move(s.Other, s.Ana, s.Ben, s.Sam)
	s.Advance(time.Hour)
}
