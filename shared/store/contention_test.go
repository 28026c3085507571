package store_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// Any write can meet a transaction on AWS, so all of them leave through the two
// functions that wait that out. A call of the client anywhere else is found
// here.
func TestEveryWriteWaitsOutContention(t *testing.T) {
	t.Parallel()
	writes := map[string]string{"UpdateItem": "write", "TransactWriteItems": "commit"}
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
					if writes[name] != function.Name.Name {
						t.Errorf("%s calls %s: single writes go through Store.write, transactions through Tx.Commit", function.Name.Name, name)
					}
				}
				return true
			})
		}
	}
	if len(found) != len(writes) || found["UpdateItem"] != 1 || found["TransactWriteItems"] != 1 {
		t.Errorf("the client's writes are called as %v", found)
	}
}

// What each single write and each transaction does when DynamoDB refuses it
// for what another moment would allow.
func TestWritesThatMeetContention(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	window := store.RateWindow{Subject: "a", End: w.Now().Add(time.Hour)}
	record := &store.IdempotencyRecord{Scope: "a", Key: "k", MAC: []byte("m"), Run: "r", Ends: w.Now().Add(time.Hour)}
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
			_, err := w.Store.LeaseMail(t.Context(), emails, "me", w.Now(), w.Now().Add(time.Minute))
			return err
		},
		"MailLater": func() error { return w.Store.MailLater(t.Context(), emails, w.Now()) },
		"MailSent":  func() error { return w.Store.MailSent(t.Context(), emails, w.Now()) },
		"MailDead":  func() error { return w.Store.MailDead(t.Context(), emails, "broken", w.Now()) },
	}
	few := []testkit.Fault{testkit.Contention, testkit.Contention, testkit.Contention}
	for name, write := range single {
		w.Faults.Next("UpdateItem", few...)
		before := w.Faults.Happened()
		if err := write(); err != nil {
			t.Errorf("%s: got %v after it had met transactions", name, err)
		}
		if met := w.Faults.Happened() - before; met != len(few) {
			t.Errorf("%s met %d transactions, want %d", name, met, len(few))
		}
	}
	w.Faults.Meet(testkit.Contention, store.MaxAttempts)
	w.Refused(single["Count"](), problem.CodeUnavailable)
	w.Faults.Meet(testkit.Crowded, 3)
	must(w, func(tx *store.Tx) { tx.Send(newMail(w), sealed) })
	// A client hears that the service is busy, and who decides again may do that as after any conflict.
	w.Faults.Meet(testkit.Crowded, store.MaxAttempts)
	err := commit(w, func(tx *store.Tx) { tx.Send(newMail(w), sealed) })
	w.Refused(err, problem.CodeUnavailable)
	if !errors.Is(err, problem.ErrConflict) {
		t.Errorf("got %v, which is no conflict", err)
	}
}

// Nothing to write is nothing that can fail, and what runs beside a commit runs
// whatever becomes of it.
func TestWhatRunsBesideACommit(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ran := 0
	w.Meter.Reset()
	must(w, func(tx *store.Tx) { tx.Beside(func() { ran++ }) })
	if used := w.Meter.Reset(); ran != 1 || used.Requests != 0 {
		t.Errorf("ran %d times, with %d requests", ran, used.Requests)
	}
	m := newMail(w)
	must(w, func(tx *store.Tx) { tx.Send(m, sealed) })
	w.Refused(commit(w, func(tx *store.Tx) { tx.Send(m, sealed); tx.Beside(func() { ran++ }) }), problem.CodeConflict)
	if ran != 2 {
		t.Errorf("beside a commit that fails it ran %d times, want once", ran-1)
	}
}
