// Package transfer has the rules by which a profile moves to another account:
// who must agree, which prerequisites must hold, what moves and on which terms,
// what support can do, and how a transfer is taken back by another one, also
// called a return. It imports package tenancy, which knows nothing of
// transfers. It does no I/O and reads no clock: a rule that depends on time
// takes now as an argument. Package service reads, writes and notifies.
package transfer
