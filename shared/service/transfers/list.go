package transfers

import (
	"context"
	"strings"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Listed is a transfer in the list of one of its sides.
type Listed struct {
	transfer.Transfer
	Party transfer.Party
}

// maxListed is how many transfers a page of a list has at most.
const maxListed = 100

// A position in the list of an account begins with the part of it in which the
// transfer is: those that are offered come first.
const (
	amongOffered = "offered-"
	amongOwn     = "own-"
)

// isPosition reports whether a text is the position of a transfer.
func isPosition(s string) bool {
	ticket, ok := value.CutPosition(s)
	id, err := transfer.ParseID(ticket)
	return ok && err == nil && string(id) == ticket
}

// isPlace reports whether a text is a position in the list of an account.
func isPlace(s string) bool {
	offered, isOffered := strings.CutPrefix(s, amongOffered)
	own, isOwn := strings.CutPrefix(s, amongOwn)
	return isOffered && isPosition(offered) || isOwn && isPosition(own)
}

// every selects all transfers.
func every(store.TransferRow) bool { return true }

func tickets(rows []store.TransferRow) []transfer.ID {
	out := make([]transfer.ID, len(rows))
	for i, row := range rows {
		out[i] = row.Ticket
	}
	return out
}

// List returns the caller's transfers: those that wait for its answer, then its
// own and those it has answered, newest first, at most 100 of them. Errors:
// those of every request with a token; CodeInvalid naming the parameter.
func (s Service) List(
	ctx context.Context, c access.Client, p core.Paging,
) (list core.List[Listed], err error) {
	if err := p.Check(isPlace); err != nil {
		return list, err
	}
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return list, err
	}
	p.Amount = min(p.Amount, maxListed)
	walk := store.Walk{NewestFirst: true, PageSize: p.Want() + 1}
	ownAfter, own := strings.CutPrefix(p.After, amongOwn)
	var offers, others core.Page[store.TransferRow]
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		walk := walk
		if own {
			walk.After = ownAfter
		}
		rows := s.Store.TransfersOf(ctx, who.Account.ID, walk)
		others, err = core.ReadPage(rows, p.Want(), 0, every)
		return err
	}}
	if !own {
		reads = append(reads, func(ctx context.Context) (err error) {
			walk := walk
			walk.After = strings.TrimPrefix(p.After, amongOffered)
			rows := s.Store.TransfersOffered(ctx, who.Account.Email, walk)
			offers, err = core.ReadPage(rows, p.Want(), 0, every)
			return err
		})
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return list, err
	}
	rows := append(offers.Rows, others.Rows...)
	more := offers.More || others.More || len(rows) > p.Want()
	rows = rows[:min(p.Want(), len(rows))]
	if last := len(rows) - 1; more {
		in := amongOwn
		if last < len(offers.Rows) {
			in = amongOffered
		}
		list.Next = in + store.TransferCursor(rows[last])
	}
	transfers, err := Read(ctx, s.Store, tickets(core.On(p, rows)))
	for _, t := range transfers {
		if party := t.PartyOf(who.Account); party != "" {
			list.Rows = append(list.Rows, Listed{t, party})
		}
	}
	return list, err
}
