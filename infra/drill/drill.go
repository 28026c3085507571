package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
	"profiles/infra/engine"
	"profiles/infra/template"
	"profiles/shared/auditlog"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
)

// drill is what a rehearsal works with.
type drill struct {
	local string // the program of the local stack
	demo  seed.Extent
	out   io.Writer
	// tamper spoils what was restored, for tests; nil does not.
	tamper func(ctx context.Context, client *dynamodb.Client, table string) error

	table  template.Table // as the template declares it
	data   string
	client *dynamodb.Client
	engine *engine.Engine
}

// restoredTable is how the restored table is called.
const restoredTable = "Restored"

// run rehearses a restore. The error is the first thing that is not as it was.
func run(ctx context.Context, d drill) error {
	file, err := template.Find()
	if err != nil {
		return err
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		return err
	}
	d.table = declared.Table
	if d.data, err = os.MkdirTemp("", "profiles-drill-"); err != nil {
		return err
	}
	defer os.RemoveAll(d.data)
	if d.engine, err = engine.Start(ctx, engine.Options{Hidden: true}); err != nil {
		return err
	}
	defer d.engine.Stop()
	d.client = d.engine.Client()
	fmt.Fprintf(d.out, "A rehearsal of docs/recovery.md on %s.\n", d.engine.Kind)

	before, err := d.lived(ctx)
	if err != nil {
		return err
	}
	var export bytes.Buffer
	items, err := d.copied(ctx, &export)
	if err != nil {
		return err
	}
	if err := d.step("the table is lost", func() error {
		lost := &dynamodb.DeleteTableInput{TableName: &d.table.LogicalID}
		_, err := d.client.DeleteTable(ctx, lost)
		return err
	}); err != nil {
		return err
	}
	if err := d.restored(ctx, &export); err != nil {
		return err
	}
	if err := d.step("every item is compared", func() error { return d.compare(ctx, items) }); err != nil {
		return err
	}
	return d.works(ctx, before)
}

// step says how long something took.
func (d *drill) step(what string, do func() error) error {
	begun := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	fmt.Fprintf(d.out, "%6.1f s  %s\n", time.Since(begun).Seconds(), what)
	return nil
}

func (d *drill) start(ctx context.Context, more ...string) (stack, error) {
	return startStack(ctx, d.local, d.data,
		append(more, "AWS_ENDPOINT_URL_DYNAMODB="+d.engine.Endpoint)...)
}

// lived runs a stack that makes a table with data, and returns how many entries
// of it are sealed. It ends when nothing more is about to change.
func (d *drill) lived(ctx context.Context) (sealed int64, err error) {
	err = d.step("a stack makes its table, and people use it", func() error {
		s, err := d.start(ctx, "DEMO="+string(d.demo))
		if err != nil {
			return err
		}
		defer s.Stop()
		if err := s.rename(ctx, "before the restore"); err != nil {
			return err
		}
		return until(ctx, s.Process, func() (bool, error) {
			var waits int
			sealed, waits, err = d.verify(ctx, d.table.LogicalID)
			return err == nil && sealed > 0 && waits == 0, nil
		})
	})
	return sealed, err
}

// copied makes the copy to restore from.
func (d *drill) copied(ctx context.Context, to io.Writer) (items []item, err error) {
	err = d.step("it is copied as of one moment", func() error {
		if items, err = readTable(ctx, d.client, d.table.LogicalID); err != nil {
			return err
		}
		if len(items) == 0 {
			return errors.New("the table is empty")
		}
		return writeExport(to, items)
	})
	return items, err
}

