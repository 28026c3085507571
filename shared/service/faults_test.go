package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// scene is an operation in a situation where it does all its work, and what becomes of it when the table is in trouble.
type scene struct {
	operation operation.Operation
	prepare   func(*stage)
	run       func(*stage) int // an HTTP status; of sweeps and deliveries, the status that their error would have
	// again is the status of the same request repeated by a client that never heard that it had succeeded. Where it is not 200 the
	// request finds its work done.
	again int
	// more is what a repetition adds, by kind of item, where the work is done twice. Design gives clients Idempotency-Key for
	// operations that make something.
	more string
	// contended is the status when contention does not end.
	contended int
}

// stage is where a scene plays. Every stage is the same: ids, codes and tokens are counted, so that two tables on which the same
// happened are equal.
type stage struct {
	*testkit.World
	ana          testkit.Person
	other        tenancy.ProfileID
	spare, token string // tokens of the other profile, and one that no request is sent with
	code         string // of a sign-up
	mail         string // the key of a mail in the outbox
}

func newStage(t testing.TB, c scene) *stage {
	s := &stage{World: testkit.New(t)}
	*s.Services = *service.New(service.Config{
		Store: s.Store, Now: s.Now, Courier: s.World.Outbox, Log: quiet(),
		NewID: func(time.Time) string { return s.NextID() }, NewKey: s.NextKey,
	})
	s.ana = s.Quick("ana")
	s.other = s.ana.Profile("other")
	s.spare, s.token = s.ana.Mint(s.other, ""), s.ana.Mint(s.ana.Home, "")
	if c.prepare != nil {
		c.prepare(s)
	}
	return s
}

type object = map[string]any

func (s *stage) call(o operation.Operation, method, path, token string, body any) int {
	s.Helper()
	got := s.Call(o, method, path, token, body)
	if got.Message == "" == (got.Code != http.StatusOK) {
		s.Errorf("%s answers %d with the message %q", o.Name, got.Code, got.Message)
	}
	return got.Code
}

// anas sends a request of ana's.
func anas(o operation.Operation, method, path string, body func(*stage) any) func(*stage) int {
	return func(s *stage) int {
		var b any
		if body != nil {
			b = body(s)
		}
		return s.call(o, method, strings.NewReplacer("HOME", string(s.ana.Home), "OTHER", string(s.other), "TOKEN", s.token, "CODE", s.code).Replace(path), s.ana.Token, b)
	}
}

func fields(o object) func(*stage) any { return func(*stage) any { return o } }

// statusOf is the HTTP status that an error would have.
func statusOf(err error) int {
	return map[tenancy.Code]int{
		"": http.StatusOK, tenancy.CodeInvalid: http.StatusBadRequest, tenancy.CodeConflict: http.StatusConflict,
		tenancy.CodeUnavailable: http.StatusServiceUnavailable,
	}[tenancy.CodeOf(err)]
}

// sweep runs a scheduled operation the way Lambda does, and hands back what it would report.
func sweep(o operation.Operation) func(*stage) int {
	return func(s *stage) int {
		s.Helper()
		_, err := o.Sweep(s.Context(), s.Services)
		raw, invocation := app.Handler(operation.StatusGet, s.Services).Invoke(s.Context(), json.RawMessage(`{}`))
		_, _ = raw, invocation
		return statusOf(err)
	}
}

var scenes []scene

func init() { scenes = nil }
