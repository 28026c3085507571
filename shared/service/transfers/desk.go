package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// Desk is what the support desk does with transfers. For anybody but its agents
// it does not exist (CodeNotFound).
type Desk struct {
	*core.Base
	transfers Service
}

// NewDesk returns what the support desk does.
func NewDesk(on *core.Base, transfers Service) Desk { return Desk{on, transfers} }

// authorizeAgent authorizes an agent's request, and reads a transfer that the
// agent has no part in.
func (s Desk) authorizeAgent(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
) (access.Caller, transfer.Transfer, error) {
	who, t, err := authorizeTransfer(ctx, s.Access, c, id, nil)
	if err == nil {
		err = t.Impartial(who.Account)
	}
	return who, t, err
}

// Queued is an open transfer in the desk's queue.
type Queued struct {
	transfer.Transfer
	// Turn are the parties that must act next, as far as the transfer alone
	// shows.
	Turn []transfer.Party
	Age  time.Duration
	Late bool // older than transfer.DeskTarget, and the desk has not decided
}

// List returns the open transfers, oldest first, at most 100 of them. Errors:
// those of every request with a token; CodeNotFound for anybody but agents;
// CodeInvalid naming the parameter.
func (s Desk) List(
	ctx context.Context, c access.Client, p core.Paging,
) (list core.List[Queued], err error) {
	if err := p.Check(isPosition); err != nil {
		return list, err
	}
	if _, err := s.Access.AuthorizeAccount(ctx, c, nil); err != nil {
		return list, err
	}
	now := s.Instant()
	p.Amount = min(p.Amount, maxListed)
	rows, err := core.ReadList(p, false,
		func(pageSize int) func(func(store.TransferRow, error) bool) {
			walk := store.Walk{PageSize: pageSize, After: p.After}
			return s.Store.QueuedTransfers(ctx, walk)
		}, every, store.TransferCursor)
	if err != nil {
		return list, err
	}
	list.Next = rows.Next
	transfers, err := Read(ctx, s.Store, tickets(rows.Rows))
	for _, t := range transfers {
		if t.Open(now) {
			age := now.Sub(t.Created)
			list.Rows = append(
				list.Rows,
				Queued{
					t,
					t.WaitingOn(nil, now),
					age,
					age > transfer.DeskTarget && !t.Gates(nil).Support,
				},
			)
		}
	}
	return list, err
}

// Get returns a transfer with everything that the desk checks. Errors: as List;
// CodeNotFound for a ticket that is none; CodeForbidden for an agent's own.
func (s Desk) Get(ctx context.Context, c access.Client, id transfer.ID) (View, error) {
	_, t, err := s.authorizeAgent(ctx, c, id)
	if err != nil {
		return View{}, err
	}
	given, err := s.transfers.loadFor(ctx, t, transfer.PartySupport)
	return view(given, transfer.PartySupport, s.Instant()), err
}

// Approve gives the desk's word. When it is the last that was missing, the
// profile moves with it. Errors: as Get; CodeForbidden without full permission;
// CodeConflict for a transfer that has ended.
func (s Desk) Approve(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
) (transfer.Transfer, error) {
	return s.decide(ctx, c, id, verb{
		audit: "Transfer approved by support",
		do:    approve,
		told:  "Support has approved the transfer %s of the profile %s.",
	})
}

func approve(
	given transfer.Context,
	agent tenancy.Account,
	now time.Time,
) (transfer.Transfer, error) {
	return given.Transfer.Approve(agent, now)
}

// Reject ends a transfer, with a reason that both sides read. Errors: as
// Approve; CodeInvalid without a reason.
func (s Desk) Reject(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	reason string,
) (transfer.Transfer, error) {
	reason, err := transfer.ParseText("reason", reason, true)
	if err != nil {
		return transfer.Transfer{}, err
	}
	return s.decide(ctx, c, id, verb{
		audit: "Transfer rejected by support",
		do: func(
			given transfer.Context, agent tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Reject(agent, reason, now)
		},
	})
}

// Note tells the owner something, asks for something, or records what the owner
// answered: kind is note, question or answer. The first two go out by mail.
// Errors: as Approve; CodeInvalid for another kind, and without a text.
func (s Desk) Note(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	kind, text string,
) (transfer.Transfer, error) {
	what := transfer.EventKind(kind)
	switch what {
	case transfer.EventNote, transfer.EventQuestion, transfer.EventAnswer:
	default:
		return transfer.Transfer{}, problem.InvalidField(
			"kind",
			problem.FieldChoice,
			"must be note, question or answer",
		)
	}
	text, err := transfer.ParseText("text", text, true)
	if err != nil {
		return transfer.Transfer{}, err
	}
	return s.decide(ctx, c, id, verb{
		audit: "Entry of support in the transfer: " + kind,
		do: func(
			given transfer.Context, agent tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Note(agent, what, text, now)
		},
		tell: func(tx *store.Tx, given transfer.Context, now time.Time) {
			s.transfers.notifyNote(tx, given, what, text, now)
		},
	})
}

// Extend gives an open transfer its full time again; both sides are told.
// Errors: as Approve; CodeForbidden when it cannot live longer.
func (s Desk) Extend(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
) (transfer.Transfer, error) {
	return s.decide(ctx, c, id, verb{
		audit: "Transfer extended by support",
		do: func(
			given transfer.Context, agent tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Extend(agent, now)
		},
		tell: s.transfers.notifyExtended,
	})
}

// Revert is the word of one agent for taking a completed transfer back; a
// second agent's, or that of both sides, brings the profile back. Errors: as
// Approve; CodeForbidden for a transfer that cannot be taken back, or not any
// more.
func (s Desk) Revert(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
) (transfer.Transfer, error) {
	return flow.RetryOnConflict(ctx, func() (transfer.Transfer, error) {
		who, original, err := s.authorizeAgent(ctx, c, id)
		if err != nil {
			return original, err
		}
		return s.transfers.revert(ctx, c, who, original, transfer.PartySupport, nil, verb{
			agent: true,
			audit: "Return of the profile approved by support",
			do:    approve,
			told:  "An agent of support approves %s, which takes back the transfer of the profile %s.",
		})
	})
}

func (s Desk) decide(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	v verb,
) (transfer.Transfer, error) {
	return flow.RetryOnConflict(ctx, func() (transfer.Transfer, error) {
		who, t, err := s.authorizeAgent(ctx, c, id)
		if err != nil {
			return t, err
		}
		v.agent = true
		return s.transfers.act(ctx, c, who, t, nil, v)
	})
}
