package operation

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/tenancy"
)

var NotificationList = Operation{
	Name:    "notification-list",
	Tag:     "Notifications",
	Summary: "Lists the notifications of the account, newest first.",
	Routes:  []Route{{"GET", "/notification"}},
	Slash:   true,
	Access:  Read,
	Zones:   true,
	Call:    pages[notificationQuery, notificationRow](notificationList),
	Refuses: []problem.Reason{problem.ReasonAnswerTooLarge},
	Example: Example{
		Path: "/notification?page=1&amount=20&orderBy%5B0%5D=created_at&orderBy%5B1%5D=desc",
	},
}

var (
	notificationFilters = []string{"read", "type", "title"}
	notificationFields  = []string{
		"id",
		"title",
		"message",
		"type",
		"ref_id",
		"read",
		"created_at",
		"usage",
		"icon",
		"buttons",
		"buttons_enabled",
		"buttons_autodisable",
	}
)

func notificationList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q notificationQuery,
) ([]notificationRow, string, error) {
	if err := knownFields(q.Fields, notificationFields); err != nil {
		return nil, "", err
	}
	for name := range q.Filter {
		if !slices.Contains(notificationFilters, name) {
			return nil, "", problem.Invalid(
				"filter[%s] is not a filter of notifications: use one of %s",
				problem.Quoted(name), problem.List(notificationFilters),
			).At("filter[" + problem.Quoted(name) + "]")
		}
	}
	// Older SDKs send parameters of their own, newer ones send filters.
	given := map[string]string{"read": q.Read, "type": q.Type}
	either := func(name string) string { return cmp.Or(q.Filter[name], given[name]) }
	for _, name := range []string{"read", "type"} {
		if one, other := q.Filter[name], given[name]; one != "" && other != "" &&
			!strings.EqualFold(one, other) {
			return nil, "", problem.Invalid(
				"%s and filter[%s] are one parameter, and have different values: send one of them",
				name,
				name,
			)
		}
	}
	wanted := notifications.Query{
		Paging: paging(q.Paging),
		Text:   q.Filter["title"],
		Type:   tenancy.NotificationType(either("type")),
		From:   q.Start,
		To:     q.End,
	}
	if q.OrderBy != "" {
		if q.OrderBy != "created_at" {
			return nil, "", problem.InvalidField(
				"orderBy",
				problem.FieldChoice,
				"must be created_at, with the direction asc or desc",
			)
		}
		wanted.OldestFirst = !q.Descending
	}
	switch read := strings.ToLower(either("read")); read {
	case "":
	case "true", "false":
		only := read == "true"
		wanted.Read = &only
	default:
		return nil, "", problem.InvalidField("read", problem.FieldChoice, "must be true or false")
	}
	notifications, err := s.Notifications.List(ctx, r.client, wanted)
	if err != nil {
		return nil, "", err
	}
	rows := make([]notificationRow, len(notifications.Rows))
	for i, n := range notifications.Rows {
		buttons := []notificationButton{}
		if n.Invitation != "" {
			buttons = []notificationButton{
				{tenancy.ButtonAccept, "Accept", []shareTrigger{{tenancy.ButtonAccept}}},
				{tenancy.ButtonRefuse, "Refuse", []shareTrigger{{tenancy.ButtonRefuse}}},
			}
		}
		rows[i] = httpapi.Only(notificationRow{
			ID:          n.ID,
			Created:     isoTime(n.Created),
			Title:       httpapi.Some(n.Title),
			Message:     httpapi.Some(n.Message),
			Type:        httpapi.Some(n.Kind()),
			Ref:         httpapi.Some(orNull(n.Ref)),
			Read:        httpapi.Some(n.Read),
			Usage:       alertUsage(n.Alert),
			Icon:        httpapi.Some[none](nil),
			Buttons:     httpapi.Some(buttons),
			Enabled:     httpapi.Some(n.Open),
			AutoDisable: httpapi.Some(n.Invitation != ""),
		}, q.Fields)
	}
	return rows, notifications.Next, nil
}

