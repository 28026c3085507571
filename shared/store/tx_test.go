package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// errRefused is the error that a test's step carries, where the step's caller chooses it.
var errRefused = errors.New("refused")

type (
	step  = func(*store.Tx)
	steps = []step
)

// condition is one step in one situation. Steps that prepare the situation commit before it, one by one.
type condition struct {
	name    string
	prepare steps
	step    step
	want    error // nil: the condition holds
}

// situation is what the cases of one step are about, with ids of their own.
type situation struct {
	account, other tenancy.Account
	profile        tenancy.Profile
	member         tenancy.Member
	stranger       tenancy.Member // in no team
	invitation     tenancy.Invitation
	notification   tenancy.Notification
	token          tenancy.Token
	code           tenancy.Confirmation
	security       tenancy.SecurityCode
	mail           tenancy.Message
	claim          tenancy.EmailReservation
	transfer       tenancy.Transfer // of the profile, from account to other
	now            time.Time
}

func newSituation(w *testkit.World) situation {
	s := situation{account: newAccount(w), other: newAccount(w), now: w.Now()}
	s.profile = newProfile(w, s.account.ID)
	for _, service := range plan.Services() {
		s.profile.Allocation[service] = limitOf(service)
		s.account.Limits[service], s.other.Limits[service] = 10*limitOf(service), 10*limitOf(service)
	}
	s.member, s.stranger = newMember(w, s.profile.ID), newMember(w, s.profile.ID)
	s.invitation = newInvitation(w, s.profile)
	s.notification = tenancy.Notification{ID: tenancy.NotificationID(secret.NewID(w.Now())), Account: s.account.ID, Title: "t", Message: "m", Created: w.Now()}
	s.token = newToken(w, s.profile.ID)
	s.token.Expires = w.Now()
	key := secret.NewCredential()
	s.code = tenancy.Confirmation{ID: value.CodeID(key.ID), Hash: key.Hash(), Email: s.account.Email, Expires: w.Now()}
	s.security = tenancy.SecurityCode{ID: s.code.ID, Hash: key.Hash(), Purpose: tenancy.CodePassword, Account: s.account.ID, Expires: w.Now()}
	s.mail = newMail(w)
	s.account = owning(s.account, s.profile, newProfile(w, s.account.ID)) // so that it can do without one
	s.transfer = newTransfer(w, s.profile, s.other.Email)
	s.claim = tenancy.EmailReservation{Email: s.account.Email, Account: s.account.ID, Expires: w.Now().Add(time.Millisecond)}
	return s
}

// limitOf is what the profile of a situation has of a service. Each is another one, so that a number that goes astray is found.
func limitOf(s plan.Service) int64 { return 100 + 20*int64(s) }

func (s situation) guest() tenancy.Member { return s.invitation.Pending() }
func (s situation) team() tenancy.Team    { return tenancy.Team{s.member, s.guest()} }

// at returns a copy with another version, as somebody holds it who read it earlier or later.
func at[T tenancy.Account | tenancy.Profile | tenancy.Transfer](v T, version int64) T {
	switch v := any(&v).(type) {
	case *tenancy.Account:
		v.Version = version
	case *tenancy.Profile:
		v.Version = version
	case *tenancy.Transfer:
		v.Version = version
	}
	return v
}

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

func (s situation) createAccount(tx *store.Tx) { tx.CreateAccount(s.account, s.now) }
func (s situation) createSignUp(tx *store.Tx)  { tx.CreateAccount(s.signUp(), s.now) }
func (s situation) createProfile(tx *store.Tx) { tx.CreateProfile(s.profile) }
func (s situation) createToken(tx *store.Tx)   { tx.CreateToken(s.token) }
func (s situation) createCode(tx *store.Tx)    { tx.CreateConfirmation(s.code) }
func (s situation) addMember(tx *store.Tx)     { tx.AddMember(s.profile, s.member) }
func (s situation) addGuest(tx *store.Tx) {
	tx.Invite(at(s.profile, 1), s.invitation, tenancy.Member{})
}
func (s situation) notify(tx *store.Tx)         { tx.Notify(s.notification) }
func (s situation) send(tx *store.Tx)           { tx.Send(s.mail, sealed) }
func (s situation) claimForGood(tx *store.Tx)   { tx.ReserveEmail(s.permanent(), s.now, errRefused) }
func (s situation) claimForAWhile(tx *store.Tx) { tx.ReserveEmail(s.claim, s.now, errRefused) }
func (s situation) claimOfOther(tx *store.Tx)   { tx.ReserveEmail(s.foreign(), s.now, errRefused) }
func (s situation) signUp() tenancy.Account {
	return with(s.account, func(a *tenancy.Account) { a.Active = false })
}
func (s situation) permanent() tenancy.EmailReservation {
	return tenancy.EmailReservation{Email: s.claim.Email, Account: s.account.ID}
}
func (s situation) foreign() tenancy.EmailReservation {
	return tenancy.EmailReservation{Email: s.claim.Email, Account: s.other.ID, Expires: s.claim.Expires}
}
func (s situation) shared() steps { return steps{s.createProfile, s.addMember, s.addGuest} }
func (s situation) hijacked() tenancy.Token {
	return with(s.token, func(t *tenancy.Token) { t.Profile = "another" })
}

func (s situation) editToken(tx *store.Tx) {
	tx.EditToken(with(s.token, func(t *tenancy.Token) { t.Name, t.Scope = "edited", tenancy.ScopeProfile }))
}

// bounded is a profile with a policy for its tokens.
func (s situation) bounded(p tenancy.Profile) tenancy.Profile {
	p.TokenPolicy = tenancy.TokenPolicy{LongestDays: 30, NoNever: true}
	return p
}
func (s situation) setPolicy(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(s.profile)) }

// endless is the token without an end, which is what is rotated.
func (s situation) endless() tenancy.Token {
	return with(s.token, func(t *tenancy.Token) { t.Expires = time.Time{} })
}

func (s situation) rotated() tenancy.Token {
	old, _, _, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	old.Version = s.token.Version + 1
	return old
}

func (s situation) successor() tenancy.Token {
	_, next, _, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	return next
}

func (s situation) family() tenancy.Family {
	_, _, f, _ := s.endless().Rotate("x"+s.token.ID, []byte("x"), time.Hour, s.now)
	return f
}

func (s situation) createEndless(tx *store.Tx) { tx.CreateToken(s.endless()) }
func (s situation) rotate(tx *store.Tx) {
	tx.RotateToken(s.endless(), s.rotated(), s.successor(), s.family(), s.now, errRefused)
}

func (s situation) grant() tenancy.Grant { return s.profile.OwnerGrant() }

// renewed is the invitation when the same address is invited again.
func (s situation) renewed() tenancy.Invitation {
	return with(s.invitation, func(i *tenancy.Invitation) { i.Code, i.Hash = "renewed0"+i.Code, []byte("renewed") })
}

func (s situation) renew(tx *store.Tx) {
	tx.Invite(at(s.profile, 2), s.renewed(), s.guest())
}

func (s situation) end(state tenancy.InvitationState) step {
	return func(tx *store.Tx) { tx.EndInvitation(s.invitation, state, errRefused) }
}

func (s situation) pause(after time.Duration) step {
	return func(tx *store.Tx) { tx.Cooldown(string(s.account.ID), time.Minute, s.now.Add(after), errRefused) }
}

func (s situation) remind(tx *store.Tx) { tx.RemindInvitation(s.invitation, errRefused) }

func (s situation) createBoth(tx *store.Tx) {
	tx.CreateAccount(s.account, s.now)
	tx.CreateAccount(s.other, s.now)
}

func (s situation) openTransfer(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 2), s.transfer) }

// offered prepares the open transfer of a shared profile.
func (s situation) offered(more ...step) steps {
	return append(append(s.shared(), s.createBoth, s.openTransfer), more...)
}

// answered is the transfer after other has accepted it.
func (s situation) answered() tenancy.Transfer {
	return with(s.transfer, func(t *tenancy.Transfer) { t.Destination, t.Confirmed, t.Accepted = s.other.ID, s.now, s.now })
}

func (s situation) canceled() tenancy.Transfer {
	return ended(s.transfer, tenancy.TransferCanceled, s.now)
}

// second is another transfer of the profile.
func (s situation) second() tenancy.Transfer {
	return with(s.transfer, func(t *tenancy.Transfer) { t.ID = tenancy.NewTransferID(string(t.ID)) })
}

func (s situation) updateTransfer(tx *store.Tx) { tx.UpdateTransfer(s.transfer) }
func (s situation) endTransfer(tx *store.Tx)    { tx.EndTransfer(s.canceled()) }

// joined is the receiving account as a member.
func (s situation) joined() tenancy.Member {
	return with(s.stranger, func(m *tenancy.Member) { m.Account = s.other.ID })
}

// offeredToMember is offered to an account that is a member already.
func (s situation) offeredToMember() steps {
	return append(s.shared(), s.createBoth, func(tx *store.Tx) { tx.AddMember(at(s.profile, 2), s.joined()) },
		func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.transfer) })
}

// move completes the transfer as it stands after offered, on terms, and then with a change.
func (s situation) move(terms tenancy.Terms, changes ...func(*tenancy.TransferMove)) step {
	t := s.answered()
	t.Terms = terms
	m, checks := tenancy.TransferContext{
		Transfer: t, Profile: at(s.profile, 3), Team: s.team(), Source: s.account, Destination: s.other,
	}.Complete(s.now)
	if m.Transfer.State != tenancy.TransferCompleted {
		panic("no move: " + checks.Missing())
	}
	for _, change := range changes {
		change(&m)
	}
	return func(tx *store.Tx) { tx.MoveProfile(m) }
}

func (s situation) stay() tenancy.Terms {
	return tenancy.Terms{Members: map[value.AccountID]tenancy.Permission{s.member.Account: tenancy.PermissionRead}}
}

// tally applies lines to a use that was read, of the profile at a version.
func (s situation) tally(version int64, u tenancy.Usage, now time.Time, lines ...tenancy.UsageLine) tenancy.UsageUpdate {
	return u.Apply(at(s.profile, version), lines, now)
}

