package httpapi

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"profiles/shared/problem"
)

// statuses has the HTTP status of each code. Each error of a caller is a 4xx,
// because the SDKs take every 200 for a success and repeat a request after a
// 5xx.
var statuses = map[problem.Code]int{
	problem.CodeInvalid:         http.StatusBadRequest,
	problem.CodeUnauthenticated: http.StatusUnauthorized,
	problem.CodeForbidden:       http.StatusForbidden,
	problem.CodeNotFound:        http.StatusNotFound,
	problem.CodeConflict:        http.StatusConflict,
	problem.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	problem.CodeTooMany:         http.StatusTooManyRequests,
	problem.CodeUnavailable:     http.StatusServiceUnavailable,
}

// internalMessage is the message for all errors with CodeInternal.
const internalMessage = "Something went wrong here: try again, and write to support with the x-request-id of this answer if it stays"

// File is a result that is not JSON, for people who request a file.
type File struct{ Name, Type, Body string }

// Listed is the result of a list that is read by pages. Its rows are the result
// of the answer, because SDKs expect an array. The position of the next page is
// beside it; empty: there is none.
type Listed struct {
	Rows any
	Next string
}

// CSV returns a file of rows for spreadsheets; the first row names the columns.
// It has a byte order mark, without which Excel does not read UTF-8, and lines
// that end in CRLF, as RFC 4180 says. No cell is taken for a formula (see
// inert).
func CSV(name string, rows [][]string) File {
	var b strings.Builder
	b.WriteRune('\uFEFF')
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return File{Name: name, Type: "text/csv; charset=utf-8", Body: b.String()}
}

// formulas are the characters that begin a formula in a spreadsheet, with their
// full-width forms of East Asian input.
const formulas = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20"

// splitters are characters after which a spreadsheet may begin another cell,
// besides the comma, which is in quotes: the semicolon of many languages, the
// tab, and the end of a line.
const splitters = ";\t\r\n"

// inert prevents that a spreadsheet takes a text for a formula. Where one could
// begin, at the start of the text or after a splitter, it puts an apostrophe,
// which marks a text. A quote there only opens the cell, so the character after
// the quote is checked as well.
func inert(s string) string {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil && s[0] != '+' {
		return s // a number stays a number, for sums
	}
	var b strings.Builder
	starts, before := true, ';'
	for _, r := range s {
		// Blanks between line breaks are no formula, so empty lines are not
		// changed.
		if starts && strings.ContainsRune(formulas, r) &&
			!(unicode.IsSpace(r) && unicode.IsSpace(before)) {
			b.WriteByte('\'')
		}
		starts = strings.ContainsRune(splitters, r) || starts && (r == '"' || unicode.IsSpace(r))
		before = r
		b.WriteRune(r)
	}
	return b.String()
}

// JSONText returns a value as JSON for a file: as in an answer, but without the
// escapes for HTML.
func JSONText(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Errorf("a file that cannot be encoded: %w", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Succeed returns the answer with a result, which must not be null, empty, 0 or
// false, because SDKs take those for failures.
func Succeed(result any) Answer {
	if f, ok := result.(File); ok {
		a := Encoded(http.StatusOK, f.Type, []byte(f.Body))
		a.Header.Set("Content-Disposition", "attachment; filename="+f.Name)
		return a
	}
	if p, ok := result.(Listed); ok {
		var next *string
		if p.Next != "" {
			next = &p.Next
		}
		return encode(http.StatusOK, struct {
			Status bool    `json:"status"`
			Result any     `json:"result"`
			Next   *string `json:"nextToken"`
		}{true, p.Rows, next})
	}
	return encode(http.StatusOK, struct {
		Status bool `json:"status"`
		Result any  `json:"result"`
	}{true, result})
}

// errorsPage is the URL of the page that describes the reasons for refusals. It
// is relative, because functions do not know their public host name.
const errorsPage = "/docs/errors#"

// Fail returns the answer with an error: its status and its envelope. An error
// without a code has a fixed message; its own text is for the log only.
func Fail(err error) Answer {
	status, refusal := http.StatusInternalServerError, &problem.Error{
		Code:    problem.CodeInternal,
		Message: internalMessage,
	}
	var e *problem.Error
	if errors.As(err, &e) {
		if known, ok := statuses[e.Code]; ok {
			status, refusal = known, e
		}
	}
	seconds := int(refusal.RetryAfter.Seconds())
	if refusal.RetryAfter > 0 {
		refusal = refusal.With("retry_after", seconds)
	}
	reason := problem.ReasonOf(refusal)
	a := encode(status, struct {
		Status  bool           `json:"status"`
		Message string         `json:"message"`
		Code    problem.Reason `json:"code"`
		Details map[string]any `json:"details,omitempty"`
		Docs    string         `json:"docs"`
	}{false, refusal.Message, reason, refusal.Details, errorsPage + string(reason)})
	if refusal.RetryAfter > 0 {
		a.Header.Set("Retry-After", strconv.Itoa(seconds))
	}
	a.Err = err
	return a
}

func encode(status int, envelope any) Answer {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(envelope); err != nil {
		panic(fmt.Errorf("an answer that cannot be encoded: %w", err))
	}
	return Encoded(status, "application/json", body.Bytes())
}
