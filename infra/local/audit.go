package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/audit"
	"profiles/shared/store"
	"profiles/shared/value"
)

// errFindings ends a check that found something; what is printed already.
var errFindings = errors.New("the audit log is not as it was written")

// chain is the service that seals and checks audit logs, over the deployed
// table that TABLE_NAME names, or else that of the local stack.
func chain(ctx context.Context, getenv func(string) string) (audit.Chain, place, error) {
	o := fromEnvironment()
	p, err := findTable(ctx, o, getenv)
	if err != nil {
		return audit.Chain{}, p, err
	}
	keys, err := keysOf(ctx, o, getenv)
	if err != nil {
		p.close()
		return audit.Chain{}, p, err
	}
	return service.New(
		service.Config{Store: store.New(p.client, p.table), Keys: keys},
	).Chain, p, nil
}

// keysOf returns the keys of the table that findTable finds.
func keysOf(ctx context.Context, o options, getenv func(string) string) (secret.Keys, error) {
	if getenv("TABLE_NAME") == "" {
		// the local table has a key of its own
		return readKeys(ctx, o.data, func(string) string { return "" })
	}
	if getenv("SECRET_ID") == "" {
		return secret.Keys{}, errors.New(
			"for a deployed table set SECRET_ID to the stack's output SecretArn",
		)
	}
	return readKeys(ctx, o.data, getenv)
}

// verifyAudit checks the audit log of a profile or an account, or all of them.
// notes, when not empty, is a file with the lines that the function audit-seal
// has logged: what was put back as a whole is found with them alone.
func verifyAudit(ctx context.Context, out io.Writer, log, notes string) error {
	noted := map[string]auditlog.ChainHead{}
	if notes != "" {
		f, err := os.Open(notes)
		if err != nil {
			return err
		}
		defer f.Close()
		if noted, err = readNotes(f); err != nil {
			return fmt.Errorf("%s: %w", notes, err)
		}
	}
	c, p, err := chain(ctx, os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	logs, entries, findings := 0, 0, 0
	err = c.Verify(ctx, log, noted, func(r auditlog.LogReport) {
		logs++
		entries += r.Entries
		findings += len(r.Findings)
		describeLog(out, r)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	fmt.Fprintf(out, "%d logs, %d entries, %d findings\n(%s)\n", logs, entries, findings, p.name)
	if findings > 0 {
		return errFindings
	}
	return nil
}

func describeLog(out io.Writer, r auditlog.LogReport) {
	fmt.Fprintf(out, "%s: %d entries", r.Log, r.Entries)
	if r.Last > 0 {
		fmt.Fprintf(out, ", %d to %d", r.First, r.Last)
	}
	if r.ByCommand > 0 {
		fmt.Fprintf(out, ", %d of them sealed by a command", r.ByCommand)
	}
	if r.Head != nil {
		fmt.Fprintf(out, ", head %d %.16x", r.Head.Sequence, r.Head.Digest)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(out, ", ok")
		return
	}
	fmt.Fprintln(out)
	for _, finding := range r.Findings {
		fmt.Fprintln(out, "  "+finding)
	}
}

// readNotes takes the last head of each log from lines that audit-seal has
// logged. Other lines are left alone, and so is what a log group puts before
// the line.
func readNotes(in io.Reader) (map[string]auditlog.ChainHead, error) {
	noted := map[string]auditlog.ChainHead{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		at := strings.IndexByte(lines.Text(), '{')
		if at < 0 {
			continue
		}
		var line struct {
			Message     string `json:"msg"`
			Log, Digest string
			Sequence    int64
		}
		if json.Unmarshal([]byte(lines.Text()[at:]), &line) != nil || line.Message != "sealed" {
			continue
		}
		digest, err := hex.DecodeString(line.Digest)
		if err != nil {
			return nil, err
		}
		if line.Sequence > noted[line.Log].Sequence {
			noted[line.Log] = auditlog.ChainHead{
				Log:      line.Log,
				Sequence: line.Sequence,
				Digest:   digest,
			}
		}
	}
	return noted, lines.Err()
}

// resealAudit seals audit logs anew that do not verify, and prints what was
// found in them: whoever runs it vouches for what they have now. Of a deployed
// table it takes the log that is named only.
func resealAudit(ctx context.Context, out io.Writer, log string) error {
	if log == "" && os.Getenv("TABLE_NAME") != "" {
		return errors.New(
			"for a deployed table say which log: make reseal-audit LOG=profile or account",
		)
	}
	c, p, err := chain(ctx, os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	n := 0
	err = c.Reseal(ctx, log, func(r auditlog.LogReport) {
		n++
		describeLog(out, r)
		fmt.Fprintln(out, "  is sealed anew, and says so")
	})
	fmt.Fprintf(out, "%d logs sealed anew\n(%s)\n", n, p.name)
	return err
}

// sealAudit seals what the stream left unsealed for good, and prints it:
// whoever runs it vouches for these entries.
func sealAudit(ctx context.Context, out io.Writer, log string) error {
	c, p, err := chain(ctx, os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	n := 0
	err = c.SealRest(ctx, log, time.Time{}, func(e auditlog.SealedEntry) {
		n++
		fmt.Fprintf(
			out,
			"%s: %s %q of %s\n",
			e.Log,
			e.Time.Format(value.TimeFormat),
			e.Message,
			e.Who,
		)
	})
	fmt.Fprintf(out, "%d entries sealed\n(%s)\n", n, p.name)
	return err
}