// report is a report of whoever has read that use, and that version of the profile.
func (s situation) report(version int64, u tenancy.Usage, now time.Time, lines ...tenancy.UsageLine) step {
	t := s.tally(version, u, now, lines...)
	return func(tx *store.Tx) { tx.Report(at(s.profile, version), lines, t, now) }
}

// begin is the first report, of half of what there is; begun is the use after it, as everybody reads it.
func (s situation) begin(tx *store.Tx) { s.report(0, tenancy.Usage{}, s.now, s.half()...)(tx) }
func (s situation) begun() tenancy.Usage {
	return s.tally(0, tenancy.Usage{}, s.now, s.half()...).After
}

func (s situation) half() (lines []tenancy.UsageLine) {
	for _, service := range plan.Services() {
		lines = append(lines, line(service, s.parts(service, 50), "begin "+service.String()))
	}
	return lines
}

// parts are a part of a limit, as it is counted.
func (s situation) parts(service plan.Service, percent int64) int64 {
	return limitOf(service) * service.Parts() * percent / 100
}

// after prepares a profile of which some use was reported, and then what others did whom the step does not know of.
func (s situation) after(others ...step) steps {
	return append(steps{s.createProfile, s.begin}, others...)
}

// next is the report of somebody else, who has read what there is after begin. Others are only as many.
func (s situation) next(lines ...tenancy.UsageLine) step {
	return s.report(0, s.begun(), s.now.Add(time.Millisecond), lines...)
}

// told is the use after begin and tell: all thresholds are told, and there is room. A level gets there when it rises to its limit and falls
// again; a counter does not, but what others added is held against its limit all the same.
func (s situation) told() tenancy.Usage {
	return with(s.begun(), func(u *tenancy.Usage) {
		u.Version++
		for _, service := range plan.Services() {
			u.Alerts[service] = tenancy.Alert{Percent: 100, Limit: limitOf(service)}
		}
	})
}

func (s situation) tell(tx *store.Tx) { reported(s.profile, s.begun(), s.told(), s.now)(tx) }

func (s situation) changed(a tenancy.Account) step { return func(tx *store.Tx) { tx.UpdateAccount(a) } }

