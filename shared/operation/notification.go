package operation

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var NotificationList = Operation{
	Name: "notification-list", Summary: "Lists the notifications of the account, newest first.",
	Routes: []Route{{"GET", "/notification"}}, Slash: true, Access: Read, Zones: true, answer: notificationList,
}

func notificationList(ctx context.Context, s *service.Services, r *request) (any, error) {
	list, err := httpapi.ParseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	q := service.NotificationQuery{Page: list.Page, Amount: list.Amount, Text: list.Filter["title"]}
	if list.OrderBy != "" {
		if list.OrderBy != "created_at" {
			return nil, tenancy.Invalid("orderBy must be created_at, with the direction asc or desc")
		}
		q.OldestFirst = !list.Descending
	}
	// One SDK sends the filter as filter[read], its examples send read alone.
	values, _ := url.ParseQuery(r.URL.RawQuery)
	read := list.Filter["read"]
	if read == "" {
		read = values.Get("read")
	}
	switch strings.ToLower(read) {
	case "":
	case "true", "false":
		only := strings.EqualFold(read, "true")
		q.Read = &only
	default:
		return nil, tenancy.Invalid("read must be true or false")
	}
	notifications, err := s.Notifications.List(ctx, r.client, q)
	if err != nil {
		return nil, err
	}
	rows := make([]notificationRow, len(notifications))
	for i, n := range notifications {
		rows[i] = notificationRow{
			ID: n.ID, Title: n.Title, Message: n.Message, Read: n.Read, Created: isoTime(n.Created),
			Buttons: []notificationButton{}, Enabled: n.Open, AutoDisable: n.Invitation != "",
		}
		if n.Invitation != "" {
			rows[i].Buttons = []notificationButton{
				{tenancy.ButtonAccept, "Accept", []shareTrigger{{tenancy.ButtonAccept}}},
				{tenancy.ButtonRefuse, "Refuse", []shareTrigger{{tenancy.ButtonRefuse}}},
			}
		}
	}
	return rows, nil
}

type notificationRow struct {
	ID          tenancy.NotificationID `json:"id"`
	Title       string                 `json:"title"`
	Message     string                 `json:"message"`
	Read        bool                   `json:"read"`
	Created     string                 `json:"created_at"`
	Icon        *struct{}              `json:"icon"` // null: notifications have none here
	Buttons     []notificationButton   `json:"buttons"`
	Enabled     bool                   `json:"buttons_enabled"`
	AutoDisable bool                   `json:"buttons_autodisable"`
}

type notificationButton struct {
	ID       string         `json:"id"`
	Label    string         `json:"label"`
	Triggers []shareTrigger `json:"triggers"`
}

type shareTrigger struct {
	ShareProfile string `json:"share_profile"`
}

var NotificationCreate = Operation{
	Name: "notification-create", Summary: "Adds a notification for the own account.",
	Routes: []Route{{"POST", "/notification"}}, Access: Write, answer: notificationCreate,
}

func notificationCreate(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Title   string            `json:"title"`
		Message string            `json:"message"`
		Read    bool              `json:"read"`
		Buttons []json.RawMessage `json:"buttons"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	// What a button triggers runs in the data plane, which this service does not have; calling any address would be a hole.
	if len(b.Buttons) > 0 {
		return nil, tenancy.Invalid("buttons are not offered here: leave them out")
	}
	id, err := s.Notifications.Create(ctx, r.client, b.Title, b.Message, b.Read)
	return struct {
		ID tenancy.NotificationID `json:"id"`
	}{id}, err
}

var NotificationRead = Operation{
	Name: "notification-read", Summary: "Marks notifications as read or unread.",
	Routes: []Route{{"PUT", "/notification/read"}}, Access: Write, answer: notificationRead,
}

func notificationRead(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		IDs  []string `json:"notification_ids"`
		Read *bool    `json:"read"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	ids := make([]tenancy.NotificationID, len(b.IDs))
	for i, text := range b.IDs {
		id, err := tenancy.ParseNotificationID(text)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	// Old SDKs know no unread and leave read out.
	return "TagoIO Notification Run Successfully Updated", s.Notifications.Mark(ctx, r.client, ids, b.Read == nil || *b.Read)
}

var NotificationReadAll = Operation{
	Name: "notification-read-all", Summary: "Marks all notifications of the account as read.",
	Routes: []Route{{"PUT", "/notification/markallread"}}, Access: Write, answer: notificationReadAll,
}

func notificationReadAll(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "All TagoIO Notification Run Successfully Updated", s.Notifications.MarkAll(ctx, r.client)
}

var NotificationPress = Operation{
	Name: "notification-press", Summary: "Presses a button of a notification: accepts or refuses the invitation it carries.",
	Routes: []Route{{"PUT", "/notification/{id}/{button}"}, {"POST", "/notification/accept/{id}"}, {"POST", "/notification/refuse/{id}"}},
	Access: Write, answer: notificationPress,
}

func notificationPress(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := tenancy.ParseNotificationID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	button := r.PathValue("button")
	if button == "" {
		// The older routes have the button's name in front of the id.
		button = strings.Split(r.URL.Path, "/")[2]
	}
	done := invitationDeclined
	if button == tenancy.ButtonAccept {
		done = invitationAccepted
	}
	return done, s.Notifications.Press(ctx, r.client, id, button)
}

var NotificationDelete = Operation{
	Name: "notification-delete", Summary: "Deletes a notification.",
	Routes: []Route{{"DELETE", "/notification/{id}"}}, Access: Full, answer: notificationDelete,
}

func notificationDelete(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := tenancy.ParseNotificationID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return "Successfully Removed", s.Notifications.Delete(ctx, r.client, id)
}
