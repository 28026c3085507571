package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// NotificationID identifies a notification: 24 hexadecimal digits, sorted by
// time.
type NotificationID string

// ParseNotificationID accepts 24 lower-case hexadecimal digits; anything else
// is CodeNotFound.
func ParseNotificationID(s string) (NotificationID, error) {
	if !value.IsID(s) {
		return "", problem.NotFound("Notification")
	}
	return NotificationID(s), nil
}

// NotificationLife is how long a notification is shown and stored.
const NotificationLife = 90 * 24 * time.Hour

// NotificationType says what a notification is about, in the words of the
// original.
type NotificationType string

const (
	// NotificationAccount is about the account, and about anything without a
	// type of its own.
	NotificationAccount NotificationType = "tago"
	NotificationProfile NotificationType = "profile"     // the owner of a profile, or its team
	NotificationLimit   NotificationType = "limit_alert" // usage that has passed a threshold of a limit
)

// ParseNotificationType accepts the types above, and those of the original that
// no notification here has. Errors: CodeInvalid.
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

// Notification is a text for an account, shown in the service itself.
type Notification struct {
	ID      NotificationID
	Account value.AccountID
	Title   string
	Message string
	Type    NotificationType // see Kind
	// Ref is the id of the profile that the notification is about, or the
	// ticket of a transfer. It is empty if the account cannot open either.
	Ref     string
	Read    bool
	Created time.Time
	// Alert has the facts of a threshold alert; nil in any other notification.
	Alert *LimitAlert

	// Invitation is the code of the invitation that the notification's actions
	// answer; empty for a notification without actions.
	Invitation value.CodeID
	// Open says that the invitation can still be answered. It is not stored: a
	// list reads the invitation.
	Open bool
}

// LimitAlert is a threshold alert with what its notification says of the
// profile.
type LimitAlert struct {
	billing.ThresholdAlert
	Profile string    // the name that the profile had
	Resets  time.Time // when the counter resets; zero for a level
}

// The actions of a notification with an invitation.
const (
	ButtonAccept = "accept"
	ButtonRefuse = "refuse"
)

// As returns the notification with a type.
func (n Notification) As(t NotificationType) Notification {
	n.Type = t
	return n
}

// About returns the notification with the profile's id, or the ticket of a
// transfer, that it is about.
func (n Notification) About(ref string) Notification {
	n.Ref = ref
	return n
}

// Near returns the notification as a threshold alert.
func (n Notification) Near(a LimitAlert) Notification {
	n.Type, n.Alert = NotificationLimit, &a
	return n
}

// Kind returns the type of the notification. Without a type it is
// NotificationProfile if it has an invitation, and NotificationAccount
// otherwise.
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

// MaxTitle and MaxMessage are the most characters of a notification that a
// client makes.
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