func conditions(s situation) map[string][]condition {
	all := map[string][]condition{
		"Claim": {
			{"a free address", nil, s.claimForGood, nil},
			{"an address that an account holds", steps{s.claimForGood}, s.claimOfOther, errRefused},
			{"an address that a sign-up still holds", steps{s.claimForAWhile}, s.claimOfOther, errRefused},
			{"an address whose sign-up has just lapsed", steps{s.claimForAWhile}, func(tx *store.Tx) {
				tx.ReserveEmail(s.foreign(), s.claim.Expires, errRefused)
			}, nil},
		},
		"KeepClaim": {
			{"one's own claim", steps{s.claimForAWhile}, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, nil},
			{"another account's claim", steps{s.claimOfOther}, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, errRefused},
			{"no claim", nil, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, errRefused},
		},
		"ExtendClaim": {
			{"one's own waiting claim", steps{s.claimForAWhile}, func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, nil},
			{"one's own claim that is confirmed", steps{s.claimForGood}, func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, problem.ErrConflict},
			{"another account's claim", steps{s.claimOfOther}, func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, problem.ErrConflict},
			{"no claim", nil, func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, problem.ErrConflict},
		},
		"CreateAccount": {
			{"a new id", nil, s.createAccount, nil},
			{"an id in use", steps{s.createAccount}, s.createAccount, problem.ErrConflict},
		},
		"ActivateAccount": {
			{"a sign-up", steps{s.createSignUp}, func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, nil},
			{"an active account", steps{s.createAccount}, func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, errRefused},
			{"a sign-up that lapsed", nil, func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, errRefused},
		},
		"UpdateSignUp": {
			{"as it was read", steps{s.createSignUp}, func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), s.now) }, nil},
			{"changed since", steps{s.createSignUp}, func(tx *store.Tx) { tx.UpdateSignUp(at(s.signUp(), 1), s.now) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), s.now) }, problem.ErrConflict},
		},
		"UpdateAccount": {
			{"as it was read", steps{s.createAccount}, func(tx *store.Tx) { tx.UpdateAccount(s.account) }, nil},
			{"changed since", steps{s.createAccount, func(tx *store.Tx) { tx.UpdateAccount(s.account) }}, func(tx *store.Tx) { tx.UpdateAccount(s.account) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateAccount(s.account) }, problem.ErrConflict},
		},
		"SignIn": {
			{"the epoch that was read", steps{s.createAccount}, func(tx *store.Tx) { tx.SignIn(at(s.account, 9), errRefused) }, nil},
			{"another epoch", steps{s.createAccount}, func(tx *store.Tx) {
				tx.SignIn(with(s.account, func(a *tenancy.Account) { a.Epoch = 1 }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.SignIn(with(s.account, func(a *tenancy.Account) { a.Sessions = 1 }), errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.SignIn(s.account, errRefused) }, errRefused},
		},
		"CheckAccount": {
			{"the epoch that was read", steps{s.createAccount}, func(tx *store.Tx) { tx.CheckAccount(s.account, errRefused) }, nil},
			{"another epoch", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAccount(with(s.account, func(a *tenancy.Account) { a.Epoch = 1 }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAccount(with(s.account, func(a *tenancy.Account) { a.Sessions = 1 }), errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAccount(s.account, errRefused) }, errRefused},
		},
		"CreateProfile": {
			{"a new id", nil, s.createProfile, nil},
			{"an id in use", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CreateProfile(with(s.profile, func(p *tenancy.Profile) { p.Owner = s.other.ID }))
			}, problem.ErrConflict},
			{"an owner who can open it already", append(s.shared(), func(tx *store.Tx) {
				// What remains is the grant of a member whom the deletion did not know.
				tx.DeleteProfile(at(s.profile, 2), nil, s.now)
			}), func(tx *store.Tx) {
				tx.CreateProfile(with(s.profile, func(p *tenancy.Profile) { p.Owner = s.member.Account }))
			}, problem.ErrConflict},
		},
		"UpdateProfile": {
			{"as it was read", s.shared(), func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 2), s.team()) }, nil},
			{"changed since", s.shared(), func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 1), s.team()) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }, problem.ErrConflict},
			{"an owner without a grant", s.shared(), func(tx *store.Tx) {
				tx.UpdateProfile(with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }), s.team())
			}, problem.ErrConflict},
			{"an active member without a grant", s.shared(), func(tx *store.Tx) {
				tx.UpdateProfile(at(s.profile, 2), []tenancy.Member{s.stranger})
			}, problem.ErrConflict},
		},
		"DeleteProfile": {
			{"as it was read", s.shared(), func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 2), s.team(), s.now) }, nil},
			{"changed since", s.shared(), func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 1), s.team(), s.now) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }, problem.ErrConflict},
			{"an owner without a grant", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }), s.team(), s.now)
			}, problem.ErrConflict},
			{"one that was used", append(s.shared(), s.report(2, tenancy.Usage{}, s.now, s.half()...)), func(tx *store.Tx) {
				tx.DeleteProfile(at(s.profile, 2), s.team(), s.now)
			}, nil},
			{"one that was used, changed since", append(s.shared(), s.report(2, tenancy.Usage{}, s.now, s.half()...)), func(tx *store.Tx) {
				tx.DeleteProfile(at(s.profile, 1), s.team(), s.now)
			}, problem.ErrConflict},
			{"a member who left", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(at(s.profile, 2), []tenancy.Member{{Profile: s.profile.ID, Account: s.other.ID, Active: true}}, s.now)
			}, problem.ErrConflict},
			{"an active member without a grant", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(at(s.profile, 2), []tenancy.Member{s.stranger}, s.now)
			}, problem.ErrConflict},
		},
		"AddMember": {
			{"a new member", steps{s.createProfile}, s.addMember, nil},
			{"a profile changed since", steps{s.createProfile, s.addMember}, func(tx *store.Tx) { tx.AddMember(s.profile, s.stranger) }, problem.ErrConflict},
			{"a profile gone since", nil, s.addMember, problem.ErrConflict},
			{"somebody who is a member already", s.shared(), func(tx *store.Tx) { tx.AddMember(at(s.profile, 2), s.member) }, problem.ErrConflict},
			{"somebody who can open it already", s.shared(), func(tx *store.Tx) {
				tx.AddMember(at(s.profile, 2), with(s.stranger, func(m *tenancy.Member) { m.Account = s.account.ID }))
			}, problem.ErrConflict},
		},
		"Invite": {
			{"a new address", steps{s.createProfile, s.addMember}, s.addGuest, nil},
			{"again", s.shared(), func(tx *store.Tx) { tx.Invite(at(s.profile, 2), s.renewed(), s.guest()) }, nil},
			{"a profile changed since", s.shared(), func(tx *store.Tx) { tx.Invite(at(s.profile, 1), s.renewed(), s.guest()) }, problem.ErrConflict},
			{"a code in use", s.shared(), func(tx *store.Tx) { tx.Invite(at(s.profile, 2), s.invitation, tenancy.Member{}) }, problem.ErrConflict},
			{"a profile gone since", nil, func(tx *store.Tx) { tx.Invite(s.profile, s.invitation, tenancy.Member{}) }, problem.ErrConflict},
		},
		"EndInvitation": {
			{"one that is pending", s.shared(), s.end(tenancy.InvitationAccepted), nil},
			{"one that has ended", append(s.shared(), s.end(tenancy.InvitationDeclined)), s.end(tenancy.InvitationAccepted), errRefused},
			{"one that was renewed", append(s.shared(), s.renew), s.end(tenancy.InvitationAccepted), errRefused},
			{"none", nil, s.end(tenancy.InvitationAccepted), errRefused},
		},
		"RemindInvitation": {
			{"one that is pending", s.shared(), s.remind, nil},
			{"one that was reminded of", append(s.shared(), s.remind), s.remind, errRefused},
			{"one that has ended", append(s.shared(), s.end(tenancy.InvitationDeclined)), s.remind, errRefused},
			{"none", nil, s.remind, errRefused},
		},
		"EditMember": {
			{"an active member", s.shared(), func(tx *store.Tx) { tx.EditMember(at(s.profile, 2), s.member) }, nil},
			{"a profile changed since", s.shared(), func(tx *store.Tx) { tx.EditMember(at(s.profile, 1), s.member) }, problem.ErrConflict},
			{"somebody else", s.shared(), func(tx *store.Tx) { tx.EditMember(at(s.profile, 2), s.stranger) }, problem.ErrConflict},
		},
		"RemoveMember": {
			{"an active member", s.shared(), func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 2), s.member, s.now) }, nil},
			{"a profile changed since", s.shared(), func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 1), s.member, s.now) }, problem.ErrConflict},
			{"somebody else", s.shared(), func(tx *store.Tx) { tx.RemoveMember(at(s.profile, 2), s.stranger, s.now) }, problem.ErrConflict},
		},
		"ReadNotification": {
			{"one's own", steps{s.notify}, func(tx *store.Tx) { tx.ReadNotification(s.account.ID, s.notification.ID, true, errRefused) }, nil},
			{"another account's", steps{s.notify}, func(tx *store.Tx) { tx.ReadNotification(s.other.ID, s.notification.ID, true, errRefused) }, errRefused},
			{"none", nil, func(tx *store.Tx) { tx.ReadNotification(s.account.ID, s.notification.ID, false, errRefused) }, errRefused},
		},
		"DeleteNotification": {
			{"one's own", steps{s.notify}, func(tx *store.Tx) { tx.DeleteNotification(s.account.ID, s.notification.ID, errRefused) }, nil},
			{"another account's", steps{s.notify}, func(tx *store.Tx) { tx.DeleteNotification(s.other.ID, s.notification.ID, errRefused) }, errRefused},
			{"none", nil, func(tx *store.Tx) { tx.DeleteNotification(s.account.ID, s.notification.ID, errRefused) }, errRefused},
		},
		"CheckAddress": {
			{"as it was read", steps{s.createAccount}, func(tx *store.Tx) { tx.CheckAddress(s.account, errRefused) }, nil},
			{"another address since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(with(s.account, func(a *tenancy.Account) { a.Email = "old@example.com" }), errRefused)
			}, errRefused},
			{"tokens revoked since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(with(s.account, func(a *tenancy.Account) { a.Epoch++ }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(with(s.account, func(a *tenancy.Account) { a.Sessions++ }), errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAddress(s.account, errRefused) }, errRefused},
		},
		"CheckAgent": {
			{"an agent", steps{s.createAgent}, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, nil},
			{"one that was made a customer again", steps{s.createAgent, func(tx *store.Tx) { tx.UpdateAccount(s.account) }}, func(tx *store.Tx) {
				tx.CheckAgent(s.agent(), errRefused)
			}, errRefused},
			{"a customer who is read as an agent", steps{s.createAccount}, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, errRefused},
			{"a service", steps{func(tx *store.Tx) {
				tx.CreateAccount(with(s.account, func(a *tenancy.Account) { a.Type = tenancy.AccountService }), s.now)
			}}, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, errRefused},
			{"tokens revoked since", steps{s.createAgent}, func(tx *store.Tx) {
				tx.CheckAgent(with(s.agent(), func(a *tenancy.Account) { a.Epoch = 1 }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAgent}, func(tx *store.Tx) {
				tx.CheckAgent(with(s.agent(), func(a *tenancy.Account) { a.Sessions = 1 }), errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, errRefused},
		},
		"CheckNoTransfer": {
			{"a profile that never had one", s.shared(), func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"a profile whose last one has ended", s.offered(s.endTransfer), func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"no profile", nil, func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, nil},
			{"a profile with an open one", s.offered(), func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, problem.ErrConflict},
			{"a profile whose next one is open", s.offered(s.endTransfer, func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }),
				func(tx *store.Tx) { tx.CheckNoTransfer(s.profile.ID) }, problem.ErrConflict},
		},
		"Reallocate": {
			{"as it was read", steps{s.createBoth, s.createProfile}, s.reallocate(s.account, s.profile.ID), nil},
			{"of no profile", steps{s.createBoth}, s.reallocate(s.account), nil},
			{"a profile that somebody changed", steps{s.createBoth, s.createProfile, func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }},
				s.reallocate(s.account, s.profile.ID), nil},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)}, s.reallocate(s.account, s.profile.ID), problem.ErrConflict},
			{"of a later version", steps{s.createBoth, s.createProfile}, s.reallocate(at(s.account, 1), s.profile.ID), problem.ErrConflict},
			{"the account gone", steps{s.createProfile}, s.reallocate(s.account, s.profile.ID), problem.ErrConflict},
			{"a profile of another owner", steps{s.createBoth, s.createProfile}, s.reallocate(owning(s.other, s.profile), s.profile.ID), problem.ErrConflict},
			{"a profile that has moved away", s.offered(s.move(tenancy.Terms{})), s.reallocate(at(s.account, 1), s.profile.ID), problem.ErrConflict},
			{"a profile that never was", steps{s.createBoth}, s.reallocate(s.account, s.profile.ID), problem.ErrConflict},
			{"a profile gone since", steps{s.createBoth, s.createProfile, func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }},
				s.reallocate(s.account, s.profile.ID), problem.ErrConflict},
			{"one of two profiles gone", steps{s.createBoth, s.createProfile}, s.reallocate(s.account, s.account.ProfileIDs()...), problem.ErrConflict},
		},
		"Charge": {
			{"a new id", nil, s.charge(s.account), nil},
			{"the same id for another account", steps{s.charge(s.account)}, s.charge(s.other), nil},
			{"twice", steps{s.charge(s.account)}, s.charge(s.account), problem.ErrConflict},
			{"another amount under the id", steps{s.charge(s.account)}, func(tx *store.Tx) {
				tx.Charge(tenancy.Charge{ID: "charge", Account: s.account.ID, Kind: tenancy.ChargePlan, Amount: 2, From: s.now})
			}, problem.ErrConflict},
		},
		"Report":          reports(s),
		"Report a level":  levels(s),
		"Report in time":  times(s),
		"Report and tell": profiles(s),
		"CheckGrant": {
			{"as it was read", steps{s.createProfile}, func(tx *store.Tx) { tx.CheckGrant(s.grant(), errRefused) }, nil},
			{"another epoch", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CheckGrant(with(s.grant(), func(g *tenancy.Grant) { g.Epoch = 1 }), errRefused)
			}, errRefused},
			{"another permission", steps{s.createProfile}, func(tx *store.Tx) {
				tx.CheckGrant(with(s.grant(), func(g *tenancy.Grant) { g.Permission = tenancy.PermissionRead }), errRefused)
			}, errRefused},
			{"no grant", nil, func(tx *store.Tx) { tx.CheckGrant(s.grant(), errRefused) }, errRefused},
		},
		"CreateToken": {
			{"a new id", nil, s.createToken, nil},
			{"an id in use", steps{s.createToken}, func(tx *store.Tx) { tx.CreateToken(s.hijacked()) }, problem.ErrConflict},
		},
		"DeleteToken": {
			{"a token of the profile", steps{s.createToken}, func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) }, nil},
			{"a token that moved away", steps{s.createToken}, func(tx *store.Tx) { tx.DeleteToken(s.hijacked(), errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) }, errRefused},
		},
		"ExpireToken": {
			{"at its end", steps{s.createToken}, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) }, nil},
			{"a millisecond early", steps{s.createToken}, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now.Add(-time.Millisecond), errRefused) }, errRefused},
			{"a token without end", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.token, func(t *tenancy.Token) { t.Expires = time.Time{} }))
			}}, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) }, errRefused},
			{"a token that moved away", steps{s.createToken}, func(tx *store.Tx) { tx.ExpireToken(s.hijacked(), s.now, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.ExpireToken(s.token, s.now, errRefused) }, errRefused},
		},
		"MoveToken": {
			{"a token of the profile", steps{s.createToken}, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, nil},
			{"a token that moved away", steps{s.createToken}, func(tx *store.Tx) { tx.MoveToken(s.hijacked(), s.token, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, errRefused},
			{"a token that was edited since", steps{s.createToken, s.editToken}, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, errRefused},
			{"a token as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				edited := with(s.token, func(t *tenancy.Token) { t.Name, t.Scope, t.Version = "edited", tenancy.ScopeProfile, 1 })
				tx.MoveToken(edited, with(edited, func(t *tenancy.Token) { t.Profile = "another" }), errRefused)
			}, nil},
			{"a token that was rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.MoveToken(s.endless(), s.hijacked(), errRefused) }, errRefused},
		},
		"EditToken": {
			{"a token as it was made", steps{s.createToken}, s.editToken, nil},
			{"a token as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				tx.EditToken(with(s.token, func(t *tenancy.Token) { t.Version = 1 }))
			}, nil},
			{"a token that was edited since", steps{s.createToken, s.editToken}, s.editToken, problem.ErrConflict},
			{"a token that moved away", steps{s.createToken, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }}, s.editToken, problem.ErrConflict},
			{"a token that moved away and back", steps{s.createToken, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) }, func(tx *store.Tx) {
				tx.MoveToken(with(s.hijacked(), func(t *tenancy.Token) { t.Version = 1 }), with(s.token, func(t *tenancy.Token) { t.Version = 1 }), errRefused)
			}}, s.editToken, problem.ErrConflict},
			{"a token that was rotated", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.EditToken(s.endless()) }, problem.ErrConflict},
			{"a token that was deleted", steps{s.createToken, func(tx *store.Tx) { tx.DeleteToken(s.token, errRefused) }}, s.editToken, problem.ErrConflict},
			{"no token", nil, s.editToken, problem.ErrConflict},
		},
		"SetTokenPolicy": {
			{"as it was read", s.shared(), func(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(at(s.profile, 2))) }, nil},
			{"changed since", s.shared(), func(tx *store.Tx) { tx.SetTokenPolicy(s.bounded(at(s.profile, 1))) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.SetTokenPolicy(s.profile) }, problem.ErrConflict},
		},
		"CheckTokenPolicy": {
			{"none, as it was read", steps{s.createProfile}, func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, nil},
			{"one since", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, errRefused},
			{"one, as it was read", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) { tx.CheckTokenPolicy(s.bounded(s.profile), errRefused) }, nil},
			{"none since", steps{s.createProfile}, func(tx *store.Tx) { tx.CheckTokenPolicy(s.bounded(s.profile), errRefused) }, errRefused},
			{"none again", steps{s.createProfile, s.setPolicy, func(tx *store.Tx) { tx.SetTokenPolicy(at(s.profile, s.profile.Version+1)) }}, func(tx *store.Tx) {
				tx.CheckTokenPolicy(s.profile, errRefused)
			}, nil},
			{"another limit since", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) {
				tx.CheckTokenPolicy(with(s.bounded(s.profile), func(p *tenancy.Profile) { p.TokenPolicy.LongestDays++ }), errRefused)
			}, errRefused},
			{"never allowed since", steps{s.createProfile, s.setPolicy}, func(tx *store.Tx) {
				tx.CheckTokenPolicy(with(s.bounded(s.profile), func(p *tenancy.Profile) { p.TokenPolicy.NoNever = false }), errRefused)
			}, errRefused},
			{"an edit of the profile since", s.shared(), func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, nil},
			{"no profile", nil, func(tx *store.Tx) { tx.CheckTokenPolicy(s.profile, errRefused) }, errRefused},
		},
		"DeleteKeyring": {
			{"one that was read", steps{s.keep(0)}, s.forget(1), nil},
			{"none", nil, s.forget(0), nil},
			{"one that was not there", steps{s.keep(0)}, s.forget(0), problem.ErrConflict},
			{"one that changed since", steps{s.keep(0), s.keep(1)}, s.forget(1), problem.ErrConflict},
		},
		"UpdateKeyring": {
			{"the first of an account", nil, s.keep(0), nil},
			{"the next", steps{s.keep(0)}, s.keep(1), nil},
			{"a first where there is one", steps{s.keep(0)}, s.keep(0), problem.ErrConflict},
			{"one that changed since", steps{s.keep(0), s.keep(1)}, s.keep(1), problem.ErrConflict},
			{"one that is gone", nil, s.keep(1), problem.ErrConflict},
		},
		"DeleteToken of a family": {
			{"a token that was rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.DeleteToken(s.endless(), errRefused) }, errRefused},
			{"one that was read as rotated", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.DeleteToken(s.rotated(), errRefused) }, nil},
		},
		"RotateToken": {
			{"as it was read", steps{s.createEndless}, s.rotate, nil},
			{"rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.RotateToken(s.endless(), s.rotated(), with(s.successor(), func(t *tenancy.Token) { t.ID += "2" }), s.family(), s.now, errRefused)
			}, errRefused},
			{"renamed meanwhile", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.endless(), func(t *tenancy.Token) { t.Name = "another" }))
			}}, s.rotate, errRefused},
			{"edited meanwhile", steps{s.createEndless, func(tx *store.Tx) {
				tx.EditToken(with(s.endless(), func(t *tenancy.Token) { t.DisabledBy = "somebody" }))
			}}, s.rotate, errRefused},
			{"given an end meanwhile", steps{s.createToken}, s.rotate, errRefused},
			{"a token that moved away", steps{func(tx *store.Tx) {
				tx.CreateToken(with(s.endless(), func(t *tenancy.Token) { t.Profile = "another" }))
			}}, s.rotate, errRefused},
			{"no token", nil, s.rotate, errRefused},
			{"an id in use", steps{s.createEndless, func(tx *store.Tx) { tx.CreateToken(s.successor()) }}, s.rotate, problem.ErrConflict},
		},
		"RetireToken": {
			{"within its grace", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) }, nil},
			{"not rotated yet", steps{s.createEndless}, func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.RetireToken(s.rotated(), s.now, errRefused) }, errRefused},
		},
		"RemindToken": {
			{"as it was read", steps{s.createEndless}, func(tx *store.Tx) { tx.RemindToken(s.endless(), s.now, errRefused) }, nil},
			{"reminded meanwhile", steps{s.createEndless, func(tx *store.Tx) { tx.RemindToken(s.endless(), s.now, errRefused) }},
				func(tx *store.Tx) { tx.RemindToken(s.endless(), s.now, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.RemindToken(s.endless(), s.now, errRefused) }, errRefused},
		},
		"RevokeFamilyToken": {
			{"as it was read", steps{s.createEndless}, func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) }, nil},
			{"rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.RevokeFamilyToken(s.endless(), errRefused) }, errRefused},
		},
		"CheckToken": {
			{"a token as it was read", steps{s.createEndless}, func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) }, nil},
			{"rotated meanwhile", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) }, errRefused},
			{"edited meanwhile", steps{s.createToken, s.editToken}, func(tx *store.Tx) { tx.CheckToken(s.token, errRefused) }, errRefused},
			{"as it was edited", steps{s.createToken, s.editToken}, func(tx *store.Tx) {
				tx.CheckToken(with(s.token, func(t *tenancy.Token) { t.Version = 1 }), errRefused)
			}, nil},
			{"a token that moved away", steps{s.createEndless}, func(tx *store.Tx) { tx.CheckToken(s.hijacked(), errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.CheckToken(s.endless(), errRefused) }, errRefused},
		},
		"CheckFamily": {
			{"as it was read", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.CheckFamily(s.token.ID, s.family(), errRefused) }, nil},
			{"another latest token", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.CheckFamily(s.token.ID, tenancy.Family{Current: s.token.ID}, errRefused)
			}, errRefused},
			{"none, as it was read", nil, func(tx *store.Tx) { tx.CheckFamily(s.token.ID, tenancy.Family{}, errRefused) }, nil},
			{"none by now", nil, func(tx *store.Tx) { tx.CheckFamily(s.token.ID, s.family(), errRefused) }, errRefused},
			{"one that was not there", steps{s.createEndless, s.rotate}, func(tx *store.Tx) {
				tx.CheckFamily(s.token.ID, tenancy.Family{}, errRefused)
			}, errRefused},
		},
		"SettleReuse": {
			{"for the first time", steps{s.createEndless, s.rotate}, func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) }, nil},
			{"again", steps{s.createEndless, s.rotate, func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) }},
				func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) }, errRefused},
			{"no token", nil, func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) }, errRefused},
		},
		"CreateConfirmation": {
			{"a new id", nil, s.createCode, nil},
			{"an id in use", steps{s.createCode}, s.createCode, problem.ErrConflict},
		},
		"UseConfirmation": {
			{"an unused code", steps{s.createCode}, func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) }, nil},
			{"a used code", nil, func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) }, errRefused},
			{"another code of the same id", steps{s.createCode}, func(tx *store.Tx) {
				tx.UseConfirmation(with(s.code, func(c *tenancy.Confirmation) { c.Hash = []byte("other") }), errRefused)
			}, errRefused},
		},
		"CreateSecurityCode": {
			{"a new id", nil, s.createSecurity, nil},
			{"the id of a code for a sign-up", steps{s.createCode}, s.createSecurity, nil},
			{"an id in use", steps{s.createSecurity}, s.createSecurity, problem.ErrConflict},
		},
		"UseSecurityCode": {
			{"an unused code", steps{s.createSecurity}, s.useSecurity, nil},
			{"a used code", steps{s.createSecurity, s.useSecurity}, s.useSecurity, errRefused},
			{"no code", nil, s.useSecurity, errRefused},
			{"a code for a sign-up", steps{s.createCode}, s.useSecurity, errRefused},
			{"another code of the same id", steps{s.createSecurity}, func(tx *store.Tx) {
				tx.UseSecurityCode(with(s.security, func(c *tenancy.SecurityCode) { c.Hash = []byte("another") }), errRefused)
			}, errRefused},
		},
		"MoveClaimOver": {
			{"to an address that a sign-up holds", steps{s.claimForGood, s.waits}, s.moveClaimOver, nil},
			{"to one whose sign-up was confirmed", steps{s.claimForGood, s.waits, s.confirmed}, s.moveClaimOver, problem.ErrConflict},
			{"to one that somebody else holds by now", steps{s.claimForGood, s.signedUp, func(tx *store.Tx) {
				tx.ReserveEmail(tenancy.EmailReservation{Email: s.other.Email, Account: "a third"}, s.now, errRefused)
			}}, s.moveClaimOver, errRefused},
			{"to one whose sign-up is gone", steps{s.claimForGood}, s.moveClaimOver, problem.ErrConflict},
		},
		"MoveClaim": {
			{"to a free address", steps{s.claimForGood}, s.moveClaim, nil},
			{"back to a former address, which is kept", steps{s.claimForGood, s.moveClaim}, func(tx *store.Tx) {
				tx.MoveReservation(s.other.Email, s.claim.Email, s.account.ID, s.now, s.now, errRefused)
			}, nil},
			{"to an address that an account holds", steps{s.claimForGood, s.holds(time.Time{})}, s.moveClaim, errRefused},
			{"to an address that is kept for another account", steps{s.claimForGood, s.holds(s.now.Add(time.Millisecond))}, s.moveClaim, errRefused},
			{"to an address whose time has just come", steps{s.claimForGood, s.holds(s.now)}, s.moveClaim, nil},
			{"from another account's address", steps{s.claimOfOther}, s.moveClaim, problem.ErrConflict},
			{"from an address that nobody holds", nil, s.moveClaim, problem.ErrConflict},
		},
		"Revoke": {
			{"as it was read", steps{s.createBoth, s.createProfile}, s.revoke(s.sole()), nil},
			{"of no profile", steps{s.createBoth}, s.revoke(with(s.sole(), func(a *tenancy.Account) { a.Shares = nil })), nil},
			{"a profile that somebody changed", steps{s.createBoth, s.createProfile, func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }}, s.revoke(s.sole()), nil},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)}, s.revoke(s.sole()), problem.ErrConflict},
			{"revoked since", steps{s.createBoth, s.createProfile, s.revoke(s.sole())}, s.revoke(s.sole()), problem.ErrConflict},
			{"the account gone", steps{s.createProfile}, s.revoke(s.sole()), problem.ErrConflict},
			{"a profile that has moved away", s.offered(s.move(tenancy.Terms{})), s.revoke(at(s.sole(), 1)), problem.ErrConflict},
			{"a profile gone since", steps{s.createBoth, s.createProfile, func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }}, s.revoke(s.sole()), problem.ErrConflict},
			{"one of two profiles gone", steps{s.createBoth, s.createProfile}, s.revoke(s.account), problem.ErrConflict},
		},
		"Expel": {
			{"as it was read", steps{s.createBoth, s.createProfile}, func(tx *store.Tx) { tx.Expel(s.sole().Revoked(), s.now) }, nil},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)}, func(tx *store.Tx) { tx.Expel(s.sole().Revoked(), s.now) }, problem.ErrConflict},
		},
		"DeleteAccount": {
			{"as it was read", steps{s.createBoth, s.createProfile}, s.deleteAccount(s.sole()), nil},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)}, s.deleteAccount(s.sole()), problem.ErrConflict},
			{"no account", steps{s.createProfile}, s.deleteAccount(s.sole()), problem.ErrConflict},
			{"deleted by somebody else", steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole())}, s.deleteAccount(s.sole()), problem.ErrConflict},
			{"with a profile that is gone", steps{s.createBoth}, s.deleteAccount(s.sole()), problem.ErrConflict},
			{"with a profile that is another's", steps{s.createBoth, s.createProfile}, s.deleteAccount(owning(s.other, s.profile)), problem.ErrConflict},
		},
		"EndDeparture": {
			{"once", steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole())}, s.endDeparture, nil},
			{"twice", steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole()), s.endDeparture}, s.endDeparture, errRefused},
			{"of an account that is there", steps{s.createBoth}, s.endDeparture, errRefused},
		},
		"FreeClaim": {
			{"its own", steps{s.claimForGood}, s.freeClaim, nil},
			{"nobody's", nil, s.freeClaim, nil},
			{"another's", steps{s.claimOfOther}, s.freeClaim, problem.ErrConflict},
		},
		"RevokeTokens": {
			{"of all", s.shared(), s.revokeTokens(at(s.profile, 2), true, s.member), nil},
			{"of the owner", s.shared(), s.revokeTokens(at(s.profile, 2), true), nil},
			{"of a member", s.shared(), s.revokeTokens(at(s.profile, 2), false, s.member), nil},
			{"of all, changed since", s.shared(), s.revokeTokens(at(s.profile, 1), true, s.member), problem.ErrConflict},
			{"of a member, changed since", s.shared(), s.revokeTokens(at(s.profile, 1), false, s.member), problem.ErrConflict},
			{"of the owner, revoked since", append(s.shared(), s.revokeTokens(at(s.profile, 2), true)), s.revokeTokens(at(s.profile, 2), true), problem.ErrConflict},
			{"of a member, revoked since", append(s.shared(), s.revokeTokens(at(s.profile, 2), false, s.member)), s.revokeTokens(at(s.profile, 2), false, s.member), problem.ErrConflict},
			{"of one who is no member", s.shared(), s.revokeTokens(at(s.profile, 2), false, s.stranger), problem.ErrConflict},
			{"of an owner without a grant", s.shared(), s.revokeTokens(with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }), true), problem.ErrConflict},
			{"of a profile that is gone", nil, s.revokeTokens(s.profile, true), problem.ErrConflict},
		},
		"Send": {
			{"a new id", nil, s.send, nil},
			{"an id in use", steps{s.send}, s.send, problem.ErrConflict},
		},
		"OpenTransfer": {
			{"a profile without one", s.shared(), s.openTransfer, nil},
			{"a profile whose last one has ended", s.offered(s.endTransfer), func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }, nil},
			{"one that takes another back", s.shared(), func(tx *store.Tx) {
				tx.OpenTransfer(at(s.profile, 2), with(s.answered(), func(t *tenancy.Transfer) { t.Reverts = "TR-0000-0000" }))
			}, nil},
			{"a profile with an open one", s.offered(), func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }, problem.ErrConflict},
			{"a ticket in use", s.offered(s.endTransfer), func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.transfer) }, problem.ErrConflict},
			{"a profile changed since", s.shared(), func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 1), s.transfer) }, problem.ErrConflict},
			{"a profile gone since", nil, func(tx *store.Tx) { tx.OpenTransfer(s.profile, s.transfer) }, problem.ErrConflict},
		},
		"UpdateTransfer": {
			{"as it was read", s.offered(), s.updateTransfer, nil},
			{"changed since", s.offered(s.updateTransfer), s.updateTransfer, problem.ErrConflict},
			{"ended since", s.offered(s.endTransfer), s.updateTransfer, problem.ErrConflict},
			{"of a later version", s.offered(), func(tx *store.Tx) { tx.UpdateTransfer(at(s.transfer, 1)) }, problem.ErrConflict},
			{"gone since", nil, s.updateTransfer, problem.ErrConflict},
		},
		"AnswerTransfer": {
			{"as it was read", s.offered(), func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, nil},
			{"anew, on other terms", s.offered(func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }), func(tx *store.Tx) { tx.AnswerTransfer(at(s.answered(), 1)) }, nil},
			{"changed since", s.offered(s.updateTransfer), func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, problem.ErrConflict},
			{"ended since", s.offered(s.endTransfer), func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }, problem.ErrConflict},
		},
		"EndTransfer": {
			{"as it was read", s.offered(), s.endTransfer, nil},
			{"one that was answered", s.offered(func(tx *store.Tx) { tx.AnswerTransfer(s.answered()) }), func(tx *store.Tx) {
				tx.EndTransfer(ended(at(s.answered(), 1), tenancy.TransferExpired, s.now))
			}, nil},
			{"with its profile", s.offered(func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 3), s.team(), s.now) }), s.endTransfer, nil},
			{"changed since", s.offered(s.updateTransfer), s.endTransfer, problem.ErrConflict},
			{"gone since", nil, s.endTransfer, problem.ErrConflict},
			{"the claim gone", s.offered(s.endTransfer), func(tx *store.Tx) { tx.EndTransfer(at(s.canceled(), 1)) }, problem.ErrConflict},
			{"the claim another ticket's", s.offered(s.endTransfer, func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }), func(tx *store.Tx) {
				tx.EndTransfer(at(s.canceled(), 1))
			}, problem.ErrConflict},
		},
		"MoveProfile": {
			{"everybody leaves", s.offered(), s.move(tenancy.Terms{}), nil},
			{"a member stays", s.offered(), s.move(s.stay()), nil},
			{"the previous owner stays", s.offered(), s.move(tenancy.Terms{Owner: tenancy.PermissionFull}), nil},
			{"the receiving account was a member", s.offeredToMember(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				joined := s.joined()
				m.Profile.Version, m.Joined = 4, &joined
			}), nil},
			{"the previous owner gets another profile", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				spare := tenancy.NewProfile("spare"+m.Profile.ID, m.Source, "Spare", s.now)
				m.Instead = &spare
			}), nil},
			{"the previous owner gets one that there is", s.offered(func(tx *store.Tx) {
				tx.CreateProfile(tenancy.NewProfile("spare"+s.profile.ID, s.account, "Spare", s.now))
			}),
				s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
					spare := tenancy.NewProfile("spare"+m.Profile.ID, m.Source, "Spare", s.now)
					m.Instead = &spare
				}), problem.ErrConflict},
			{"the transfer changed since", s.offered(s.updateTransfer), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the transfer ended since", s.offered(s.endTransfer), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the transfer gone", append(s.shared(), s.createBoth), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Profile.Version = 2 }), problem.ErrConflict},
			{"the claim gone", s.offered(s.endTransfer), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Transfer.Version = 1 }), problem.ErrConflict},
			{"the claim another ticket's", s.offered(s.endTransfer, func(tx *store.Tx) { tx.OpenTransfer(at(s.profile, 3), s.second()) }),
				s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Transfer.Version, m.Profile.Version = 1, 4 }), problem.ErrConflict},
			{"the profile changed since", s.offered(func(tx *store.Tx) { tx.UpdateProfile(at(s.profile, 3), s.team()) }), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the team changed since", s.offered(func(tx *store.Tx) { tx.EditMember(at(s.profile, 3), s.member) }), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the profile gone", s.offered(func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 3), s.team(), s.now) }), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the source account changed since", s.offered(s.changed(s.account)), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the source account gone", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Source.ID = "gone" + m.Source.ID }), problem.ErrConflict},
			{"the destination account changed since", s.offered(s.changed(s.other)), s.move(tenancy.Terms{}), problem.ErrConflict},
			{"the destination account gone", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Destination.ID = "gone" + m.Destination.ID }), problem.ErrConflict},
			{"no grant of the previous owner, who leaves", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Transfer.Source = s.stranger.Account }), problem.ErrConflict},
			{"no grant of the previous owner, who stays", s.offered(), s.move(tenancy.Terms{Owner: tenancy.PermissionRead}, func(m *tenancy.TransferMove) {
				m.Previous.Account = s.stranger.Account
			}), problem.ErrConflict},
			{"a previous owner who is a member already", s.offered(), s.move(tenancy.Terms{Owner: tenancy.PermissionRead}, func(m *tenancy.TransferMove) {
				m.Previous.Account, m.Leave = s.member.Account, nil
			}), problem.ErrConflict},
			{"a member who stays is missing", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Stay = tenancy.Team{s.stranger} }), problem.ErrConflict},
			{"a member who leaves is missing", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) { m.Leave = tenancy.Team{s.stranger} }), problem.ErrConflict},
			{"an open place is missing", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				m.Void = tenancy.Team{with(s.guest(), func(m *tenancy.Member) { m.Invitation = "another" })}
			}), problem.ErrConflict},
			{"the receiving account is a member, unknown to the move", s.offeredToMember(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				m.Profile.Version = 4
			}), problem.ErrConflict},
			{"the receiving account is no member, as the move thinks", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				joined := s.joined()
				m.Joined = &joined
			}), problem.ErrConflict},
			{"the receiving account has no grant, as the move thinks", s.offered(), s.move(tenancy.Terms{}, func(m *tenancy.TransferMove) {
				joined := s.member
				m.Joined, m.Leave = &joined, nil
			}), problem.ErrConflict},
		},
		"Pause": {
			{"the first time", nil, s.pause(0), nil},
			{"a millisecond early", steps{s.pause(0)}, s.pause(time.Minute - time.Millisecond), errRefused},
			{"in time", steps{s.pause(0)}, s.pause(time.Minute), nil},
		},
		"Count": {
			{"a new window", nil, func(tx *store.Tx) { tx.Count(s.window(), 1, errRefused) }, nil},
			{"a window with room for one", steps{s.count}, func(tx *store.Tx) { tx.Count(s.window(), 2, errRefused) }, nil},
			{"a full window", steps{s.count}, func(tx *store.Tx) { tx.Count(s.window(), 1, errRefused) }, errRefused},
		},
	}
	for _, service := range plan.Services() {
		all["Report of "+service.String()] = append(additions(s, service), alerts(s, service)...)
	}
	return all
}