// notificationQuery has the parameters of a list, including those of older
// SDKs.
type notificationQuery struct {
	httpapi.List
	// whether the notifications are read; older clients send this in place of
	// filter[read]
	Read string `query:"read" is:"flag"`
	// the type of the notifications; older clients send this in place of
	// filter[type]
	Type string `query:"type" is:"notification_type"`
	// the first day, or the first instant, in the time zone of the account
	Start string `query:"start_date" is:"date"`
	// the last day, or the last instant, in the time zone of the account
	End string `query:"end_date"   is:"date"`
}

// notificationRow is a notification. It always has its id and date, even if the
// request asks for other fields only, because clients parse them.
type notificationRow struct {
	ID tenancy.NotificationID `json:"id"` // the id of the notification
	// the title of the notification
	Title httpapi.Optional[string] `json:"title,omitzero" is:"text"`
	// the text of the notification
	Message httpapi.Optional[string] `json:"message,omitzero" is:"text"`
	// the subject of the notification
	Type httpapi.Optional[tenancy.NotificationType] `json:"type,omitzero"`
	// the id of the profile or of the transfer that the notification is about;
	// null for neither
	Ref     httpapi.Optional[*string] `json:"ref_id,omitzero" is:"text"`
	Read    httpapi.Optional[bool]    `json:"read,omitzero"`        // whether the notification is read
	Created string                    `json:"created_at" is:"time"` // when the notification was sent
	// what the title and the message say of a limit that is near, for programs
	// that write numbers and times themselves; absent in others
	Usage httpapi.Optional[notificationUsage] `json:"usage,omitzero"`
	// always null: notifications have none here
	Icon httpapi.Optional[none] `json:"icon,omitzero"`
	// the actions that the notification offers
	Buttons httpapi.Optional[[]notificationButton] `json:"buttons,omitzero"`
	// whether the buttons can be used
	Enabled httpapi.Optional[bool] `json:"buttons_enabled,omitzero"`
	// whether using one button disables all of them
	AutoDisable httpapi.Optional[bool] `json:"buttons_autodisable,omitzero"`
}

// notificationUsage is the use of a service of the profile that ref_id names,
// at the moment when it came near the limit.
type notificationUsage struct {
	Profile string  `json:"profile"  is:"text"`    // the name that the profile had
	Service string  `json:"service"  is:"service"` // the service
	Percent int64   `json:"percent"`               // how many percent of the limit the usage has passed
	Used    float64 `json:"used"`                  // how much was used
	Limit   float64 `json:"limit"`                 // the limit of the profile
	// when counting starts from zero again; null for a level
	Reset *string `json:"reset_at" is:"time"`
}

func alertUsage(a *tenancy.LimitAlert) (none httpapi.Optional[notificationUsage]) {
	if a == nil {
		return none
	}
	return httpapi.Some(notificationUsage{
		Profile: a.Profile,
		Service: a.Service.String(),
		Percent: a.Percent,
		Used:    a.Service.Units(a.Used),
		Limit:   a.Service.Units(a.Limit),
		Reset:   timeOrNull(a.Resets),
	})
}

type notificationButton struct {
	ID       string         `json:"id"       is:"text"` // the id of the button
	Label    string         `json:"label"    is:"text"` // the text on the button
	Triggers []shareTrigger `json:"triggers"`           // the effect of using the button
}

type shareTrigger struct {
	// whether the invitation is accepted or refused
	ShareProfile string `json:"share_profile" is:"text"`
}

var NotificationCreate = Operation{
	Name:    "notification-create",
	Tag:     "Notifications",
	Summary: "Creates a notification for the account itself.",
	Routes:  []Route{{"POST", "/notification"}},
	Access:  Write,
	Call:    call[newNotificationBody, newNotificationView](notificationCreate),
	Refuses: []problem.Reason{problem.ReasonNotOffered},
	Example: Example{
		Path: "/notification",
		Body: `{"title": "Greenhouse", "message": "The window is open."}`,
	},
}

type newNotificationBody struct {
	Title   string `json:"title"   is:"title,required"`     // the title of the notification
	Message string `json:"message" is:"note_text,required"` // the text of the notification
	Read    bool   `json:"read"`                            // whether the notification is created as read
	// refused: buttons are not offered here
	Buttons []json.RawMessage `json:"buttons"`
}

