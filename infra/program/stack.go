package program

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// stackStart is how long a local stack may take to start.
const stackStart = 2 * time.Minute

// Addresses are those of a running local stack, as its AddressFile has them.
type Addresses struct{ API, DynamoDB, SES string }

// AddressFile is the file in which a local stack leaves its addresses for
// programs beside it, in the folder of its data. It has them as soon as the
// stack answers requests, and is empty when the stack has ended.
func AddressFile(data string) string { return filepath.Join(data, "stack.json") }

// Stack is a local stack that runs beside this process.
type Stack struct {
	*Process
	Addresses
}

// StartStack starts a local stack on a folder of data, on which no other one
// runs, and returns when the stack answers requests. Errors: those of Start; a
// stack that ends, or has not started when ctx or two minutes are over. Such a
// stack is stopped.
func StartStack(ctx context.Context, name string, cmd *exec.Cmd, data string) (*Stack, error) {
	process, err := Start(name, cmd)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, stackStart)
	defer cancel()
	s := &Stack{Process: process}
	for {
		// The file may be half written.
		text, err := os.ReadFile(AddressFile(data))
		if err == nil && json.Unmarshal(text, &s.Addresses) == nil && s.API != "" {
			return s, nil
		}
		select {
		case <-process.Done():
			return nil, process.Err()
		case <-ctx.Done():
			process.Stop()
			return nil, process.Said(fmt.Errorf("%s does not start: %w", name, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
