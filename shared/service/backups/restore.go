package backups

import (
	"context"
	"slices"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/service/webhooks"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// Request says what of a backup to restore.
type Request struct {
	Parts  []backup.Part
	DryRun bool // says what would change, and changes nothing
}

// Restored says what a restoration has changed, or would change.
type Restored struct {
	Profile  value.ProfileID // empty for a dry run of a new one
	Changes  []backup.Change
	Refusals []Refusal
	Webhooks []webhooks.Made // that came back, with secrets to be shown once
}

// Refusal is why a part, or a thing of a part, does not come back.
type Refusal struct {
	Part backup.Part
	What string // such as the address of a member; empty: the part
	Err  error
}

// Restore brings back what a backup has: into the same profile, or with of nil
// into a new one of the caller's account. See backup.Compare for what that
// means. Settings, alerts and webhooks change in one commit, for which there
// must be a fresh proof. Allocation, add-ons and the team follow, each as if
// the owner had changed it by hand: by the rules of today, with their audit
// entries, charges and mails. What they refuse, and what fails after the
// commit, is in the answer, and the rest is done. Members are invited again, at
// the address that they have now. A restoration into the same profile can be
// repeated: what is there already does not change. Errors: those of List;
// backup.ErrNone; backup.ErrDamaged; those of a fresh proof; CodeForbidden
// where settings, alerts or webhooks have no room, or the account for a
// profile.
func (s Service) Restore(
	ctx context.Context, c access.Client, of Of, id backup.ID, r Request, given access.Credentials,
) (Restored, error) {
	proven := s.Access.Reauthenticate(c, given)
	var lost []backup.Member
	out, err := access.RetryAttempt(ctx, proven, func() (Restored, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return Restored{}, err
		}
		b, err := s.find(ctx, o, id, s.Store.Batch())
		if err != nil {
			return Restored{}, err
		}
		was, err := s.read(ctx, b)
		if err != nil {
			return Restored{}, err
		}
		run := restoration{
			Service: s, client: c, request: r, opened: o, backup: b, was: was, now: s.Instant(),
		}
		if !r.DryRun {
			run.proven = proven
			if err := proven.Require("restoring a backup"); err != nil {
				return Restored{}, err
			}
		}
		if err := run.load(ctx); err != nil {
			return Restored{}, err
		}
		out := Restored{Profile: o.profile.ID, Changes: run.changes, Refusals: run.gone}
		lost = run.was.Lost(run.has.Team)
		if r.DryRun {
			out.Refusals = append(out.Refusals, run.foresee()...)
			if of == nil {
				// Nobody has proved to be the owner of what is in the file.
				for i, c := range out.Changes {
					out.Changes[i] = c.Hidden()
				}
				for i, no := range out.Refusals {
					out.Refusals[i].What = backup.Change{Part: no.Part, What: no.What}.Hidden().What
				}
			}
			return out, nil
		}
		out.Profile, out.Webhooks, err = run.commit(ctx)
		return out, err
	})
	if err != nil || r.DryRun {
		return out, err
	}
	return s.follow(ctx, c, out, lost), nil
}

// restoration is a restoration that is being made.
type restoration struct {
	Service
	client  access.Client
	request Request
	opened
	proven *access.Reauthentication // nil for a dry run
	backup backup.Backup
	was    backup.Content
	now    time.Time

	has   backup.Content // what the profile has; zero for a new one
	team  tenancy.Team
	owner tenancy.Account
	use   billing.Usage
	hooks webhook.List
	open  *store.Found[transfer.ID] // the open transfer of the profile
	gone  []Refusal                 // members that cannot be invited

	changes []backup.Change
}