func (s situation) forget(version int64) func(*store.Tx) {
	return func(tx *store.Tx) { tx.DeleteFactors(tenancy.SecondFactors{Account: s.account.ID, Version: version}) }
}

// keep is a change of a factors that was read at a version.
func (s situation) keep(version int64) func(*store.Tx) {
	return func(tx *store.Tx) {
		tx.UpdateFactors(tenancy.SecondFactors{Account: s.account.ID, Mailed: tenancy.Pin{MAC: []byte("mac"), Expires: s.now}, Version: version})
	}
}

func (s situation) createSecurity(tx *store.Tx) { tx.CreateSecurityCode(s.security) }
func (s situation) useSecurity(tx *store.Tx)    { tx.UseSecurityCode(s.security, errRefused) }

// moveReservation gives the account the address of the other one.
func (s situation) moveClaim(tx *store.Tx) {
	tx.MoveReservation(s.claim.Email, s.other.Email, s.account.ID, s.now.Add(time.Hour), s.now, errRefused)
}

// moveClaimOver is moveReservation while the other account's sign-up waits.
func (s situation) moveClaimOver(tx *store.Tx) {
	tx.MoveReservationOver(s.other.ID, s.claim.Email, s.other.Email, s.account.ID, s.now.Add(time.Hour), s.now, errRefused)
}

