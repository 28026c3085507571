package scene

import (
	"strings"
	"time"

	"profiles/shared/operation"
)

// everything is the id of the audit log's query without parameters.
const everything = "cT8"

func ofAudit() []Scene {
	return []Scene{
		{
			Operation: operation.AuditGet, What: "own, named in the path", Prepare: logged,
			Send: "GET /profile/HOME/auditlog", Cost: Cost{2, 2, 2, 4, 0},
		},
		{
			Operation: operation.AuditGet, What: "current, over a month's end",
			Prepare: func(s *Stage) {
				s.Advance(20 * 24 * time.Hour) // 3 April
				logged(s)
			},
			Send: "GET /profile/current/auditlog?find=*", Cost: Cost{4, 3, 4, 7, 0},
		},
		{
			Operation: operation.AuditQuery, What: "own, named in the path", Prepare: logged,
			Send: "GET /profile/HOME/auditlog/" + everything, Cost: Cost{2, 2, 2, 4, 0},
		},
		{
			Operation: operation.AccountAuditGet, Prepare: renamed,
			Send: "GET /account/auditlog", Cost: Cost{3, 2, 3, 5, 0},
		},
		{
			Operation: operation.AccountAuditQuery, Prepare: renamed,
			Send: "GET /account/auditlog/" + everything, Cost: Cost{3, 2, 3, 5, 0},
		},
		{
			Operation: operation.AuditSeal, What: "the first entry of a log", Prepare: unsealed,
			Cost: Cost{2, 2, 2, 3, 6},
		},
		{
			Operation: operation.AuditSeal, What: "another entry",
			Prepare: func(s *Stage) {
				sealed(s)
				logged(s)
				unsealed(s)
			},
			Cost: Cost{2, 2, 2, 3, 6},
		},
		{
			Operation: operation.AuditSeal, What: "an entry that a webhook hears of",
			Prepare: func(s *Stage) {
				hooked(s)
				unsealed(s)
			},
			Cost: Cost{2, 2, 2, 3, 14},
		},
		{
			Operation: operation.AuditSeal, What: "an entry that is sealed", Prepare: sealed,
			Cost: Cost{1, 1, 1, 3, 0}, Calm: true,
		},
	}
}

// logged leaves an entry in the log of ana's first profile.
func logged(s *Stage) {
	s.Helper()
	edits := Object{"name": "renamed"}
	got := s.Call(operation.ProfileEdit, "PUT", "/profile/"+string(s.Ana.Home), s.Ana.Token, edits)
	got.Into(s.World, new(any))
	s.Advance(time.Second)
}

// renamed leaves an entry in the log of ana's account.
func renamed(s *Stage) {
	s.Helper()
	got := s.Call(operation.AccountEdit, "PUT", "/account", s.Ana.Token, Object{"name": "Ana B."})
	got.Into(s.World, new(any))
	s.Advance(time.Second)
}

// unsealed leaves an entry in the log of ana's first profile, and its key.
func unsealed(s *Stage) {
	logged(s)
	for _, it := range s.Items() {
		if strings.HasPrefix(it.PK, "L#"+string(s.Ana.Home)+"#") {
			s.Thing = it.PK + " " + it.SK
		}
	}
}

// sealed leaves one that is sealed.
func sealed(s *Stage) {
	unsealed(s)
	s.OK(s.tell(operation.AuditSeal))
}
