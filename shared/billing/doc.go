// Package billing has what an account has bought and what becomes of it: its
// subscription, how profiles divide that, what they use of it, its cycles and
// renewals, and what is charged for it and whom that costs. What there is to
// buy, and for how much, stands in plan; who the accounts and profiles are, in
// tenancy above. Charges are recorded here and never collected. Like the other
// rules it does no I/O and reads no clock: a rule that depends on time takes
// now as an argument.
package billing
