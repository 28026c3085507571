// Package tenancy has the nouns and the rules of Profiles: accounts, profiles,
// teams, tokens, subscriptions and usage. Like the packages below it, it does
// no I/O and reads no clock: a rule that depends on time takes now as an
// argument.
package tenancy
