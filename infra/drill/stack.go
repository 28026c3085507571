package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"time"

	"profiles/infra/demo"
	"profiles/infra/program"
)

// patience is how long a stack may take to seal what was changed.
const patience = 2 * time.Minute

// stack is a local stack over an engine that outlives it.
type stack struct{ *program.Stack }

// startStack starts a local stack in a folder, with more variables, and returns
// when it answers.
func startStack(ctx context.Context, local, data string, more ...string) (stack, error) {
	cmd := exec.Command(local)
	cmd.Env = append(program.Environment("TABLE_NAME", "SECRET_ID", "AWS_ENDPOINT_URL_SES", "EXISTING_TABLE"),
		append([]string{"DATA=" + data, "PORT=0", "MAIL_PORT=0", "LOG_LEVEL=warn"}, more...)...)
	s, err := program.StartStack(ctx, "the local stack", cmd, data)
	return stack{s}, err
}

// until asks again until something holds, a process has ended, or patience is
// over.
func until(ctx context.Context, process *program.Process, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if is, err := holds(); is || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", ctx.Err())
		case <-process.Done():
			return process.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// send sends a request to the stack.
func (s stack) send(
	ctx context.Context, method, path, token string, body any,
) (status int, answer []byte, err error) {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return 0, nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, s.API+path, &text)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("token", token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// must sends a request that must succeed.
func (s stack) must(ctx context.Context, method, path, token string, body any) error {
	status, answer, err := s.send(ctx, method, path, token, body)
	if err == nil && status != http.StatusOK {
		err = errors.New(string(answer))
	}
	if err != nil {
		return fmt.Errorf("%s %s: %d %w", method, path, status, err)
	}
	return nil
}

// rename changes a profile of the demo.
func (s stack) rename(ctx context.Context, name string) error {
	return s.must(ctx, http.MethodPut, "/profile/"+string(demo.Profile), demo.Owner.Token(),
		map[string]any{"name": name})
}
