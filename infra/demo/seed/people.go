package seed

import (
	"context"
	"errors"
	"time"

	"profiles/infra/demo"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// office is the address that people of the history work from.
const office = "203.0.113.7"

// teams shares a profile of each with the other, and leaves an invitation that
// has expired and one that is open.
func (h *history) teams() {
	h.at(35*day, func(ctx context.Context) error {
		return h.join(ctx, h.nora, h.omar, h.profiles[greenhouse], "write")
	})
	h.at(34*day, func(ctx context.Context) error {
		return h.join(ctx, h.omar, h.nora, h.profiles[orchard], "read")
	})
	for ago, invited := range map[time.Duration]struct{ to, permission string }{
		20 * day: {"kim@example.com", "full"},
		2 * day:  {"ida@example.com", "read"},
	} {
		h.at(ago, func(ctx context.Context) error {
			return h.Teams.Invite(
				ctx,
				h.nora.to(operation.TeamInvite),
				service.ProfileRef{ID: h.profiles[greenhouse]},
				invited.to,
				teams.Offered{Permission: invited.permission},
			)
		})
	}
	h.at(20*day-tenancy.InvitationLife-time.Minute, func(ctx context.Context) error {
		_, err := h.Teams.Expire(ctx)
		return err
	})
}

// join has somebody invite another, who accepts a minute later.
func (h *history) join(
	ctx context.Context,
	by, who person,
	profile value.ProfileID,
	permission string,
) error {
	ref := service.ProfileRef{ID: profile}
	inviting := by.to(operation.TeamInvite)
	if err := h.Teams.Invite(ctx, inviting, ref, string(who.email),
		teams.Offered{Permission: permission}); err != nil {
		return err
	}
	*h.clock = h.clock.Add(time.Minute)
	if _, err := h.Outbox.Retry(ctx); err != nil {
		return err
	}
	code, err := h.mails.code(who.email, mailing.KindTeamInvited)
	if err != nil {
		return err
	}
	return h.Teams.Accept(ctx, who.to(operation.InvitationAccept), code)
}

// tokenStory is a token of somebody, and what happens to it.
type tokenStory struct {
	made       time.Duration // before the end, as all of its times
	by         *person
	profile    string
	name       string
	permission string
	expires    time.Duration // after the end; 0: never
	networks   []string
	uses       []time.Duration
	disabled   time.Duration // 0: never
}

// tokens makes tokens of every state.
func (h *history) tokens() {
	for _, t := range []tokenStory{
		{
			made: 38 * day, by: &h.nora, profile: greenhouse, name: "Gateways", permission: "write",
			networks: []string{"203.0.113.0/24"},
			uses:     []time.Duration{20 * day, day, 4 * time.Minute},
		},
		{
			made: 33 * day, by: &h.nora, profile: greenhouse, name: "Old script", permission: "full",
			uses: []time.Duration{25 * day}, disabled: 12 * day,
		},
		{
			made: 27 * day, by: &h.nora, profile: greenhouse, name: "Dashboard", permission: "read",
			expires: 3 * day, uses: []time.Duration{2 * day, 40 * time.Minute},
		},
		{
			made: 15 * day, by: &h.nora, profile: greenhouse, name: "Contractor", permission: "read",
			expires: 80 * day,
		},
		{
			made: 14 * day, by: &h.omar, profile: greenhouse, name: "Omar's sensors",
			permission: "write", expires: 76 * day, uses: []time.Duration{3 * time.Hour},
		},
		{
			made: 36 * day, by: &h.nora, profile: coldStore, name: "Freezers", permission: "write",
			uses: []time.Duration{9 * time.Minute},
		},
	} {
		h.token(t)
	}
}

func (h *history) token(t tokenStory) {
	var made tokens.Made
	ref := func() service.ProfileRef { return service.ProfileRef{ID: h.profiles[t.profile]} }
	h.at(t.made, func(ctx context.Context) (err error) {
		expires := "never"
		if t.expires != 0 {
			expires = h.end.Add(t.expires).Format(time.RFC3339)
		}
		n := t.by.token(ref().ID, t.name, t.permission, expires)
		if t.networks != nil {
			n.AllowList = &t.networks
		}
		made, err = h.Tokens.Create(ctx, t.by.to(operation.TokenCreate), n)
		return err
	})
	for _, ago := range t.uses {
		h.at(ago, func(ctx context.Context) error {
			gateway := clientOf(made.Text, "203.0.113.21", "gateway/2.4")
			_, err := h.Tokens.Info(ctx, gateway.For(operation.TokenInfo.Access))
			return err
		})
	}
	if t.disabled == 0 {
		return
	}
	h.at(t.disabled, func(ctx context.Context) error {
		disabled := true
		edit := tenancy.TokenEdit{Disabled: &disabled}
		by := t.by.to(operation.TokenEdit)
		return h.Tokens.Edit(ctx, by, ref(), string(made.ID), edit, service.Credentials{})
	})
}

// offer offers a profile to Omar. Nora has confirmed that; Omar and the support
// desk have not answered.
func (h *history) offer(ctx context.Context) error {
	proof := service.Credentials{Password: demo.Password}
	transfer, err := h.Transfers.Request(
		ctx,
		h.nora.to(operation.TransferRequest),
		service.ProfileRef{ID: h.profiles[archive]},
		transfers.Request{
			Credentials: proof,
			Email:       string(h.omar.email),
			Message:     "The archive goes with the orchard, as we said.",
		},
	)
	if err != nil {
		return err
	}
	*h.clock = h.clock.Add(10 * time.Minute)
	_, sent := h.Outbox.Retry(ctx)
	code, err := h.mails.code(h.nora.email, mailing.KindTransferRequested)
	if err := errors.Join(sent, err); err != nil {
		return err
	}
	nora := h.nora.to(operation.TransferConfirm)
	_, err = h.Transfers.Confirm(ctx, nora, transfer.ID, code, proof)
	return err
}
