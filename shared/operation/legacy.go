package operation

import (
	"cmp"
	"net/url"

	"profiles/shared/httpapi"
)

func parseList(raw string) (l httpapi.List, err error) { return l, httpapi.ReadQuery(raw, &l) }

func texts(raw string) func(string) string {
	values, _ := url.ParseQuery(raw)
	return func(name string) string { return cmp.Or(values[name]...) }
}

func flag(raw, name string) (bool, error) { return texts(raw)(name) == "true", nil }
