package scene

import (
	"profiles/shared/operation"
	"profiles/shared/value"
)

func ofSessions() []Scene {
	return []Scene{
		{
			Operation: operation.SessionCreate,
			Send:      "POST /console/session", By: Page, Body: anas(nil),
			Cost: Cost{3, 3, 7, 2, 10}, More: "A/S+1 L+1",
		},
		{
			Operation: operation.SessionCreate, What: "in the place of the oldest",
			Prepare: func(s *Stage) {
				for range len(value.SessionPlaces) {
					s.Ana.Browser()
				}
			},
			Send: "POST /console/session", By: Page, Body: anas(nil),
			Cost: Cost{3, 3, 7, 3, 13}, Calm: true,
		},
		{
			Operation: operation.SessionCreate, What: "in a browser with a session",
			Prepare: browses,
			Send:    "POST /console/session", By: Page, Body: anas(nil),
			Cost: Cost{3, 3, 7, 4, 12}, More: "A/S+1 L+1",
		},
		{
			Operation: operation.SessionCreate, What: "in a browser with another's session",
			Prepare: browses,
			Send:    "POST /console/session", By: Page, Body: of("ben@example.com", nil),
			Cost: Cost{3, 3, 7, 4, 14}, More: "A/S+1 L+1",
		},
		{
			Operation: operation.SessionGet, Prepare: browses,
			Send: "GET /console/session", By: Page, Cost: Cost{1, 1, 1, 2, 0},
		},
		{
			Operation: operation.SessionExtend, Prepare: browses,
			Send: "POST /console/session/extend", By: Page, Cost: Cost{2, 2, 2, 2, 2},
		},
		{
			Operation: operation.SessionDelete, Prepare: browses,
			Send: "DELETE /console/session", By: Page, Cost: Cost{2, 2, 2, 2, 4}, Again: 401,
		},
		{
			Operation: operation.SessionList, Prepare: browses,
			Send: "GET /account/session", Cost: Cost{2, 1, 3, 4, 0},
		},
		{
			Operation: operation.SessionRevoke, Prepare: browses,
			Send: "DELETE /account/session/THING", Cost: Cost{3, 2, 3, 4, 4}, Again: 404,
		},
		{
			Operation: operation.SessionRevokeOthers, What: "two of three",
			Prepare: func(s *Stage) {
				s.Ana.Browser()
				s.Ana.Browser()
				browses(s)
			},
			Send: "DELETE /account/session", By: Page, Cost: Cost{3, 2, 3, 3, 9},
		},
	}
}

// browses leaves a session of ana's, and its id.
func browses(s *Stage) {
	s.Session = s.Ana.Browser()
	s.Thing = string(s.SessionID(s.Session))
}
