package core

import (
	"profiles/shared/auditlog"
	"profiles/shared/problem"
)

const (
	// MaxScanned is how many entries one request searches for those that a
	// filter selects.
	MaxScanned = auditlog.MaxScanned
	// ScanPage is how many of them one round trip reads.
	ScanPage = 250
)

// Paging says which rows of a list to return. A list is read by numbered pages,
// as the SDKs read it, or by cursors, if it has no Page.
type Paging struct {
	Page   int // from 1; 0: by cursors
	Amount int
	After  string // the position to continue from; empty: the beginning
}

// skip is how many rows come before the page.
func (p Paging) skip() int { return (max(p.Page, 1) - 1) * p.Amount }

// On returns the rows of the page among those up to its end.
func On[T any](p Paging, rows []T) []T { return rows[min(p.skip(), len(rows)):] }

// Want is how many rows to read for the page, from the position on.
func (p Paging) Want() int { return p.skip() + p.Amount }

// Check refuses a page that is named in two ways, and a position that is none.
// Errors: CodeInvalid.
func (p Paging) Check(isPosition func(string) bool) error {
	if p.Page > 0 && p.After != "" {
		return problem.InvalidField(
			"page",
			problem.FieldContradicts,
			"is another way to read a list than nextToken: send one of them",
		)
	}
	if p.After != "" && !isPosition(p.After) {
		return BadPosition()
	}
	return nil
}

// BadPosition refuses a position that no answer has given.
func BadPosition() error {
	return problem.InvalidField(
		"nextToken",
		problem.FieldFormat,
		"must be one that an answer has given",
	)
}

// Page is what was read for a page of a list.
type Page[T any] struct {
	Rows    []T
	Scanned int // how many entries were searched
	// Last is the last entry that was searched. The next page begins behind it,
	// if there may be more.
	Last T
	More bool
}

// ReadPage reads a walk until want entries are selected, or most are searched;
// 0 is no bound. More is true when the search ended before the walk did: the
// entries that follow may be none that are selected.
func ReadPage[T any](
	walk func(func(T, error) bool), want, most int, selects func(T) bool,
) (p Page[T], err error) {
	for v, err := range walk {
		if err != nil {
			return p, err
		}
		if len(p.Rows) == want {
			p.More = true
			break
		}
		p.Last = v
		if p.Scanned++; selects(v) {
			p.Rows = append(p.Rows, v)
		}
		if p.Scanned == most && len(p.Rows) < want {
			p.More = true
			break
		}
	}
	return p, nil
}

// List is a page of a list.
type List[T any] struct {
	Rows []T
	Next string // the position of the next page; empty: there is none
}

// ReadList reads a page of a list. walk returns the entries from the position
// on; pageSize is how many of them one round trip is to read. filtered says
// whether selects may leave out many of them. A numbered page is complete, and
// costs what lies before it as well. A page that is read by cursors costs what
// is on it, and ends after MaxScanned entries of a filter.
func ReadList[T any](
	p Paging,
	filtered bool,
	walk func(pageSize int) func(func(T, error) bool),
	selects func(T) bool,
	position func(T) string,
) (l List[T], err error) {
	pageSize, most := p.Want()+1, 0
	if filtered {
		pageSize = ScanPage
	}
	if p.Page == 0 {
		most = max(MaxScanned, p.Want())
	}
	found, err := ReadPage(walk(pageSize), p.Want(), most, selects)
	if err != nil {
		return l, err
	}
	l.Rows = On(p, found.Rows)
	if found.More {
		l.Next = position(found.Last)
	}
	return l, nil
}
