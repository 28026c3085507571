package accounts

import (
	"context"
	"errors"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// NewAccount is what a person gives to sign up.
type NewAccount struct {
	Name, Email, Password, Repeated string
	Timezone, Country, Company      string
	Newsletter, Developer           bool
}

// errMailed ends a unit of work that would send one mail too many to an
// address. The caller never hears of it.
var errMailed = errors.New("the address has had its share of mails for this hour")

// Create signs a person up and sends the mail that confirms the address. The
// answer is the same whether the address is new, waits for confirmation, or has
// an account already: only its owner learns which, from the mail. Errors:
// CodeInvalid naming the field, CodeTooMany.
func (s Service) Create(ctx context.Context, c access.Client, n NewAccount) error {
	now := s.Instant()
	email, signUp, err := s.parseNew(n, now)
	if err != nil {
		return err
	}
	first := true
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		reservation, account, err := s.lookUp(ctx, c, email, now, first)
		if err != nil {
			return struct{}{}, err
		}
		if first {
			signUp.PasswordHash, first = s.Passwords.Hash(n.Password), false
		}
		tx := s.Store.Begin()
		tx.Count(mailWindow(email, now), mailsByAddress, errMailed)
		switch {
		case !reservation.OK || !reservation.Value.Holds(now):
			signUp.Account = value.AccountID(s.NewID(now))
			lapses := now.Add(tenancy.SignUpLife)
			tx.ReserveEmail(
				tenancy.EmailReservation{Email: email, Account: signUp.Account, Expires: lapses},
				now,
				problem.ErrConflict,
			)
			tx.CreateAccount(signUp.NewAccount(email), lapses)
			tx.Audit(s.AccountEntry(signUp.Account, "Account created", now))
			s.confirmBy(tx, c, email, signUp, now)
		case account.OK && !account.Value.Active:
			signUp.Account = account.Value.ID
			s.renew(tx, account.Value.With(signUp), now)
			s.confirmBy(tx, c, email, signUp, now)
		case !account.OK:
			// The address is still that of an account which is deleted.
			s.Send(tx, email, tenancy.Account{}, mailing.AccountLeaving{}, now)
		default:
			exists := mailing.AccountExists{Name: account.Value.Name}
			s.Send(tx, email, tenancy.Account{}, exists, now)
		}
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return unlessMailed(err)
}

func (s Service) parseNew(n NewAccount, now time.Time) (value.Email, tenancy.SignUp, error) {
	signUp := tenancy.SignUp{Newsletter: n.Newsletter, Developer: n.Developer, Created: now}
	var errs [6]error
	var email value.Email
	signUp.Name, errs[0] = value.ParseName("name", n.Name)
	email, errs[1] = value.ParseNewEmail(n.Email)
	signUp.Timezone, errs[3] = value.ParseTimezone(n.Timezone)
	signUp.Country, errs[4] = value.ParseOptionalText("country", n.Country)
	signUp.Company, errs[5] = value.ParseOptionalText("company", n.Company)
	switch {
	case n.Password == "":
		errs[2] = problem.InvalidField("password", problem.FieldRequired, "is required")
	case n.Password != n.Repeated:
		errs[2] = problem.InvalidField(
			"cpassword",
			problem.FieldContradicts,
			"must repeat the password",
		)
	default:
		errs[2] = value.CheckPassword(n.Password, string(email), signUp.Name)
	}
	for _, err := range errs {
		if err != nil {
			return "", signUp, err
		}
	}
	return email, signUp, nil
}

// lookUp reads who holds an address, in the same number of steps whoever does.
// The first time, it counts meanwhile what the source asks for.
func (s Service) lookUp(
	ctx context.Context,
	c access.Client,
	email value.Email,
	now time.Time,
	first bool,
) (*store.Found[tenancy.EmailReservation], *store.Found[tenancy.Account], error) {
	end := store.WindowEnd(now, signUpSpan)
	batch := s.Store.Batch()
	reservation := batch.EmailReservation(email)
	reads := []func(context.Context) error{batch.Get}
	count := 0
	if first {
		reads = append(reads, func(ctx context.Context) (err error) {
			count, err = s.Store.Count(
				ctx,
				store.RateWindow{Subject: "sign-up#source#" + c.Fingerprint(), End: end},
			)
			return err
		})
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, nil, err
	}
	if count > signUpsBySource {
		return nil, nil, problem.TooMany(end.Sub(now))
	}
	holder := reservation.Value.Account
	if !reservation.OK {
		holder = value.AccountID(s.NewID(now))
	}
	batch = s.Store.Batch()
	account := batch.Account(holder)
	return reservation, account, batch.Get(ctx)
}

// confirmBy adds a one-time code for the sign-up, and the mail that carries it.
// The mail says when and from where somebody signed up, so that a person can
// tell the own sign-up from those of others.
func (s Service) confirmBy(
	tx *store.Tx,
	c access.Client,
	email value.Email,
	signUp tenancy.SignUp,
	now time.Time,
) {
	code, expires := s.confirmation(tx, email, signUp, now)
	// The mail does not repeat the name: anyone can give any text for it, and
	// any address to send it to.
	s.Send(tx, email, tenancy.Account{Timezone: signUp.Timezone}, mailing.AccountConfirm{
		Code:    code,
		Expires: expires,
		When:    signUp.Created,
		Address: c.Source,
	}, now)
}

// confirmation adds a one-time code for the sign-up, and returns it with its
// end.
func (s Service) confirmation(
	tx *store.Tx,
	email value.Email,
	signUp tenancy.SignUp,
	now time.Time,
) (string, time.Time) {
	key := s.NewKey()
	expires := now.Add(tenancy.ConfirmationLife)
	tx.CreateConfirmation(tenancy.Confirmation{
		ID: value.CodeID(key.ID), Hash: key.Hash(), Email: email, SignUp: signUp, Expires: expires,
	})
	return key.Code(), expires
}

// renew gives an unconfirmed sign-up its full time again.
func (s Service) renew(tx *store.Tx, a tenancy.Account, now time.Time) {
	lapses := now.Add(tenancy.SignUpLife)
	tx.ExtendReservation(tenancy.EmailReservation{Email: a.Email, Account: a.ID, Expires: lapses})
	a.Updated = now
	tx.UpdateSignUp(a, lapses)
}

func mailWindow(email value.Email, now time.Time) store.RateWindow {
	return store.RateWindow{
		Subject: "mail#" + secret.Fingerprint(string(email)),
		End:     store.WindowEnd(now, mailSpan),
	}
}

func unlessMailed(err error) error {
	if errors.Is(err, errMailed) {
		return nil
	}
	return err
}

// maxOffers bounds what an account is notified of when it is made; the
// invitations beyond it are in the mails.
const maxOffers = 50

// Confirm makes a sign-up real: the account becomes active and gets its first
// profile. The code works once, for 24 hours. One that somebody asked for again
// needs a password besides, which SetPassword takes. Errors: CodeInvalid for a
// code that is unknown, used or too old, which are told apart from nobody, and
// for one that needs a password; CodeTooMany.
func (s Service) Confirm(ctx context.Context, c access.Client, code string) error {
	stale := problem.Invalid("This confirmation link is not valid any more: if your address is confirmed already, sign in; if not, ask for a new link").
		For(problem.ReasonLinkVoid)
	now := s.Instant()
	key, ok := secret.Parse(code)
	if !ok {
		return stale
	}
	batch := s.Store.Batch()
	found := batch.Confirmation(value.CodeID(key.ID))
	if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
		return err
	}
	if !found.OK || !key.Matches(found.Value.Hash) {
		return stale
	}
	return s.confirm(ctx, c, found.Value, stale, now, func(a *tenancy.Account) error {
		if a.PasswordHash == "" {
			return problem.Invalid("This link asks for a password: open it in a browser, or send the password to POST /account/passwordreset with the code in place of the token").
				For(problem.ReasonPasswordRequired)
		}
		// The person who follows a link may be another one than the one who
		// signed up.
		a.Unproven = true
		return nil
	})
}

