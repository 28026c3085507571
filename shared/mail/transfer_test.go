package mail_test

import (
	"strings"
	"testing"

	"profiles/shared/mailing"
)

// Whoever gives or takes a profile reads before and after the move that its
// webhooks do not come along.
func TestMailsOfAMoveNameTheWebhooks(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, kind := range []mailing.Kind{
		mailing.KindTransferRequested, mailing.KindTransferOffered,
		mailing.KindTransferOfferedNew, mailing.KindTransferGiven,
		mailing.KindTransferReceived, mailing.KindTransferBack, mailing.KindTransferReturned,
	} {
		got, err := r.Render(message(kind))
		if err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string]string{"text": got.Text, "HTML": got.HTML} {
			if !strings.Contains(text, "webhooks") {
				t.Errorf("%s as %s does not name the webhooks", kind, form)
			}
		}
	}
}
