package app

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The connection that is opened at start is the one that the first request
// uses. Without TLS there is none to open.
func TestTheFirstRequestFindsItsConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start   func(*httptest.Server)
		atStart int32
	}{
		"over TLS":    {(*httptest.Server).StartTLS, 1},
		"without TLS": {(*httptest.Server).Start, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opened atomic.Int32
			server := httptest.NewUnstartedServer(
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = w.Write(
						[]byte(
							"healthy: dynamodb.us-east-1.amazonaws.com " + strings.Repeat(
								" ",
								1000,
							),
						),
					)
				}),
			)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					opened.Add(1)
				}
			}
			c.start(server)
			t.Cleanup(server.Close)
			client := dynamodb.New(
				dynamodb.Options{HTTPClient: server.Client(), BaseEndpoint: &server.URL},
			)
			connect(aws.Config{}, client, slog.Default())
			if n := opened.Load(); n != c.atStart {
				t.Errorf("%d connections at start, want %d", n, c.atStart)
			}
			response, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if n := opened.Load(); n != 1 {
				t.Errorf("%d connections after the first request, want 1", n)
			}
		})
	}
}
