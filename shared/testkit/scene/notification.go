package scene

import (
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service/core"
	"profiles/shared/service/notifications"
	"profiles/shared/service/teams"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func ofNotifications() []Scene {
	return []Scene{
		{
			Operation: operation.NotificationCreate,
			Send:      "POST /notification", Body: Object{"title": "x", "message": "y"},
			Cost: Cost{3, 2, 3, 3, 5}, More: "N+1",
		},
		{
			Operation: operation.NotificationList, Calm: true,
			Send: "GET /notification/", Cost: Cost{3, 2, 3, 5, 0},
		},
		{
			Operation: operation.NotificationList, What: "with an invitation", Prepare: invites,
			Send: "GET /notification/", By: Ben, Cost: Cost{4, 3, 4, 7, 0},
		},
		{
			Operation: operation.NotificationRead, Prepare: notified,
			Send: "PUT /notification/read", Body: Object{"notification_ids": []string{"THING"}},
			Cost: Cost{3, 2, 3, 3, 5},
		},
		{
			Operation: operation.NotificationReadAll, What: "one unread", Prepare: notified,
			Send: "PUT /notification/markallread", Cost: Cost{4, 3, 4, 4, 5},
		},
		{
			Operation: operation.NotificationAction, What: "accept",
			Prepare: func(s *Stage) {
				invites(s)
				ben := s.Ben.Client(operation.NotificationList)
				list, err := s.Notifications.List(s.Context(), ben,
					notifications.Query{Paging: core.Paging{Page: 1, Amount: 1}})
				s.OK(err)
				s.Thing = string(list.Rows[0].ID)
			},
			Send: "PUT /notification/THING/accept", By: Ben, Cost: Cost{5, 4, 6, 7, 45}, Again: 400,
		},
		{
			Operation: operation.NotificationDelete, Prepare: notified,
			Send: "DELETE /notification/THING", Cost: Cost{3, 2, 3, 3, 5}, Again: 404,
		},
	}
}

// notified leaves a notification of ana's, and its id.
func notified(s *Stage) {
	id, err := s.Notifications.Create(s.Context(), s.Ana.Client(operation.NotificationCreate),
		"x", "y", false)
	s.OK(err)
	s.Thing = string(id)
}

func ofMails() []Scene {
	return []Scene{
		{
			Operation: operation.MailUnsubscribe, What: "about a topic, of an account",
			Prepare: func(s *Stage) { unwanted(s, s.Ben.Email, mailing.KindTeamInvited) },
			Send:    "POST /account/unsubscribe/CODE", By: Nobody, Cost: Cost{2, 2, 3, 1, 5},
		},
		{
			Operation: operation.MailUnsubscribe, What: "of an address without an account",
			Prepare: func(s *Stage) { unwanted(s, zoe, mailing.KindTeamInvitedNew) },
			Send:    "POST /account/unsubscribe/CODE", By: Nobody, Cost: Cost{3, 3, 4, 3, 3},
		},
		{Operation: operation.MailDeliver, Prepare: queues, Cost: Cost{3, 3, 4, 2, 5}},
		{
			Operation: operation.MailRetry, What: "one due mail",
			Prepare: func(s *Stage) { queues(s); s.Advance(time.Hour) },
			Cost:    Cost{11, 11, 12, 6, 5},
		},
		{
			Operation: operation.MailReturn, What: "of an invitation",
			Prepare: func(s *Stage) {
				s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(operation.TeamInvite), s.home(),
					string(s.Ben.Email), teams.Offered{Permission: "read"}))
				comesBack(s, s.Ben.Email, mailing.KindTeamInvited)
			},
			Cost: Cost{5, 5, 5, 6, 18},
		},
		{
			Operation: operation.MailReturn, What: "of an offer",
			Prepare: func(s *Stage) {
				offers(s)
				comesBack(s, s.Ben.Email, mailing.KindTransferOffered)
			},
			Cost: Cost{5, 5, 5, 6, 18},
		},
	}
}

// comesBack leaves the event that the latest mail of a kind to an address came
// back, as SES reports it.
func comesBack(s *Stage, to value.Email, kind mailing.Kind) {
	s.Helper()
	for _, m := range s.Mail(to) {
		if m.Kind == kind {
			s.Thing = testkit.Bounce(m.ID)
		}
	}
	if s.Thing == "" {
		s.Fatalf("%s got no mail of the kind %s", to, kind)
	}
}

// unwanted has ana invite an address, and leaves the code that switches off
// mails like the one that it got.
func unwanted(s *Stage, to value.Email, kind mailing.Kind) {
	s.OK(s.Teams.Invite(s.Context(), s.Ana.Client(operation.TeamInvite), s.home(),
		string(to), teams.Offered{Permission: "read"}))
	s.mailed(to, kind)
	for _, m := range s.Mail(to) {
		if m.Kind == kind {
			s.Code = m.UnsubscribeCode()
		}
	}
}

// queues leaves an unsent mail in the outbox, and its key.
func queues(s *Stage) {
	reader := mailing.Reader{Zone: "UTC", Language: "en"}
	exists := mailing.AccountExists{Name: "Zoe"}
	m := mailing.New(mailing.ID(s.NextID()), zoe, reader, exists, s.Now())
	tx := s.Store.Begin()
	tx.Send(m, core.SealMail(testkit.Keys, m))
	s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	s.Thing = "O#" + string(m.ID) + " O"
}
