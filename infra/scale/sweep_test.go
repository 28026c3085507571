package scale_test

import (
	"testing"
	"time"

	"profiles/infra/model"
)

// One run sends a thousand mails in a second, or nearly.
func TestAThousandMailsASecond(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		if s.name != "mail-retry, 1,000 mails" {
			continue
		}
		for _, end := range []model.End{model.Kind, model.Hard} {
			if r := run(t, s, 1, end, time.Second); r.PerSecond < 1000 || r.Inexact != "" {
				t.Errorf("%s: got %+v", end, r)
			}
		}
	}
}
