package scene

import (
	"time"

	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func ofTokens() []Scene {
	narrower := Object{"allow_list": []string{"192.0.2.0/24"}, "scope": "profile"}
	return []Scene{
		{
			Operation: operation.TokenCreate,
			Send:      "POST /profile/HOME/token",
			Body:      anas(Object{"name": "x", "permission": "read"}),
			Cost:      Cost{3, 3, 7, 5, 17}, More: "L+1 P/T+1 T/T+1",
		},
		{
			Operation: operation.TokenList, What: "own, named in the path",
			Send: "GET /profile/HOME/token", Cost: Cost{2, 2, 3, 6, 0},
		},
		{
			Operation: operation.AccountTokenList,
			Send:      "GET /account/token", Cost: Cost{5, 4, 5, 6, 0},
		},
		{Operation: operation.TokenInfo, Send: "GET /info", Cost: Cost{2, 1, 2, 5, 0}},
		{
			Operation: operation.TokenEdit, What: "less than before",
			Send: "PUT /profile/HOME/token/TOKEN", Body: narrower,
			Cost: Cost{2, 2, 2, 3, 9},
		},
		{
			Operation: operation.TokenEdit, What: "more than before",
			Prepare: func(s *Stage) { editsToken(s, tenancy.TokenEdit{Disabled: new(true)}) },
			Send:    "PUT /profile/HOME/token/TOKEN",
			Body:    Object{"disabled": false, "password": testkit.Password},
			Cost:    Cost{3, 3, 7, 5, 17},
		},
		{
			Operation: operation.TokenPolicySet, What: "less than before",
			Send: "PUT /profile/HOME/token_policy",
			Body: Object{"longest_days": 30, "never": false},
			Cost: Cost{2, 2, 2, 2, 6},
		},
		{
			Operation: operation.TokenPolicySet, What: "more than before", Prepare: endsTokens,
			Send: "PUT /profile/HOME/token_policy",
			Body: Object{"never": true, "password": testkit.Password},
			Cost: Cost{3, 3, 7, 4, 10},
		},
		{
			Operation: operation.TokenDelete, What: "own, named in the path",
			Send: "DELETE /profile/HOME/token/TOKEN", Cost: Cost{2, 2, 2, 3, 9}, Again: 404,
		},
		{
			Operation: operation.TokenDelete, What: "by the old route",
			Send: "DELETE /profile/token/TOKEN", Again: 404,
		},
	}
}

// ofRevocations are scenes in which tokens end: at once, or by their time.
func ofRevocations() []Scene {
	return []Scene{
		{
			Operation: operation.TokenRevokeAll, What: "a team of two",
			Prepare: func(s *Stage) {
				s.Share(s.Other, s.Ben, tenancy.PermissionFull)
				s.Share(s.Other, s.Sam, tenancy.PermissionFull)
			},
			Send: "DELETE /profile/OTHER/token", Cost: Cost{3, 2, 4, 6, 26}, More: "L+1",
		},
		// The calling token is one of them.
		{
			Operation: operation.TokenRevokeAll, What: "its own too", Prepare: sharesHome,
			Send: "DELETE /profile/HOME/token", Again: 401,
		},
		{
			Operation: operation.TokenRevokeMember,
			Prepare:   func(s *Stage) { sharesHome(s); s.Ben.Mint(s.Ana.Home, "") },
			Send:      "DELETE /profile/HOME/team/BEN/token", Cost: Cost{2, 2, 3, 3, 13}, More: "L+1",
		},
		{
			Operation: operation.TokenLeaked, What: "a token that works",
			Send: "POST /token/leaked", Body: Object{"token": "TOKEN"},
			Cost: Cost{3, 3, 4, 5, 15},
		},
		{
			Operation: operation.TokenLeaked, What: "no token",
			Send: "POST /token/leaked", Body: Object{"token": "x"},
			Cost: Cost{1, 1, 2, 1, 2}, Calm: true,
		},
		{
			Operation: operation.TokenExpire, What: "one due token", Calm: true,
			Prepare: func(s *Stage) {
				s.Ana.SignIn(s.Ana.Home, "1 hour")
				s.Advance(time.Hour)
			},
			Cost: Cost{10, 10, 10, 6, 11},
		},
		// The run whose answers are lost looks at each token again, and finds
		// it gone.
		{
			Operation: operation.TokenExpire, What: "two due tokens",
			Prepare: func(s *Stage) {
				s.Ana.Mint(s.Ana.Home, "1 hour")
				s.Ana.Mint(s.Ana.Home, "1 hour")
				s.Advance(time.Hour)
			},
			Lost: 200,
		},
		{
			Operation: operation.TokenExpire, What: "one whose grace is over",
			Prepare: func(s *Stage) {
				rotates(s, "1 day")
				s.Advance(24 * time.Hour)
			},
			Cost: Cost{10, 10, 10, 6, 11},
		},
		{
			Operation: operation.TokenExpire, What: "one to remind of",
			Prepare: func(s *Stage) {
				s.OK(s.Tokens.Delete(s.Context(), s.Ana.Client(operation.TokenDelete),
					s.home(), s.Token))
				s.Ana.With("read", "14 days")
				s.Advance(7 * 24 * time.Hour)
			},
			Cost: Cost{11, 11, 11, 9, 10},
		},
		{
			Operation: operation.TokenExpire, What: "one that is not used",
			Prepare: func(s *Stage) { leaves(s, tenancy.UnusedAfter) },
			Cost:    Cost{11, 11, 11, 9, 12},
		},
		{
			Operation: operation.TokenExpire, What: "one that is disabled, as it is not used",
			Prepare: func(s *Stage) {
				s.OK(s.Profiles.SetTokenPolicy(s.Context(), s.Ana.Client(operation.TokenPolicySet),
					s.home(), tenancy.TokenPolicyEdit{DisableUnused: new(true)},
					service.Credentials{}))
				leaves(s, tenancy.DisabledAfter)
			},
			Cost: Cost{11, 11, 11, 9, 14},
		},
		{
			Operation: operation.TokenExpire, What: "one that is used from a new network",
			Prepare: func(s *Stage) {
				for _, address := range []string{"192.0.2.1", "198.51.100.1"} {
					s.OK(s.Store.NoteUse(s.Context(), tenancy.Use{
						Token: value.TokenID(s.Ana.Token[2:10]), Time: s.Now(), Address: address,
					}))
				}
			},
			Cost: Cost{11, 11, 11, 9, 10},
		},
	}
}

func ofRotations() []Scene {
	return []Scene{
		{
			Operation: operation.TokenRotate, What: "itself", Calm: true,
			Prepare: func(s *Stage) { s.Thing = s.Ana.Token[2:10] },
			Send:    "POST /profile/HOME/token/THING/rotate", Body: Object{"grace": "1 day"},
			Cost: Cost{2, 2, 2, 2, 18},
		},
		{
			Operation: operation.TokenRotate, What: "with grace", Prepare: endsBefore,
			Send: "POST /profile/HOME/token/TOKEN/rotate", Body: Object{"grace": "1 day"},
			Again: 409,
		},
		{
			Operation: operation.TokenRotate, What: "at once", Prepare: endsBefore,
			Send: "POST /profile/HOME/token/TOKEN/rotate", Again: 409,
		},
		{
			Operation: operation.TokenRotate, What: "another one, whose predecessor has grace",
			Prepare: func(s *Stage) { rotates(s, "1 day") },
			Send:    "POST /profile/HOME/token/TOKEN/rotate", Cost: Cost{3, 3, 3, 4, 26}, Again: 409,
		},
		{
			Operation: operation.TokenRotate, What: "with a password",
			Prepare: func(s *Stage) { s.Token = s.Ana.With("full", "never") },
			Send:    "POST /profile/HOME/token/TOKEN/rotate", Body: proves,
			Cost: Cost{3, 3, 7, 5, 24}, Again: 409,
		},
		{
			Operation: operation.TokenReuse, What: "two tokens of a family", Prepare: reuses,
			Cost: Cost{13, 13, 13, 13, 31},
		},
	}
}

func editsToken(s *Stage, e tenancy.TokenEdit) {
	s.OK(s.Tokens.Edit(
		s.Context(), s.Ana.Client(operation.TokenEdit),
		s.home(), s.Token, e, service.Credentials{}))
}

// endsTokens leaves a profile whose tokens have to end.
func endsTokens(s *Stage) {
	s.OK(s.Profiles.SetTokenPolicy(s.Context(), s.Ana.Client(operation.TokenPolicySet), s.home(),
		tenancy.TokenPolicyEdit{Never: new(false)}, service.Credentials{}))
}

// leaves leaves a token unused for so long. The sweep has nothing else to do.
func leaves(s *Stage, d time.Duration) {
	s.Advance(time.Hour)
	s.Ana.Mint(s.Ana.Home, "never")
	s.Advance(d - time.Hour)
	for done := 1; done > 0; {
		var err error
		done, err = s.Tokens.Expire(s.Context())
		s.OK(err)
	}
	s.Advance(time.Hour)
}

// endsBefore leaves a token that ends before ana's.
func endsBefore(s *Stage) { s.Token = s.Ana.Mint(s.Ana.Home, "1 month") }

// rotates rotates the other token with ana's, and leaves the new one.
func rotates(s *Stage, grace string) {
	rotated, err := s.Tokens.Rotate(s.Context(), s.Ana.Client(operation.TokenRotate), s.home(),
		tokens.Rotation{Token: s.Token, Grace: grace})
	s.OK(err)
	s.Token = rotated.Text
}

// reuses leaves the use of a token that was rotated twice.
func reuses(s *Stage) {
	spent := s.Token
	rotates(s, "0")
	rotates(s, "7 days")
	if got := s.Call(operation.TokenInfo, "GET", "/info", spent, nil); got.Code != 401 {
		s.Fatalf("a rotated token: got %d", got.Code)
	}
}
