package access

import (
	"context"
	"time"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// SignIn is one attempt to sign in with an address. If the operation is
// retried, it still counts as one attempt.
type SignIn struct {
	access  *Access
	email   value.Email
	attempt *passwordAttempt
	counted bool
	before  sessionReads // of the session that the browser had before
	proven  string       // the hash for which the password was found right
	spent   *spentPin    // nil: the account has no second factor
}

// SignIn prepares an attempt to sign in with an address.
func (x *Access) SignIn(c Client, email value.Email, now time.Time) *SignIn {
	attempt := x.newPasswordAttempt(c, secret.Fingerprint(string(email)), now)
	return &SignIn{access: x, email: email, attempt: attempt}
}

func (s *SignIn) attempted() *passwordAttempt { return s.attempt }

// Reservation returns the account that holds the address, as Holder does, and
// counts the attempt at the same time. The same batch reads the session of the
// browser.
func (s *SignIn) Reservation(ctx context.Context, now time.Time) (value.AccountID, error) {
	batch := s.access.config.Store.Batch()
	reservation := batch.EmailReservation(s.email)
	s.before = readSession(batch, s.attempt.client.Browser)
	reads := []func(context.Context) error{batch.Get}
	if !s.counted {
		s.counted = true
		reads = append(reads, s.attempt.countSource, s.attempt.countSubject)
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return "", err
	}
	return s.access.Holder(reservation, now), nil
}

// SignedIn is the account after a right password, with the client's source
// among its known addresses.
type SignedIn struct {
	store.AccountPartition
	// Before is the session that the browser had; nil: none that works.
	Before *tenancy.Session
}

// Authenticate reads the account with the address, and checks its password; see
// CheckPassword. Errors: ErrInvalidCredentials, CodeForbidden, CodeTooMany.
func (s *SignIn) Authenticate(
	ctx context.Context, password string, now time.Time,
) (SignedIn, error) {
	return s.authenticate(ctx, password, now, s.access.config.Store.AccountWithFactors)
}

// AuthenticateBrowser is Authenticate for a sign-in that begins a session. It
// also reads the account's sessions. Errors: as Authenticate.
func (s *SignIn) AuthenticateBrowser(
	ctx context.Context, password string, now time.Time,
) (SignedIn, error) {
	return s.authenticate(ctx, password, now, s.access.config.Store.AccountWithSessions)
}

func (s *SignIn) authenticate(
	ctx context.Context, password string, now time.Time,
	read func(context.Context, value.AccountID) (store.AccountPartition, error),
) (SignedIn, error) {
	holder, err := s.Reservation(ctx, now)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := read(ctx, holder)
	if err != nil {
		return SignedIn{}, err
	}
	p.Account, err = s.CheckPassword(ctx, p.Account, password, now)
	return SignedIn{p, s.before.working(s.attempt.client.Browser, now)}, err
}

// CheckPassword checks the password of an account, and returns the account
// after the sign-in. An account that does not exist, or has another address, is
// refused after the same time as a wrong password. Errors:
// ErrInvalidCredentials; CodeForbidden for an account that cannot sign in;
// CodeTooMany after too many attempts.
func (s *SignIn) CheckPassword(
	ctx context.Context, account tenancy.Account, password string, now time.Time,
) (tenancy.Account, error) {
	x := s.access
	account = account.At(s.email)
	if s.proven == "" || s.proven != account.PasswordHash {
		if err := s.attempt.checkLimit(ctx, account, now); err != nil {
			x.auditRefused(ctx, s.attempt, account, now)
			return account, err
		}
		if !s.attempt.verify(account.PasswordHash, password) {
			subject := "failed#" + s.attempt.bySubject.Subject
			x.auditFailure(ctx, s.attempt.client, subject, account, failedPassword, now)
			return account, problem.ErrInvalidCredentials
		}
		s.proven = account.PasswordHash
	}
	err := account.CanSignIn()
	if err != nil {
		subject := "blocked#" + string(account.ID)
		x.auditFailure(ctx, s.attempt.client, subject, account, failedBlocked, now)
	}
	return account.SignedIn(s.attempt.source, now), err
}

// CheckPin checks the pin of an account with a second factor, after the
// password. Errors: tenancy.Account.NeedsFactor without a pin; CodeInvalid for
// a text that is no pin or no factor; ErrInvalidPin; CodeTooMany after too many
// wrong pins; ErrConflict if a pin was used at the same time.
func (s *SignIn) CheckPin(
	ctx context.Context, a tenancy.Account, k tenancy.SecondFactors, given Credentials,
	use tenancy.PinUse, now time.Time,
) (err error) {
	s.spent, err = s.access.checkPin(ctx, a, k, given, use, s.attempt, now)
	return err
}

// Succeeded adds the use of the pin to the commit of the sign-in, and refunds
// the attempt at the same time.
func (s *SignIn) Succeeded(ctx context.Context, tx *store.Tx) {
	s.attempt.refundBeside(ctx, tx)
	s.access.spend(tx, s.spent)
}