// confirm makes a sign-up real whose code was verified. prove completes the
// account. stale is returned when the code works no more.
func (s Service) confirm(
	ctx context.Context,
	c access.Client,
	code tenancy.Confirmation,
	stale error,
	now time.Time,
	prove func(*tenancy.Account) error,
) error {
	if !now.Before(code.Expires) {
		return stale
	}
	account, profile, err := code.SignUp.Confirm(code.Email, value.ProfileID(s.NewID(now)), now)
	if err != nil {
		return err
	}
	if err := prove(&account); err != nil {
		return err
	}
	codes, err := s.Store.Offers(ctx, account.Email, now)
	if err != nil {
		return err
	}
	offers, err := s.teams.Offers(ctx, codes[:min(len(codes), maxOffers)], now)
	if err != nil {
		return err
	}
	tx := s.Store.Begin()
	for _, offer := range offers {
		tx.Notify(s.To(account.ID, offer, now))
	}
	tx.UseConfirmation(code, stale)
	tx.KeepReservation(tenancy.EmailReservation{Email: account.Email, Account: account.ID}, stale)
	tx.ActivateAccount(account, stale)
	tx.ResumeMail(account.Email)
	tx.Measure(metric.SignUps, 1)
	tx.CreateProfile(profile)
	tx.Snapshot(account, now)
	tx.Audit(
		core.Changing(
			s.AccountEntry(account.ID, "E-mail address confirmed", now),
			auditlog.Change{Field: "email", After: string(account.Email)},
		),
	)
	created := s.AuditEntry(
		string(profile.ID),
		tenancy.Token{Account: account.ID},
		"profile",
		string(profile.ID),
		"Profile created",
		now,
	)
	tx.Audit(core.Changing(created, profile.Differences(tenancy.Profile{})...))
	return tx.Commit(ctx, c.Origin())
}

