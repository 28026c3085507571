package runtimeapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"profiles/shared/httpapi"
)

// api is the Runtime API of one process.
type api struct {
	arn  string
	work chan *invocation
	// polled is closed at the first poll, at the time in ready.
	polled chan struct{}
	ready  time.Time
	once   sync.Once
	// initFailed gets the first failure that is reported before any poll.
	initFailed chan *FunctionError

	mu      sync.Mutex
	current *invocation // handed out and not answered yet
}

// invocation is one event on its way through the process.
type invocation struct {
	id       string
	trace    string
	event    []byte
	deadline time.Time
	outcome  chan outcome // gets one
}

type outcome struct {
	answer []byte
	err    error
}

func newAPI(arn string) *api {
	return &api{
		arn:        arn,
		work:       make(chan *invocation),
		polled:     make(chan struct{}),
		initFailed: make(chan *FunctionError, 1),
	}
}

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initError)
	return mux
}

// next keeps the poll open until there is work, as Lambda does.
func (a *api) next(w http.ResponseWriter, r *http.Request) {
	a.once.Do(func() {
		a.ready = time.Now()
		close(a.polled)
	})
	a.mu.Lock()
	busy := a.current != nil
	a.mu.Unlock()
	if busy {
		refuse(
			w,
			http.StatusForbidden,
			"InvalidStateTransition",
			"the current invocation has no answer yet",
		)
		return
	}
	select {
	case <-r.Context().Done():
	case i := <-a.work:
		a.mu.Lock()
		a.current = i
		a.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", a.arn)
		h.Set("Lambda-Runtime-Trace-Id", i.trace)
		_, _ = w.Write(i.event)
	}
}

func (a *api) response(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	// One byte more than allowed tells an answer that is too large from one
	// that just fits.
	if _, err := body.ReadFrom(io.LimitReader(r.Body, httpapi.AnswerLimit+1)); err != nil {
		refuse(w, http.StatusBadRequest, "TruncatedResponse", err.Error())
		return
	}
	if body.Len() > httpapi.AnswerLimit {
		tooLarge := &FunctionError{
			Type:    "Function.ResponseSizeTooLarge",
			Message: "the answer exceeds " + strconv.Itoa(httpapi.AnswerLimit) + " bytes",
		}
		if a.finish(w, r, outcome{err: tooLarge}) {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", tooLarge.Message)
		}
		return
	}
	if a.finish(w, r, outcome{answer: body.Bytes()}) {
		accept(w)
	}
}

func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	if a.finish(w, r, outcome{err: reported(r)}) {
		accept(w)
	}
}

func (a *api) initError(w http.ResponseWriter, r *http.Request) {
	select {
	case <-a.polled:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the function has started")
		return
	default:
	}
	select {
	case a.initFailed <- reported(r):
	default:
	}
	accept(w)
}

// finish ends the current invocation when the request names it, and refuses the
// request otherwise.
func (a *api) finish(w http.ResponseWriter, r *http.Request, o outcome) bool {
	a.mu.Lock()
	i := a.current
	known := i != nil && i.id == r.PathValue("id")
	if known {
		a.current = nil
	}
	a.mu.Unlock()
	if !known {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "there is no such invocation")
		return false
	}
	i.outcome <- o
	return true
}

// reported reads a failure. Lambda takes its type from a header when the body
// has none.
func reported(r *http.Request) *FunctionError {
	failure := &FunctionError{}
	body, _ := io.ReadAll(io.LimitReader(r.Body, httpapi.AnswerLimit))
	if err := json.Unmarshal(body, failure); err != nil {
		failure.Message = string(body)
	}
	if failure.Type == "" {
		failure.Type = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	return failure
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n")
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(FunctionError{Type: kind, Message: message})
}
