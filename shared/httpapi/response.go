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

// statuses is the one place where failures become HTTP statuses. Every failure
// of a caller is a 4xx: the SDKs take a 200 for success whatever it says, and
// send a request again after a 5xx.
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

// internalMessage is all that a client learns of a defect.
const internalMessage = "Something went wrong here: try again, and write to support with the x-request-id of this answer if it stays"

// File is a result that is not JSON, for people who ask for a file. SDKs never
// do.
type File struct{ Name, Type, Body string }

// CSV is a file of rows, the first of which names the columns, for people's
// spreadsheets: with a byte order mark, or Excel takes UTF-8 for something
// else; with CRLF, as RFC 4180 says; and with no cell that a spreadsheet takes
// for a formula.
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

// formulas begin formulas in spreadsheets, in both widths that East Asian input
// has.
const formulas = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20"

// splitters are where a spreadsheet may begin another cell: beside the comma,
// which stands in quotes, the semicolon of many languages, the tab that some
// take for a comma, and the end of a line, which is one to whoever has split
// the cells otherwise.
const splitters = ";\t\r\n"

// inert keeps a spreadsheet from taking a text for a formula: where one could
// begin, at the start of the text or behind a splitter, an apostrophe comes
// first, by which they mean a text. A quote there only opens the cell: what it
// has next begins it.
func inert(s string) string {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil && s[0] != '+' {
		return s // a number, which a sum must not miss
	}
	var b strings.Builder
	starts, before := true, ';'
	for _, r := range s {
		// A blank among blanks begins nothing: of a line break or an empty line
		// nothing is changed.
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

// JSONText is a value as JSON for a file: as an answer has it, without the
// escapes for HTML that nobody reads a file with.
func JSONText(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Errorf("a file that cannot be encoded: %w", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Succeed answers with a result. It must not be null, empty, 0 or false: SDKs
// take those for failures.
func Succeed(result any) Answer {
	if f, ok := result.(File); ok {
		a := Encoded(http.StatusOK, f.Type, []byte(f.Body))
		a.Header.Set("Content-Disposition", "attachment; filename="+f.Name)
		return a
	}
	return encode(http.StatusOK, struct {
		Status bool `json:"status"`
		Result any  `json:"result"`
	}{true, result})
}

// errorsPage is where the reasons for refusals are described. It is relative,
// as functions do not know their public name.
const errorsPage = "/docs/errors#"

// Fail answers with an error. It is the one place where refusals get their
// status and their envelope. An error without a code is answered with a fixed
// text: its own is for the log.
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
