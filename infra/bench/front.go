package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"profiles/infra/engine"
)

// front stands before an engine and speaks TLS, as DynamoDB does: HTTP/1.1 and
// an RSA certificate.
type front struct {
	endpoint string
	// roots is a file of the authorities that a client must trust: this
	// machine's, which a client on Lambda has to read as well, and the one that
	// signed the front's certificate.
	roots string
	// requests counts the requests to the API, not the GET that only opens a
	// connection.
	requests atomic.Int64
	server   *http.Server
	folder   string
}

// openFront puts a front before an endpoint. roots are what its clients trust
// beside it.
func openFront(endpoint string, roots []byte) (*front, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	certificate, authority, err := issue()
	if err != nil {
		return nil, err
	}
	listener, err := tls.Listen(
		"tcp",
		"127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}},
	)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	f := &front{
		endpoint: "https://" + listener.Addr().String(),
		roots:    filepath.Join(folder, "roots.pem"),
		folder:   folder,
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		// The signature covers the host that the client named.
		r.Out.Host = r.In.Host
	}}
	f.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				// What DynamoDB answers, unlike the engines.
				_, _ = io.WriteString(w, "healthy: dynamodb."+engine.Region+".amazonaws.com ")
				return
			}
			f.requests.Add(1)
			proxy.ServeHTTP(w, r)
		}),
		// Clients that end in the middle of a handshake are part of the
		// measurement.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = f.server.Serve(listener) }()
	if err := os.WriteFile(f.roots, append(roots, authority...), 0o600); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *front) close() {
	_ = f.server.Close()
	_ = os.RemoveAll(f.folder)
}

// issue makes a certificate for 127.0.0.1 and returns it with the authority
// that signed it, in PEM.
func issue() (tls.Certificate, []byte, error) {
	now := time.Now()
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(
			1,
		),
		Subject:               pkix.Name{CommonName: "bench authority"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	authorityDER, err := x509.CreateCertificate(
		rand.Reader,
		authority,
		authority,
		&authorityKey.PublicKey,
		authorityKey,
	)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(
			2,
		),
		Subject:   pkix.Name{CommonName: "bench"},
		NotBefore: authority.NotBefore,
		NotAfter:  authority.NotAfter,
		IPAddresses: []net.IP{
			net.IPv4(127, 0, 0, 1),
		},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(
		rand.Reader,
		leaf,
		authority,
		&key.PublicKey,
		authorityKey,
	)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	var out bytes.Buffer
	err = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: authorityDER})
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: key}, out.Bytes(), err
}

// systemRoots is the first bundle there is, in the order in which Go looks for
// them on Linux; nothing when there is none.
func systemRoots() []byte {
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"} {
		if text, err := os.ReadFile(file); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}
