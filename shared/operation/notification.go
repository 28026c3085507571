package operation

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var NotificationList = Operation{
	Name: "notification-list", Tag: "Notifications", Summary: "Lists the notifications of the account, newest first.",
	Routes: []Route{{"GET", "/notification"}}, Slash: true, Access: Read, Zones: true,
	// Beside those of a list, what older SDKs send; read stands in examples where newer ones send filter[read].
	params: []string{"page", "amount", "fields", "filter", "orderBy", "read", "type", "start_date", "end_date"}, answer: notificationList,
	Example: Example{Path: "/notification?page=1&amount=20&orderBy%5B0%5D=created_at&orderBy%5B1%5D=desc"},
}

var (
	notificationFilters = []string{"read", "type", "title"}
	notificationFields  = []string{
		"id", "title", "message", "type", "read", "created_at", "icon", "buttons", "buttons_enabled", "buttons_autodisable",
	}
)

func notificationList(ctx context.Context, s *service.Services, r *request) (any, error) {
	list, err := parseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if err := knownFields(list.Fields, notificationFields); err != nil {
		return nil, err
	}
	for name := range list.Filter {
		if !slices.Contains(notificationFilters, name) {
			return nil, tenancy.Invalid("filter[%s] is no filter of notifications: use one of %s", tenancy.Quoted(name), strings.Join(notificationFilters, ", ")).
				At("filter[" + tenancy.Quoted(name) + "]")
		}
	}
	text := texts(r.URL.RawQuery)
	// Newer SDKs filter by what older ones have as parameters.
	either := func(name string) string { return cmp.Or(list.Filter[name], text(name)) }
	for _, name := range []string{"read", "type"} {
		if one, other := list.Filter[name], text(name); one != "" && other != "" && !strings.EqualFold(one, other) {
			return nil, tenancy.Invalid("%s and filter[%s] are one parameter, and have different values: send one of them", name, name)
		}
	}
	q := service.NotificationQuery{
		Page: list.Page, Amount: list.Amount, Text: list.Filter["title"], Type: tenancy.NotificationType(either("type")), From: text("start_date"), To: text("end_date"),
	}
	if list.OrderBy != "" {
		if list.OrderBy != "created_at" {
			return nil, tenancy.InvalidField("orderBy", "must be created_at, with the direction asc or desc")
		}
		q.OldestFirst = !list.Descending
	}
	switch read := strings.ToLower(either("read")); read {
	case "":
	case "true", "false":
		only := read == "true"
		q.Read = &only
	default:
		return nil, tenancy.InvalidField("read", "must be true or false")
	}
	notifications, err := s.Notifications.List(ctx, r.client, q)
	if err != nil {
		return nil, err
	}
	rows := make([]any, len(notifications))
	for i, n := range notifications {
		row := notificationRow{
			ID: n.ID, Title: n.Title, Message: n.Message, Type: n.Kind(), Read: n.Read, Created: isoTime(n.Created),
			Buttons: []notificationButton{}, Enabled: n.Open, AutoDisable: n.Invitation != "",
		}
		if n.Invitation != "" {
			row.Buttons = []notificationButton{
				{tenancy.ButtonAccept, "Accept", []shareTrigger{{tenancy.ButtonAccept}}},
				{tenancy.ButtonRefuse, "Refuse", []shareTrigger{{tenancy.ButtonRefuse}}},
			}
		}
		rows[i] = onlyFields(row, list.Fields)
	}
	return rows, nil
}

type notificationRow struct {
	ID          tenancy.NotificationID   `json:"id"`
	Title       string                   `json:"title"`
	Message     string                   `json:"message"`
	Type        tenancy.NotificationType `json:"type"`
	Read        bool                     `json:"read"`
	Created     string                   `json:"created_at"`
	Icon        *struct{}                `json:"icon"` // null: notifications have none here
	Buttons     []notificationButton     `json:"buttons"`
	Enabled     bool                     `json:"buttons_enabled"`
	AutoDisable bool                     `json:"buttons_autodisable"`
}

// onlyFields is a row with the fields asked for, all of them when none are, and the id and the date in any case, as clients parse those.
func onlyFields(row any, fields []string) any {
	if len(fields) == 0 {
		return row
	}
	var all map[string]json.RawMessage
	encoded, err := json.Marshal(row)
	if err == nil {
		err = json.Unmarshal(encoded, &all)
	}
	if err != nil {
		panic(err) // a row is a struct of texts
	}
	for name := range all {
		if name != "id" && name != "created_at" && !slices.Contains(fields, name) {
			delete(all, name)
		}
	}
	return all
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
	Name: "notification-create", Tag: "Notifications", Summary: "Adds a notification for the own account.",
	Routes: []Route{{"POST", "/notification"}}, Access: Write, answer: notificationCreate,
	Example: Example{Path: "/notification", Body: `{"title": "Greenhouse", "message": "The window is open."}`},
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
		return nil, tenancy.InvalidField("buttons", "are not offered here: leave them out").For(tenancy.ReasonNotOffered)
	}
	id, err := s.Notifications.Create(ctx, r.client, b.Title, b.Message, b.Read)
	return struct {
		ID tenancy.NotificationID `json:"id"`
	}{id}, err
}

var NotificationRead = Operation{
	Name: "notification-read", Tag: "Notifications", Summary: "Marks notifications as read or unread.",
	Routes: []Route{{"PUT", "/notification/read"}}, Access: Write, answer: notificationRead,
	Example: Example{Path: "/notification/read", Body: `{"notification_ids": ["0123456789abcdef01234567"], "read": true}`},
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
	Name: "notification-read-all", Tag: "Notifications", Summary: "Marks all notifications of the account as read.",
	Routes: []Route{{"PUT", "/notification/markallread"}}, Access: Write, answer: notificationReadAll,
	Example: Example{Path: "/notification/markallread"},
}

func notificationReadAll(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "All TagoIO Notification Run Successfully Updated", s.Notifications.MarkAll(ctx, r.client)
}

var NotificationPress = Operation{
	Name: "notification-press", Tag: "Notifications", Summary: "Presses a button of a notification: accepts or refuses the invitation it carries.",
	Routes: []Route{{"PUT", "/notification/{id}/{button}"}, {"POST", "/notification/accept/{id}"}, {"POST", "/notification/refuse/{id}"}},
	Access: Write, Remedy: true, answer: notificationPress,
	Example: Example{Path: "/notification/0123456789abcdef01234567/accept"},
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
	Name: "notification-delete", Tag: "Notifications", Summary: "Deletes a notification.",
	Routes: []Route{{"DELETE", "/notification/{id}"}}, Access: Full, answer: notificationDelete,
	Example: Example{Path: "/notification/0123456789abcdef01234567"},
}

func notificationDelete(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := tenancy.ParseNotificationID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return "Successfully Removed", s.Notifications.Delete(ctx, r.client, id)
}
