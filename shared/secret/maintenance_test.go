package secret

import (
	"strings"
	"testing"
	"time"
)

// The secret keeps the maintenance beside its keys, through a rotation too, and
// a secret without one is written as before.
func TestTheSecretKeepsTheMaintenance(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	ring, err := ParseRing(NewMaster())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(ring.Text(), "maintenance") || ring.Maintenance().On() {
		t.Errorf("a new secret has a maintenance: %+v", ring.Maintenance())
	}
	m := Maintenance{Since: now, Until: now.Add(time.Hour), Who: "ana", Reason: "a restore"}
	on, err := ring.WithMaintenance(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := on.WithMaintenance(m); err == nil {
		t.Error("it can be turned on twice")
	}
	rotated, err := on.Rotate(NewMaster(), now, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Ring{"turned on": on, "rotated": rotated} {
		read, err := ParseRing(r.Text())
		keys := NewKeys(func() Ring { return read })
		if err != nil || read.Maintenance() != m || keys.Maintenance() != m ||
			read.Size() != r.Size() {
			t.Errorf("%s: got %+v (%v), want %+v", name, read.Maintenance(), err, m)
		}
	}
	if off := on.WithoutMaintenance(); off.Maintenance().On() || off.Text() != ring.Text() {
		t.Error("the secret is another one after the maintenance")
	}
	if (Keys{}).Maintenance().On() {
		t.Error("a function without keys is read-only")
	}
}

// A refused client is told to wait until the expected end, for at least a
// minute, and for some minutes when no end is known.
func TestTheWaitOfAMaintenance(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	for until, want := range map[time.Time]time.Duration{
		{}:                         usualWait,
		now.Add(30 * time.Minute):  30 * time.Minute,
		now.Add(10 * time.Second):  leastWait,
		now.Add(-30 * time.Minute): leastWait,
	} {
		if got := (Maintenance{Since: now, Until: until}).Wait(now); got != want {
			t.Errorf("until %s: got %s, want %s", until, got, want)
		}
	}
}
