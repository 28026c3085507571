package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// cloud is AWS in a region, as the program aws reaches it.
type cloud struct{ region string }

// refusal is an error that AWS answered with.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.code + ": " + r.message }

var refused = regexp.MustCompile(`(?s)An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)`)

// ask calls a command of aws and reads its answer, unless into is nil. A
// refusal by AWS is a refusal.
func (c cloud) ask(ctx context.Context, into any, arguments ...string) error {
	cmd := exec.CommandContext(ctx, "aws", append(arguments, "--output", "json")...)
	cmd.Env = append(os.Environ(), "AWS_PAGER=", "AWS_CLI_AUTO_PROMPT=off")
	if c.region != "" {
		cmd.Args = append(cmd.Args, "--region", c.region)
	}
	var answer, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &answer, &said
	if err := cmd.Run(); err != nil {
		if m := refused.FindStringSubmatch(said.String()); m != nil {
			return refusal{m[1], strings.TrimRight(m[2], ". \n")}
		}
		if text := strings.TrimRight(said.String(), ". \n"); text != "" {
			return errors.New(strings.TrimSpace(text))
		}
		return fmt.Errorf("aws %s: %w", strings.Join(arguments, " "), err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Bytes(), into); err != nil {
		return fmt.Errorf("aws %s: %w", strings.Join(arguments, " "), err)
	}
	return nil
}

// isDenied reports whether the credentials lack a right.
func isDenied(err error) bool {
	var r refusal
	return errors.As(err, &r) && slices.Contains(
		[]string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"},
		r.code,
	)
}

// stack is what CloudFormation says of a stack.
type stack struct {
	Status  string `json:"StackStatus"`
	Outputs []struct {
		Key   string `json:"OutputKey"`
		Value string `json:"OutputValue"`
	} `json:"Outputs"`
}

// stackOf returns a stack. One that does not exist, or has only been looked at,
// has the status "".
func (c cloud) stackOf(ctx context.Context, name string) (stack, error) {
	var answer struct{ Stacks []stack }
	err := c.ask(ctx, &answer, "cloudformation", "describe-stacks", "--stack-name", name)
	var r refusal
	switch {
	case errors.As(err, &r) && r.code == "ValidationError" &&
		strings.Contains(r.message, "does not exist"):
		return stack{}, nil
	case err != nil:
		return stack{}, err
	case len(answer.Stacks) != 1:
		return stack{}, fmt.Errorf("CloudFormation knows %d stacks with the name %s", len(answer.Stacks), name)
	case answer.Stacks[0].Status == "REVIEW_IN_PROGRESS":
		return stack{}, nil
	}
	return answer.Stacks[0], nil
}

// output is a value that the stack has printed; "" for none.
func (s stack) output(key string) string {
	for _, o := range s.Outputs {
		if o.Key == key {
			return o.Value
		}
	}
	return ""
}
