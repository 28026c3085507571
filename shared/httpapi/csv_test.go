package httpapi_test

import (
	"testing"

	"profiles/shared/httpapi"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"plain": "plain", "=1+1": "'=1+1", "+1": "'+1", "-1": "-1", "-12.5": "'-12.5", "@A1": "'@A1", "\t=1": "'\t'=1", " =1": "\" '=1\"", "\u00a0=1": "\"\u00a0'=1\"", "\uff1d1": "'\uff1d1", "\uff0b1": "'\uff0b1",
		"\uff0d1": "'\uff0d1", "\uff20A1": "'\uff20A1", "a;=1": "a;'=1", "a; =1;-2;b": "a; '=1;'-2;b", "a=b": "a=b", "2030-03-14": "2030-03-14", "": "", "1": "1", ";": ";", "a,=1": "\"a,=1\"",
		"a;\"=1": "\"a;\"\"'=1\"", "\"=1": "\"\"\"'=1\"", "\"\" \"=1": "\"\"\"\"\" \"\"'=1\"", "\"a\"=1": "\"\"\"a\"\"=1\"", "a;\"\uff1d1": "\"a;\"\"'\uff1d1\"",
		"a\n=1": "\"a\r\n'=1\"", "a\r\n\r\n-1": "\"a\r\n\r\n'-1\"", "a\n \"@x": "\"a\r\n \"\"'@x\"", "a\t=1": "a\t'=1", "a\n\nb": "\"a\r\n\r\nb\"", "\t\t=1": "'\t\t'=1",
		"say \"hi\"": "\"say \"\"hi\"\"\"", "two\nlines": "\"two\r\nlines\"",
	} {
		f := httpapi.CSV("a.csv", [][]string{{"head"}, {"x", cell}})
		if got, whole := f.Body, "\ufeffhead\r\nx,"+want+"\r\n"; got != whole {
			t.Errorf("%q: got %q, want %q", cell, got, whole)
		}
	}
}
