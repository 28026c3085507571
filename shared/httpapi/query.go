package httpapi

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"profiles/shared/problem"
)

// Bounds of a page. The default is that of the SDKs.
const (
	DefaultAmount = 20
	MaxAmount     = 10_000
	MaxPage       = 1_000_000
)

// lists are the parameters that may have several values.
var lists = []string{"fields", "orderBy"}

// CheckQuery refuses (CodeInvalid, naming it) a parameter that is not among
// known, and one that is given twice: otherwise the caller would believe that
// it has an effect. Ignored are parameters without a value, names that begin
// with an underscore, which clients add to get around caches, and those of an
// AWS signature, which API Gateway has verified.
func CheckQuery(raw string, known []string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem.Invalid("the query string is not valid: %s", err)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		various := slices.DeleteFunc(
			slices.Compact(slices.Sorted(slices.Values(values[key]))),
			func(s string) bool { return s == "" },
		)
		if len(various) == 0 || strings.HasPrefix(key, "_") ||
			len(key) > 6 && strings.EqualFold(key[:6], "X-Amz-") {
			continue
		}
		name, index, indexed := strings.Cut(key, "[")
		_, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		switch {
		case !slices.Contains(known, name) || indexed && name != "filter" &&
			!(slices.Contains(lists, name) && (index == "]" || err == nil)):
			return problem.InvalidField(
				problem.Quoted(key),
				problem.FieldNotTaken,
				"is no parameter of this route: it takes %s",
				problem.List(known),
			).
				For(problem.ReasonUnknownParameter)
		case len(various) > 1 && !slices.Contains(lists, name):
			return problem.InvalidField(
				problem.Quoted(key),
				problem.FieldContradicts,
				"is given more than once, with different values",
			)
		}
	}
	return nil
}

// given returns the first value of a parameter that is not empty, because
// CheckQuery ignores empty ones.
func given(values []string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Paging has the parameters of a list that is read by pages.
type Paging struct {
	// which page, from 1, as SDKs read lists: it is complete, and takes longer
	// the more lies before it. Without it the list is read by nextToken
	Page   int `query:"page"`
	Amount int `query:"amount"` // how many rows a page has
	// the position from which to go on: nextToken of the answer before
	Next string `query:"nextToken" is:"text"`
}

// Order is the parameter for the order of a list: a field, and asc or desc.
type Order struct {
	OrderBy    string // empty: the list's own order
	Descending bool
}

// List has the parameters of every list, in any of the encodings that the SDKs
// use.
type List struct {
	Paging
	Fields []string `query:"fields"` // the fields of a row; empty: all
	// Filter has the required values of fields, as filter[name]=value; * stands
	// for any characters.
	Filter map[string]string `query:"filter"`
	// a field to sort by and a direction, such as created_at,desc
	Order `query:"orderBy"`
}

// Parameters returns the names of the query parameters that ReadQuery reads
// into a type, from its tags.
func Parameters(t reflect.Type) (names []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("query"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// ReadQuery reads the parameters of a raw query string into the fields of a
// struct with a tag query. A missing text is empty, and a missing flag false;
// for the other types see Paging and List. Errors: CodeInvalid naming the
// parameter.
func ReadQuery(raw string, in any) error {
	v := reflect.ValueOf(in).Elem()
	if len(Parameters(v.Type())) == 0 {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem.Invalid("the query string is not valid: %s", err)
	}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name := f.Tag.Get("query")
		if name == "" {
			continue
		}
		switch to := v.FieldByIndex(f.Index).Addr().Interface().(type) {
		case *string:
			*to = given(values[name])
		case *bool:
			*to, err = flag(values, name)
		case *int:
			*to, err = count(values, name)
		case *[]string:
			*to = array(values, name)
		case *map[string]string:
			*to, err = filters(values, name)
		case *Order:
			*to, err = order(values, name)
		default:
			panic("no parameter is read into a " + f.Type.String())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func filters(values url.Values, name string) (map[string]string, error) {
	if given(values[name]) != "" {
		return nil, problem.InvalidField(
			name,
			problem.FieldFormat,
			"is not a filter: write filter[name]=value",
		)
	}
	out := map[string]string{}
	for key, vs := range values {
		if field, ok := strings.CutPrefix(key, name+"["); ok && given(vs) != "" {
			field, ok = strings.CutSuffix(field, "]")
			if !ok || field == "" || strings.ContainsAny(field, "[]") {
				return nil, problem.InvalidField(
					problem.Quoted(key),
					problem.FieldFormat,
					"is not a filter: write filter[name]=value",
				)
			}
			out[field] = given(vs)
		}
	}
	return out, nil
}

func order(values url.Values, name string) (o Order, err error) {
	words := array(values, name)
	if len(words) > 2 {
		return Order{}, problem.InvalidField(
			name,
			problem.FieldFormat,
			"must be a field and a direction, such as created_at,desc",
		)
	}
	if len(words) > 0 {
		o.OrderBy = words[0]
	}
	if len(words) == 2 {
		switch strings.ToLower(words[1]) {
		case "asc":
		case "desc":
			o.Descending = true
		default:
			return Order{}, problem.Invalid("the direction of %s must be asc or desc", name).
				At(name)
		}
	}
	return o, nil
}

func count(values url.Values, name string) (int, error) {
	otherwise, most := 0, MaxPage
	if name == "amount" {
		otherwise, most = DefaultAmount, MaxAmount
	}
	text := given(values[name])
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, problem.InvalidField(name, problem.FieldRange, "must be a whole number from 1 to %d", most).
			Bound(most)
	}
	return n, nil
}

// array reads name=a&name=b, name=a,b, name[]=a and name[0]=a, with any
// indexes, in their order.
func array(values url.Values, name string) []string {
	type element struct {
		at    int
		texts []string
	}
	elements := []element{{-1, values[name]}, {-1, values[name+"[]"]}}
	// One index may have two spellings: [1] and [01].
	for _, key := range slices.Sorted(maps.Keys(values)) {
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

// flag reads true or false in any letter case, 1 or 0.
func flag(values url.Values, name string) (bool, error) {
	switch strings.ToLower(given(values[name])) {
	case "true", "1":
		return true, nil
	case "", "false", "0":
		return false, nil
	}
	return false, problem.InvalidField(name, problem.FieldChoice, "must be true or false")
}
