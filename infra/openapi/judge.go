package openapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/operation"
	"profiles/shared/problem"
)

// Judge compares requests and answers with what the document says of their
// operations.
type Judge struct {
	mu    sync.Mutex
	calls map[string]*judged
	seen  map[string]map[problem.Reason]bool
}

type judged struct {
	reasons  []problem.Reason
	in, out  *jsonschema.Schema
	defs     map[string]*jsonschema.Schema
	once     sync.Once
	err      error
	request  *jsonschema.Resolved
	response *jsonschema.Resolved
}

// NewJudge returns a judge of operations.
func NewJudge(operations []operation.Operation) *Judge {
	j := &Judge{calls: map[string]*judged{}, seen: map[string]map[problem.Reason]bool{}}
	for _, o := range operations {
		if o.Call == nil {
			continue
		}
		j.seen[o.Name] = map[problem.Reason]bool{}
		r := &reflector{
			prefix: "#/$defs/",
			named:  map[string]*jsonschema.Schema{},
			types:  map[string]reflect.Type{},
		}
		types := o.Call.Types()
		one := &judged{reasons: Reasons(o), out: r.schema(types.Out, "", answered), defs: r.named}
		if types.Body == operation.Lenient || types.Body == operation.Strict {
			one.in = r.schema(types.In, "", sent)
		}
		j.calls[o.Name] = one
	}
	return j
}

func (c *judged) resolve() error {
	c.once.Do(func() {
		whole := func(s *jsonschema.Schema) (*jsonschema.Resolved, error) {
			root := &jsonschema.Schema{AllOf: []*jsonschema.Schema{s}, Defs: c.defs}
			return root.CloneSchemas().Resolve(nil)
		}
		if c.response, c.err = whole(c.out); c.err == nil && c.in != nil {
			c.request, c.err = whole(c.in)
		}
	})
	return c.err
}

// Request says what of the body of a request, which was answered with success,
// the document does not have.
func (j *Judge) Request(o operation.Operation, body []byte) error {
	c := j.calls[o.Name]
	var value any
	if c == nil || c.in == nil || json.Unmarshal(body, &value) != nil {
		return nil
	}
	if err := c.resolve(); err != nil {
		return err
	}
	if err := c.request.Validate(value); err != nil {
		return fmt.Errorf("the request is not what the document says: %w", err)
	}
	return nil
}

// Result says what of the result of a success the document does not have.
func (j *Judge) Result(o operation.Operation, result []byte) error {
	c := j.calls[o.Name]
	if c == nil {
		return nil
	}
	if err := c.resolve(); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(result, &value); err != nil {
		return err
	}
	if err := c.response.Validate(value); err != nil {
		return fmt.Errorf("the result is not what the document says: %w", err)
	}
	return nil
}

// Refusal notes that an operation refused for a reason, and says so if it does
// not list that.
func (j *Judge) Refusal(o operation.Operation, reason problem.Reason) error {
	c := j.calls[o.Name]
	if c == nil {
		return nil
	}
	j.mu.Lock()
	j.seen[o.Name][reason] = true
	j.mu.Unlock()
	if !slices.Contains(c.reasons, reason) {
		return fmt.Errorf(
			"%s refuses with the code %s, which its entry does not have in Refuses",
			o.Name,
			reason,
		)
	}
	return nil
}

// Unseen are the reasons that entries list and that were not noted since the
// judge began.
func (j *Judge) Unseen(operations []operation.Operation) (out []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, o := range operations {
		for _, reason := range o.Refuses {
			if !j.seen[o.Name][reason] {
				out = append(
					out,
					o.Name+" never refused with the code "+string(reason)+", which its entry has in Refuses",
				)
			}
		}
	}
	return out
}
