package runtimeapi

import (
	"maps"

	"profiles/infra/template"
)

// Declared runs a program as the template declares its function; more are
// variables for this place, such as the address of an engine, and win over the
// declared ones.
func Declared(f template.Function, program string, more map[string]string) Options {
	o := Options{
		Name:        f.Name,
		Program:     program,
		MemoryMB:    f.MemoryMB,
		Timeout:     f.Timeout,
		Environment: map[string]string{},
	}
	maps.Copy(o.Environment, f.Environment)
	maps.Copy(o.Environment, more)
	return o
}
