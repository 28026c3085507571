package main

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"profiles/infra/engine"
)

// front stands before an engine and speaks TLS, as DynamoDB does: HTTP/1.1 and
// an RSA certificate.
type front struct {
	endpoint string
	// roots is a file of the authorities that a client must trust: this
	// machine's, which a client on Lambda has to read as well, and the front's
	// certificate, which signs itself.
	roots string
	// requests counts the requests to the API, not the GET that only opens a
	// connection.
	requests atomic.Int64
	server   *httptest.Server
	folder   string
}

// openFront puts a front before an endpoint. roots are what its clients trust
// beside it.
func openFront(endpoint string, roots []byte) (*front, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	f := &front{roots: filepath.Join(folder, "roots.pem"), folder: folder}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		// The signature covers the host that the client named.
		r.Out.Host = r.In.Host
	}}
	f.server = httptest.NewUnstartedServer(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				// DynamoDB gives this answer; the engines give none.
				_, _ = io.WriteString(w, "healthy: dynamodb."+engine.Region+".amazonaws.com ")
				return
			}
			f.requests.Add(1)
			proxy.ServeHTTP(w, r)
		},
	))
	// Clients that end in the middle of a handshake are part of the
	// measurement.
	f.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.server.StartTLS()
	f.endpoint = f.server.URL
	authority := pem.EncodeToMemory(&pem.Block{
		Type:  "CERTIFICATE",
		Bytes: f.server.Certificate().Raw,
	})
	if err := os.WriteFile(f.roots, append(roots, authority...), 0o600); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *front) close() {
	f.server.CloseClientConnections()
	f.server.Close()
	_ = os.RemoveAll(f.folder)
}

// systemRoots is the first bundle there is, in the order in which Go looks for
// them on Linux; nothing when there is none.
func systemRoots() []byte {
	for _, file := range []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
	} {
		if text, err := os.ReadFile(file); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}
