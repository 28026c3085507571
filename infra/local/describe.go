package main

import (
	"fmt"
	"io"
	"time"

	"profiles/infra/demo"
)

// describe says where everything is and who there is, the console first.
func (s *stack) describe(out io.Writer, took time.Duration) {
	fmt.Fprintf(out, "\nProfiles is up (%.1f s). Ctrl-C stops it.\n\n", took.Seconds())
	fmt.Fprintf(out, "  Console  %s/console%s\n", s.API, s.signInWords())
	fmt.Fprintf(
		out,
		"  API      %s\n  Mailbox  %s  (%s)\n  Table    %s  (%s, name %s)\n\n",
		s.API,
		s.Mailbox,
		s.mailboxWords(),
		s.Table,
		s.Engine,
		s.TableName,
	)
	if !s.Demo.Accounts {
		fmt.Fprintf(out, "  Try      curl %s/status\n\n", s.API)
		return
	}
	fmt.Fprintf(out, "  Demo accounts, all with the password %q:\n", demo.Password)
	for _, d := range s.Demo.Described() {
		fmt.Fprintf(out, "    %-18s %s\n", d.Email, d.What)
	}
	fmt.Fprintf(out, "\n  Try      curl -H 'token: %s' %s/profile\n", demo.Owner.Token(), s.API)
	fmt.Fprintf(
		out,
		"  Report   curl -H 'token: %s' %s/usage/%s -d '%s'\n",
		demo.Plane.Token(),
		s.API,
		demo.Profile,
		demoReport,
	)
	fmt.Fprintf(
		out,
		"  Desk     %s/console#/desk, for sam; make transfer shows a whole transfer of a profile\n\n",
		s.API,
	)
}

// signInWords says who to sign in to the console as.
func (s *stack) signInWords() string {
	if !s.Demo.Accounts {
		return "  (sign up; the mail is in the mailbox)"
	}
	return fmt.Sprintf(
		"  (sign in as %s with the password %q)",
		s.Demo.Described()[0].Email,
		demo.Password,
	)
}

func (s *stack) mailboxWords() string {
	if s.mailbox == nil {
		return "given by AWS_ENDPOINT_URL_SES"
	}
	return "mails are gone when the stack stops"
}
