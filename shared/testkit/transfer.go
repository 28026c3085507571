package testkit

import (
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Agent makes somebody an agent of the support desk.
func (w *World) Agent(p Person) Person {
	w.Helper()
	agent, err := w.Operator.SetType(w.Context(), string(p.Email), tenancy.AccountSupport)
	w.OK(err)
	p.Account = agent.Account
	return p
}

// Ticket is a transfer with the codes of its mails.
type Ticket struct {
	ID              transfer.ID
	Confirm, Answer string
}

// Offer requests the transfer of a profile and reads the codes in the mails.
func (w *World) Offer(id value.ProfileID, from Person, to value.Email) Ticket {
	w.Helper()
	t, err := w.Transfers.Request(
		w.Context(),
		from.Client(operation.TransferRequest),
		service.ProfileRef{ID: id},
		transfers.Request{
			Email:       string(to),
			Credentials: service.Credentials{Password: Password},
		},
	)
	w.OK(err)
	ticket := Ticket{ID: t.ID}
	for _, m := range w.Mail(from.Email) {
		if m.Data["ticket"] == string(t.ID) && m.Kind == mailing.KindTransferRequested {
			ticket.Confirm = m.Data["code"]
		}
	}
	for _, m := range w.Mail(to) {
		if m.Data["ticket"] == string(t.ID) && m.Data["code"] != "" {
			ticket.Answer = m.Data["code"]
		}
	}
	return ticket
}

// Move transfers a profile, as all who take part in it do, and returns the
// ticket.
func (w *World) Move(id value.ProfileID, from, to, agent Person) transfer.ID {
	w.Helper()
	t := w.Offer(id, from, to.Email)
	_, err := w.Transfers.Confirm(
		w.Context(),
		from.Client(operation.TransferConfirm),
		t.ID,
		t.Confirm,
		service.Credentials{Password: Password},
	)
	w.OK(err)
	_, err = w.Desk.Approve(w.Context(), agent.Client(operation.DeskApprove), t.ID)
	w.OK(err)
	moved, err := w.Transfers.Accept(
		w.Context(),
		to.Client(operation.TransferAccept),
		t.ID,
		t.Answer,
		service.Credentials{Password: Password},
		transfer.Acceptance{},
	)
	w.OK(err)
	if moved.State != transfer.Completed {
		w.Fatalf("the transfer %s is %s, waiting for %q", t.ID, moved.State, moved.Waiting)
	}
	return t.ID
}

// Secure changes an account as a new password, address or second factor does,
// as far as transfers look at it.
func (w *World) Secure(p Person) {
	w.Helper()
	batch := w.Store.Batch()
	account := batch.Account(p.ID)
	w.OK(batch.Get(w.Context()))
	account.Value.CredentialsChanged = w.Now()
	tx := w.Store.Begin()
	tx.UpdateAccount(account.Value)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
}
