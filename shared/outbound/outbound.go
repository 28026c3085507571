// Package outbound sends events to the addresses of webhooks. It reaches the
// public internet only.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"profiles/shared/webhook"
)

// Bounds of one attempt.
const (
	wholeTime = 10 * time.Second // from the lookup of the name to the end of the answer
	maxBody   = 64 << 10         // of the answer; what is behind it is not read
	maxHeader = 16 << 10
)

// Client sends events. It checks the addresses of a host when it connects, so
// that a name that changes its addresses leads nowhere else. It follows no
// redirects, uses no proxies and keeps no connections.
type Client struct{ client *http.Client }

// New returns a client. loopback admits addresses of this machine, for the
// local stack and tests.
func New(loopback bool) *Client { return Trusting(loopback, nil) }

// Trusting is New with another configuration of TLS; nil for the usual one.
func Trusting(loopback bool, config *tls.Config) *Client {
	dialer := &net.Dialer{
		Timeout: wholeTime,
		Control: func(_, address string, _ syscall.RawConn) error {
			return check(address, loopback)
		},
	}
	return &Client{&http.Client{
		Timeout: wholeTime,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        config,
			TLSHandshakeTimeout:    wholeTime,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
		},
	}}
}

// errRefused is the error of a host that has an address which is not public.
var errRefused = errors.New("the host has an address that not everybody can reach")

// check refuses to connect to an address that is not public.
func check(address string, loopback bool) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !webhook.Admits(to.Addr(), loopback) {
		return errRefused
	}
	return nil
}

// Post sends an event, signed with each secret, and returns what came back. An
// attempt that got no answer has an Error, which says nothing of the network
// that this process is in.
func (c *Client) Post(ctx context.Context, m webhook.Message) webhook.Answer {
	begun := time.Now()
	answer := webhook.Answer{}
	status, body, err := c.post(ctx, m)
	answer.Took = time.Since(begun)
	if err != nil {
		answer.Error = reason(err)
		return answer
	}
	answer.Status, answer.Body = status, webhook.Shown(body)
	return answer
}

func (c *Client) post(ctx context.Context, m webhook.Message) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return 0, nil, err
	}
	signatures := make([]string, len(m.Secrets))
	for i, secret := range m.Secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return 0, nil, fmt.Errorf("the secret of the webhook: %w", err)
		}
		if signatures[i], err = signer.Sign(m.ID, m.Time, m.Body); err != nil {
			return 0, nil, err
		}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Profiles-Webhooks/1")
	r.Header.Set(standardwebhooks.HeaderWebhookID, m.ID)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(m.Time.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	response, err := c.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return response.StatusCode, body, err
}

// reason says why an attempt got no answer, in words for the owner of the
// webhook. The text of the error itself can have addresses of this network.
func reason(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.Is(err, errRefused):
		return errRefused.Error()
	case errors.As(err, &name):
		return "the host has no address"
	case errors.As(err, &certificate):
		return "the certificate of the host is not valid"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "there was no whole answer within 10 seconds"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the host refuses connections"
	}
	return "the connection failed"
}
