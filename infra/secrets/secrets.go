// Package secrets stands in for AWS Secrets Manager: a server of its protocol
// with one secret, which is a file. It takes requests with the signature of the
// local key only, as AWS does with those of its own.
package secrets

import (
	"context"
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

	"profiles/infra/program"
	"profiles/infra/signature"
)

// Server serves one secret.
type Server struct {
	Endpoint string
	// Requests is how many were taken, for tests.
	Requests atomic.Int64

	id       string
	file     string
	mu       sync.Mutex
	versions versions
	server   *http.Server
}

// largest is the longest secret in bytes, and with room for what is around it,
// the longest request. Source: AWS Secrets Manager quotas.
const largest = 65_536

const contentType = "application/x-amz-json-1.1"

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

// New returns the server as a handler, for callers that listen themselves.
func New(id, file string) *Server {
	v := versions{texts: map[string]string{}, labels: map[string]string{}}
	return &Server{id: id, file: file, versions: v}
}

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
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, "SerializationException", "the request is no JSON")
		return
	}
	if in.SecretId != s.id {
		refuse(w, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer, err := s.do(r.Context(), action, in)
	if err != nil {
		code, named := status(err)
		fail(w, code, named)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_ = json.NewEncoder(w).Encode(answer)
}

// request is what the actions take. SecretString is of PutSecretValue, as are
// ClientRequestToken and VersionStages. The last three are of
// UpdateSecretVersionStage.
type request struct {
	SecretId, SecretString, ClientRequestToken         string
	VersionStages                                      []string
	VersionStage, RemoveFromVersionId, MoveToVersionId string
}

// do carries out an action and returns its answer. Servers of other processes
// that have the same file wait meanwhile, so that none overwrites a version
// it has not seen.
func (s *Server) do(ctx context.Context, action string, in request) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if action != "GetSecretValue" {
		lock, err := program.Lock(ctx, s.file+".lock")
		if err != nil {
			return nil, err
		}
		defer lock.Close()
	}
	v := &s.versions
	err := v.load(s.file)
	switch {
	case action == "PutSecretValue" && (err == nil || errors.Is(err, errNoValue)):
		id := in.ClientRequestToken
		if err := v.put(id, in.SecretString, in.VersionStages, s.file); err != nil {
			return nil, err
		}
		return s.about(id), nil
	case err != nil:
		return nil, err
	case action == "GetSecretValue":
		id := v.labels[stageCurrent]
		answer := s.about(id)
		answer["SecretString"] = v.texts[id]
		return answer, nil
	case action == "UpdateSecretVersionStage":
		from, to := in.RemoveFromVersionId, in.MoveToVersionId
		if err := v.move(in.VersionStage, from, to, s.file); err != nil {
			return nil, err
		}
		return s.about(to), nil
	default:
		return nil, refusal{"UnknownOperationException", fmt.Sprintf("%q is not taken here", action)}
	}
}

// about is what answers say of a version.
func (s *Server) about(id string) map[string]any {
	return map[string]any{
		"ARN":           "arn:aws:secretsmanager:us-east-1:000000000000:secret:" + s.id,
		"Name":          s.id,
		"VersionId":     id,
		"VersionStages": s.versions.stages(id),
	}
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

func refuse(w http.ResponseWriter, code, message string) {
	fail(w, http.StatusBadRequest, refusal{code, message})
}

func fail(w http.ResponseWriter, status int, r refusal) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": r.code, "Message": r.message})
}