// load reads what the profile has now, and checks the proof.
func (r *restoration) load(ctx context.Context) error {
	batch := r.Store.Batch()
	owner := batch.Account(r.account)
	reads := []func(context.Context) error{batch.Get}
	if r.proven != nil {
		r.proven.Reads(batch, r.account)
		reads = r.proven.Counts(r.account, r.now, reads...)
	}
	use, hooks := &store.Found[billing.Usage]{}, &store.Found[webhook.List]{}
	id := r.profile.ID
	if id != "" {
		use, hooks = batch.Usage(id), batch.Webhooks(string(id))
		r.open = batch.OpenTransfer(id)
		reads = append(reads, func(ctx context.Context) (err error) {
			r.profile, r.team, err = r.Store.ProfileWithMembers(ctx, id)
			return err
		})
	}
	members := make([]*store.Found[tenancy.Account], len(r.was.Team))
	for i, m := range r.was.Team {
		members[i] = batch.Account(m.Account)
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return err
	}
	r.owner, r.use, r.hooks = owner.Value, use.Value, hooks.Value
	if r.proven != nil {
		if err := r.proven.Check(ctx, r.owner, r.now); err != nil {
			return err
		}
	}
	if id != "" {
		if r.profile.Owner != r.account {
			return problem.NotFound("Profile")
		}
		var err error
		r.has, err = r.content(ctx, r.profile, r.team, tenancy.Logo{}, r.Store.Batch())
		if err != nil {
			return err
		}
		for _, m := range r.team.Open(r.now) {
			if !m.Active {
				r.has.Team = append(r.has.Team, backup.Member{Email: m.Email})
			}
		}
	}
	r.present(members)
	r.changes = backup.Compare(r.has, r.was, r.request.Parts)
	return nil
}

// present keeps the members of the backup that can be in a team now, each with
// the address that it has now: a former one may be somebody else's.
func (r *restoration) present(found []*store.Found[tenancy.Account]) {
	var team []backup.Member
	for i, m := range r.was.Team {
		switch {
		case m.Over(r.now):
		case found[i].OK:
			m.Email = found[i].Value.Email
			team = append(team, m)
		case slices.Contains(r.request.Parts, backup.PartTeam):
			r.gone = append(r.gone, Refusal{backup.PartTeam, string(m.Email), errGone})
		}
	}
	r.was.Team = team
}

var errGone error = problem.Conflict(
	"The account of this member is gone: invite the address if it is still theirs")

// foresee returns which of the changes would be refused.
func (r *restoration) foresee() (refused []Refusal) {
	if r.profile.ID == "" {
		// The new profile would have this id.
		id := value.ProfileID(r.NewID(r.now))
		share := billing.Share{Allocation: r.owner.Starting(false, r.now)}
		added, err := r.owner.AddProfile(id, share, r.now)
		if err != nil {
			return []Refusal{{Part: backup.PartSettings, Err: err}}
		}
		r.owner, r.profile.ID = added, id
	}
	use := map[value.ProfileID]billing.Usage{r.profile.ID: r.use}
	if _, _, err := r.was.Settings(r.profile, r.request.Parts, r.newID, r.now); err != nil {
		refused = append(refused, Refusal{Part: backup.PartAlerts, Err: err})
	}
	if slices.Contains(r.request.Parts, backup.PartWebhooks) {
		list := r.hooks
		list.Subject.Profile = r.profile.ID
		unsealed := func(webhook.ID) []byte { return nil }
		if _, err := r.was.Hooks(list, r.newID, unsealed, r.now); err != nil {
			refused = append(refused, Refusal{Part: backup.PartWebhooks, Err: err})
		}
	}
	if amounts := allocationOf(r.changes); len(amounts) > 0 {
		_, err := r.owner.Allocate(
			map[value.ProfileID]map[plan.Service]int64{r.profile.ID: amounts}, use, r.now)
		if err != nil {
			refused = append(refused, Refusal{Part: backup.PartAllocation, Err: err})
		}
	}
	if wanted := addonsOf(r.changes); len(wanted) > 0 {
		edit := r.owner.AddonEdit(r.profile.ID, wanted)
		if _, _, err := r.owner.EditSubscription(edit, r.now); err != nil {
			refused = append(refused, Refusal{Part: backup.PartAddons, Err: err})
		}
	}
	return refused
}

// commit changes the settings, the alerts and the webhooks of the profile, or
// makes a new one with them.
func (r *restoration) commit(ctx context.Context) (value.ProfileID, []webhooks.Made, error) {
	tx := r.Store.Begin()
	id := r.profile.ID
	var err error
	if id == "" {
		id, err = r.create(ctx, tx)
	} else {
		err = r.change(tx)
	}
	if err != nil {
		return "", nil, err
	}
	hooks, err := r.restoreHooks(tx, id)
	if err != nil {
		return "", nil, err
	}
	r.proven.Succeeded(ctx, tx)
	return id, hooks, tx.Commit(ctx, r.client.Origin())
}