// signedUp makes the other account one that nobody has confirmed, waits makes it hold its address, and confirmed confirms it.
func (s situation) signedUp(tx *store.Tx) {
	tx.CreateAccount(with(s.other, func(a *tenancy.Account) { a.Active = false }), s.now.Add(time.Hour))
}

func (s situation) waits(tx *store.Tx) {
	s.signedUp(tx)
	s.holds(s.now.Add(time.Hour))(tx)
}

func (s situation) confirmed(tx *store.Tx) {
	tx.KeepReservation(tenancy.EmailReservation{Email: s.other.Email, Account: s.other.ID}, errRefused)
	tx.ActivateAccount(s.other, errRefused)
}

// holds makes the other account hold its address, for good or until a time.
func (s situation) holds(until time.Time) step {
	return func(tx *store.Tx) {
		tx.ReserveEmail(tenancy.EmailReservation{Email: s.other.Email, Account: s.other.ID, Expires: until}, s.now, errRefused)
	}
}

func (s situation) deleteAccount(a tenancy.Account) step {
	return func(tx *store.Tx) {
		tx.DeleteAccount(a, tenancy.AccountDeletion{Account: a.ID, Name: a.Name, Email: a.Email, Deleted: s.now})
	}
}

func (s situation) endDeparture(tx *store.Tx) { tx.EndAccountDeletion(s.account.ID, errRefused) }
func (s situation) freeClaim(tx *store.Tx)    { tx.FreeReservation(s.claim.Email, s.account.ID) }

