package model

import (
	"fmt"
	"time"
)

// Params are the times and limits of a model. The zero value answers at once,
// locks nothing and has no limits, as the local engines.
type Params struct {
	// Read and Write are how long a read and a write of one item take, as the
	// caller sees them. AWS promises "consistent single-digit millisecond"
	// times (https://docs.aws.amazon.com/dynamodb, "What is Amazon DynamoDB?").
	Read, Write time.Duration
	// TxMin and TxMax are the bounds of how long a transaction takes. It has
	// two phases, each of which writes: "Distributed Transactions at Scale in
	// Amazon DynamoDB", USENIX ATC 2023, section 5, has 15 to 25 ms.
	TxMin, TxMax time.Duration
	// Net is the way of a request to the table, and that of its answer back. A
	// transaction holds its items for what it takes less both.
	Net time.Duration

	// Locks says whether a transaction that is under way locks its items. "A
	// TransactionConflict occurs when a request conflicts with another ongoing
	// one on the same item" (Developer Guide, "Transactional conflict handling
	// in DynamoDB").
	Locks bool
	// ChecksLock says whether a ConditionCheck locks its item as a write does.
	// The paper has it so (section 4). The Developer Guide does not say it.
	ChecksLock bool
	// CancelledHold is for how long a cancelled transaction holds what it had
	// locked before. AWS does not say it.
	CancelledHold time.Duration

	// Late is how much a read that is not consistent may be behind. AWS says
	// that all copies of an item are up to date "usually within a second or
	// less" (Developer Guide, "Read consistency").
	Late time.Duration

	// WCU and RCU are the units a second that a partition gives; 0 is no limit.
	// They are 1,000 and 3,000 (Developer Guide, "Best practices for designing
	// and using partition keys effectively").
	WCU, RCU float64
	// Burst is how many seconds of unused capacity a partition keeps. The
	// Developer Guide says up to 300 "currently" ("Burst capacity"), and that
	// this can change without notice.
	Burst float64
	// Split gives each item of a partition the limits of a partition. DynamoDB
	// isolates items with much traffic after a while (Developer Guide,
	// "Adaptive capacity"), not those that a rising sort key brings.
	Split bool
	// IndexTwice says whether a transaction takes twice the units of a write in
	// indexes, too, as Amazon DynamoDB Local counts. The Developer Guide says
	// two writes "of every item in the transaction" ("Capacity management for
	// transactions"), and nothing of indexes.
	IndexTwice bool
	// CancelledShare is the share of its units that a cancelled transaction
	// consumes. AWS does not say it.
	CancelledShare float64
	// ConflictShare is the share of its units that a single write consumes that
	// meets a locked item. AWS does not say it.
	ConflictShare float64
}

// AWS is DynamoDB as documented and commonly measured, with the middle of what
// is not documented.
var AWS = Params{
	Read: 4 * time.Millisecond, Write: 6 * time.Millisecond,
	TxMin: 15 * time.Millisecond, TxMax: 25 * time.Millisecond,
	Net: 1500 * time.Microsecond, Locks: true, ChecksLock: true,
	CancelledHold: 3 * time.Millisecond, Late: 20 * time.Millisecond,
	WCU: 1000, RCU: 3000, Burst: 1, CancelledShare: 0.5, ConflictShare: 0.5,
}

// End is a choice of everything that AWS does not say.
type End string

// The ends. Middle is between the two others, which are kind to whoever uses
// the table, and hard on them.
const (
	Middle End = "middle"
	Kind   End = "kind"
	Hard   End = "hard"
)

// At returns the same DynamoDB at an end. It fails for an end that there is
// not.
func (p Params) At(e End) (Params, error) {
	switch e {
	case Middle:
	case Kind:
		p.ChecksLock, p.CancelledHold, p.CancelledShare, p.ConflictShare = false, 0, 0, 0
		p.Late, p.Split, p.Burst = 0, true, 300
	case Hard:
		p.ChecksLock, p.CancelledHold, p.CancelledShare, p.ConflictShare = true, p.TxMax, 1, 1
		p.Late, p.Split, p.Burst, p.IndexTwice = 5*p.Late, false, 1, true
	default:
		return p, fmt.Errorf("%q is no end: it must be %s, %s or %s", e, Middle, Kind, Hard)
	}
	return p, nil
}

// Suites is for suites of tests in real time: transactions lock their items for
// a moment that other requests can fall into, and nothing else takes time. No
// read is behind, because tests look at what they have just written. A
// transaction takes a fiftieth of its time on AWS, so a partition has fifty
// times the capacity of one there.
var Suites = Params{
	TxMin: 200 * time.Microsecond, TxMax: 600 * time.Microsecond, Locks: true, ChecksLock: true,
	CancelledHold: 100 * time.Microsecond, WCU: 50 * 1000, RCU: 50 * 3000, Burst: 300,
	CancelledShare: 0.5, ConflictShare: 0.5,
}
