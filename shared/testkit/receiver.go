package testkit

import (
	"context"
	"slices"
	"sync"

	"profiles/shared/webhook"
)

// Receiver takes the events of webhooks, and refuses them when told to.
type Receiver struct {
	mu     sync.Mutex
	got    []webhook.Message
	answer func(webhook.Message) webhook.Answer
}

// Post implements core.Poster.
func (r *Receiver) Post(_ context.Context, m webhook.Message) webhook.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
	if r.answer == nil {
		return webhook.Answer{Status: 204}
	}
	return r.answer(m)
}

// Answer has the receiver answer so; nil: it takes everything.
func (r *Receiver) Answer(with func(webhook.Message) webhook.Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = with
}

// Got returns what was sent so far, and forgets it.
func (r *Receiver) Got() []webhook.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := slices.Clone(r.got)
	r.got = nil
	return got
}
