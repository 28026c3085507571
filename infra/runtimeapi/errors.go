package runtimeapi

import "fmt"

// InitError says that a program ended, or reported a failure, before it asked
// for its first invocation. Err has what the program wrote.
type InitError struct {
	Function string
	Err      error
}

func (e *InitError) Error() string { return fmt.Sprintf("%s did not start: %v", e.Function, e.Err) }

func (e *InitError) Unwrap() error { return e.Err }

// FunctionError is a failure that the program reported itself, in the words it
// used.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }
