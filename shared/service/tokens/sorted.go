package tokens

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// maxSorted is how many tokens a profile may have for an order that the table
// does not have: all are read for each page.
const maxSorted = 10_000

// place is the position of a token in such an order: the value that the order
// is by, and the position in the order of age, for equal values.
type place struct{ Value, Age string }

func (p place) String() string {
	text, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(text)
}

// placeOf reads the position of a token in an order of the list.
func placeOf(s string) (p place, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	return p, err == nil && json.Unmarshal(text, &p) == nil && isPosition(p.Age)
}

func isPosition(s string) bool {
	id, ok := value.CutPosition(s)
	return ok && value.IsTokenID(id)
}

// check refuses a position that is none of the order.
func (q Query) check() error {
	if q.byAge() {
		return q.Check(isPosition)
	}
	return q.Check(func(s string) bool {
		_, ok := placeOf(s)
		return ok
	})
}

func (q Query) placeOf(t tenancy.Token) place {
	return place{field(t, q.OrderBy), store.TokenCursor(t)}
}

// compare orders by the value, and equal ones by age.
func (q Query) compare(a, b place) int {
	by := value.Compare(a.Value, b.Value)
	if q.Descending {
		by = -by
	}
	if by == 0 {
		return value.Compare(a.Age, b.Age)
	}
	return by
}

// sorted reads all tokens of a walk and returns a page of those that are
// selected, in the order of the query. Errors: CodeInvalid for more tokens than
// maxSorted.
func (q Query) sorted(
	walk func(func(tenancy.Token, error) bool), selects func(tenancy.Token) bool,
) (list core.List[tenancy.Token], err error) {
	found, err := core.ReadPage(walk, maxSorted+1, maxSorted+1, selects)
	if err != nil {
		return list, err
	}
	if found.Scanned > maxSorted {
		return list, problem.InvalidField("orderBy", problem.FieldRange,
			"can be another one than created_at for at most %d tokens, and the profile has more",
			maxSorted).Bound(maxSorted)
	}
	rows := found.Rows
	slices.SortFunc(rows, func(a, b tenancy.Token) int {
		return q.compare(q.placeOf(a), q.placeOf(b))
	})
	if last, ok := placeOf(q.After); ok {
		rows = slices.DeleteFunc(rows, func(t tenancy.Token) bool {
			return q.compare(q.placeOf(t), last) <= 0
		})
	}
	if want := q.Want(); want < len(rows) {
		rows = rows[:want]
		list.Next = q.placeOf(rows[want-1]).String()
	}
	list.Rows = core.On(q.Paging, rows)
	return list, nil
}
