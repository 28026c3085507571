package httpapi

import (
	"maps"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"profiles/shared/tenancy"
)

// Bounds of a page. The default is that of the SDKs.
const (
	defaultAmount = 20
	maxAmount     = 10_000
	maxPage       = 1_000_000
)

// lists are the parameters that may have several values.
var lists = []string{"fields", "orderBy"}

// CheckQuery refuses what would make a caller believe something that is not so: a parameter that is not among known, and one
// that is given twice. Two kinds are ignored, with what has no value: names that begin with an underscore, by which browsers
// get around caches, and those of a signature of AWS, which API Gateway has verified. Errors: CodeInvalid naming the parameter.
func CheckQuery(raw string, known []string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return tenancy.Invalid("the query string is not valid: %s", err)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		various := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(values[key]))), func(s string) bool { return s == "" })
		if len(various) == 0 || strings.HasPrefix(key, "_") || len(key) > 6 && strings.EqualFold(key[:6], "X-Amz-") {
			continue
		}
		name, index, indexed := strings.Cut(key, "[")
		_, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		switch {
		case !slices.Contains(known, name) || indexed && name != "filter" && !(slices.Contains(lists, name) && (index == "]" || err == nil)):
			return tenancy.InvalidField(tenancy.Quoted(key), "is no parameter of this route: it takes %s", either(known)).For(tenancy.ReasonUnknownParameter)
		case len(various) > 1 && !slices.Contains(lists, name):
			return tenancy.InvalidField(tenancy.Quoted(key), "is given more than once, with different values")
		}
	}
	return nil
}

// given is what a parameter is given as: its first value that says something. CheckQuery passes over empty ones, so nothing may read one for it.
func given(values []string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func either(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// List are the parameters that every list takes, from any of the encodings in which the SDKs write them.
type List struct {
	Page       int
	Amount     int
	Fields     []string // empty: all
	Filter     map[string]string
	OrderBy    string // empty: the list's own order
	Descending bool
}

// ParseList reads list parameters from a raw query string. Errors: CodeInvalid naming the parameter.
func ParseList(raw string) (List, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return List{}, tenancy.Invalid("the query string is not valid: %s", err)
	}
	l := List{Filter: map[string]string{}}
	if l.Page, err = count(values, "page", 1, maxPage); err != nil {
		return List{}, err
	}
	if l.Amount, err = count(values, "amount", defaultAmount, maxAmount); err != nil {
		return List{}, err
	}
	l.Fields = array(values, "fields")
	if given(values["filter"]) != "" {
		return List{}, tenancy.InvalidField("filter", "is not a filter: write filter[name]=value")
	}
	for key, vs := range values {
		if name, ok := strings.CutPrefix(key, "filter["); ok && given(vs) != "" {
			name, ok = strings.CutSuffix(name, "]")
			if !ok || name == "" || strings.ContainsAny(name, "[]") {
				return List{}, tenancy.InvalidField(tenancy.Quoted(key), "is not a filter: write filter[name]=value")
			}
			l.Filter[name] = given(vs)
		}
	}
	order := array(values, "orderBy")
	if len(order) > 2 {
		return List{}, tenancy.InvalidField("orderBy", "must be a field and a direction, such as created_at,desc")
	}
	if len(order) > 0 {
		l.OrderBy = order[0]
	}
	if len(order) == 2 {
		switch strings.ToLower(order[1]) {
		case "asc":
		case "desc":
			l.Descending = true
		default:
			return List{}, tenancy.Invalid("the direction of orderBy must be asc or desc").At("orderBy")
		}
	}
	return l, nil
}

func count(values url.Values, name string, otherwise, most int) (int, error) {
	text := given(values[name])
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, tenancy.InvalidField(name, "must be a whole number from 1 to %d", most)
	}
	return n, nil
}

// array reads name=a&name=b, name=a,b, name[]=a and name[0]=a, with any indexes, in their order.
func array(values url.Values, name string) []string {
	type element struct {
		at    int
		texts []string
	}
	elements := []element{{-1, values[name]}, {-1, values[name+"[]"]}}
	for _, key := range slices.Sorted(maps.Keys(values)) { // one index may have two spellings: [1] and [01]
		index, ok := strings.CutPrefix(key, name+"[")
		if !ok {
			continue
		}
		if at, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
			elements = append(elements, element{at, values[key]})
		}
	}
	sort.SliceStable(elements, func(i, j int) bool { return elements[i].at < elements[j].at })
	var out []string
	for _, e := range elements {
		for _, text := range e.texts {
			for _, part := range strings.Split(text, ",") {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, part)
				}
			}
		}
	}
	return out
}

// Texts reads parameters that are plain texts; one that is missing is empty.
func Texts(raw string) func(name string) string {
	values, _ := url.ParseQuery(raw)
	return func(name string) string { return given(values[name]) }
}

// Flag reads a boolean parameter: true or false in any letter case, 1 or 0; one that is missing is false. Errors: CodeInvalid.
func Flag(raw, name string) (bool, error) {
	switch strings.ToLower(Texts(raw)(name)) {
	case "true", "1":
		return true, nil
	case "", "false", "0":
		return false, nil
	}
	return false, tenancy.InvalidField(name, "must be true or false")
}