// restored makes the new table, as a restore does, and gives it what a restore
// does not.
func (d *drill) restored(ctx context.Context, from io.Reader) error {
	if err := d.step("it is restored under another name", func() error {
		bare := d.table
		bare.TTLAttribute = ""
		if err := engine.CreateTable(ctx, d.client, bare, restoredTable, false); err != nil {
			return err
		}
		items, err := readExport(from)
		if err != nil {
			return err
		}
		return fill(ctx, d.client, restoredTable, items)
	}); err != nil {
		return err
	}
	if d.tamper != nil {
		if err := d.tamper(ctx, d.client, restoredTable); err != nil {
			return err
		}
	}
	return d.step("it gets its expiry and its stream", func() error {
		name := restoredTable
		_, err := d.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName: &name,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{
				AttributeName: &d.table.TTLAttribute, Enabled: aws.Bool(true),
			},
		})
		if err != nil {
			return err
		}
		if _, err = d.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName: &name,
			StreamSpecification: &types.StreamSpecification{
				StreamEnabled:  aws.Bool(true),
				StreamViewType: types.StreamViewType(d.table.StreamView),
			},
		}); err != nil {
			return err
		}
		waiter := dynamodb.NewTableExistsWaiter(d.client)
		return waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
	})
}

// mostNamed is how many differences an error names.
const mostNamed = 10

// compare holds the restored table against what was copied.
func (d *drill) compare(ctx context.Context, copied []item) error {
	found, err := readTable(ctx, d.client, restoredTable)
	if err != nil {
		return err
	}
	wanted, err := snapshotOf(copied)
	if err != nil {
		return err
	}
	got, err := snapshotOf(found)
	if err != nil {
		return err
	}
	if wrong := wanted.differences(got); len(wrong) > 0 {
		return fmt.Errorf("%d items are not as they were: %s",
			len(wrong), strings.Join(wrong[:min(len(wrong), mostNamed)], "; "))
	}
	counts := kinds(found)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(d.out, "%10d  %s\n", counts[kind], kind)
	}
	fmt.Fprintf(d.out, "%10d  items\n", len(found))
	return nil
}

// works puts a stack over the restored table, and uses it. before is how much
// was sealed when it was copied.
func (d *drill) works(ctx context.Context, before int64) error {
	if err := d.step("its audit logs verify", func() error {
		sealed, _, err := d.verify(ctx, restoredTable)
		if err == nil && sealed != before {
			err = fmt.Errorf("%d entries are sealed, want %d", sealed, before)
		}
		return err
	}); err != nil {
		return err
	}
	var s stack
	if err := d.step("a stack is put over it", func() (err error) {
		s, err = d.start(ctx, "EXISTING_TABLE="+restoredTable, "DEMO=0")
		return err
	}); err != nil {
		return err
	}
	defer s.Stop()
	if err := d.step("a person signs in", func() error {
		return s.must(ctx, http.MethodPost, "/account/login", "", map[string]any{
			"email": seed.People[0].Email, "password": demo.Password,
		})
	}); err != nil {
		return err
	}
	if err := d.step("a token works", func() error {
		return s.must(ctx, http.MethodGet, "/account", demo.Owner.Token(), nil)
	}); err != nil {
		return err
	}
	return d.step("a change is sealed by way of the new stream", func() error {
		if err := s.rename(ctx, "after the restore"); err != nil {
			return err
		}
		return until(ctx, s.Process, func() (bool, error) {
			// Signing in has an entry, too.
			sealed, waits, err := d.verify(ctx, restoredTable)
			return err == nil && sealed >= before+2 && waits == 0, nil
		})
	})
}

// verify verifies the audit logs of a table, and returns how many entries were
// ever sealed in them, and how many wait for it.
func (d *drill) verify(ctx context.Context, table string) (sealed int64, waits int, err error) {
	raw, err := os.ReadFile(filepath.Join(d.data, "secret-key"))
	if err != nil {
		return 0, 0, err
	}
	keys, err := secret.ParseKeys(string(raw), time.Now())
	if err != nil {
		return 0, 0, err
	}
	var findings []string
	err = service.New(service.Config{
		Store: store.New(d.client, table), Keys: keys, Log: slog.New(slog.DiscardHandler),
	}).Chain.Verify(ctx, "", nil, func(r auditlog.LogReport) {
		sealed += r.Last
		waits += r.Entries
		if r.First > 0 {
			waits -= int(r.Last - r.First + 1)
		}
		for _, finding := range r.Findings {
			findings = append(findings, r.Log+": "+finding)
		}
	})
	if err == nil && len(findings) > 0 {
		err = errors.New(strings.Join(findings, "; "))
	}
	return sealed, waits, err
}