// Resend sends a new confirmation to an address that waits for one. Nothing
// that was given at a sign-up goes with it: whoever uses the code chooses a
// password. The answer is the same for every address. Errors: CodeInvalid for a
// text that is no address, CodeTooMany.
func (s Service) Resend(ctx context.Context, c access.Client, address string) error {
	return s.mailTo(
		ctx,
		c,
		address,
		mailWindow,
		func(tx *store.Tx, email value.Email, holder tenancy.Account, now time.Time) {
			if holder.ID != "" && !holder.Active {
				s.renew(tx, holder, now)
				code, expires := s.confirmation(tx, email, holder.RenewSignUp(), now)
				again := mailing.AccountConfirmAgain{Code: code, Expires: expires}
				s.Send(tx, email, tenancy.Account{}, again, now)
			}
		},
	)
}

// mailTo answers a stranger who asks for a mail to an address: in the same
// steps and with the same answer whoever holds it. write adds the mail to the
// commit; holder is the account that claims the address, zero when there is
// none. Mails beyond those of a window are dropped without a word.
func (s Service) mailTo(
	ctx context.Context,
	c access.Client,
	address string,
	window func(value.Email, time.Time) store.RateWindow,
	write func(tx *store.Tx, email value.Email, holder tenancy.Account, now time.Time),
) error {
	now := s.Instant()
	email, err := value.ParseEmail(address)
	if err != nil {
		return err
	}
	first := true
	_, err = flow.RetryOnConflict(ctx, func() (struct{}, error) {
		reservation, account, err := s.lookUp(ctx, c, email, now, first)
		if err != nil {
			return struct{}{}, err
		}
		first = false
		var holder tenancy.Account
		if reservation.OK && reservation.Value.Holds(now) {
			holder = account.Value
		}
		tx := s.Store.Begin()
		tx.Count(window(email, now), mailsByAddress, errMailed)
		write(tx, email, holder, now)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return unlessMailed(err)
}

// Limits of what anonymous clients can make this service do, by the source of
// their requests and, where there is one, by the account or the address that
// they are about. The original publishes no such limits. A request that cannot
// be counted here is refused. A single use of a code from a mail has
// plan.RateSource. Passwords that are tried are limited in package access.
const (
	// Sign-ups, and requests for a mail to an address.
	signUpSpan      = time.Hour
	signUpsBySource = 30

	// Mails of one kind to an address, whoever asks.
	mailSpan       = time.Hour
	mailsByAddress = 5
)
