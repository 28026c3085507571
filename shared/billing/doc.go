// Package billing has the rules of what an account has bought: its
// subscription, the division among its profiles, their usage, the cycles and
// renewals, the charges, and what each profile costs. Package plan has the
// plans and prices. Package tenancy, which imports this one, has accounts and
// profiles. Charges are recorded and never collected. The package does no I/O
// and reads no clock: a rule that depends on time takes now as an argument.
package billing
