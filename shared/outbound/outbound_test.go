package outbound

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"profiles/shared/webhook"
)

const secret = "whsec_c2FtcGxlIHNlY3JldCBvZiBub2JvZHkh"

func message(url string) webhook.Message {
	return webhook.Message{
		URL: url, ID: "0123456789abcdef01234567", Time: time.Now(), Body: []byte(`{"id":"x"}`),
		Secrets: []string{secret, "whsec_YW5vdGhlciBzZWNyZXQgb2Ygbm9ib2R5"},
	}
}

// serve runs a receiver, and a client that trusts its certificate.
func serve(t *testing.T, loopback bool, h http.HandlerFunc) (*Client, string) {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	trusted := server.Client().Transport.(*http.Transport).TLSClientConfig
	return Trusting(loopback, &tls.Config{RootCAs: trusted.RootCAs, ServerName: "example.com"}), server.URL
}

// A receiver can verify an event with the library of Standard Webhooks, with
// either secret.
func TestEventsAreSigned(t *testing.T) {
	t.Parallel()
	m := message("")
	client, url := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 10)
		n, _ := r.Body.Read(body)
		for _, s := range m.Secrets {
			verifier, err := standardwebhooks.NewWebhook(s)
			if err == nil {
				err = verifier.Verify(body[:n], r.Header)
			}
			if err != nil {
				t.Errorf("the signature of %s: %v", s, err)
			}
		}
		_, _ = w.Write([]byte("thanks"))
	})
	m.URL = url
	if a := client.Post(t.Context(), m); a.Status != 200 || a.Body != "thanks" || a.Error != "" {
		t.Errorf("got %+v", a)
	}
}

// Nothing is sent to an address that is not public, whatever leads there: the
// address itself, a name, or a redirect.
func TestNothingReachesThisNetwork(t *testing.T) {
	t.Parallel()
	client, url := serve(t, false, func(http.ResponseWriter, *http.Request) {
		t.Error("a request has arrived")
	})
	port := url[strings.LastIndex(url, ":")+1:]
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"} {
		a := client.Post(t.Context(), message("https://"+host+":"+port))
		if a.Error == "" || a.Status != 0 || strings.Contains(a.Error, port) {
			t.Errorf("%s: got %+v", host, a)
		}
	}
	for _, address := range []string{"127.0.0.1:1", "[::1]:1", "10.0.0.1:443", "x", "", "8.8.8.8"} {
		if check(address, false) == nil {
			t.Errorf("%q is admitted", address)
		}
	}
	if err := check(net.JoinHostPort("8.8.8.8", "443"), false); err != nil {
		t.Errorf("8.8.8.8: %v", err)
	}
}

// A redirect is an answer like others, and the body is read and shown up to its
// bounds.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	asked := 0
	client, url := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Location", "https://"+r.Host+"/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = w.Write([]byte(strings.Repeat("x", 2*maxBody)))
	})
	a := client.Post(t.Context(), message(url))
	if a.Status != 307 || a.Succeeded() || len(a.Body) != 1024 || asked != 1 {
		t.Errorf("after %d requests: %d, %d bytes, %q", asked, a.Status, len(a.Body), a.Error)
	}
}

// What went wrong is said without the addresses of this network.
func TestReasons(t *testing.T) {
	t.Parallel()
	client, url := serve(t, true, func(http.ResponseWriter, *http.Request) {})
	ended, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	stranger := New(true)
	for want, a := range map[string]webhook.Answer{
		"the certificate of the host is not valid": stranger.Post(t.Context(), message(url)),
		"there was no whole answer":                client.Post(ended, message(url)),
		"the host refuses connections":             client.Post(t.Context(), message("https://127.0.0.1:1")),
	} {
		if !strings.Contains(a.Error, want) {
			t.Errorf("got %q, want %q", a.Error, want)
		}
	}
}

// Proxies of the environment are not used.
func TestNoProxies(t *testing.T) {
	t.Parallel()
	if New(false).client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would be asked")
	}
}
