// Package tenancy holds the vocabulary and the rules of Profiles: accounts, profiles, tokens, permissions, plans and
// services. It does no I/O and reads no clock: whatever depends on time takes now as an argument.
package tenancy