// sole is the account with no profile beside the one of the situation.
func (s situation) sole() tenancy.Account {
	return owning(with(s.account, func(a *tenancy.Account) { a.Shares = map[value.ProfileID]tenancy.Share{} }), s.profile)
}

func (s situation) revoke(a tenancy.Account) step {
	return func(tx *store.Tx) { tx.Revoke(a.Revoked(), s.now) }
}

func (s situation) revokeTokens(p tenancy.Profile, owner bool, members ...tenancy.Member) step {
	p.Epoch = s.now.UnixMilli()
	team := slices.Clone(tenancy.Team(members))
	for i := range team {
		team[i].Epoch = p.Epoch
	}
	return func(tx *store.Tx) { tx.RevokeTokens(p, owner, team) }
}

func (s situation) agent() tenancy.Account {
	return with(s.account, func(a *tenancy.Account) { a.Type = tenancy.AccountSupport })
}

func (s situation) createAgent(tx *store.Tx) { tx.CreateAccount(s.agent(), s.now) }

func (s situation) reallocate(a tenancy.Account, profiles ...value.ProfileID) step {
	return func(tx *store.Tx) { tx.Reallocate(a, s.now, profiles...) }
}

func (s situation) charge(a tenancy.Account) step {
	return func(tx *store.Tx) {
		tx.Charge(tenancy.Charge{ID: "charge", Account: a.ID, Kind: tenancy.ChargePlan, Plan: plan.Scale, Amount: 1, From: s.now})
	}
}

// reports are those that stand for themselves because nothing was reported before, and events.
func reports(s situation) []condition {
	one := line(plan.ServiceInput, 1, "one")
	first := s.report(0, tenancy.Usage{}, s.now, one)
	return []condition{
		{"the first ever", steps{s.createProfile}, first, nil},
		{"the first ever, of nothing that fits", steps{s.createProfile}, s.report(0, tenancy.Usage{}, s.now, line(plan.ServiceInput, 1000, "one")), nil},
		{"the first ever, when somebody else was first", s.after(), first, problem.ErrConflict},
		{"a new event", s.after(), s.next(one), nil},
		{"an event that was reported", s.after(s.next(one)), s.next(one), problem.ErrConflict},
		{"an event that was refused", s.after(s.next(line(plan.ServiceInput, 1000, "one"))), s.next(one), problem.ErrConflict},
		{"an event of another service", s.after(s.next(line(plan.ServiceSMS, 1, "one"))), s.next(one), problem.ErrConflict},
		{"one new event of two", s.after(s.next(one)), s.next(line(plan.ServiceInput, 1, "two"), one), problem.ErrConflict},
		{"an event whose name begins alike", s.after(s.next(one)), s.next(line(plan.ServiceInput, 1, "one#")), nil},
	}
}

// additions are those to what there is of a service, from what was read before somebody else added.
func additions(s situation, service plan.Service) []condition {
	limit, n := s.parts(service, 100), s.parts(service, 20)
	next := func(amount int64, event string) step { return s.next(line(service, amount, event)) }
	// All thresholds are told, so that there is room up to the limit.
	told := func(amount int64, event string) step {
		return s.report(0, s.told(), s.now, line(service, amount, event))
	}
	return []condition{
		{"what there is", s.after(), next(n, "mine"), nil},
		{"just below a threshold with what others added", s.after(next(s.parts(service, 30)-n-1, "theirs")), next(n, "mine"), nil},
		{"a threshold with what others added", s.after(next(s.parts(service, 30)-n, "theirs")), next(n, "mine"), problem.ErrConflict},
		{"the limit with what others added", s.after(s.tell, told(limit/2-n, "theirs")), told(n, "mine"), nil},
		{"one over the limit with what others added", s.after(s.tell, told(limit/2-n+1, "theirs")), told(n, "mine"), problem.ErrConflict},
		{"the limit when others added to all other services", s.after(s.tell, func(tx *store.Tx) {
			var lines []tenancy.UsageLine
			for _, other := range plan.Services() {
				if other != service {
					lines = append(lines, line(other, s.parts(other, 50), "theirs "+other.String()))
				}
			}
			s.report(0, s.told(), s.now, lines...)(tx)
		}), told(limit/2, "mine"), nil},
	}
}

// levels fall, but never below zero, and may be set.
func levels(s situation) []condition {
	var out []condition
	for _, service := range []plan.Service{plan.ServiceDataRecords, plan.ServiceRunUsers, plan.ServiceFileStorage} {
		half, name := s.parts(service, 50), service.String()
		next := func(amount int64, event string) step { return s.next(line(service, amount, event)) }
		set := s.next(setting(service, 1, "mine"))
		out = append(out,
			condition{name + " falls to zero", s.after(), next(-half, "mine"), nil},
			condition{name + " falls to zero with what others took", s.after(next(1-half, "theirs")), next(-1, "mine"), nil},
			condition{name + " falls below zero with what others took", s.after(next(1-half, "theirs")), next(-2, "mine"), problem.ErrConflict},
			condition{name + " falls below zero as it was read", s.after(), next(-half-1, "mine"), nil},
			condition{name + " falls below zero as it was read, and somebody added", s.after(next(1, "theirs")), next(-half-1, "mine"), problem.ErrConflict},
			condition{name + " is set as it was read", s.after(), set, nil},
			condition{name + " is set to what it is", s.after(), s.next(setting(service, half, "mine")), nil},
			condition{name + " is set beyond its limit", s.after(), s.next(setting(service, 1000, "mine")), nil},
			condition{name + " is set when somebody added to it", s.after(next(1, "theirs")), set, problem.ErrConflict},
			condition{name + " is set when somebody added to another service", s.after(s.next(line(plan.ServiceInput, 1, "theirs"))), set, problem.ErrConflict},
			condition{name + " is added to when somebody set it", s.after(set), next(1, "more"), nil},
			condition{name + " is added to when somebody set it to its limit", s.after(s.next(setting(service, 2*half, "theirs"))), next(1, "more"), problem.ErrConflict},
			condition{name + " falls by more than somebody set it to", s.after(set), next(-2, "less"), problem.ErrConflict},
		)
	}
	return out
}

