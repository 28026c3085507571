// Package problem has the errors of Profiles. Each has a code, which decides
// the HTTP status, a stable reason for programs, a message for people, and
// details. All reasons are in reason.go.
package problem
