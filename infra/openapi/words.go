package openapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

// Words are what the source says of types and their fields, by "package.Type"
// and "package.Type.Field". Nil words say nothing.
type Words map[string]string

// Sources are the folders of the packages whose types are part of requests and
// answers.
var Sources = []string{
	"shared/operation", "shared/httpapi", "shared/billing", "shared/tenancy", "shared/transfer",
	"shared/service", "shared/static",
}

// Read reads the words of packages, named by their folders below root, the
// folder of the module.
func Read(root string, folders ...string) (Words, error) {
	w := Words{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			w.read(source)
		}
	}
	return w, nil
}

func (w Words) read(file *ast.File) {
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.TYPE {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.TypeSpec)
			name := file.Name.Name + "." + spec.Name.Name
			doc := spec.Doc
			if doc == nil {
				doc = decl.Doc
			}
			w[name] = sentence(doc.Text())
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range fields.Fields.List {
					text := f.Comment.Text()
					if text == "" {
						text = f.Doc.Text()
					}
					for _, n := range f.Names {
						w[name+"."+n.Name] = sentence(text)
					}
					if len(f.Names) == 0 {
						if one, ok := f.Type.(*ast.Ident); ok {
							w[name+"."+one.Name] = sentence(text)
						}
					}
				}
			}
		}
	}
}

// Type returns what the source says of a type. Its first word is the type's Go
// name, which clients do not know, so it is removed with the verb after it.
func (w Words) Type(t reflect.Type) string {
	text := w[t.String()]
	if text == "" {
		return ""
	}
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	for _, begin := range []string{" is ", " are ", " "} {
		if rest, ok := strings.CutPrefix(text, name+begin); ok {
			return sentence(rest)
		}
	}
	return text
}

// Field is what is said of a field of a struct, or of one that is embedded in
// it.
func (w Words) Field(t reflect.Type, f reflect.StructField) string {
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	return w[t.String()+"."+f.Name]
}

// sentence makes one of a comment: on one line, with a capital and a full stop.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return ""
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
