// Package transfer has the rules by which a profile moves to another account:
// who must agree, which prerequisites hold, what moves and on which terms, what
// the desk may do, and how it is taken back. It stands above tenancy, whose
// accounts and profiles know nothing of transfers, and does no I/O and reads no
// clock: a rule that depends on time takes now as an argument. What is read and
// written, and who is told, is decided in service.
package transfer
