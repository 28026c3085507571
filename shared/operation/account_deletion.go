package operation

import (
	"context"
	"time"

	"profiles/shared/problem"
	"profiles/shared/service"
)

var AccountDelete = Operation{
	Name:    "account-delete",
	Tag:     "Account",
	Summary: "Deletes the account that the token acts for; asks for the password.",
	Routes:  []Route{{"DELETE", "/account"}},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    call[credentialsBody, acknowledged](accountDelete),
	Refuses: []problem.Reason{problem.ReasonForbidden},
	Example: Example{Path: "/account", Body: `{"password": "demo lantern otter"}`},
}

func accountDelete(
	ctx context.Context,
	s *service.Services,
	r *request,
	b credentialsBody,
) (acknowledged, error) {
	return "Account Successfully Deleted: what it had is being removed, and a mail tells you when that is done",
		s.Accounts.Delete(
			ctx,
			r.client,
			b.credentials(),
		)
}

var AccountPurge = Operation{
	Name:    "account-purge",
	Tag:     "Account",
	Summary: "Removes the remaining items of deleted accounts, and sends a mail when it has finished.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	Seals:   true,
	sweep:   accountPurge,
}

func accountPurge(ctx context.Context, s *service.Services) (int, error) {
	return s.Accounts.Purge(ctx)
}
