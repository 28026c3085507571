package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// filter is the pattern of a stream trigger's FilterCriteria: an object whose
// leaves are lists of the values that are let through, each a text or
// {"prefix": text}. EventBridge knows more; a pattern that uses it is refused
// when it is read.
type filter struct {
	fields map[string]filter
	values []string
	prefix []string
}

func parseFilter(pattern []byte) (filter, error) {
	var f filter
	if err := json.Unmarshal(pattern, &f); err != nil {
		return f, fmt.Errorf("the filter %s: %w", pattern, err)
	}
	return f, nil
}

// UnmarshalJSON reads a pattern, or a part of one.
func (f *filter) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		return json.Unmarshal(b, &f.fields)
	}
	var leaves []json.RawMessage
	if err := json.Unmarshal(b, &leaves); err != nil {
		return err
	}
	for _, leaf := range leaves {
		var value string
		var rule map[string]string
		if json.Unmarshal(leaf, &value) == nil {
			f.values = append(f.values, value)
		} else if json.Unmarshal(leaf, &rule) == nil && len(rule) == 1 && rule["prefix"] != "" {
			f.prefix = append(f.prefix, rule["prefix"])
		} else {
			return fmt.Errorf("%s is neither a text nor a prefix", leaf)
		}
	}
	return nil
}

// admits reports whether a record, as decoded from JSON, matches.
func (f filter) admits(record any) bool {
	if f.fields != nil {
		object, _ := record.(map[string]any)
		for name, part := range f.fields {
			if !part.admits(object[name]) {
				return false
			}
		}
		return true
	}
	text, ok := record.(string)
	for _, value := range f.values {
		if ok && text == value {
			return true
		}
	}
	for _, prefix := range f.prefix {
		if ok && strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}
