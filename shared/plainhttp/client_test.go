package plainhttp

import (
	"bytes"
	"io"
	"net/http"
	"testing"
)

// net/http gets bodies without any method except Read.
func TestBodiesArePlain(t *testing.T) {
	t.Parallel()
	var sent io.ReadCloser
	client := plainBodies{doer(func(r *http.Request) (*http.Response, error) {
		sent = r.Body
		return nil, io.EOF
	})}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1", bytes.NewReader([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Body.(io.WriterTo); !ok {
		t.Fatal("the body of the test is plain itself")
	}
	_, _ = client.Do(r)
	if _, ok := sent.(io.WriterTo); ok {
		t.Error("the body that is sent has a WriteTo")
	}
	for _, empty := range []io.ReadCloser{nil, http.NoBody} {
		r.Body = empty
		if _, _ = client.Do(r); sent != empty {
			t.Errorf("a request without a body is sent with %v", sent)
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
