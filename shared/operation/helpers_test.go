package operation_test

import (
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

func refOf(id tenancy.ProfileID) service.ProfileRef { return service.ProfileRef{ID: id} }
