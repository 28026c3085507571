package tokens

import (
	"context"
	"slices"

	"profiles/shared/flow"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// UsedToken is a token and its last noted use.
type UsedToken struct {
	tenancy.Token
	Last tenancy.Use // the zero Use when none is known
}

// maxBatch is how many items DynamoDB reads in one batch.
const maxBatch = 100

// withUses reads the last uses of tokens.
func withUses(
	ctx context.Context,
	in *store.Store,
	tokens []tenancy.Token,
) ([]UsedToken, error) {
	uses := make([]*store.Found[tenancy.Use], 0, len(tokens))
	var reads []func(context.Context) error
	for page := range slices.Chunk(tokens, maxBatch) {
		batch := in.Batch()
		for _, t := range page {
			uses = append(uses, batch.Use(t.ID))
		}
		reads = append(reads, batch.Get)
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, err
	}
	out := make([]UsedToken, len(tokens))
	for i, t := range tokens {
		out[i] = UsedToken{t, uses[i].Value}
	}
	return out, nil
}
