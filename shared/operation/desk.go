package operation

import (
	"context"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/transfer"
)

var DeskList = Operation{
	Name:    "desk-list",
	Tag:     "Support desk",
	Summary: "Lists the open transfers for support, oldest first, with their age against the target.",
	Routes:  []Route{{"GET", "/desk/transfer"}},
	Access:  AgentRead,
	Call:    pages[httpapi.Paging, queueRow](deskList),
	Example: Example{Path: "/desk/transfer"},
}

// queueRow is an open transfer in the queue of support.
type queueRow struct {
	transferRow
	Turn []transfer.Party `json:"turn"` // the sides that must act next
	// how long ago the transfer was requested, in minutes
	Age int `json:"age_minutes"`
	// the target for a decision of support, in minutes
	Target int  `json:"target_minutes"`
	Late   bool `json:"late"` // whether support is past that target
}

func deskList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q httpapi.Paging,
) ([]queueRow, string, error) {
	queue, err := s.Desk.List(ctx, r.client, paging(q))
	rows := make([]queueRow, len(queue.Rows))
	for i, q := range queue.Rows {
		rows[i] = queueRow{
			rowOf(
				q.Transfer,
				transfer.PartySupport,
			),
			append([]transfer.Party{}, q.Turn...),
			int(q.Age / time.Minute),
			int(transfer.DeskTarget / time.Minute),
			q.Late,
		}
	}
	return rows, queue.Next, err
}

var DeskGet = Operation{
	Name:    "desk-get",
	Tag:     "Support desk",
	Summary: "Returns a transfer for support: prerequisites, both accounts' facts, timeline.",
	Routes:  []Route{{"GET", "/desk/transfer/{ticket}"}},
	Access:  AgentRead,
	Call:    get[transferView](deskGet),
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD"},
}

func deskGet(ctx context.Context, s *service.Services, r *request) (transferView, error) {
	id, err := r.ticket()
	if err != nil {
		return transferView{}, err
	}
	v, err := s.Desk.Get(ctx, r.client, id)
	return transferOf(v), err
}

var DeskApprove = Operation{
	Name: "desk-approve", Tag: "Support desk", Summary: "Approves a transfer for support.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/approve"}}, Access: Agent,
	Call:    bare[transferStep](deskApprove),
	Refuses: []problem.Reason{problem.ReasonTransferOver},
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/approve"},
}

func deskApprove(ctx context.Context, s *service.Services, r *request) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Desk.Approve(ctx, r.client, id)
	return stepOf(t, "Transfer approved"), err
}

var DeskReject = Operation{
	Name:    "desk-reject",
	Tag:     "Support desk",
	Summary: "Rejects a transfer for support, with a reason that both sides read.",
	Routes:  []Route{{"POST", "/desk/transfer/{ticket}/reject"}},
	Access:  Agent,
	Remedy:  true,
	Call:    strict[rejectionBody, transferStep](deskReject),
	Example: Example{
		Path: "/desk/transfer/TR-7K3M-92QD/reject",
		Body: `{"reason": "The company behind the address could not be reached."}`,
	},
}

type rejectionBody struct {
	Reason string `json:"reason" is:"long_text,required"` // the reason, which both sides read
}

func deskReject(
	ctx context.Context,
	s *service.Services,
	r *request,
	b rejectionBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Desk.Reject(ctx, r.client, id, b.Reason)
	return stepOf(t, "Transfer rejected"), err
}

var DeskNote = Operation{
	Name:    "desk-note",
	Tag:     "Support desk",
	Summary: "Sends the owner a message or a question by mail, or records the owner's answer.",
	Routes:  []Route{{"POST", "/desk/transfer/{ticket}/note"}},
	Access:  Agent,
	Call:    strict[noteBody, transferStep](deskNote),
	Example: Example{
		Path: "/desk/transfer/TR-7K3M-92QD/note",
		Body: `{"kind": "question", "text": "Does the contract for the plant move too?"}`,
	},
}

type noteBody struct {
	Kind string `json:"kind" is:"note_kind,required"` // note, question or answer
	// the text of the message, question or answer
	Text string `json:"text" is:"long_text,required"`
}

func deskNote(
	ctx context.Context,
	s *service.Services,
	r *request,
	b noteBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Desk.Note(ctx, r.client, id, b.Kind, b.Text)
	return stepOf(t, "Entry added"), err
}

var DeskExtend = Operation{
	Name:    "desk-extend",
	Tag:     "Support desk",
	Summary: "Extends an open transfer to its full time again.",
	Routes:  []Route{{"POST", "/desk/transfer/{ticket}/extend"}},
	Access:  Agent,
	Call:    bare[transferStep](deskExtend),
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/extend"},
}

func deskExtend(ctx context.Context, s *service.Services, r *request) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Desk.Extend(ctx, r.client, id)
	return stepOf(t, "Transfer extended"), err
}

var DeskRevert = Operation{
	Name:    "desk-revert",
	Tag:     "Support desk",
	Summary: "Agrees to take a completed transfer back; two support accounts must agree.",
	Routes:  []Route{{"POST", "/desk/transfer/{ticket}/revert"}},
	Access:  Agent,
	Remedy:  true,
	Call:    bare[transferStep](deskRevert),
	Refuses: []problem.Reason{problem.ReasonTransferOpen, problem.ReasonTransferFinal},
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/revert"},
}

func deskRevert(ctx context.Context, s *service.Services, r *request) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Desk.Revert(ctx, r.client, id)
	return stepOf(t, "You approve taking the transfer back"), err
}
