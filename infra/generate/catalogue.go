package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	"profiles/shared/operation"
)

// unlisted is the error of an entry in shared/operation that All leaves out,
// nil for none: nothing would be generated of it.
func unlisted(root string, operations []operation.Operation) error {
	listed := map[string]bool{}
	for _, o := range operations {
		listed[o.Name] = true
	}
	paths, err := filepath.Glob(filepath.Join(root, "shared", "operation", "*.go"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for variable, name := range entries(file) {
			if !listed[name] {
				return fmt.Errorf("shared/operation/%s: %s is not in the catalogue: "+
					"add it to All in shared/operation/catalogue.go", filepath.Base(path), variable)
			}
		}
	}
	return nil
}

// entries are the names of the operations that a file declares, by their
// variables.
func entries(file *ast.File) map[string]string {
	found := map[string]string{}
	for _, d := range file.Decls {
		general, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 {
				continue
			}
			entry, ok := value.Values[0].(*ast.CompositeLit)
			if !ok {
				continue
			}
			if kind, ok := entry.Type.(*ast.Ident); ok && kind.Name == "Operation" {
				found[value.Names[0].Name] = nameOf(entry)
			}
		}
	}
	return found
}

// nameOf is the field Name of an entry, "" for one without.
func nameOf(entry *ast.CompositeLit) string {
	for _, element := range entry.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, isKey := pair.Key.(*ast.Ident)
		text, isText := pair.Value.(*ast.BasicLit)
		if isKey && isText && key.Name == "Name" {
			name, err := strconv.Unquote(text.Value)
			if err == nil {
				return name
			}
		}
	}
	return ""
}

// timeout returns how many seconds the function of an operation may take; 0 is
// the default of the template.
func timeout(o operation.Operation) int {
	switch {
	case o.Trigger != operation.HTTP:
		return 60
	case o.Packs:
		return 29 // the gateway waits for 30
	case o.Hashes:
		return 15
	}
	return 0
}
