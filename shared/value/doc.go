// Package value reads and writes the values that requests have as text: ids,
// addresses, networks, passwords, names and other texts of people, dates and
// time zones. It parses strictly. Errors are problem.CodeInvalid unless a
// function says otherwise.
package value
