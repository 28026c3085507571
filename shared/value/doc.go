// Package value reads and shows the values that requests carry as text: ids,
// addresses, networks, passwords, names and other texts of people, dates and
// time zones. It parses strictly at the edge and refuses with
// problem.CodeInvalid.
package value
