// Package tenancy has the rules of accounts and their credentials, profiles,
// teams, tokens, sessions and notifications. What an account has bought is in
// package billing, which this one imports. How a profile moves to another
// account is in package transfer, which imports this one. The package does no
// I/O and reads no clock: a rule that depends on time takes now as an argument.
package tenancy
