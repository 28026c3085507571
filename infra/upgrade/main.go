// Command upgrade shows that the last release and the present code can follow
// each other and run beside each other on one table. It builds the last release
// of CHANGELOG.md from the repository, has one of the two leave things half
// done and the other end them, then does both at once, and compares what they
// read.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"profiles/infra/program"
	"profiles/infra/release"
	"profiles/infra/template"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "upgrade:", err)
		os.Exit(1)
	}
}

// trial is what the steps have in common.
type trial struct {
	out                  io.Writer
	root, temporary      string
	last, present        build
	version, state, data string
}

// build is a local stack of one release: its program, and the tree that it
// reads.
type build struct{ name, program, tree string }

// run tries the upgrade. The error names the step that failed.
func run(ctx context.Context, out io.Writer) error {
	file, err := template.Find()
	if err != nil {
		return err
	}
	root := filepath.Dir(file)
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	all, err := release.Parse(string(text))
	if err != nil {
		return fmt.Errorf("CHANGELOG.md: %w", err)
	}
	last := release.Last(all)
	temporary, err := os.MkdirTemp("", "profiles-upgrade-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	t := trial{
		out: out, root: root, temporary: temporary, version: last.Version,
		state: filepath.Join(temporary, "state.json"), data: filepath.Join(temporary, "data"),
		present: build{"the present code", filepath.Join(root, ".tools", "local"), root},
	}
	if err := t.unchanged(ctx, last); err != nil {
		return err
	}
	if t.last, err = t.buildOf(ctx, last); err != nil {
		return fmt.Errorf("release %s: %w", last.Version, err)
	}
	for _, part := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"data of the last release, ended by the present code, and the other way round", t.inTurn},
		{"both at the same time", t.beside},
		{"the whole walk of a transfer on data of the other", t.walks},
	} {
		began := time.Now()
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
		fmt.Fprintf(out, "ok  %s (%.0f s)\n", part.what, time.Since(began).Seconds())
	}
	return nil
}

// inTurn has each release end what the other has left.
func (t trial) inTurn(ctx context.Context) error {
	for i, next := range []build{t.last, t.present, t.last} {
		s, err := t.start(ctx, next, t.data, "1", nil)
		if err != nil {
			return err
		}
		var halves []string
		if i > 0 {
			halves = append(halves, "after")
		}
		if i < 2 {
			halves = append(halves, "before")
		}
		for _, half := range halves {
			if err := t.node(ctx, s.environment(), "infra/upgrade/walk.mjs", half); err != nil {
				s.Stop()
				return fmt.Errorf("%s: %w", next.name, err)
			}
		}
		s.Stop()
	}
	return nil
}

// beside runs both on one table: requests go to them in turn, as they do to the
// functions of a stack that is being deployed.
func (t trial) beside(ctx context.Context) error {
	one, err := t.start(ctx, t.present, t.data, "0", nil)
	if err != nil {
		return err
	}
	defer one.Stop()
	other := filepath.Join(t.temporary, "other")
	if err := copyKey(t.data, other); err != nil {
		return err
	}
	table := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + one.DynamoDB}
	two, err := t.start(ctx, t.last, other, "0", table)
	if err != nil {
		return err
	}
	defer two.Stop()
	mixed, err := mix(one, two)
	if err != nil {
		return err
	}
	defer mixed.Close()
	for _, half := range []string{"before", "after"} {
		if err := t.node(ctx, mixed.environment(), "infra/upgrade/walk.mjs", half); err != nil {
			return err
		}
	}
	compared := append(one.environment(), "LAST="+two.API)
	if err := t.node(ctx, compared, "infra/upgrade/compare.mjs"); err != nil {
		return err
	}
	return t.verify(ctx, one.DynamoDB)
}

// verify has both releases verify the audit logs of both. An entry is sealed
// some moments after its request.
func (t trial) verify(ctx context.Context, table string) error {
	for _, by := range []build{t.last, t.present} {
		var said []byte
		var err error
		for range 20 {
			cmd := exec.CommandContext(ctx, by.program, "verify-audit")
			cmd.Dir = by.tree
			cmd.Env = append(program.Environment("TABLE_NAME"),
				"DATA="+t.data, "AWS_ENDPOINT_URL_DYNAMODB="+table)
			if said, err = cmd.CombinedOutput(); err == nil {
				break
			}
			time.Sleep(500 * time.Millisecond)
		}
		if err != nil {
			return fmt.Errorf("%s verifies the audit logs: %w\n%s", by.name, err, said)
		}
	}
	return nil
}

// walks has each release walk a whole transfer on accounts that the other has
// made.
func (t trial) walks(ctx context.Context) error {
	for i, pair := range [][2]build{{t.last, t.present}, {t.present, t.last}} {
		data := filepath.Join(t.temporary, fmt.Sprint("walk", i))
		made, err := t.start(ctx, pair[0], data, "accounts", nil)
		if err != nil {
			return err
		}
		made.Stop()
		s, err := t.start(ctx, pair[1], data, "accounts", nil)
		if err != nil {
			return err
		}
		walk := filepath.Join(pair[1].tree, "infra", "walk", "transfer.mjs")
		err = t.node(ctx, s.environment(), walk)
		s.Stop()
		if err != nil {
			return fmt.Errorf("%s: %w", pair[1].name, err)
		}
	}
	return nil
}

// node runs a walk. Its output is shown only when it fails.
func (t trial) node(ctx context.Context, environment []string, arguments ...string) error {
	cmd := exec.CommandContext(ctx, "node", arguments...)
	cmd.Dir = t.root
	cmd.Env = append(append(os.Environ(), environment...), "STATE="+t.state)
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(arguments[0]), err, tail(said))
	}
	return nil
}

// tail is the end of what a program has said.
func tail(said []byte) []byte { return said[max(0, len(said)-4000):] }
