package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Breaks lists what a document has and a later one does not: operations,
// parameters, keys of objects, values and types. Words, examples and bounds may
// change, and additions break nobody.
func Breaks(before, after []byte) []string {
	var b, a any
	if err := json.Unmarshal(before, &b); err != nil {
		return []string{err.Error()}
	}
	if err := json.Unmarshal(after, &a); err != nil {
		return []string{err.Error()}
	}
	return comparison{before: b, after: a}.breaks("", b, a)
}

// comparison is of two documents.
type comparison struct{ before, after any }

// free are the keys whose values may change.
var free = []string{
	"summary",
	"description",
	"example",
	"examples",
	"tags",
	"info",
	"servers",
	"x-sdk",
	"x-reasons",
	"x-also",
	"required",
	"pattern",
	"format",
	"allOf",
}

func (c comparison) breaks(path string, before, after any) (out []string) {
	switch b := before.(type) {
	case map[string]any:
		a, ok := after.(map[string]any)
		if !ok {
			return []string{path + " is gone"}
		}
		was, is := b["$ref"], a["$ref"]
		if was != is && was != nil && is != nil {
			// another name breaks nothing, where what it names has all that was
			// there
			return c.breaks(path, named(c.before, was), named(c.after, is))
		}
		for _, key := range slices.Sorted(maps.Keys(b)) {
			may := slices.Contains(free, key)
			// A key of an object that clients get may have one of these names.
			if _, schema := b[key].(map[string]any); may && !schema {
				continue
			}
			value, ok := a[key]
			if !ok {
				out = append(out, path+"/"+key+" is gone")
				continue
			}
			out = append(out, c.breaks(path+"/"+key, b[key], value)...)
		}
	case []any:
		a, _ := after.([]any)
		for i, one := range b {
			if i < len(a) && len(c.breaks("", one, a[i])) == 0 {
				continue
			}
			if !slices.ContainsFunc(
				a,
				func(other any) bool { return len(c.breaks("", one, other)) == 0 },
			) {
				out = append(out, fmt.Sprintf("%s: %.200s is gone", path, label(one)))
			}
		}
	case string, bool, nil:
		if after != before {
			out = append(out, fmt.Sprintf("%s was %v and is %v", path, before, after))
		}
	}
	return out
}

// named returns what a reference names in a document; nil when it names
// nothing.
func named(document, ref any) any {
	at := document
	path, _ := ref.(string)
	for _, key := range strings.Split(strings.TrimPrefix(path, "#/"), "/") {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	return at
}

// label names an element of a list.
func label(v any) string {
	if m, ok := v.(map[string]any); ok && m["name"] != nil {
		return fmt.Sprint(m["name"])
	}
	text, _ := json.Marshal(v)
	return string(text)
}
