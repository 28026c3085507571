package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// ask asks a person for what an environment lacks, and writes it into
// samconfig.toml. Each answer is held to the rules of the template before the
// next question. Without a person it is an error that something is missing. It
// returns whether the environment is new.
func (d deployment) ask(name string, person *bufio.Scanner, region string) (isNew bool, err error) {
	if err := checkName(name); err != nil {
		return false, err
	}
	e, known, err := d.config.get(name)
	if err != nil {
		return false, err
	}
	changed := !known
	if !known {
		if person == nil {
			return false, fmt.Errorf(
				"samconfig.toml has no environment %s, and there is no terminal to ask at: run make deploy ENV=%s once in one", name, name)
		}
		fmt.Fprintf(d.out, "The environment %s is new. Enter takes what is in [brackets].\n", name)
		e.parameters = map[string]string{}
		if e.stack, err = d.question(person, "Stack", "The name of the stack in CloudFormation.",
			"profiles-"+name, form(stackName.MatchString, "letters, digits and -")); err != nil {
			return false, err
		}
		if e.region, err = d.question(person, "Region", "The region of AWS.", region,
			form(regionName.MatchString, "the name of a region, such as eu-central-1")); err != nil {
			return false, err
		}
	}
	for _, p := range d.declared.parameters {
		value, given := e.parameters[p.name]
		switch {
		case given:
			if err := p.check(value); err != nil {
				return false, fmt.Errorf("samconfig.toml: %s: %s: %w", header(name), p.name, err)
			}
			continue
		case slices.Contains(unasked, p.name):
			continue
		case known && p.Default != nil: // a parameter that is new
			value = *p.Default
		case person == nil:
			return false, fmt.Errorf(
				"samconfig.toml: %s lacks %s, and there is no terminal to ask at: %s", header(name), p.name, p.Description)
		default:
			before := ""
			if p.Default != nil {
				before = *p.Default
			}
			value, err = d.question(person, p.name, p.Description, before, e.also(p))
			if err != nil {
				return false, err
			}
		}
		e.parameters[p.name], changed = value, true
	}
	for given := range e.parameters {
		if _, ok := d.declared.find(given); !ok {
			return false, fmt.Errorf(
				"samconfig.toml: %s sets %s, which template.yaml does not have: remove it", header(name), given)
		}
	}
	if err := e.contradiction(); err != nil {
		return false, fmt.Errorf("samconfig.toml: %s: %w", header(name), err)
	}
	if !changed {
		return false, nil
	}
	return !known, d.config.put(name, e, d.declared.parameters)
}

// form makes a check of a function and of what it admits.
func form(fits func(string) bool, what string) func(string) error {
	return func(answer string) error {
		if !fits(answer) {
			return fmt.Errorf("%q is not %s", answer, what)
		}
		return nil
	}
}

// question asks until the answer holds. Enter stands for the default; without
// one, an answer is needed.
func (d deployment) question(
	person *bufio.Scanner, name, what, standard string, check func(string) error,
) (string, error) {
	for {
		fmt.Fprintf(d.out, "\n%s\n%s [%s]: ", what, name, standard)
		if !person.Scan() {
			return "", fmt.Errorf("%s has no answer: nothing was written, and nothing is deployed", name)
		}
		answer := strings.TrimSpace(person.Text())
		if answer == "" {
			answer = standard
		}
		err := check(answer)
		if err == nil {
			return answer, nil
		}
		fmt.Fprintf(d.out, "  %v\n", err)
	}
}

// currentRegion is the region that the program aws uses, "" for none.
func currentRegion(ctx context.Context) string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := os.Getenv(name); region != "" {
			return region
		}
	}
	out, err := exec.CommandContext(ctx, "aws", "configure", "get", "region").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// complete are the states of a stack that can be deployed to.
var complete = []string{
	"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
	"IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}

// deploy deploys an environment. The first deployment leaves the table without
// protection, as CloudFormation could not remove a protected table if it
// failed; a second one, right after it, protects the table. Later ones keep it.
// A table that is not the stack's own is no part of a deployment.
func (d deployment) deploy(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	e, known, err := d.config.get(name)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("samconfig.toml has no environment %s: run make deploy ENV=%s", name, name)
	}
	aws := cloud{e.region}
	now, err := aws.stackOf(ctx, e.stack)
	if err != nil {
		return err
	}
	if now.Status == "ROLLBACK_COMPLETE" {
		fmt.Fprintf(d.out, "The first deployment of %s failed, and left an empty stack: it is removed.\n", e.stack)
		if err := aws.ask(ctx, nil, "cloudformation", "delete-stack", "--stack-name", e.stack); err != nil {
			return err
		}
		if err := aws.ask(ctx, nil, "cloudformation", "wait", "stack-delete-complete", "--stack-name", e.stack); err != nil {
			return err
		}
		now = stack{}
	}
	if now.Status != "" && !slices.Contains(complete, now.Status) {
		return fmt.Errorf(
			"the stack %s is %s: wait until it has ended, or put it right with CloudFormation, then deploy again", e.stack, now.Status)
	}
	if err := d.attach(ctx, aws, name, e, now.Status == ""); err != nil {
		return err
	}
	if err := d.over(ctx, aws, name, e, now); err != nil {
		return err
	}
	if now, err = aws.stackOf(ctx, e.stack); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nDeployed. Look at it with:\n  make doctor ENV=%s\n  make smoke API_URL=%s EMAIL=you+smoke@example.com\n",
		name, now.output("ApiUrl"))
	return nil
}

// over deploys over what is there. Where nothing is, there is nothing to go
// back to, and no alarm has seen anything.
func (d deployment) over(
	ctx context.Context, aws cloud, name string, e environment, now stack,
) error {
	if now.Status != "" {
		return d.update(ctx, aws, name, e)
	}
	if e.parameters[existingTable] == "" {
		if err := d.sam(ctx, name, e, "off"); err != nil {
			return err
		}
		fmt.Fprintf(d.out, "The stack is there. The second deployment protects its table.\n")
	}
	return d.sam(ctx, name, e, "on")
}

// protect has samconfig.toml say whether the table is protected.
func (d deployment) protect(name string, e environment, protected string) error {
	if e.parameters[protection] == protected {
		return nil
	}
	e.parameters[protection] = protected
	return d.config.put(name, e, d.declared.parameters)
}

// sam deploys what is built, with the table protected or not.
func (d deployment) sam(ctx context.Context, name string, e environment, protected string) error {
	if err := d.protect(name, e, protected); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "sam", "deploy", "--template-file", "template.yaml",
		"--config-file", d.config.file, "--config-env", name,
		"--no-confirm-changeset", "--no-fail-on-empty-changeset")
	if err := d.show(cmd); err != nil {
		return fmt.Errorf("sam deploy: %w", err)
	}
	return nil
}

// show runs a program in the folder of the template, and shows what it says.
func (d deployment) show(cmd *exec.Cmd) error {
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.folder, d.out, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd.Run()
}
