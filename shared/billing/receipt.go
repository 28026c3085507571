package billing

import (
	"slices"
	"time"
)

// Receipt names the write that counts lines of a report. It is random, of
// ReceiptSize bytes: it equals one of the some thousand that it may be compared
// with once in 10^11 claims.
type Receipt string

// ReceiptSize is short, as a usage has many receipts.
const ReceiptSize = 6

// Claim is noted with an event before its line is counted. The line is counted
// once the usage has counted the receipt, which it does in one of the
// generations From to Until, or never.
type Claim struct {
	Receipt     Receipt
	From, Until int64
}

// Receipts are the receipts that a usage counted of late. They come in
// generations: those of the present and of the former one are part of the
// usage. When a new generation begins, those of the former one are kept
// elsewhere, each generation by itself, for as long as events count once.
type Receipts struct {
	Generation int64 // the present one; 0: usage of a release without receipts
	Present    []Receipt
	Former     []Receipt
}

// claimSpan is how many generations a claim lasts: on a busy profile about a
// second. A report that is not counted by then claims its lines anew.
const claimSpan = 32

// firstGeneration is the generation with which a usage begins. It is later than
// those of an earlier usage of the profile: a generation takes milliseconds,
// and closing a claim, which skips some thirty, several tens of them.
func firstGeneration(now time.Time) int64 { return now.UnixMilli() }

// Claim returns a claim under a receipt that begins now.
func (r Receipts) Claim(receipt Receipt) Claim {
	return Claim{receipt, r.Generation, r.Generation + claimSpan}
}

// Open reports whether the receipt of a claim may be counted by whoever has
// read r. That may be before the claim began, in a usage as it was a moment
// ago.
func (r Receipts) Open(c Claim) bool {
	return c.From <= r.Generation && r.Generation <= c.Until
}

// Decided reports whether a receipt that is not found is never counted: no
// write on its way can count it any more. A write counts in the generation that
// it has read, or in the one after it; no write counts it in a usage of a
// release without receipts.
func (r Receipts) Decided(c Claim) bool {
	return r.Generation == 0 || r.Generation > c.Until+1
}

// Closing returns the generation with which a claim is decided.
func (r Receipts) Closing(c Claim) int64 { return max(c.Until+2, r.Generation) }

// Has reports whether a receipt is among those of the last two generations.
func (r Receipts) Has(receipt Receipt) bool {
	return slices.Contains(r.Present, receipt) || slices.Contains(r.Former, receipt)
}

// turnFrom is how many receipts a generation has at least. After that, one of
// turnChance reports tries to begin the next one.
const (
	turnFrom   = 4
	turnChance = 10
)

// TurnDue reports whether the report that is counted next should begin another
// generation, by the lot n that it has drawn, which is any number. Of those
// that try at the same time only one can, and the others try to count again. So
// only few should: with these constants two generations have some thirty
// receipts on a busy profile. With them a usage is smaller than 1 KB, which is
// what a write unit writes, and a report that takes 20 ms is still counted in
// one of the two.
func (r Receipts) TurnDue(n uint64) bool {
	return len(r.Present) >= turnFrom && n%turnChance == 0
}