// times are reports when another hour or another cycle begins.
func times(s situation) []condition {
	one, two := line(plan.ServiceInput, 1, "one"), line(plan.ServiceInput, 1, "two")
	hour := s.now.Truncate(time.Hour).Add(time.Hour)
	turn := s.profile.UsageCycle(s.now).End // in the middle of an hour
	late := s.tally(0, s.begun(), turn.Add(-time.Millisecond), one).After
	return []condition{
		{"the last of an hour", s.after(), s.report(0, s.begun(), hour.Add(-time.Millisecond), one), nil},
		{"another hour", s.after(), s.report(0, s.begun(), hour, one), nil},
		{"another hour, of nothing that fits", s.after(), s.report(0, s.begun(), hour, line(plan.ServiceInput, 1000, "one")), nil},
		{"another hour, when somebody added in the last one", s.after(s.next(two)), s.report(0, s.begun(), hour, one), problem.ErrConflict},
		{"another hour, when somebody else has begun it", s.after(s.report(0, s.begun(), hour, two)), s.report(0, s.begun(), hour, one), problem.ErrConflict},
		{"an hour that is over for somebody else", s.after(s.report(0, s.begun(), hour, two)), s.next(one), problem.ErrConflict},
		{"an hour that is over, by a clock that is behind", s.after(s.report(0, s.begun(), hour, two)),
			s.report(0, s.tally(0, s.begun(), hour, two).After, s.now, one), nil},
		{"another cycle", s.after(), s.report(0, s.begun(), turn, one), nil},
		{"another cycle, when somebody added in the last one", s.after(s.next(two)), s.report(0, s.begun(), turn, one), problem.ErrConflict},
		{"another cycle in the same hour", s.after(s.report(0, s.begun(), turn.Add(-time.Millisecond), one)), s.report(0, late, turn, two), nil},
		{"a cycle that is over for somebody else, in the same hour", s.after(s.report(0, s.begun(), turn.Add(-time.Millisecond), one), s.report(0, late, turn, two)),
			s.report(0, late, turn.Add(-time.Millisecond), line(plan.ServiceInput, 1, "three")), problem.ErrConflict},
	}
}

// alerts are said once, whoever passes a threshold.
func alerts(s situation, service plan.Service) []condition {
	pass := func(percent int64, event string) step {
		return s.next(line(service, s.parts(service, percent-50), event))
	}
	refused := func(event string) step { return s.next(line(service, s.parts(service, 51), event)) }
	out := []condition{
		{"a threshold", s.after(), pass(80, "mine"), nil},
		{"all thresholds", s.after(), pass(100, "mine"), nil},
		{"a threshold, short of the next with what others added", s.after(s.next(line(service, s.parts(service, 10)-1, "theirs"))), pass(80, "mine"), nil},
		{"a threshold, and the next with what others added", s.after(s.next(line(service, s.parts(service, 10), "theirs"))), pass(80, "mine"), problem.ErrConflict},
		{"what does not fit", s.after(), refused("mine"), nil},
		{"what does not fit, when somebody added", s.after(s.next(line(service, 1, "theirs"))), refused("mine"), nil},
		{"what does not fit, when somebody passed a threshold", s.after(pass(80, "theirs")), refused("mine"), nil},
		{"what does not fit, when somebody else was refused", s.after(refused("theirs")), refused("mine"), nil},
		{"a threshold, when somebody was refused", s.after(refused("theirs")), pass(80, "mine"), nil},
		{"a threshold, when somebody else passed it", s.after(pass(80, "theirs")), pass(80, "mine"), problem.ErrConflict},
		{"what does not fit, when another service refused", s.after(s.next(line((service+1)%9, 1_000_000, "theirs"))), refused("mine"), nil},
		// What was told is known, and nothing is written but the answer.
		{"what does not fit again", s.after(s.tell), s.report(0, s.told(), s.now, line(service, 1_000_000, "mine")), nil},
	}
	if service.Counting() == plan.CountingLevel {
		// A level that others lowered has not reached what was passed as it was read, unless they raised it again.
		took := s.next(line(service, -1, "theirs"))
		out = append(out,
			condition{"a threshold, when somebody took from it", s.after(took), pass(80, "mine"), problem.ErrConflict},
			condition{"a threshold, when somebody took from it and gave it back", s.after(took, s.next(line(service, 1, "again"))), pass(80, "mine"), nil},
			condition{"short of a threshold, when somebody took from it", s.after(took), pass(79, "mine"), nil},
		)
	}
	return out
}

// profiles are what a report relies on, in all its forms.
func profiles(s situation) []condition {
	touched := func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }
	reallocated := func(tx *store.Tx) { tx.Reallocate(s.account, s.now, s.profile.ID) }
	gone := func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }
	out := []condition{
		{"the first ever, of a profile gone since", steps{s.createProfile, gone}, s.begin, problem.ErrConflict},
		{"the first ever, of a profile that never was", nil, s.begin, problem.ErrConflict},
		{"the first ever, of a profile changed since", steps{s.createProfile, touched}, s.begin, problem.ErrConflict},
		{"the first ever, of a profile as it is", steps{s.createProfile, touched}, s.report(1, tenancy.Usage{}, s.now, s.half()...), nil},
	}
	for _, form := range []struct {
		name string
		step step
	}{
		{"an addition", s.next(line(plan.ServiceInput, 1, "mine"))},
		{"a level set", s.next(setting(plan.ServiceRunUsers, 1, "mine"))},
		{"another hour", s.report(0, s.begun(), s.now.Add(time.Hour), line(plan.ServiceInput, 1, "mine"))},
		{"a refusal", s.next(line(plan.ServiceInput, 1000, "mine"))},
	} {
		name, step := form.name, form.step
		out = append(out,
			condition{name + ", the profile changed since", s.after(touched), step, problem.ErrConflict},
			condition{name + ", the profile reallocated since", append(steps{s.createBoth}, s.after(reallocated)...), step, problem.ErrConflict},
			condition{name + ", the profile gone since", s.after(gone), step, problem.ErrConflict},
		)
	}
	again := s.report(0, s.told(), s.now, line(plan.ServiceInput, 1000, "mine"))
	return append(out,
		condition{"what is refused again, the profile as it was", s.after(s.tell), again, nil},
		condition{"what is refused again, the profile changed since", s.after(s.tell, touched), again, problem.ErrConflict},
		condition{"what is refused again, the profile gone since", s.after(s.tell, gone), again, problem.ErrConflict},
	)
}

func (s situation) window() store.RateWindow {
	return store.RateWindow{Subject: string(s.account.ID), End: s.now}
}

func (s situation) count(tx *store.Tx) { tx.Count(s.window(), 100, errRefused) }

// Each step's condition is met once in every situation it is made for. A refused unit of work leaves nothing, of the other steps
// neither, and its error is that of the step.
func TestEveryConditionHoldsAndFails(t *testing.T) {
	t.Parallel()
	for name := range conditions(newSituation(testkit.New(t))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyCondition(t, name)
		})
	}
}

func everyCondition(t *testing.T, name string) {
	w := testkit.New(t)
	held, failed := 0, 0
	for i := range conditions(newSituation(w))[name] {
		s := newSituation(w)
		c := conditions(s)[name][i]
		for _, step := range c.prepare {
			must(w, step)
		}
		witness := func(tx *store.Tx) {
			tx.Audit(auditlog.Entry{ID: "witness", Log: string(s.account.ID), Time: s.now})
		}
		before := w.Items()
		err := commit(w, witness, c.step)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s on %s: got %v, want %v", name, c.name, err, c.want)
		}
		if c.want == nil {
			held++
			if len(entries(w, string(s.account.ID), s.now)) != 1 {
				t.Errorf("%s on %s succeeded without what was committed with it", name, c.name)
			}
			continue
		}
		failed++
		same(t, name+" on "+c.name+": the table after a refusal", w.Items(), before)
	}
	if held == 0 || failed == 0 {
		t.Errorf("%s: %d conditions held and %d failed; want some of both", name, held, failed)
	}
}

// Of several failed steps the first one names the error, whatever the order of the keys.
func TestTheFirstFailedStepNamesTheError(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	first, second := errors.New("first"), errors.New("second")
	one := func(err error) step { return func(tx *store.Tx) { tx.CheckAccount(s.account, err) } }
	two := func(err error) step { return func(tx *store.Tx) { tx.CheckGrant(s.grant(), err) } }
	for _, unit := range []steps{{one(first), two(second)}, {two(first), one(second)}, {s.send, one(first), two(second)}} {
		if err := commit(w, unit...); !errors.Is(err, first) {
			t.Errorf("got %v, want that of the first failed step", err)
		}
	}
	must(w, s.createAccount)
	if err := commit(w, one(first), two(second)); !errors.Is(err, second) {
		t.Errorf("got %v, want that of the step that failed", err)
	}
}

