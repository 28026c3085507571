package operation

import (
	"context"
	"time"

	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var DeskList = Operation{
	Name: "desk-list", Tag: "Support desk", Summary: "Lists the open transfers for support agents, oldest first, with their age against the target.",
	Routes: []Route{{"GET", "/desk/transfer"}}, Access: AgentRead, params: []string{"page", "amount"}, answer: deskList,
	Example: Example{Path: "/desk/transfer"},
}

// queueRow is an open transfer in the desk's queue. Ages are in minutes.
type queueRow struct {
	transferRow
	Turn   []tenancy.Party `json:"turn"`
	Age    int             `json:"age_minutes"`
	Target int             `json:"target_minutes"`
	Late   bool            `json:"late"`
}

func deskList(ctx context.Context, s *service.Services, r *request) (any, error) {
	list, err := parseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	queue, err := s.Desk.List(ctx, r.client, list.Page, list.Amount)
	rows := make([]queueRow, len(queue))
	for i, q := range queue {
		rows[i] = queueRow{
			rowOf(q.Transfer, tenancy.PartySupport), append([]tenancy.Party{}, q.Turn...), int(q.Age / time.Minute), int(tenancy.DeskTarget / time.Minute), q.Late,
		}
	}
	return rows, err
}

var DeskGet = Operation{
	Name: "desk-get", Tag: "Support desk", Summary: "Returns a transfer to support agents: prerequisites, both accounts' facts, timeline.",
	Routes: []Route{{"GET", "/desk/transfer/{ticket}"}}, Access: AgentRead, answer: deskGet,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD"},
}

func deskGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	v, err := s.Desk.Get(ctx, r.client, id)
	return transferOf(v), err
}

var DeskApprove = Operation{
	Name: "desk-approve", Tag: "Support desk", Summary: "Approves a transfer for the support desk.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/approve"}}, Access: Agent, answer: deskApprove,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/approve"},
}

func deskApprove(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	if err := r.decodeNothing(); err != nil {
		return nil, err
	}
	t, err := s.Desk.Approve(ctx, r.client, id)
	return stepOf(t, "Transfer approved"), err
}

var DeskReject = Operation{
	Name: "desk-reject", Tag: "Support desk", Summary: "Rejects a transfer for the support desk, with a reason that both sides read.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/reject"}}, Access: Agent, Remedy: true, answer: deskReject,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/reject", Body: `{"reason": "The company behind the address could not be reached."}`},
}

func deskReject(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	var b struct {
		Reason string `json:"reason"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	t, err := s.Desk.Reject(ctx, r.client, id, b.Reason)
	return stepOf(t, "Transfer rejected"), err
}

var DeskNote = Operation{
	Name: "desk-note", Tag: "Support desk", Summary: "Tells or asks the owner something by mail, or records the owner's answer.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/note"}}, Access: Agent, answer: deskNote,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/note", Body: `{"kind": "question", "text": "Does the contract for the plant move too?"}`},
}

func deskNote(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	var b struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	t, err := s.Desk.Note(ctx, r.client, id, b.Kind, b.Text)
	return stepOf(t, "Entry added"), err
}

var DeskExtend = Operation{
	Name: "desk-extend", Tag: "Support desk", Summary: "Gives an open transfer its full time again.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/extend"}}, Access: Agent, answer: deskExtend,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/extend"},
}

func deskExtend(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	if err := r.decodeNothing(); err != nil {
		return nil, err
	}
	t, err := s.Desk.Extend(ctx, r.client, id)
	return stepOf(t, "Transfer extended"), err
}

var DeskRevert = Operation{
	Name: "desk-revert", Tag: "Support desk", Summary: "Is one agent's word for taking a completed transfer back; it takes two.",
	Routes: []Route{{"POST", "/desk/transfer/{ticket}/revert"}}, Access: Agent, Remedy: true, answer: deskRevert,
	Example: Example{Path: "/desk/transfer/TR-7K3M-92QD/revert"},
}

func deskRevert(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	if err := r.decodeNothing(); err != nil {
		return nil, err
	}
	t, err := s.Desk.Revert(ctx, r.client, id)
	return stepOf(t, "You approve taking the transfer back"), err
}
