package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestTheFrontIsTrustedThroughItsRootsAndCountsRequests(t *testing.T) {
	t.Parallel()
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.Header.Get("X-Amz-Target"))
	}))
	t.Cleanup(engine.Close)
	f, err := openFront(engine.URL, systemRoots())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	trusted, err := os.ReadFile(f.roots)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trusted)
	client := &http.Client{
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: roots},
			ForceAttemptHTTP2: true,
		},
	}
	t.Cleanup(client.CloseIdleConnections)
	for _, c := range []struct {
		method string
		counts int64
	}{{http.MethodGet, 0}, {http.MethodPost, 1}, {http.MethodPost, 2}} {
		request, err := http.NewRequestWithContext(
			t.Context(),
			c.method,
			f.endpoint,
			strings.NewReader("{}"),
		)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		want := c.method + " " + strings.TrimPrefix(f.endpoint, "https://") + " DynamoDB_20120810.BatchGetItem"
		if c.method == http.MethodGet {
			want = "healthy: dynamodb.us-east-1.amazonaws.com "
		}
		if string(body) != want || response.Proto != "HTTP/1.1" {
			t.Errorf("got %s over %s, want %s over HTTP/1.1", body, response.Proto, want)
		}
		if got := f.requests.Load(); got != c.counts {
			t.Errorf("got %d requests after %s, want %d", got, c.method, c.counts)
		}
	}
}
