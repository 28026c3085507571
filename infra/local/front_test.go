package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/engine"
	"profiles/infra/program"
)

// Neither the table nor the mailbox serves pages of other origins. Neither
// answers to a name that somebody has pointed at this machine.
func TestPagesOfOtherOriginsReachNothing(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	table := r.address("Table")
	for _, at := range []string{table, r.Mailbox} {
		own := at[strings.LastIndex(at, ":"):]
		for _, test := range []struct {
			method, host, origin string
			refused              bool
		}{
			{"POST", "127.0.0.1" + own, "", false},
			{"GET", "localhost" + own, "", false},
			{"GET", "127.0.0.1" + own, at, false},
			{"POST", "localhost" + own, "http://localhost" + own, false},
			{"POST", "127.0.0.1" + own, "http://evil.example", true},
			{"GET", "127.0.0.1" + own, "http://evil.example", true},
			{"POST", "127.0.0.1" + own, "null", true},
			{"OPTIONS", "127.0.0.1" + own, "http://evil.example", true},
			{"POST", "127.0.0.1" + own, r.API, true},
			{"POST", "evil.example" + own, "http://evil.example" + own, true},
			{"GET", "evil.example" + own, "", true},
			{"GET", "evil.example", "", true},
		} {
			request, err := http.NewRequest(test.method, at+"/health-check", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			if test.origin != "" {
				request.Header.Set("Origin", test.origin)
			}
			request.Header.Set("Access-Control-Request-Method", "POST")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(response.Body)
			response.Body.Close()
			allowed := response.Header.Get("Access-Control-Allow-Origin") != ""
			refused := response.StatusCode == http.StatusForbidden &&
				strings.Contains(string(answer), "pages of other origins")
			if refused != test.refused || refused && allowed {
				t.Errorf(
					"%s at %s: %+v: got %d %v %s",
					test.method,
					at,
					test,
					response.StatusCode,
					response.Header,
					answer,
				)
			}
		}
	}
	tables, err := dynamodb.NewFromConfig(engine.Config(table)).
		ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil || len(tables.TableNames) != 1 {
		t.Errorf("a program gets %v, %v", tables, err)
	}

	// The programs behind the fronts do not listen at 127.0.0.1 where the
	// system permits another address.
	var behind program.Addresses
	raw, err := os.ReadFile(program.AddressFile(r.data))
	if err == nil {
		err = json.Unmarshal(raw, &behind)
	}
	if err != nil {
		t.Fatal(err)
	}
	kind, err := engine.DefaultKind()
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]string{"engine": behind.DynamoDB, "mailbox": behind.SES} {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		hidden := runtime.GOOS == "linux" && (name == "mailbox" || kind == engine.Dynoxide)
		if known := u.Hostname() == "127.0.0.1"; known == hidden {
			t.Errorf("the %s is at %s", name, at)
		}
	}
}
