package access

import (
	"context"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// noteTime is how long storing a use may take. No answer waits for it.
const noteTime = 2 * time.Second

// used stores that a token was admitted, at most once a minute for each
// network, in the background. If the function is frozen before that, the use is
// stored when it runs again, or never: the last use is best effort.
func (x *Access) used(c Client, t tenancy.Token, now time.Time) {
	if !x.memory.firstUse(t.ID, tenancy.NetworkOf(c.Source), now) {
		return
	}
	use := tenancy.Use{
		Token: t.ID, Time: now, Address: c.Source, Agent: value.CleanAgent(c.Agent),
	}
	x.config.Background(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noteTime)
		defer cancel()
		if err := x.config.Store.NoteUse(ctx, use); err != nil {
			x.config.Log.Debug("the use of a token was not noted",
				"token", string(t.ID), "error", err.Error())
		}
	})
}

// reportReuse stores the use of a rotated token past its grace. The request is
// refused also if this fails; the next use then reports it again.
func (x *Access) reportReuse(ctx context.Context, c Client, t tenancy.Token, now time.Time) {
	err := x.config.Store.ReportReuse(ctx, store.Reuse{
		Token: t.ID, Time: now, Source: c.Source, Request: c.Request,
	})
	if err != nil {
		x.config.Log.ErrorContext(ctx, "the use of a rotated token was not noted",
			"token", string(t.ID), "error", err.Error())
	}
}
