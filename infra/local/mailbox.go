package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"profiles/infra/program"
)

// mailboxPatience is how long the mailbox may take to start.
const mailboxPatience = 30 * time.Second

// startSES starts what stands in for SES, unless it is given.
func (s *stack) startSES(ctx context.Context, o options, taken map[int]bool) error {
	if o.sesURL != "" {
		s.Mailbox, s.sesURL = o.sesURL, o.sesURL
		return checkURL("AWS_ENDPOINT_URL_SES", o.sesURL)
	}
	n, err := port("MAIL_PORT", o.mailPort, 8005, taken, o.log)
	if err != nil {
		return err
	}
	if s.mailbox, s.sesURL, err = startMailbox(ctx, o.log); err != nil {
		return err
	}
	s.watch(s.mailbox.Done(), s.mailbox.Err)
	if s.Mailbox, err = s.serveFront(n, s.sesURL); err != nil {
		return err
	}
	s.returns = &returns{life: &s.life}
	s.sesURL, err = s.serveReturns(s.sesURL)
	return err
}

// startMailbox starts the local SES, whose web page shows what was sent. It
// keeps mails in memory.
func startMailbox(
	ctx context.Context,
	log io.Writer,
) (process *program.Process, url string, err error) {
	// Another process may take a port that was free before the mailbox listens
	// at it.
	for range 5 {
		var port int
		if port, err = program.FreePort(); err != nil {
			return nil, "", err
		}
		if process, url, err = mailboxAt(
			ctx,
			program.Unguessable(),
			port,
			log,
		); err == nil || ctx.Err() != nil ||
			program.PortFree(port) {
			break
		}
	}
	return process, url, err
}

func mailboxAt(
	ctx context.Context,
	host string,
	port int,
	log io.Writer,
) (*program.Process, string, error) {
	node, err := program.Lookup("node", program.Node)
	if err != nil {
		return nil, "", err
	}
	modules, err := program.Install(ctx, program.SES, log)
	if err != nil {
		return nil, "", err
	}
	// The port is named twice: the program also reads PORT, which is the API's
	// here.
	cmd := exec.Command(
		node,
		filepath.Join(modules, "aws-ses-v2-local", "dist", "cli.js"),
		"--host",
		host,
		"--port",
		strconv.Itoa(port),
	)
	cmd.Env = program.Environment("PORT")
	process, err := program.Start("the mailbox", cmd)
	if err != nil {
		return nil, "", err
	}
	url := fmt.Sprintf("http://%s:%d", host, port)
	ctx, cancel := context.WithTimeout(ctx, mailboxPatience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health-check", nil)
		if err != nil {
			return nil, "", err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			return process, url, nil
		}
		select {
		case <-ctx.Done():
			process.Stop()
			return nil, "", process.Said(
				fmt.Errorf("the mailbox does not answer at %s: %w", url, ctx.Err()),
			)
		case <-process.Done():
			return nil, "", process.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
