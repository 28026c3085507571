package billing_test

import (
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/billing"
)

// A claim is open, then neither, and then decided, as generations begin, and a
// write that is on its way counts it in none in which it is decided.
func TestAClaimIsOpenAndThenDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := billing.Receipts{Generation: rapid.Int64Range(2, 1<<41).Draw(t, "generation")}
		claim := first.Claim("random")
		later := billing.Receipts{
			Generation: first.Generation + rapid.Int64Range(0, 100).Draw(t, "later"),
		}
		if !first.Open(claim) || first.Decided(claim) {
			t.Fatalf("%+v is not open in %+v", claim, first)
		}
		// A usage may be read as it was before the claim began: a receipt that
		// is counted as of then would be looked for in vain.
		if early := (billing.Receipts{Generation: first.Generation - 1}); early.Open(claim) {
			t.Fatalf("%+v is open in %+v", claim, early)
		}
		if later.Open(claim) && later.Decided(claim) {
			t.Fatalf("%+v is open and decided in %+v", claim, later)
		}
		// The last write reads Until, and counts in the generation after that.
		if last := claim.Until + 1; later.Decided(claim) != (later.Generation > last) {
			t.Fatalf("%+v is decided in %+v: %v", claim, later, later.Decided(claim))
		}
		closed := billing.Receipts{Generation: later.Closing(claim)}
		if !closed.Decided(claim) || closed.Generation < later.Generation {
			t.Fatalf("%+v is not decided in %+v", claim, closed)
		}
	})
	claim := billing.Receipts{Generation: 5}.Claim("random")
	if without := (billing.Receipts{}); !without.Decided(claim) {
		t.Error("a usage without receipts leaves a claim undecided")
	}
}

// A generation has some receipts before the next one is due, and then one of
// ten reports begins it.
func TestWhenAGenerationIsDue(t *testing.T) {
	t.Parallel()
	r := billing.Receipts{Generation: 1}
	for n := range 50 {
		due := 0
		for lot := range uint64(1000) {
			if r.TurnDue(lot) {
				due++
			}
		}
		if want := map[bool]int{true: 100}[n >= 4]; due != want {
			t.Errorf("with %d receipts %d of 1000 lots begin a generation, want %d", n, due, want)
		}
		r.Present = append(r.Present, "random")
	}
}
