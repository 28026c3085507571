// Command deploy deploys the stack to an AWS account, and says whether an
// account and a stack are as they should be. It calls the programs aws and sam,
// which find the credentials. ENV names an environment of samconfig.toml.
//
//	deploy ask       asks for what the environment lacks; looks at the account
//	                 for a new one
//	deploy           deploys the environment, without a question; alarms take
//	                 it back unless ROLLBACK=off
//	deploy doctor    checks the tools, the account and the stack
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"profiles/infra/template"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("ENV"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "profiles:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: deploy [ask | doctor], with ENV=name")

// run does what the arguments say in the folder of template.yaml.
func run(ctx context.Context, arguments []string, name string, out io.Writer) error {
	file, err := template.Find()
	if err != nil {
		return err
	}
	declared, err := readTemplate(file)
	if err != nil {
		return err
	}
	folder := filepath.Dir(file)
	config, err := readConfig(filepath.Join(folder, "samconfig.toml"))
	if err != nil {
		return err
	}
	guarded, err := onOrOff("ROLLBACK", os.Getenv("ROLLBACK"))
	if err != nil {
		return err
	}
	d := deployment{folder: folder, declared: declared, config: config, out: out, guarded: guarded}
	switch {
	case len(arguments) > 1:
		return errUsage
	case len(arguments) == 0:
		return d.deploy(ctx, name)
	case arguments[0] == "doctor":
		return d.doctor(ctx, name)
	case arguments[0] != "ask":
		return errUsage
	}
	var person *bufio.Scanner
	if isTerminal(os.Stdin) {
		person = bufio.NewScanner(os.Stdin)
	}
	isNew, err := d.ask(name, person, currentRegion(ctx))
	if err != nil || !isNew {
		return err
	}
	if err := d.doctor(ctx, name); err != nil {
		return fmt.Errorf(
			"%w: nothing is deployed; put it right, or run make deploy ENV=%s again to deploy as it is", err, name)
	}
	return nil
}

// onOrOff reads a setting that is on without a value.
func onOrOff(name, value string) (bool, error) {
	if value != "" && value != "on" && value != "off" {
		return false, fmt.Errorf("%s is %q: it must be on or off", name, value)
	}
	return value != "off", nil
}

// isTerminal reports whether a person is at the other end of a file: a device
// that takes characters, and not the one that has none.
func isTerminal(f *os.File) bool {
	stat, err := f.Stat()
	if err != nil || stat.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(stat, null)
}

// deployment is what the commands work with.
type deployment struct {
	folder   string
	declared declared
	config   *config
	out      io.Writer
	guarded  bool // whether alarms take a deployment back
}