func notificationCreate(
	ctx context.Context,
	s *service.Services,
	r *request,
	b newNotificationBody,
) (newNotificationView, error) {
	// Buttons of the original call addresses or run scripts of the data plane.
	// This service calls no addresses of requests, so it refuses buttons.
	if len(b.Buttons) > 0 {
		return newNotificationView{}, problem.InvalidField("buttons", problem.FieldNotTaken, "are not offered here: leave them out").
			For(problem.ReasonNotOffered)
	}
	id, err := s.Notifications.Create(ctx, r.client, b.Title, b.Message, b.Read)
	return newNotificationView{id}, err
}

// newNotificationView has the id of a new notification.
type newNotificationView struct {
	ID tenancy.NotificationID `json:"id"` // the id of the notification
}

var NotificationRead = Operation{
	Name:    "notification-read",
	Tag:     "Notifications",
	Summary: "Marks notifications as read or unread.",
	Routes:  []Route{{"PUT", "/notification/read"}},
	Access:  Write,
	Call:    call[readBody, acknowledged](notificationRead),
	Refuses: []problem.Reason{problem.ReasonNotFound},
	Example: Example{
		Path: "/notification/read",
		Body: `{"notification_ids": ["0123456789abcdef01234567"], "read": true}`,
	},
}

type readBody struct {
	IDs []string `json:"notification_ids" is:"notification_id"` // the ids of the notifications
	// whether the notifications become read; true if it is left out
	Read *bool `json:"read"`
}

func notificationRead(
	ctx context.Context,
	s *service.Services,
	r *request,
	b readBody,
) (acknowledged, error) {
	ids := make([]tenancy.NotificationID, len(b.IDs))
	for i, text := range b.IDs {
		id, err := tenancy.ParseNotificationID(text)
		if err != nil {
			return "", err
		}
		ids[i] = id
	}
	// Older SDKs cannot mark as unread and leave read out.
	return "TagoIO Notification Run Successfully Updated", s.Notifications.MarkRead(
		ctx,
		r.client,
		ids,
		b.Read == nil || *b.Read,
	)
}

var NotificationReadAll = Operation{
	Name:    "notification-read-all",
	Tag:     "Notifications",
	Summary: "Marks all notifications of the account as read.",
	Routes:  []Route{{"PUT", "/notification/markallread"}},
	Access:  Write,
	Call:    get[acknowledged](notificationReadAll),
	Example: Example{Path: "/notification/markallread"},
}

func notificationReadAll(
	ctx context.Context,
	s *service.Services,
	r *request,
) (acknowledged, error) {
	return "All TagoIO Notification Run Successfully Updated", s.Notifications.MarkAllRead(
		ctx,
		r.client,
	)
}

var NotificationAction = Operation{
	Name:    "notification-action",
	Tag:     "Notifications",
	Summary: "Uses an action of a notification: accepts or declines its invitation.",
	Routes: []Route{
		{"PUT", "/notification/{id}/{button}"},
		{"POST", "/notification/accept/{id}"},
		{"POST", "/notification/refuse/{id}"},
	},
	Access:  Write,
	Remedy:  true,
	Call:    get[acknowledged](notificationAction),
	Refuses: []problem.Reason{problem.ReasonInvitationOver},
	Example: Example{Path: "/notification/0123456789abcdef01234567/accept"},
}

func notificationAction(
	ctx context.Context,
	s *service.Services,
	r *request,
) (acknowledged, error) {
	id, err := tenancy.ParseNotificationID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	button := r.PathValue("button")
	if button == "" {
		// The older routes have the name of the button before the id.
		button = strings.Split(r.URL.Path, "/")[2]
	}
	var done acknowledged = invitationDeclined
	if button == tenancy.ButtonAccept {
		done = invitationAccepted
	}
	return done, s.Notifications.UseAction(ctx, r.client, id, button)
}

var NotificationDelete = Operation{
	Name: "notification-delete", Tag: "Notifications", Summary: "Deletes a notification.",
	Routes: []Route{{"DELETE", "/notification/{id}"}}, Access: Full,
	Call:    get[acknowledged](notificationDelete),
	Example: Example{Path: "/notification/0123456789abcdef01234567"},
}

func notificationDelete(
	ctx context.Context,
	s *service.Services,
	r *request,
) (acknowledged, error) {
	id, err := tenancy.ParseNotificationID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	return "Successfully Removed", s.Notifications.Delete(ctx, r.client, id)
}
