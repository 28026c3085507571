// Package problem has the refusals of Profiles: an error with a class, which
// the HTTP status follows from, a stable reason for programs, a message for
// people, and details. The list of all reasons stands in reason.go.
package problem
