package backups

import (
	"context"
	"maps"
	"slices"

	"profiles/shared/access"
	"profiles/shared/backup"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service/teams"
)

// follow does what is left after the commit: as the owner would. What was
// committed stands, so that an error of any kind is one of a part.
func (s Service) follow(
	ctx context.Context, c access.Client, out Restored, lost []backup.Member,
) Restored {
	ref := access.ProfileRef{ID: out.Profile}
	refuse := func(part backup.Part, what string, err error) {
		if err == nil {
			return
		}
		if problem.CodeOf(err) == problem.CodeInternal {
			s.Log.ErrorContext(ctx, "a part of a backup is not restored",
				"profile", string(out.Profile), "part", string(part), "error", err.Error())
			err = errBroken
		}
		out.Refusals = append(out.Refusals, Refusal{part, what, err})
	}
	if amounts := allocationOf(out.Changes); len(amounts) > 0 {
		refuse(backup.PartAllocation, "", s.billing.AllocateOne(ctx, c, ref, amounts))
	}
	if wanted := addonsOf(out.Changes); len(wanted) > 0 {
		refuse(backup.PartAddons, "", s.billing.EditAddons(ctx, c, ref, wanted))
	}
	if !slices.ContainsFunc(out.Changes, func(c backup.Change) bool {
		return c.Part == backup.PartTeam
	}) {
		return out
	}
	for _, invited := range together(lost) {
		offered := teams.Offered{Permission: invited[0].Permission}
		if invited[0].Ends != nil {
			offered.Ends = *invited[0].Ends
		}
		var addresses []string
		for _, m := range invited {
			addresses = append(addresses, string(m.Email))
		}
		refusals, err := s.teams.InviteMany(ctx, c, ref, addresses, offered)
		refuse(backup.PartTeam, "", err)
		for i, err := range refusals {
			refuse(backup.PartTeam, addresses[i], err)
		}
	}
	return out
}

// errBroken stands for an error without a message for people.
var errBroken error = &problem.Error{
	Code: problem.CodeInternal, Message: "Something went wrong here: restore this part again",
}

// together returns members in groups that one request can invite.
func together(team []backup.Member) (groups [][]backup.Member) {
	terms := func(m backup.Member) string {
		if m.Ends == nil {
			return m.Permission
		}
		return m.Permission + " " + *m.Ends
	}
	by := map[string][]backup.Member{}
	for _, m := range team {
		by[terms(m)] = append(by[terms(m)], m)
	}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		groups = slices.AppendSeq(groups, slices.Chunk(by[key], teams.MaxInvited))
	}
	return groups
}

// allocationOf returns the allocation that changes ask for.
func allocationOf(changes []backup.Change) map[plan.Service]int64 {
	amounts := map[plan.Service]int64{}
	for _, c := range changes {
		if c.Part != backup.PartAllocation {
			continue
		}
		if one, err := plan.ParseService(c.What); err == nil {
			amounts[one] = c.Amount()
		}
	}
	return amounts
}

// addonsOf returns the add-ons that changes ask for.
func addonsOf(changes []backup.Change) map[plan.Addon]bool {
	wanted := map[plan.Addon]bool{}
	for _, c := range changes {
		if c.Part == backup.PartAddons {
			wanted[plan.Addon(c.What)] = true
		}
	}
	return wanted
}
