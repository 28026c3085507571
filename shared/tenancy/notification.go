package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// NotificationID identifies a notification, 24 hexadecimal digits that follow
// its time.
type NotificationID string

// ParseNotificationID accepts 24 lower-case hexadecimal digits; anything else
// is CodeNotFound.
func ParseNotificationID(s string) (NotificationID, error) {
	if !value.IsID(s) {
		return "", problem.NotFound("Notification")
	}
	return NotificationID(s), nil
}

// NotificationLife is how long a notification is kept.
const NotificationLife = 90 * 24 * time.Hour

// NotificationType says what a notification is about, in the words of older
// clients.
type NotificationType string

const (
	// the account itself, and what is in no other type
	NotificationAccount NotificationType = "tago"
	NotificationProfile NotificationType = "profile"     // who has a profile, and who its team are
	NotificationLimit   NotificationType = "limit_alert" // a limit that is near
)

// ParseNotificationType accepts the types that there are, and those of the
// original that nothing here is of. Errors: CodeInvalid.
func ParseNotificationType(s NotificationType) error {
	_, err := value.OneOf(
		"type",
		string(s),
		"tago",
		"profile",
		"limit_alert",
		"dashboard",
		"bucket",
		"analysis",
	)
	return err
}

// Notification is a message in an account's panel.
type Notification struct {
	ID      NotificationID
	Account value.AccountID
	Title   string
	Message string
	Type    NotificationType // see Kind
	// Ref is the id of the profile that it is about, or the ticket of a
	// transfer; empty for none that its account could look at.
	Ref     string
	Read    bool
	Created time.Time
	// Alert is what Title and Message say of a limit that is near; nil in
	// notifications about anything else.
	Alert *LimitAlert

	// Invitation is the code of the invitation that the notification's two
	// buttons answer, empty for a notification without.
	Invitation value.CodeID
	// Open says that the invitation can still be answered. It is not kept: a
	// list asks the invitation itself.
	Open bool
}

// LimitAlert is a threshold that a profile passed, as its owner was told.
type LimitAlert struct {
	billing.ThresholdAlert
	Profile string    // the name that the profile had
	Resets  time.Time // when the count begins again; zero for a level
}

// The buttons of a notification that carries an invitation.
const (
	ButtonAccept = "accept"
	ButtonRefuse = "refuse"
)

// As returns the notification as one of a type.
func (n Notification) As(t NotificationType) Notification {
	n.Type = t
	return n
}

// About returns the notification as one about a profile or a transfer.
func (n Notification) About(ref string) Notification {
	n.Ref = ref
	return n
}

// Near returns the notification as one about a limit that is near.
func (n Notification) Near(a LimitAlert) Notification {
	n.Type, n.Alert = NotificationLimit, &a
	return n
}

// Kind is the type of the notification. One that has none is about the account,
// or about the profile of its invitation.
func (n Notification) Kind() NotificationType {
	switch {
	case n.Type != "":
		return n.Type
	case n.Invitation != "":
		return NotificationProfile
	}
	return NotificationAccount
}

// Kept reports whether the notification is still shown.
func (n Notification) Kept(
	now time.Time,
) bool {
	return now.Before(n.Created.Add(NotificationLife))
}

// Bounds of a notification that a client makes, in characters.
const (
	MaxTitle   = 100
	MaxMessage = 2000
)

// NewNotification returns a notification that an account makes for itself.
// Errors: CodeInvalid naming the field.
func NewNotification(
	id NotificationID,
	a value.AccountID,
	title, message string,
	read bool,
	now time.Time,
) (Notification, error) {
	title, err := value.CleanText("title", title, 1, MaxTitle)
	if err != nil {
		return Notification{}, err
	}
	if message, err = value.CleanLines("message", message, 1, MaxMessage); err != nil {
		return Notification{}, err
	}
	return Notification{
		ID:      id,
		Account: a,
		Title:   title,
		Message: message,
		Read:    read,
		Created: now,
	}, nil
}
