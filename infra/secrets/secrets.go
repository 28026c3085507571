// Package secrets stands in for AWS Secrets Manager: a server of its protocol
// with one secret, which is a file. It takes requests with the signature of the
// local key only, as AWS does with those of its own.
package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"profiles/infra/signature"
)

// Server serves one secret.
type Server struct {
	Endpoint string
	// Requests is how many were taken, for tests.
	Requests atomic.Int64

	id     string
	file   string
	mu     sync.Mutex
	server *http.Server
}

// largest is the longest secret in bytes, and with room for what is around it,
// the longest request. Source: AWS Secrets Manager quotas.
const largest = 65_536

// Serve serves the secret with an id from a file, at any free port, until
// Close.
func Serve(id, file string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := New(id, file)
	s.Endpoint = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// New returns the server as a handler, for whoever listens differently.
func New(id, file string) *Server { return &Server{id: id, file: file} }

// Close ends what Serve began.
func (s *Server) Close() { _ = s.server.Close() }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Requests.Add(1)
	r.Body = http.MaxBytesReader(w, r.Body, 2*largest)
	valid, err := signature.Valid(r, "secretsmanager", time.Now())
	if err != nil {
		refuse(w, "SerializationException", "the request cannot be read")
		return
	}
	if !valid {
		refuse(
			w,
			"InvalidSignatureException",
			"The request signature we calculated does not match the signature you provided.",
		)
		return
	}
	var in struct {
		SecretId, SecretString string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, "SerializationException", "the request is no JSON")
		return
	}
	if in.SecretId != s.id {
		refuse(w, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "GetSecretValue":
		s.get(w)
	case "PutSecretValue":
		s.put(w, in.SecretString)
	default:
		refuse(w, "UnknownOperationException", fmt.Sprintf("%q is not taken here", action))
	}
}

func (s *Server) get(w http.ResponseWriter) {
	value, err := os.ReadFile(s.file)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(value) == 0 {
		refuse(
			w,
			"ResourceNotFoundException",
			"Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
		)
		return
	}
	if err != nil {
		refuse(w, "InternalServiceError", err.Error())
		return
	}
	s.answer(w, string(value), map[string]any{"SecretString": string(value)})
}

// put replaces the file as a whole: whoever reads it meanwhile has the secret
// from before or this one.
func (s *Server) put(w http.ResponseWriter, value string) {
	if value == "" || len(value) > largest {
		refuse(
			w,
			"InvalidParameterException",
			fmt.Sprintf("SecretString must have 1 to %d bytes", largest),
		)
		return
	}
	if err := Write(s.file, value); err != nil {
		refuse(w, "InternalServiceError", err.Error())
		return
	}
	s.answer(w, value, map[string]any{})
}

// Write replaces a secret's file as a whole.
func Write(file, value string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (s *Server) answer(w http.ResponseWriter, value string, more map[string]any) {
	sum := sha256.Sum256([]byte(value))
	more["ARN"], more["Name"] = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"+s.id, s.id
	more["VersionId"], more["VersionStages"] = hex.EncodeToString(sum[:16]), []string{"AWSCURRENT"}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(more)
}

func refuse(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	status := http.StatusBadRequest
	if code == "InternalServiceError" {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "Message": message})
}
