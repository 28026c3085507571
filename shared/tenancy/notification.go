package tenancy

import (
	"time"
	"unicode"
	"unicode/utf8"
)

// NotificationID identifies a notification, 24 hexadecimal digits that follow its time.
type NotificationID string

// ParseNotificationID accepts 24 lower-case hexadecimal digits; anything else is CodeNotFound.
func ParseNotificationID(s string) (NotificationID, error) {
	if !isID(s) {
		return "", NotFound("Notification")
	}
	return NotificationID(s), nil
}

// NotificationLife is how long a notification is kept.
const NotificationLife = 90 * 24 * time.Hour

// Notification is a message in an account's panel.
type Notification struct {
	ID      NotificationID
	Account AccountID
	Title   string
	Message string
	Read    bool
	Created time.Time

	// Invitation is the code of the invitation that the notification's two buttons answer, empty for a notification without.
	Invitation CodeID
	// Open says that the invitation can still be answered. It is not kept: a list asks the invitation itself.
	Open bool
}

// The buttons of a notification that carries an invitation.
const (
	ButtonAccept = "accept"
	ButtonRefuse = "refuse"
)

// Kept reports whether the notification is still shown.
func (n Notification) Kept(now time.Time) bool { return now.Before(n.Created.Add(NotificationLife)) }

// Bounds of a notification that a client makes, in characters.
const (
	maxTitle   = 100
	maxMessage = 2000
)

// NewNotification returns a notification that an account makes for itself. Errors: CodeInvalid naming the field.
func NewNotification(id NotificationID, a AccountID, title, message string, read bool, now time.Time) (Notification, error) {
	title, err := cleanText("title", title, 1, maxTitle)
	if err != nil {
		return Notification{}, err
	}
	if n := utf8.RuneCountInString(message); n < 1 || n > maxMessage || !utf8.ValidString(message) {
		return Notification{}, Invalid("message must have 1 to %d characters", maxMessage)
	}
	for _, r := range message {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return Notification{}, Invalid("message must not contain control characters other than line breaks")
		}
	}
	return Notification{ID: id, Account: a, Title: title, Message: message, Read: read, Created: now}, nil
}
