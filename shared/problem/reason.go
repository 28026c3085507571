package problem

import "strings"

// Reason is the name of a refusal for programs, in snake case. It never
// changes. Its class decides the HTTP status. It says no more than the message
// does.
type Reason string

// The reasons for refusals. Those of Code.Reason stand for whatever has none of
// its own.
const (
	ReasonInvalid         Reason = "invalid"
	ReasonUnauthenticated Reason = "unauthenticated"
	ReasonForbidden       Reason = "forbidden"
	ReasonNotFound        Reason = "not_found"
	ReasonConflict        Reason = "conflict"
	ReasonTooMany         Reason = "too_many"
	ReasonTooLarge        Reason = "too_large"
	ReasonUnavailable     Reason = "unavailable"
	ReasonInternal        Reason = "internal"
	ReasonMaintenance     Reason = "maintenance"
	ReasonNewerData       Reason = "newer_data"
	ReasonDirectRequest   Reason = "direct_request"

	ReasonUnknownParameter Reason = "unknown_parameter"
	ReasonUnknownField     Reason = "unknown_field"
	ReasonAnswerTooLarge   Reason = "answer_too_large"
	ReasonNotOffered       Reason = "not_offered"

	ReasonNoToken              Reason = "no_token"
	ReasonTokenInvalid         Reason = "token_invalid"
	ReasonInvalidCredentials   Reason = "invalid_credentials"
	ReasonInvalidPassword      Reason = "invalid_password"
	ReasonPasswordRequired     Reason = "password_required"
	ReasonSecondFactorRequired Reason = "second_factor_required"
	ReasonInvalidPin           Reason = "invalid_pin"
	ReasonTooManyAttempts      Reason = "too_many_attempts"
	ReasonAccountBlocked       Reason = "account_blocked"
	ReasonAddressUnconfirmed   Reason = "address_unconfirmed"
	ReasonLinkVoid             Reason = "link_void"
	ReasonFactorState          Reason = "factor_state"

	ReasonSessionEnded  Reason = "session_ended"
	ReasonNoSession     Reason = "no_session"
	ReasonNotSameOrigin Reason = "not_same_origin"
	ReasonTokenOnly     Reason = "token_only"
	ReasonNoOwnProfile  Reason = "no_own_profile"

	ReasonTokenWrongAddress Reason = "token_wrong_address"
	ReasonTokenOneProfile   Reason = "token_one_profile"
	ReasonTokenExceeds      Reason = "token_exceeds"
	ReasonTokenPolicy       Reason = "token_policy"
	ReasonTokenRotated      Reason = "token_rotated"
	ReasonTokenDisabled     Reason = "token_disabled"

	ReasonNeedsPermission Reason = "needs_permission"
	ReasonOwnerOnly       Reason = "owner_only"
	ReasonServiceOnly     Reason = "service_only"

	ReasonPlanLacks        Reason = "plan_lacks"
	ReasonProfilesFull     Reason = "profiles_full"
	ReasonTeamFull         Reason = "team_full"
	ReasonOnlyProfile      Reason = "only_profile"
	ReasonAllocationLacks  Reason = "allocation_lacks"
	ReasonAllocationOver   Reason = "allocation_over"
	ReasonAllocationUnder  Reason = "allocation_under"
	ReasonAllocationStale  Reason = "allocation_stale"
	ReasonTierUnknown      Reason = "tier_unknown"
	ReasonNothingScheduled Reason = "nothing_scheduled"
	ReasonEventReused      Reason = "event_reused"

	ReasonAlreadyMember     Reason = "already_member"
	ReasonOwnAddress        Reason = "own_address"
	ReasonInvitationOver    Reason = "invitation_over"
	ReasonInvitationAddress Reason = "invitation_address"
	ReasonMailLimit         Reason = "mail_limit"
	ReasonWebhooksFull      Reason = "webhooks_full"
	ReasonRemovalFinal      Reason = "removal_final"
	ReasonAlertsFull        Reason = "alerts_full"
	ReasonNotStopped        Reason = "not_stopped"
	ReasonBackupToday       Reason = "backup_today"
	ReasonBackupDamaged     Reason = "backup_damaged"

	ReasonPrerequisitesMissing Reason = "prerequisites_missing"
	ReasonTransferOpen         Reason = "transfer_open"
	ReasonTransferOver         Reason = "transfer_over"
	ReasonTransferFinal        Reason = "transfer_final"
	ReasonTransferHold         Reason = "transfer_hold"

	ReasonKeyReused     Reason = "key_reused"
	ReasonKeyUnanswered Reason = "key_unanswered"
)

// Reason returns the reason of errors with this code that have no reason of
// their own.
func (c Code) Reason() Reason { return Reason(strings.ReplaceAll(string(c), "-", "_")) }