// What the steps write beside what is read back whole.
func TestEffectsOfSteps(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)

	t.Run("a sign-up is forgotten when it lapses, a confirmed account is not", func(t *testing.T) {
		s := newSituation(w)
		pk := "A#" + string(s.account.ID)
		lapses := w.Now().Add(7 * day)
		must(w, func(tx *store.Tx) { tx.CreateAccount(s.signUp(), lapses) })
		if got, want := numberOf(raw(w, pk, "A"), "ttl"), unix(lapses); got != want {
			t.Errorf("got ttl %q, want %s", got, want)
		}
		must(w, func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), lapses.Add(day)) })
		if got, want := numberOf(raw(w, pk, "A"), "ttl"), unix(lapses.Add(day)); got != want {
			t.Errorf("after it was renewed: got ttl %q, want %s", got, want)
		}
		must(w, func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) })
		if it := raw(w, pk, "A"); has(it, "ttl") {
			t.Error("a confirmed account would be forgotten")
		}
		active := newSituation(w)
		must(w, active.createAccount)
		if it := raw(w, "A#"+string(active.account.ID), "A"); has(it, "ttl") {
			t.Error("an account made active would be forgotten")
		}
	})
	t.Run("a claim is forgotten when its sign-up lapses, and not once it is kept", func(t *testing.T) {
		s := newSituation(w)
		pk := "E#" + string(s.claim.Email)
		must(w, s.claimForAWhile)
		if got, want := numberOf(raw(w, pk, "E"), "ttl"), unix(s.claim.Expires); got != want {
			t.Errorf("got ttl %q, want %s", got, want)
		}
		must(w, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) })
		if it := raw(w, pk, "E"); has(it, "ttl") || has(it, "expires") {
			t.Errorf("a kept claim would be forgotten: %v", it)
		}
	})
	t.Run("signing in writes the sources and nothing that another change writes", func(t *testing.T) {
		s := newSituation(w)
		must(w, s.createAccount)
		edited := with(s.account, func(a *tenancy.Account) { a.Name, a.Company = "Zoe", "" })
		must(w, func(tx *store.Tx) { tx.UpdateAccount(edited) })
		later := w.Now().Add(time.Hour)
		must(w, func(tx *store.Tx) { tx.SignIn(s.account.SignedIn("office", later), errRefused) })
		want := with(at(edited, 1), func(a *tenancy.Account) { a.KnownSources, a.LastLogin = []string{"office", "home"}, later })
		got, _, err := w.Store.AccountWithGrants(t.Context(), s.account.ID)
		w.OK(err)
		same(t, "account", got, want)
	})
	t.Run("a renamed profile is renewed in the list of every active member", func(t *testing.T) {
		s := newSituation(w)
		for _, step := range s.shared() {
			must(w, step)
		}
		renamed := with(at(s.profile, 2), func(p *tenancy.Profile) { p.Name, p.LogoURL = "new", "" })
		must(w, func(tx *store.Tx) { tx.UpdateProfile(renamed, s.team()) })
		batch := w.Store.Batch()
		own, member := batch.Grant(s.account.ID, s.profile.ID), batch.Grant(s.member.Account, s.profile.ID)
		w.OK(batch.Get(t.Context()))
		same(t, "owner's grant", own.Value, renamed.OwnerGrant())
		same(t, "member's grant", member.Value, renamed.MemberGrant(s.member))
	})
	t.Run("a deleted profile leaves its tokens and an entry that makes them go", func(t *testing.T) {
		s := newSituation(w)
		for _, step := range append(s.shared(), s.createToken) {
			must(w, step)
		}
		must(w, func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 2), s.team(), w.Now()) })
		var left []string
		for _, it := range w.Items() {
			if strings.Contains(it.PK+it.SK, string(s.profile.ID)) {
				left = append(left, it.PK[:2]+it.SK[:1])
			}
		}
		same(t, "what is left under its id", left, []string{"D#D", "P#T"})
		same(t, "due profiles", due(w, store.DueProfile, w.Now()), []string{string(s.profile.ID)})
	})
	t.Run("a moved token has one row, in its new profile, and keeps its end", func(t *testing.T) {
		s := newSituation(w)
		must(w, s.createToken)
		must(w, func(tx *store.Tx) { tx.MoveToken(s.token, s.hijacked(), errRefused) })
		same(t, "rows in the old profile", rows(w, s.profile.ID, false, 0), nil)
		same(t, "rows in the new profile", rows(w, "another", false, 0), []string{string(s.token.ID)})
		if got := due(w, store.DueToken, w.Now()); !slices.Contains(got, string(s.token.ID)) {
			t.Errorf("due tokens: got %v, want %s among them", got, s.token.ID)
		}
		// The row is found by the key that it was created under, so deleting needs no search.
		must(w, func(tx *store.Tx) { tx.DeleteToken(s.hijacked(), errRefused) })
		same(t, "rows after it was deleted", rows(w, "another", false, 0), nil)
	})
}

// DynamoDB takes 100 actions in one transaction. More are refused here, before anything is sent.
func TestATransactionHoldsAHundredSteps(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	mails := func(n int) steps {
		unit := make(steps, n)
		for i := range unit {
			m := newMail(w)
			unit[i] = func(tx *store.Tx) { tx.Send(m, sealed) }
		}
		return unit
	}
	must(w, mails(100)...)
	w.Meter.Reset()
	w.Refused(commit(w, mails(101)...), problem.CodeInternal)
	if used := w.Meter.Reset(); used.Requests != 0 {
		t.Errorf("%d requests for a transaction that cannot be", used.Requests)
	}
	if n := w.Count("O#", ""); n != 100 {
		t.Errorf("got %d mails, want 100", n)
	}
}

// Contention is waited out for a while. Then the caller is told to decide again, and nothing was written.
func TestContention(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	send := func() (store.OutboxMail, error) {
		m := newMail(w)
		return store.OutboxMail{Message: m}, commit(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	}
	contention := make([]testkit.Fault, store.MaxAttempts-1)
	for i := range contention {
		contention[i] = testkit.Contention
	}
	w.Faults.Next("TransactWriteItems", contention...)
	if _, err := send(); err != nil {
		t.Errorf("after %d conflicts: got %v", len(contention), err)
	}
	w.Faults.Next("TransactWriteItems", append(contention, testkit.Contention)...)
	before := w.Items()
	if _, err := send(); !errors.Is(err, problem.ErrConflict) {
		t.Errorf("after %d conflicts: got %v, want ErrConflict", store.MaxAttempts, err)
	}
	if got := w.Faults.Happened(); got != 2*store.MaxAttempts-1 {
		t.Errorf("%d conflicts were met, want %d", got, 2*store.MaxAttempts-1)
	}
	same(t, "the table", w.Items(), before)

	// A caller that is gone is not waited for.
	ctx, cancel := context.WithCancel(t.Context())
	w.Faults.Always(func(string, int) testkit.Fault { cancel(); return testkit.Contention })
	tx := w.Store.Begin()
	tx.Send(newMail(w), sealed)
	w.Refused(tx.Commit(ctx), problem.CodeUnavailable)
	if got := w.Faults.Happened() - 2*store.MaxAttempts + 1; got != 1 {
		t.Errorf("%d requests after the caller had gone, want 1", got)
	}
}

// What fails for a while may be repeated; a request that DynamoDB will never take is a defect.
func TestFailuresHaveCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		request, name string
		do            func(*testkit.World, *store.Store) error
	}{
		{"TransactWriteItems", "Commit", func(w *testkit.World, s *store.Store) error {
			tx := s.Begin()
			tx.Audit(auditlog.Entry{ID: "a", Log: "a", Time: w.Now()})
			return tx.Commit(w.Context())
		}},
		{"BatchGetItem", "Get", func(w *testkit.World, s *store.Store) error {
			batch := s.Batch()
			batch.Account("a")
			return batch.Get(w.Context())
		}},
		{"Query", "AccountWithGrants", func(w *testkit.World, s *store.Store) error {
			_, _, err := s.AccountWithGrants(w.Context(), "a")
			return err
		}},
		{"Query", "ProfileWithMembers", func(w *testkit.World, s *store.Store) error {
			_, _, err := s.ProfileWithMembers(w.Context(), "a")
			return err
		}},
		{"Query", "AuditEntries", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.AuditEntries(w.Context(), "a", w.Now().Add(-time.Hour), w.Now(), "") {
				return err
			}
			return nil
		}},
		{"Query", "TokenRows", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TokenRows(w.Context(), "a", false, 1) {
				return err
			}
			return nil
		}},
		{"Query", "Due", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.Due(w.Context(), store.DueMail, w.Now()) {
				return err
			}
			return nil
		}},
		{"Query", "TransfersOf", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TransfersOf(w.Context(), "a", 1) {
				return err
			}
			return nil
		}},
		{"Query", "TransfersOffered", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.TransfersOffered(w.Context(), "a", 1) {
				return err
			}
			return nil
		}},
		{"Query", "QueuedTransfers", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.QueuedTransfers(w.Context(), 1) {
				return err
			}
			return nil
		}},
		{"Query", "CostCuts", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.CostCuts(w.Context(), "a") {
				return err
			}
			return nil
		}},
		{"Query", "PurgeProfile", func(w *testkit.World, s *store.Store) error {
			_, err := s.PurgeProfile(w.Context(), "a")
			return err
		}},
		{"Query", "Hours", func(w *testkit.World, s *store.Store) error {
			_, err := s.Hours(w.Context(), "a", w.Now(), w.Now().Add(time.Hour))
			return err
		}},
		{"Query", "Charges", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.Charges(w.Context(), "a", w.Now(), w.Now().Add(time.Hour)) {
				return err
			}
			return nil
		}},
		{"Query", "LastCharges", func(w *testkit.World, s *store.Store) error {
			for _, err := range s.LastCharges(w.Context(), "a", 1) {
				return err
			}
			return nil
		}},
		{"Query", "Snapshots", func(w *testkit.World, s *store.Store) error {
			_, err := s.Snapshots(w.Context(), "a", w.Now(), w.Now().Add(time.Hour))
			return err
		}},
		{"UpdateItem", "Count", func(w *testkit.World, s *store.Store) error {
			_, err := s.Count(w.Context(), store.RateWindow{Subject: "a", End: w.Now()})
			return err
		}},
		{"UpdateItem", "MailSent", func(w *testkit.World, s *store.Store) error {
			return s.MailSent(w.Context(), store.OutboxMail{}, w.Now())
		}},
	} {
		// A client's retries draw on an allowance, so each call has a client of its own.
		w := testkit.New(t)
		for _, fault := range []testkit.Fault{testkit.Throttled, testkit.BrokenService, testkit.LostAnswer} {
			w.Faults.Always(func(operation string, _ int) testkit.Fault {
				if operation == c.request {
					return fault
				}
				return testkit.NoFault
			})
			before := w.Faults.Happened()
			if err := c.do(w, w.Store); problem.CodeOf(err) != problem.CodeUnavailable {
				t.Errorf("%s: got %v, want CodeUnavailable", c.name, err)
			}
			// The SDK's own patience: three attempts. Of two requests at the same time, each.
			want := 3
			if c.name == "Hours" {
				want = 6
			}
			if n := w.Faults.Happened() - before; n != want {
				t.Errorf("%s was tried %d times, want %d", c.name, n, want)
			}
		}
		missing := store.New(w.Client, "no-such-table")
		if err := c.do(w, missing); problem.CodeOf(err) != problem.CodeInternal {
			t.Errorf("%s of a table that is not there: got %v, want CodeInternal", c.name, err)
		}
	}
}
