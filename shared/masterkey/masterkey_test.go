package masterkey

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/infra/engine"
	"profiles/infra/secrets"
	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/secret"
)

// secretAt starts a stand-in for Secrets Manager with a secret, and returns the
// variables of a function that may read it.
func secretAt(
	t *testing.T,
	text string,
) (server *secrets.Server, file string, variables map[string]string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "secret")
	if err := secrets.Write(file, text); err != nil {
		t.Fatal(err)
	}
	server, err := secrets.Serve("kept", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server, file, map[string]string{
		"TABLE_NAME": "t", "AWS_REGION": engine.Region, "AWS_ACCESS_KEY_ID": engine.AccessKeyID, "AWS_SECRET_ACCESS_KEY": engine.SecretAccessKey,
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1", "SECRET_ID": "kept", "AWS_ENDPOINT_URL_SECRETS_MANAGER": server.Endpoint,
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// A function that needs its keys reads them once when it starts, and does not
// start without them.
func TestKeysAreReadAtStart(t *testing.T) {
	t.Parallel()
	key := secret.NewMaster()
	for _, c := range []struct {
		name     string
		o        operation.Operation
		text     string
		change   map[string]string
		requests int64
		want     string // the text of the error
	}{
		{"one that seals", operation.TokenCreate, key, nil, 1, ""},
		{"the one that seals the audit log", operation.AuditSeal, key, nil, 1, ""},
		{"one that only reads", operation.ProfileGet, key, nil, 0, ""},
		{"one without a table", operation.StatusGet(), key, nil, 0, ""},
		{"no name", operation.TokenCreate, key, map[string]string{"SECRET_ID": ""}, 0, "SECRET_ID is missing"},
		{"a wrong address", operation.TokenCreate, key, map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": "x"}, 0, "AWS_ENDPOINT_URL_SECRETS_MANAGER"},
		{"another name", operation.TokenCreate, key, map[string]string{"SECRET_ID": "other"}, 1, "the secret other, which SECRET_ID names"},
		{"no right to it", operation.TokenCreate, key, map[string]string{"AWS_SECRET_ACCESS_KEY": "other"}, 1, "which SECRET_ID names"},
		{"a short key", operation.TokenCreate, "short", nil, 1, "at least 43 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, _, variables := secretAt(t, c.text)
			for name, value := range c.change {
				variables[name] = value
			}
			_, err := app.New(c.o, quiet(), func(name string) string { return variables[name] },
				app.WithKeys(FromEnvironment))
			if (err == nil) != (c.want == "") ||
				err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), c.text) {
				t.Errorf("the error tells the key: %v", err)
			}
			if n := server.Requests.Load(); n != c.requests {
				t.Errorf("%d requests for the secret, want %d", n, c.requests)
			}
		})
	}
}

// A function reads the keys and opens the connection to the table at the same
// time. Each of the two waits here for the other.
func TestKeysAreReadBesideTheConnection(t *testing.T) {
	t.Parallel()
	_, file, variables := secretAt(t, secret.NewMaster())
	var both sync.WaitGroup
	both.Add(2)
	meet := func() {
		both.Done()
		both.Wait()
	}
	keys := secrets.New("kept", file)
	secretsFront := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			meet()
			keys.ServeHTTP(w, r)
		}),
	)
	t.Cleanup(secretsFront.Close)
	// The certificate of the server is not trusted. The early connection is
	// best effort, and only its handshake can be seen.
	met := sync.OnceFunc(meet)
	table := httptest.NewUnstartedServer(http.NotFoundHandler())
	table.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	table.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			met()
		}
	}
	table.StartTLS()
	t.Cleanup(table.Close)
	variables["AWS_ENDPOINT_URL_DYNAMODB"], variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = table.URL, secretsFront.URL
	_, err := app.New(operation.TokenCreate, quiet(), func(name string) string {
		return variables[name]
	}, app.WithKeys(FromEnvironment))
	if err != nil {
		t.Fatal(err)
	}
}

// Running functions get a rotated key before it is used for sealing. A function
// that cannot read it continues with the keys that it has.
func TestKeysAreReadAgain(t *testing.T) {
	t.Parallel()
	server, file, variables := secretAt(t, secret.NewMaster())
	getenv := func(name string) string { return variables[name] }
	config, err := app.AWSConfig(getenv)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	k := &Keys{log: quiet(), now: func() time.Time { return now }}
	if k.secret, err = NewSecret(config, getenv); err != nil {
		t.Fatal(err)
	}
	if err := k.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys := secret.NewKeys(k.Present)
	old := keys.MAC("pin", "1")
	ring, err := k.secret.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from := now.Add(3 * Kept)
	next, err := ring.Rotate(secret.NewMaster(), now, from)
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Write(file, next.Text()); err != nil {
		t.Fatal(err)
	}
	other := next.At(from)
	sealed := secret.NewKeys(func() secret.Ring { return other }).Seal("a", "b", []byte("c"))

	before := server.Requests.Load()
	now = now.Add(Kept - time.Second)
	if _, ok := keys.Open("a", "b", sealed); ok || server.Requests.Load() != before {
		t.Error("the keys were read again before their time")
	}
	now = now.Add(time.Second)
	if _, ok := keys.Open("a", "b", sealed); !ok || server.Requests.Load() != before+1 {
		t.Errorf("the new key is not known after %s", Kept)
	}
	if got := keys.MAC("pin", "1"); string(got) != string(old) {
		t.Error("the new key is used before its time")
	}
	server.Close()
	now = from
	if got := keys.MAC("pin", "1"); string(got) == string(old) || !keys.MatchesMAC(old, "pin", "1") {
		t.Error("without Secrets Manager a function does not go on")
	}
}
