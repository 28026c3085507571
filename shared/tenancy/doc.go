// Package tenancy has the people of Profiles and what is theirs: accounts with
// their credentials, profiles, teams, tokens, sessions and notifications. What
// an account has bought stands in billing below, and how a profile moves to
// another account in transfer above. Like the other rules it does no I/O and
// reads no clock: a rule that depends on time takes now as an argument.
package tenancy
