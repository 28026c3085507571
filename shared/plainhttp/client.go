// Package plainhttp has the HTTP client for every client of the SDK, the
// functions' and those of tests and tools.
package plainhttp

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Client returns the HTTP client that the SDK gets.
func Client() aws.HTTPClient {
	return plainBodies{awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64
	})}
}

// plainBodies sends bodies of requests as plain readers. The SDK closes the
// body of a request once the head of its answer is there. The type that it
// wraps bodies in then ends WriteTo with io.EOF, which is an error there:
// net/http, which looks last of all whether there is more to send, takes the
// request for failed and closes the connection while the answer is read. The
// call has taken effect and is made again.
type plainBodies struct{ aws.HTTPClient }

func (c plainBodies) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		// The SDK makes a request for each attempt, so this one is not anybody
		// else's.
		r.Body = plainBody{r.Body}
	}
	return c.HTTPClient.Do(r)
}

// plainBody hides what else a body can do.
type plainBody struct{ io.ReadCloser }
