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
	"time"
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

// Succeed writes a result. It must not be null, empty, 0 or false: SDKs take
// those for failures.
func Succeed(w http.ResponseWriter, result any) {
	if f, ok := result.(File); ok {
		h := w.Header()
		h.Set("Content-Type", f.Type)
		h.Set("Content-Disposition", "attachment; filename="+f.Name)
		secure(h, nothing)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(f.Body))
		return
	}
	write(w, http.StatusOK, struct {
		Status bool `json:"status"`
		Result any  `json:"result"`
	}{true, result})
}

// errorsPage is where the reasons for refusals are described. It is relative,
// as functions do not know their public name.
const errorsPage = "/docs/errors#"

// Fail writes an error and returns the status it wrote. It is the one place
// where refusals get their envelope. An error without a code is answered with a
// fixed text: its own is for the log.
func Fail(w http.ResponseWriter, err error) int {
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
	if refusal.RetryAfter > 0 {
		seconds := int(refusal.RetryAfter.Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		refusal = refusal.With("retry_after", seconds)
	}
	reason := problem.ReasonOf(refusal)
	write(w, status, struct {
		Status  bool           `json:"status"`
		Message string         `json:"message"`
		Code    problem.Reason `json:"code"`
		Details map[string]any `json:"details,omitempty"`
		Docs    string         `json:"docs"`
	}{false, refusal.Message, reason, refusal.Details, errorsPage + string(reason)})
	return status
}

// RateLimit tells a client what is left of its limit: the requests it may make
// in the window, how many are left, and the seconds until the window ends. The
// names are those of the IETF's draft.
func RateLimit(w http.ResponseWriter, limit, remaining int, reset time.Duration) {
	h := w.Header()
	h.Set("RateLimit-Limit", strconv.Itoa(limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("RateLimit-Reset", strconv.Itoa(int((reset+time.Second-1)/time.Second)))
}

// write encodes the envelope before anything of the answer is out, so that one
// that cannot be encoded is not half a success.
func write(w http.ResponseWriter, status int, envelope any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(envelope); err != nil {
		panic(fmt.Errorf("an answer that cannot be encoded: %w", err))
	}
	Write(w, status, "application/json", body.Bytes())
}

// Write writes an answer that is encoded already.
func Write(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	secure(h, nothing)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is nobody's error
}