func (r *restoration) newID() string { return r.NewID(r.now) }

// change changes the profile.
func (r *restoration) change(tx *store.Tx) error {
	p, logo, err := r.was.Settings(r.profile, r.request.Parts, r.newID, r.now)
	if err != nil {
		return err
	}
	owner := r.owner
	if has := p.Alerts.OnCost(); has != owner.Shares[p.ID].CostAlert {
		owner.Subscription = owner.WithCostAlert(p.ID, has)
		tx.UpdateAccount(owner)
		p = p.Of(owner)
	} else {
		// The copies in the profile may be newer than the account as read.
		tx.CheckAccount(owner, problem.ErrConflict)
	}
	switch {
	case p.Name == r.profile.Name:
	case r.open.OK:
		tx.RenameTransfer(r.open.Value, p.Name)
	default:
		tx.CheckNoTransfer(p.ID)
	}
	if logo.Hash != "" && logo.Hash != r.profile.Logo() {
		tx.SetLogo(logo)
	}
	if was := r.profile.Logo(); was != "" && was != p.Logo() {
		tx.DropLogo(was)
	}
	tx.RestoreSettings(p, r.use, r.team)
	tx.Audit(r.restored("Backup restored"))
	return nil
}

// create makes a new profile, which starts with what any other does.
func (r *restoration) create(ctx context.Context, tx *store.Tx) (value.ProfileID, error) {
	owner, err := core.StillHeld(ctx, r.Store, r.owner)
	if err != nil {
		return "", err
	}
	id := value.ProfileID(r.newID())
	share := billing.Share{Allocation: owner.Starting(false, r.now)}
	added, err := owner.AddProfile(id, share, r.now)
	if err != nil {
		return "", err
	}
	p, logo, err := r.was.Settings(
		tenancy.NewProfile(id, added, r.was.Profile.Name, r.now), r.request.Parts, r.newID, r.now)
	if err != nil {
		return "", err
	}
	if p.Alerts.OnCost() {
		added.Subscription = added.WithCostAlert(id, true)
	}
	p = p.Of(added)
	tx.Reallocate(owner, added, nil, r.now)
	tx.CreateProfile(p)
	if logo.Hash != "" {
		tx.SetLogo(logo)
	}
	made := r.AuditEntry(string(id), r.token, "profile", string(id), "Profile created", r.now)
	tx.Audit(core.Changing(made, p.Differences(tenancy.Profile{})...))
	entry := r.restored("Backup restored into a new profile")
	entry.Log = string(id)
	tx.Audit(entry)
	return id, nil
}

// restored returns the audit entry of the commit, with what it changes. What
// follows has entries of its own.
func (r *restoration) restored(message string) auditlog.Entry {
	entry := r.entry(r.opened, r.backup, message)
	for _, c := range r.changes {
		switch c.Part {
		case backup.PartSettings, backup.PartAlerts, backup.PartWebhooks:
			field := string(c.Part) + "." + c.What
			entry.Changes = append(entry.Changes, auditlog.Changed(field, c.Before, c.After))
		}
	}
	return entry
}

// restoreHooks brings back webhooks, with new secrets for those that were lost.
func (r *restoration) restoreHooks(tx *store.Tx, id value.ProfileID) ([]webhooks.Made, error) {
	if !slices.Contains(r.request.Parts, backup.PartWebhooks) || len(r.was.Webhooks) == 0 {
		return nil, nil
	}
	list := r.hooks
	list.Subject.Profile, list.Subject.Account = id, r.account
	plain := map[webhook.ID]string{}
	list, err := r.was.Hooks(list, r.newID, func(id webhook.ID) []byte {
		plain[id] = secret.NewWebhookSecret()
		return r.webhooks.Seal(id, plain[id])
	}, r.now)
	if err != nil {
		return nil, err
	}
	tx.SetWebhooks(list)
	var made []webhooks.Made
	for _, h := range list.Hooks {
		if plain, ok := plain[h.ID]; ok {
			made = append(made, webhooks.Made{Webhook: h, Plain: plain})
		}
	}
	return made, nil
}
