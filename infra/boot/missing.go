package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"profiles/infra/runtimeapi"
	"profiles/infra/template"
	"profiles/shared/operation"
)

const tableVariable = "TABLE_NAME"

// withoutTable starts one function that needs the table without the variable
// that names it. It must end by itself before it takes an event, and say which
// variable is missing: a deployment that forgets one shows at once and not at
// some request.
func withoutTable(
	ctx context.Context,
	declared *template.Template,
	functions string,
	variables map[string]string,
) (string, error) {
	for _, o := range operation.All() {
		f, ok := declared.Function(o.Name)
		if !ok || o.Static {
			continue
		}
		f.Environment = maps.Clone(f.Environment)
		delete(f.Environment, tableVariable)
		running, err := runtimeapi.Start(
			ctx,
			runtimeapi.Declared(f, filepath.Join(functions, f.Name, "bootstrap"), variables),
		)
		if err == nil {
			running.Stop()
			return f.Name, errors.New("it starts nevertheless")
		}
		if failed := (*runtimeapi.InitError)(nil); !errors.As(err, &failed) {
			return f.Name, err
		}
		if !strings.Contains(err.Error(), tableVariable) {
			return f.Name, fmt.Errorf("what it says does not name the variable: %w", err)
		}
		return f.Name, nil
	}
	return "a function", errors.New("no declared function needs the table")
}
