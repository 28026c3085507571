package httpapi_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
)

// parseList reads the parameters that every list accepts.
func parseList(raw string) (l httpapi.List, err error) {
	if err = httpapi.ReadQuery(raw, &l); err != nil {
		return httpapi.List{}, err
	}
	return l, nil
}

func TestParseListReadsEveryEncodingOfTheSDKs(t *testing.T) {
	t.Parallel()
	many, far := []string{}, []string{}
	for i := range 25 {
		many = append(many, "fields["+string(rune('0'+i/10))+string(rune('0'+i%10))+"]="+string(rune('a'+i)))
		far = append(far, string(rune('a'+i)))
	}
	slices.Reverse(many)
	for _, test := range []struct {
		name, raw string
		want      func(*httpapi.List)
	}{
		{"nothing", "", func(*httpapi.List) {}},
		{"a page and an amount", "page=3&amount=50", func(l *httpapi.List) { l.Page, l.Amount = 3, 50 }},
		{"the largest", "page=1000000&amount=10000", func(l *httpapi.List) { l.Page, l.Amount = 1_000_000, 10_000 }},
		{"null of JavaScript", "page=&amount=&fields=&orderBy=&filter%5Bname%5D=", func(*httpapi.List) {}},

		{"fields of JavaScript", "fields%5B0%5D=name&fields%5B1%5D=token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"with bare brackets", "fields[0]=name&fields[1]=token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"in the order of their indexes, not of the text", "fields[10]=c&fields[2]=b&fields[0]=a", func(l *httpapi.List) { l.Fields = []string{"a", "b", "c"} }},
		{"indexes above 20", strings.Join(many, "&"), func(l *httpapi.List) { l.Fields = far }},
		{"brackets without an index", "fields[]=name&fields%5B%5D=token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"repeated keys of Python", "fields=name&fields=token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"joined by a gateway", "fields=name,token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"joined with an encoded comma and a blank", "fields=name%2C+token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"empty parts are none", "fields=,name,,&fields[]=&fields[4]=token", func(l *httpapi.List) { l.Fields = []string{"name", "token"} }},
		{"other brackets are no fields", "fields[a]=x&fields[0][1]=y&fieldset=z&fields[0]=name", func(l *httpapi.List) { l.Fields = []string{"name"} }},

		{"an order", "orderBy=created_at,desc", func(l *httpapi.List) { l.OrderBy, l.Descending = "created_at", true }},
		{"an order with an encoded comma", "orderBy=created_at%2Casc", func(l *httpapi.List) { l.OrderBy = "created_at" }},
		{"the default of Python, with a blank", "orderBy=created_at%2C+asc", func(l *httpapi.List) { l.OrderBy = "created_at" }},
		{"a blank as %20", "orderBy=created_at,%20DESC", func(l *httpapi.List) { l.OrderBy, l.Descending = "created_at", true }},
		{"an order as JavaScript's array", "orderBy%5B0%5D=created_at&orderBy%5B1%5D=desc", func(l *httpapi.List) { l.OrderBy, l.Descending = "created_at", true }},
		{"an order as Python's array", "orderBy=name&orderBy=Desc", func(l *httpapi.List) { l.OrderBy, l.Descending = "name", true }},
		{"an order without a direction", "orderBy=name", func(l *httpapi.List) { l.OrderBy = "name" }},

		{"a filter of JavaScript", "filter%5Bname%5D=a%2A", func(l *httpapi.List) { l.Filter["name"] = "a*" }},
		{"a filter of Python", "filter[name]=my+token&filter[read]=False", func(l *httpapi.List) { l.Filter["name"], l.Filter["read"] = "my token", "False" }},
		{"a filter with signs in its value", "filter[name]=a%26b%3Dc%5B0%5D%25", func(l *httpapi.List) { l.Filter["name"] = "a&b=c[0]%" }},
		{"a filter keeps its commas", "filter[name]=a,b", func(l *httpapi.List) { l.Filter["name"] = "a,b" }},
		{"an empty one before it is none", "page=&page=3&amount=&amount=50&filter[name]=&filter[name]=x&orderBy=&orderBy=name&fields=&fields=a", func(l *httpapi.List) {
			l.Page, l.Amount, l.Filter["name"], l.OrderBy, l.Fields = 3, 50, "x", "name", []string{"a"}
		}},
		{"an empty one behind it is none", "page=3&page=&filter[name]=x&filter[name]=", func(l *httpapi.List) { l.Page, l.Filter["name"] = 3, "x" }},
		{"the first of two filters", "filter[name]=a&filter[name]=b", func(l *httpapi.List) { l.Filter["name"] = "a" }},

		{"parameters of other versions are ignored", "details=true&amounts=x&filters[a][b]=c&token=abc", func(*httpapi.List) {}},
		{"a whole request of JavaScript",
			"page=1&fields%5B0%5D=name&fields%5B1%5D=token&fields%5B2%5D=permission&filter%5Btoken%5D=p-0A1b2C3d&amount=20&orderBy=created_at%2Cdesc",
			func(l *httpapi.List) {
				l.Page, l.Fields, l.Filter["token"] = 1, []string{"name", "token", "permission"}, "p-0A1b2C3d"
				l.OrderBy, l.Descending = "created_at", true
			}},
		{"a whole request of Python", "page=2&fields=name&fields=token&filter%5Bname%5D=x+y&amount=10&orderBy=created_at%2C+asc",
			func(l *httpapi.List) {
				l.Page, l.Amount, l.Fields = 2, 10, []string{"name", "token"}
				l.Filter["name"], l.OrderBy = "x y", "created_at"
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := httpapi.List{
				Paging: httpapi.Paging{Amount: 20},
				Filter: map[string]string{},
			}
			test.want(&want)
			if got, err := parseList(test.raw); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestParseListRefuses(t *testing.T) {
	t.Parallel()
	const (
		page   = "invalid: page must be a whole number from 1 to 1000000"
		amount = "invalid: amount must be a whole number from 1 to 10000"
	)
	for _, test := range []struct{ name, raw, want string }{
		{"page nought", "page=0", page},
		{"a page before the first", "page=-1", page},
		{"a page that is no number", "page=two", page},
		{"a page beyond the last", "page=1000001", page},
		{"a page beyond all numbers", "page=99999999999999999999", page},
		{"half a page", "page=1.5", page},
		{"an amount of nothing", "amount=0", amount},
		{"an amount over the cap", "amount=10001", amount},
		{"an amount that is no number", "amount=all", amount},
		{"three words for an order", "orderBy=a,b,c", "invalid: orderBy must be a field and a direction, such as created_at,desc"},
		{"an order in no direction", "orderBy=name,up", "invalid: the direction of orderBy must be asc or desc"},
		{"a filter inside a filter", "filter[a][b]=c", "invalid: filter[a][b] is not a filter: write filter[name]=value"},
		{"a filter that is not closed", "filter[a=c", "invalid: filter[a is not a filter: write filter[name]=value"},
		{"a filter of nothing", "filter=x", "invalid: filter is not a filter: write filter[name]=value"},
		{"a filter without a name", "filter[]=c", "invalid: filter[] is not a filter: write filter[name]=value"},
		{"a broken escape", "filter[name]=%zz", `invalid: the query string is not valid: invalid URL escape "%zz"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseList(test.raw)
			if said(err) != test.want || !reflect.DeepEqual(got, httpapi.List{}) {
				t.Errorf("got %+v, %q, want nothing, %q", got, said(err), test.want)
			}
		})
	}
}

func TestParseListNeverPanicsAndStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	raws := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`((page|amount|fields|orderBy|filter)(\[[a-z0-9]{0,3}\]?|%5B[0-9]{0,25}%5D){0,2}=?[-a-z0-9,%+*;]{0,8}&?){0,6}`),
		rapid.StringMatching(`(fields\[-?[0-9]{1,22}\]=[a-z,]{0,3}&){0,6}page=[0-9]{1,8}&amount=[0-9]{1,6}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		raw := raws.Draw(t, "raw")
		l, err := parseList(raw)
		if err != nil {
			if problem.CodeOf(err) != problem.CodeInvalid {
				t.Fatalf("got %v, want CodeInvalid", err)
			}
			return
		}
		if l.Page < 0 || l.Page > 1_000_000 || l.Amount < 1 || l.Amount > 10_000 ||
			l.Filter == nil {
			t.Fatalf("got %+v, want bounds that hold", l)
		}
		if slices.Contains(l.Fields, "") {
			t.Fatalf("got an empty field in %q", l.Fields)
		}
		if again, err := parseList(raw); err != nil || !reflect.DeepEqual(again, l) {
			t.Fatalf("got %+v, then %+v, %v", l, again, err)
		}
	})
}

func TestTwoSpellingsOfOneIndexKeepOneOrder(t *testing.T) {
	t.Parallel()
	const raw = "fields[1]=a&fields[01]=b&fields[001]=c&fields[%2B1]=d"
	first, err := parseList(raw)
	if err != nil || len(first.Fields) != 4 {
		t.Fatalf("got %q, %v, want four fields", first.Fields, err)
	}
	for range 20 {
		if again, _ := parseList(raw); !slices.Equal(again.Fields, first.Fields) {
			t.Fatalf("got %q, then %q", first.Fields, again.Fields)
		}
	}
}

func TestFieldsAreReadBackFromEveryEncoding(t *testing.T) {
	t.Parallel()
	names := rapid.SliceOfN(rapid.StringMatching(`[a-z_]{1,12}`), 1, 40)
	rapid.Check(t, func(t *rapid.T) {
		want := names.Draw(t, "fields")
		indexed := make([]string, len(want))
		for i, name := range want {
			indexed[i] = "fields%5B" + strconv.Itoa(i) + "%5D=" + name
		}
		order := rapid.Permutation(indexed).Draw(t, "order")
		for _, raw := range []string{
			strings.Join(order, "&"),
			"fields=" + strings.Join(want, "&fields="),
			"fields=" + strings.Join(want, ","),
			"fields=" + strings.Join(want, "%2C+"),
			"fields[]=" + strings.Join(want, "&fields[]="),
		} {
			if got, err := parseList(raw); err != nil || !slices.Equal(got.Fields, want) {
				t.Fatalf("ParseList(%q): got %q, %v, want %q", raw, got.Fields, err, want)
			}
		}
	})
}

func readFlag(raw, _ string) (bool, error) {
	var q struct {
		Free bool `query:"allocate_free_resources"`
	}
	err := httpapi.ReadQuery(raw, &q)
	return q.Free, err
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, raw string
		want      bool
	}{
		{"JavaScript's true", "allocate_free_resources=true", true},
		{"Python's True", "allocate_free_resources=True", true},
		{"in capitals", "allocate_free_resources=TRUE", true},
		{"one", "allocate_free_resources=1", true},
		{"among others", "a=b&allocate_free_resources=True&c", true},
		{"behind an empty one", "allocate_free_resources=&allocate_free_resources=true", true},
		{"JavaScript's false", "allocate_free_resources=false", false},
		{"Python's False", "allocate_free_resources=False", false},
		{"nought", "allocate_free_resources=0", false},
		{"no value", "allocate_free_resources", false},
		{"an empty value", "allocate_free_resources=", false},
		{"another name", "allocate_free=true", false},
		{"nothing", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := readFlag(test.raw, "allocate_free_resources"); got != test.want || err != nil {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestAFlagIsTrueOrFalse(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"yes", "on", "2", "null", "truee", "%20true"} {
		if got, err := readFlag("allocate_free_resources="+word, "allocate_free_resources"); got || said(err) != "invalid: allocate_free_resources must be true or false" {
			t.Errorf("%s: got %v, %v", word, got, err)
		}
	}
}

func TestUnknownParametersAreRefused(t *testing.T) {
	t.Parallel()
	known := []string{"page", "fields", "orderBy", "filter", "who"}
	const takes = " is no parameter of this route: it takes page, fields, orderBy, filter, who"
	for raw, want := range map[string]string{
		"": "", "page=2&who=a": "", "fields=a&fields=b": "", "fields[]=a&fields[3]=b&fields%5B0%5D=c": "", "orderBy[0]=a&orderBy[1]=asc": "",
		"filter[a]=b&filter[c]=d": "", "x=": "", "x": "", "undefined=&x=&who=": "", "_=1732630000&_t=1": "", "X-Amz-Signature=a&x-amz-date=b": "", "who=a&who=a": "", "who=&who=a": "",
		"x=1": "x" + takes, "Who=a": "Who" + takes, "whom=a": "whom" + takes, "who[0]=a": "who[0]" + takes, "who[]=a": "who[]" + takes, "fields[a]=b": "fields[a]" + takes,
		"token=p-secret": "token" + takes, "who=a&who=b": "who is given more than once, with different values",
		"filter[a]=b&filter[a]=c": "filter[a] is given more than once, with different values", strings.Repeat("y", 10_000) + "=1": strings.Repeat("y", 60) + "..." + takes,
	} {
		got := said(httpapi.CheckQuery(raw, known))
		if want != "" {
			want = "invalid: " + want
		}
		if got != want {
			t.Errorf("%.60s: got %q, want %q", raw, got, want)
		}
	}
	if got := said(httpapi.CheckQuery("a=b", nil)); got != "invalid: a is no parameter of this route: it takes none" {
		t.Errorf("a route without parameters: got %q", got)
	}
	if got := said(httpapi.CheckQuery("a=%zz", known)); !strings.Contains(got, "the query string is not valid") {
		t.Errorf("a broken escape: got %q", got)
	}
}

func readMonth(raw string) string {
	var q struct {
		Month string `query:"month"`
	}
	_ = httpapi.ReadQuery(raw, &q)
	return q.Month
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, raw, want string }{
		{"a text", "month=2030-03", "2030-03"},
		{"among others", "a=b&month=2030-03&c", "2030-03"},
		{"the first of two", "month=2030-03&month=2030-04", "2030-03"},
		{"behind an empty one", "month=&month&month=2030-03", "2030-03"},
		{"an escaped one", "month=Europe%2FBerlin", "Europe/Berlin"},
		{"a plus is a blank", "month=2030-03-14+09:00", "2030-03-14 09:00"},
		{"an escaped plus is one", "month=a%2Bb", "a+b"},
		{"an empty one", "month=", ""},
		{"no value", "month", ""},
		{"another name", "months=1", ""},
		{"another case", "Month=1", ""},
		{"nothing", "", ""},
		{"a broken escape", "month=%zz", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := readMonth(test.raw); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
