package main

import (
	"fmt"
	"maps"
	"path/filepath"

	"profiles/infra/runtimeapi"
	"profiles/infra/template"
	"profiles/shared/operation"
)

// The functions that a short run measures: the floor, one without I/O, an
// ordinary read, one that checks passwords, and one that sends mail.
const (
	hello       = "hello"
	helloOne    = "hello, GOMAXPROCS=1"
	helloAgain  = "hello, again"
	noIO        = "status-get"
	read        = "profile-get"
	login       = "account-login"
	mailSending = "mail-deliver"
)

// subject is one program under one environment.
type subject struct {
	name    string
	program string
	// source is the package that the program is built from.
	source   string
	declared template.Function
	// table says that it opens a connection to the table when it starts.
	table bool
}

// choose lists what is measured. hello comes first, with Go's defaults, and
// then again with the one thread that the template gives the functions, so that
// both parts of a ratio can be seen. It comes last as it came first: the two
// differ by noise alone.
func choose(declared *template.Template, root string, all bool) ([]subject, error) {
	built := filepath.Join(root, "dist", "bench")
	bare := template.Function{Name: hello, MemoryMB: 256}
	one := bare
	one.Environment = map[string]string{"GOMAXPROCS": "1"}
	subjects := []subject{
		{
			name:     hello,
			program:  filepath.Join(built, hello),
			source:   "./infra/bench/hello",
			declared: bare,
		},
		{
			name:     helloOne,
			program:  filepath.Join(built, hello),
			source:   "./infra/bench/hello",
			declared: one,
		},
	}
	names := []string{noIO, read, login, mailSending}
	if all {
		names = nil
		for _, f := range declared.Functions {
			names = append(names, f.Name)
		}
	}
	static := map[string]bool{}
	for _, o := range operation.All() {
		static[o.Name] = o.Static
	}
	for _, name := range names {
		f, ok := declared.Function(name)
		if !ok {
			return nil, fmt.Errorf("the template declares no function %s", name)
		}
		subjects = append(subjects, subject{
			name:     name,
			program:  filepath.Join(built, name),
			source:   "./functions/" + name,
			declared: f,
			table:    !static[name],
		})
	}
	again := subjects[0]
	again.name = helloAgain
	return append(subjects, again), nil
}

// options run the subject with its declared environment and the given variables
// over it.
func (s subject) options(variables ...map[string]string) runtimeapi.Options {
	more := map[string]string{}
	for _, v := range variables {
		maps.Copy(more, v)
	}
	return runtimeapi.Declared(s.declared, s.program, more)
}
