package engine

import (
	"cmp"
	"fmt"
	"os"

	"profiles/infra/model"
)

// within makes a model, at the end of what AWS does not say that the variable
// MODEL_END names. It fails when others than this process need the engine, or
// when its data must last.
func within(o Options) (*Engine, error) {
	if !o.Within || o.Dir != "" || o.Port != 0 {
		return nil, fmt.Errorf(
			"the engine %s is in a test's own process: set ENGINE=%s for what others use",
			Model, Program(),
		)
	}
	p, err := model.Suites.At(cmp.Or(model.End(os.Getenv("MODEL_END")), model.Middle))
	if err != nil {
		return nil, fmt.Errorf("MODEL_END: %w", err)
	}
	return &Engine{Kind: Model, model: model.New(p)}, nil
}
