package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"profiles/infra/demo"
	"profiles/infra/simulator"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/secret"
)

// moment is when all samples happen: 2030-03-14T09:26:53.589Z.
const (
	moment       = 1899710813589
	momentLogged = "14/Mar/2030:09:26:53 +0000"
	momentStream = "2030-03-14T09:26:53.589"
)

// sampleSession is that of nobody.
var sampleSession = secret.Credential{ID: "0Sample0", Secret: "ThisSessionIsOfNobody0"}.
	Session("0123456789abcdef01234567", '0').Text()

// rest are the keys of the items that samples of the stream are about, behind
// what they begin with.
var rest = map[string][2]string{
	operation.MailDeliver.Name: {"0123456789abcdef01234567", "O"},
	operation.AuditSeal.Name: {
		"0123456789abcdef01234567#2030-03",
		"1899710813589#89abcdef0123456789abcdef",
	},
}

// httpEvent is what API Gateway sends a function, in its version 2.0. Keys are
// in the order of AWS's own samples.
type httpEvent struct {
	Version  string            `json:"version"`
	RouteKey string            `json:"routeKey"`
	Path     string            `json:"rawPath"`
	Query    string            `json:"rawQueryString"`
	Cookies  []string          `json:"cookies,omitempty"`
	Headers  map[string]string `json:"headers"`
	Parts    map[string]string `json:"pathParameters,omitempty"`
	Context  httpContext       `json:"requestContext"`
	Body     string            `json:"body,omitempty"`
	Base64   bool              `json:"isBase64Encoded"`
}

type httpContext struct {
	Account string `json:"accountId"`
	API     string `json:"apiId"`
	Domain  string `json:"domainName"`
	Prefix  string `json:"domainPrefix"`
	HTTP    struct {
		Method    string `json:"method"`
		Path      string `json:"path"`
		Protocol  string `json:"protocol"`
		Source    string `json:"sourceIp"`
		UserAgent string `json:"userAgent"`
	} `json:"http"`
	Request  string `json:"requestId"`
	RouteKey string `json:"routeKey"`
	Stage    string `json:"stage"`
	Time     string `json:"time"`
	Epoch    int64  `json:"timeEpoch"`
}

type object = map[string]any

// event is a sample of what an operation is invoked with.
func event(o operation.Operation) ([]byte, error) {
	switch o.Trigger {
	case operation.Schedule:
		return encode(object{})
	case operation.Topic:
		sample, _ := simulator.Event(
			"bounce@"+simulator.Domain,
			map[string]string{mailing.TagMail: "0123456789abcdef01234567"},
			time.UnixMilli(moment),
		)
		var decoded object
		if err := json.Unmarshal(sample, &decoded); err != nil {
			return nil, err
		}
		return encode(decoded)
	case operation.Stream:
		keys := rest[o.Name]
		return encode(object{"Records": []object{
			{
				"eventID":      "9a37c0e03eb60ef8ac4d2e9ea5d5b3f1",
				"eventName":    "INSERT",
				"eventVersion": "1.1",
				"eventSource":  "aws:dynamodb",
				"awsRegion":    "us-east-1",
				"dynamodb": object{
					"ApproximateCreationDateTime": moment / 1000,
					"Keys": object{
						"PK": object{"S": o.Of + keys[0]},
						"SK": object{"S": keys[1]},
					},
					"SequenceNumber": "100000000000000000001",
					"SizeBytes":      64,
					"StreamViewType": "KEYS_ONLY",
				},
				"eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/Table/stream/" + momentStream,
			},
		}})
	}
	return encode(request(o))
}

func request(o operation.Operation) httpEvent {
	path, query, _ := strings.Cut(o.Example.Path, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	method, key, parts := route(o, path)
	e := httpEvent{
		Version: "2.0", RouteKey: key, Path: path, Query: query, Parts: parts, Body: o.Example.Body,
		Headers: map[string]string{
			"accept":            "*/*",
			"host":              "api.example.com",
			"user-agent":        "sample",
			"x-forwarded-for":   "192.0.2.1",
			"x-forwarded-port":  "443",
			"x-forwarded-proto": "https",
		},
		Context: httpContext{
			Account:  "000000000000",
			API:      "sample",
			Domain:   "api.example.com",
			Prefix:   "api",
			Request:  "sample-" + o.Name,
			RouteKey: key,
			Stage:    "$default",
			Time:     momentLogged,
			Epoch:    moment,
		},
	}
	e.Context.HTTP.Method, e.Context.HTTP.Path, e.Context.HTTP.Protocol = method, path, "HTTP/1.1"
	e.Context.HTTP.Source, e.Context.HTTP.UserAgent = "192.0.2.1", "sample"
	switch o.Access {
	case operation.Anonymous, operation.Browser:
	case operation.DataPlane, operation.DataPlaneRead:
		e.Headers["token"] = demo.Plane.Token()
	default:
		e.Headers["token"] = demo.Owner.Token()
	}
	if o.Access == operation.Browser || o.SignsIn {
		e.Headers["sec-fetch-site"], e.Headers["console"] = "same-origin", "1"
		e.Headers["origin"] = "https://" + e.Context.Domain
	}
	if o.Access == operation.Browser {
		e.Cookies = []string{"__Host-session=" + sampleSession}
	}
	if e.Body != "" {
		e.Headers["content-type"] = "application/json"
		e.Headers["content-length"] = strconv.Itoa(len(e.Body))
	}
	return e
}

// route finds the route that a path is of, and the values of its parts.
func route(o operation.Operation, path string) (method, key string, values map[string]string) {
	got := strings.Split(path, "/")
	for _, r := range o.Routes {
		want := strings.Split(r.Path, "/")
		if len(want) != len(got) {
			continue
		}
		values, fits := map[string]string{}, true
		for i, part := range want {
			if name, ok := strings.CutPrefix(strings.TrimSuffix(part, "}"), "{"); ok {
				values[name] = got[i]
			} else if part != got[i] {
				fits = false
			}
		}
		if fits {
			return r.Method, r.Method + " " + r.Path, values
		}
	}
	return http.MethodGet, operation.DefaultRoute, nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return b.Bytes(), err
}
