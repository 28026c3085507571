package core

import (
	"fmt"

	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// UndeliverableInvitation is the notification of an owner that the mail of an
// invitation came back. invalid says that the address takes no mail.
func UndeliverableInvitation(
	profile value.ProfileID,
	e value.Email,
	invalid bool,
) tenancy.Notification {
	return undeliverable(
		"An invitation could not be delivered", string(profile), e, invalid,
		"Withdraw the invitation, and invite the right address.",
		"Send the invitation again later.",
	)
}

// UndeliverableOffer is the notification of an owner that the mail with the
// offer of a profile came back. invalid says that the address takes no mail.
func UndeliverableOffer(t transfer.ID, e value.Email, invalid bool) tenancy.Notification {
	return undeliverable(
		"The offer of the transfer "+string(t)+" could not be delivered", string(t), e, invalid,
		"Cancel the transfer, and request one to the right address.",
		"Whoever has the address can sign in, open the transfer, and have the mail sent again.",
	)
}

func undeliverable(
	title, about string,
	e value.Email,
	invalid bool,
	right, again string,
) tenancy.Notification {
	why, do := "its mailbox takes no mail for now", again
	if invalid {
		why, do = "the address takes no mail", right
	}
	return tenancy.Notification{
		Title:   title,
		Message: fmt.Sprintf("The mail to %s came back: %s. %s", e, why, do),
	}.As(tenancy.NotificationProfile).About(about)
}
