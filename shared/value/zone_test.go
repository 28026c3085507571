package value_test

import (
	"testing"
	"time"

	"profiles/shared/value"
)

func TestMomentsNameTheZoneAndUTC(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, time.March, 14, 20, 26, 53, 0, time.UTC)
	for name, want := range map[string]string{
		"":              "14 March 2030, 20:26 UTC",
		"UTC":           "14 March 2030, 20:26 UTC",
		"Europe/Berlin": "14 March 2030, 21:26 in Europe/Berlin (20:26 UTC)",
		"Asia/Kolkata":  "15 March 2030, 01:56 in Asia/Kolkata (14 March 2030, 20:26 UTC)",
	} {
		zone, err := value.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := value.Moment(at, zone); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
