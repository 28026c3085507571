package service

import (
	"context"
	"slices"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// noteTime is how long noting a use may take. Nobody waits for it.
const noteTime = 2 * time.Second

// used notes that a token was admitted, at most once a minute, beside the request. A function that is frozen before the note is written
// writes it when it runs again, or never: the time of the last use is a help and no proof.
func (b *base) used(c Client, t tenancy.Token) {
	now := b.now()
	if !b.memory.first(t.ID, now) {
		return
	}
	use := tenancy.Use{Token: t.ID, Time: now, Address: c.Source, Agent: tenancy.CleanAgent(c.Agent)}
	b.Background(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noteTime)
		defer cancel()
		if err := b.Store.NoteUse(ctx, use); err != nil {
			b.Log.Debug("the use of a token was not noted", "token", string(t.ID), "error", err.Error())
		}
	})
}

// first reports whether this process has not noted a use of the token in the minute before now, and that it does now.
func (h *tokenMemory) first(id value.TokenID, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.noted[id]; ok && now.Sub(last) < tenancy.LastUsedCooldown {
		return false
	}
	if len(h.noted) >= maxRemembered {
		clear(h.noted)
	}
	h.noted[id] = now
	return true
}

// UsedToken is a token and its last noted use.
type UsedToken struct {
	tenancy.Token
	Last tenancy.Use // the zero Use when none is known
}

// maxBatch is how many items DynamoDB reads in one batch.
const maxBatch = 100

// withUses reads the last uses of tokens.
func (b *base) withUses(ctx context.Context, tokens []tenancy.Token) ([]UsedToken, error) {
	uses := make([]*store.Found[tenancy.Use], 0, len(tokens))
	var reads []func(context.Context) error
	for page := range slices.Chunk(tokens, maxBatch) {
		batch := b.Store.Batch()
		for _, t := range page {
			uses = append(uses, batch.Use(t.ID))
		}
		reads = append(reads, batch.Get)
	}
	if err := parallel(ctx, reads...); err != nil {
		return nil, err
	}
	out := make([]UsedToken, len(tokens))
	for i, t := range tokens {
		out[i] = UsedToken{t, uses[i].Value}
	}
	return out, nil
}
