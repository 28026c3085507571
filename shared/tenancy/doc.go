// Package tenancy has the rules of accounts and their credentials, profiles,
// teams, tokens, sessions and notifications. Package billing, which this one
// imports, has the subscription of an account. Package transfer, which imports
// this one, has the move of a profile to another account. The package does no
// I/O and reads no clock: a rule that depends on time takes now as an argument.
package tenancy
