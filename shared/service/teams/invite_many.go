package teams

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// MaxInvited is how many addresses one request invites.
const MaxInvited = 20

// InviteMany is Invite for up to MaxInvited addresses, one after the other and
// each in a commit of its own. It returns for each address, in the same order,
// why it was not invited; nil: it was. An address that was invited with the
// same permission a moment ago is not mailed again and counts as invited, so
// that a repetition completes an interrupted request. Errors: those of every
// request to a profile; CodeForbidden for a member; CodeInvalid for the
// permission, for no address or too many, and for a text that is longer than an
// address.
func (s Service) InviteMany(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	addresses []string,
	o Offered,
) ([]error, error) {
	if _, err := o.parse(s.Instant().In(core.LastZone)); err != nil {
		return nil, err
	}
	if len(addresses) == 0 || len(addresses) > MaxInvited {
		return nil, problem.InvalidField(
			"emails",
			problem.FieldLength,
			"must have 1 to %d addresses",
			MaxInvited,
		).Bound(MaxInvited)
	}
	// The answer repeats each address, so a longer text is no row of it.
	for _, address := range addresses {
		if len(address) > value.MaxEmail {
			return nil, problem.InvalidField(
				"emails",
				problem.FieldLength,
				"must have addresses of at most %d characters",
				value.MaxEmail,
			).Bound(value.MaxEmail)
		}
	}
	refusals := make([]error, len(addresses))
	reached := false
	for i, address := range addresses {
		email, err := value.ParseNewEmail(address)
		if err != nil {
			refusals[i] = err
			continue
		}
		// The record of an Idempotency-Key is written with the answer: an
		// interrupted request has none, and is done again.
		admitted, err := s.invite(ctx, c, ref, email, o, true, (*store.Tx).CommitAside)
		if err != nil && !(admitted && isRefusal(err)) {
			return nil, err
		}
		refusals[i], reached = err, true
	}
	if !reached {
		// Whoever may not invite is not told what is wrong with the addresses.
		_, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
		return refusals, err
	}
	return refusals, nil
}

// justInvited reports whether the entry of the team for an earlier invitation
// of an address offers the same, and was mailed less than inviteCooldown ago. A
// span ends later in a later request, by no more than that.
func justInvited(before tenancy.Member, offer tenancy.Offer, now time.Time) bool {
	return !before.Active && before.Open(now) && before.Permission == offer.Permission &&
		before.Ends.Sub(offer.Ends).Abs() < inviteCooldown &&
		now.Before(before.Mailed().Add(inviteCooldown))
}

// isRefusal reports whether an error says what is wrong with an address. Others
// concern the whole request.
func isRefusal(err error) bool {
	switch problem.CodeOf(err) {
	case problem.CodeInvalid, problem.CodeForbidden, problem.CodeTooMany:
		return true
	}
	return false
}
