package store_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

// A commit retries for a while when it meets contention. Then it returns a
// conflict, so that its caller decides again, and has written nothing.
func TestContention(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	send := func() (store.OutboxMail, error) {
		m := newMail(w)
		return store.OutboxMail{Message: m}, commit(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	}
	contention := make([]testkit.Fault, store.MaxAttempts-1)
	for i := range contention {
		contention[i] = testkit.Contention
	}
	w.Faults.Next("TransactWriteItems", contention...)
	if _, err := send(); err != nil {
		t.Errorf("after %d conflicts: got %v, want success", len(contention), err)
	}
	w.Faults.Next("TransactWriteItems", append(contention, testkit.Contention)...)
	before := w.Items()
	if _, err := send(); !errors.Is(err, problem.ErrConflict) {
		t.Errorf("after %d conflicts: got %v, want ErrConflict", store.MaxAttempts, err)
	}
	if got := w.Faults.Happened(); got != 2*store.MaxAttempts-1 {
		t.Errorf("%d conflicts were met, want %d", got, 2*store.MaxAttempts-1)
	}
	same(t, "the table", w.Items(), before)

	// A commit does not retry for a caller whose context has ended.
	ctx, cancel := context.WithCancel(t.Context())
	w.Faults.Always(func(string, int) testkit.Fault { cancel(); return testkit.Contention })
	tx := w.Store.Begin()
	tx.Send(newMail(w), sealed)
	w.Refused(tx.CommitAside(ctx, store.Origin{}), problem.CodeUnavailable)
	if got := w.Faults.Happened() - 2*store.MaxAttempts + 1; got != 1 {
		t.Errorf("%d requests after the caller had gone, want 1", got)
	}
}

// Any write can meet a transaction on AWS, so each write goes through one of
// the functions that retry then, or tell their caller. This test finds calls of
// the client that are anywhere else.
func TestEveryWriteWaitsOutContention(t *testing.T) {
	t.Parallel()
	writes := map[string][]string{
		"UpdateItem": {"write", "addOnce"}, "PutItem": {"putOne"},
		"TransactWriteItems": {"commit"}, "DeleteItem": {"drop"},
	}
	found := map[string]int{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if on, ok := call.X.(*ast.SelectorExpr); !ok || on.Sel.Name != "client" {
					return true
				}
				switch name := call.Sel.Name; name {
				case "Query", "BatchGetItem", "Options":
				default:
					found[name]++
					if !slices.Contains(writes[name], function.Name.Name) {
						t.Errorf(
							"%s calls %s: single writes go through Store.write, putOne and drop, transactions through Tx.Commit",
							function.Name.Name,
							name,
						)
					}
				}
				return true
			})
		}
	}
	for name, from := range writes {
		if found[name] != len(from) {
			t.Errorf("%s is called %d times, want %d", name, found[name], len(from))
		}
	}
}

// Each single write and each transaction is refused by DynamoDB because of a
// temporary conflict, and has the result that its case names.
func TestWritesThatMeetContention(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	window := store.RateWindow{Subject: "a", End: w.Now().Add(time.Hour)}
	record := &store.IdempotencyRecord{
		Scope: "a",
		Key:   "k",
		MAC:   []byte("m"),
		Run:   "r",
		Ends:  w.Now().Add(time.Hour),
	}
	m := newMail(w)
	emails := store.OutboxMail{Message: m}
	must(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	single := map[string]func() error{
		"Count":     func() error { _, err := w.Store.Count(t.Context(), window); return err },
		"CountOnce": func() error { _, err := w.Store.CountOnce(t.Context(), window, "x", 9); return err },
		"Refund":    func() error { return w.Store.Refund(t.Context(), window, "x") },
		"Look":      func() error { _, err := w.Store.LookupRecord(t.Context(), record, w.Now()); return err },
		"KeepAnswer": func() error {
			_, err := w.Store.KeepAnswer(t.Context(), record, []byte("answer"), w.Now())
			return err
		},
		"ReportReuse": func() error {
			return w.Store.ReportReuse(t.Context(), store.Reuse{Token: "t", Time: w.Now()})
		},
		"NoteUse": func() error { return w.Store.NoteUse(t.Context(), tenancy.Use{Token: "t", Time: w.Now()}) },
		"ClaimMail": func() error {
			_, err := w.Store.LeaseMail(
				t.Context(),
				emails,
				"me",
				w.Now(),
				w.Now().Add(time.Minute),
			)
			return err
		},
		"Answer": func() error {
			line := billing.UsageLine{
				Event: "e", Service: plan.ServiceInput, Amount: 1, Time: w.Now(),
			}
			return w.Store.Answer(t.Context(), "p", line, billing.UsageAnswer{}, "", w.Now())
		},
		"RestQueue": func() error {
			queue := webhook.Queue{Webhook: "h"}
			_, err := w.Store.RestQueue(t.Context(), queue, w.Now(), w.Now(), false)
			return err
		},
		"LeaseQueue": func() error {
			_, err := w.Store.LeaseQueue(t.Context(), webhook.Queue{Webhook: "h"}, "me", w.Now())
			return err
		},
		"MailLater": func() error { return w.Store.MailLater(t.Context(), emails, w.Now()) },
		"MailSent":  func() error { return w.Store.MailSent(t.Context(), emails, w.Now()) },
		"MailDead":  func() error { return w.Store.MailDead(t.Context(), emails, "broken", w.Now()) },
	}
	few := []testkit.Fault{testkit.Contention, testkit.Contention, testkit.Contention}
	for name, write := range single {
		sent := "UpdateItem"
		if name == "Answer" {
			sent = "PutItem"
		}
		w.Faults.Next(sent, few...)
		before := w.Faults.Happened()
		if err := write(); err != nil {
			t.Errorf("%s: got %v after it had met transactions, want success", name, err)
		}
		if met := w.Faults.Happened() - before; met != len(few) {
			t.Errorf("%s met %d transactions, want %d", name, met, len(few))
		}
	}
	w.Faults.Meet(testkit.Contention, store.MaxAttempts)
	w.Refused(single["Count"](), problem.CodeUnavailable)
	w.Faults.Meet(testkit.Crowded, 3)
	must(w, func(tx *store.Tx) { tx.Send(newMail(w), sealed) })
	// The client gets the error that the service is busy. Code that decides
	// again after a conflict may do so here as well.
	w.Faults.Meet(testkit.Crowded, store.MaxAttempts)
	err := commit(w, func(tx *store.Tx) { tx.Send(newMail(w), sealed) })
	w.Refused(err, problem.CodeUnavailable)
	if !errors.Is(err, problem.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
}
