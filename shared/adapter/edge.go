package adapter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/problem"
)

// Headers of a request that came through CloudFront, in lower case as the
// gateway has them. CloudFront replaces what a client sends with these names.
const (
	originHeader = "x-origin-verify"
	viewerHeader = "cloudfront-viewer-address"
)

// Edge is what a function knows of the CloudFront distribution in front of the
// API. The zero Edge is none: the gateway then says who the client is, and both
// headers mean nothing.
type Edge struct{ digests [][sha256.Size]byte }

// mostDigests is how many values of the header are valid at the same time: the
// present one, and during a rotation the next one.
const mostDigests = 2

// ParseEdge reads the SHA-256 digests, in hexadecimal and with commas between
// them, of the values that prove that a request came through CloudFront. An
// empty text is the zero Edge. Functions have digests and not the values, so
// that their environment gives nothing away and they need no right to a secret.
func ParseEdge(text string) (Edge, error) {
	var e Edge
	if text == "" {
		return e, nil
	}
	parts := strings.Split(text, ",")
	if len(parts) > mostDigests {
		return e, fmt.Errorf("%d digests, at most %d are valid", len(parts), mostDigests)
	}
	for _, part := range parts {
		raw, err := hex.DecodeString(part)
		if err != nil || len(raw) != sha256.Size {
			// The text may be the value itself, by mistake.
			return Edge{}, errors.New("expected SHA-256 digests of 64 hexadecimal digits")
		}
		e.digests = append(e.digests, [sha256.Size]byte(raw))
	}
	return e, nil
}

// errDirect refuses a request that did not come through the service's public
// address.
var errDirect = problem.Forbidden(
	"The request did not come through the public address of the service: send it there",
).For(problem.ReasonDirectRequest)

// admit returns the event with the viewer's address in place of CloudFront's,
// and without both headers. It refuses (ReasonDirectRequest) a request that
// does not have exactly one valid value in the header: one that was sent past
// CloudFront. Any other error is a defect of the distribution.
func (e Edge) admit(event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPRequest, error) {
	if len(e.digests) == 0 {
		return event, nil
	}
	sent, viewer := event.Headers[originHeader], event.Headers[viewerHeader]
	delete(event.Headers, originHeader)
	delete(event.Headers, viewerHeader)
	digest, valid := sha256.Sum256([]byte(sent)), 0
	for _, known := range e.digests {
		valid |= subtle.ConstantTimeCompare(digest[:], known[:])
	}
	if valid == 0 {
		return event, errDirect
	}
	address, err := parseViewer(viewer)
	if err != nil {
		return event, fmt.Errorf("the header CloudFront-Viewer-Address: %w", err)
	}
	event.RequestContext.HTTP.SourceIP = address.String()
	return event, nil
}

// parseViewer reads an address with a port behind it, as CloudFront writes
// them: IPv6 without brackets, which are accepted too.
func parseViewer(text string) (netip.Addr, error) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return netip.Addr{}, errors.New("expected an address with a port")
	}
	host, port := text[:at], text[at+1:]
	bracketed := strings.HasPrefix(host, "[")
	if bracketed {
		var closed bool
		if host, closed = strings.CutSuffix(host[1:], "]"); !closed {
			return netip.Addr{}, errors.New("a bracket is not closed")
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return netip.Addr{}, errors.New("the port is no number from 1 to 65535")
	}
	address, err := netip.ParseAddr(host)
	if err != nil || address.Zone() != "" || bracketed && !address.Is6() {
		return netip.Addr{}, errors.New("expected an IPv4 or IPv6 address")
	}
	return address.Unmap(), nil
}
