package app

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
)

// twoSegments answers each request with its head first, and with the rest once the client has had time for the head.
func twoSegments(t *testing.T, answer func(*http.Request) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	serve := func(connection net.Conn) {
		defer connection.Close()
		in := bufio.NewReader(connection)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			body := answer(r)
			fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nX-Amz-Crc32: %d\r\nContent-Length: %d\r\n\r\n", crc32.ChecksumIEEE([]byte(body)), len(body))
			time.Sleep(time.Millisecond)
			_, _ = io.WriteString(connection, body)
		}
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection)
		}
	}()
	return "http://" + listener.Addr().String()
}

// A call whose answer comes in two pieces does not fail: it would be made a second time, although it has taken effect.
func TestAnswersInTwoPiecesAreRead(t *testing.T) {
	t.Parallel()
	config, err := AWSConfig(func(string) string { return "local" })
	if err != nil {
		t.Fatal(err)
	}
	config.RetryMaxAttempts = 1
	table := twoSegments(t, func(*http.Request) string { return `{"TableNames":[]}` })
	mails := twoSegments(t, func(*http.Request) string {
		return `<SendEmailResponse><SendEmailResult><MessageId>1</MessageId></SendEmailResult></SendEmailResponse>`
	})
	tables := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = &table })
	courier := ses.NewFromConfig(config, func(o *ses.Options) { o.BaseEndpoint = &mails })
	var last error
	failed := 0
	for range 500 {
		if _, err := tables.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
			failed, last = failed+1, err
		}
		_, err := courier.SendEmail(t.Context(), &ses.SendEmailInput{
			Source: aws.String("a@example.com"), Destination: &types.Destination{ToAddresses: []string{"b@example.com"}},
			Message: &types.Message{Subject: &types.Content{Data: aws.String("s")}, Body: &types.Body{Text: &types.Content{Data: aws.String("t")}}},
		})
		if err != nil {
			failed, last = failed+1, err
		}
	}
	if failed > 0 {
		t.Errorf("%d of 1000 calls failed, the last one with %v", failed, last)
	}
}

// What a body can do besides being read never reaches net/http.
func TestBodiesArePlain(t *testing.T) {
	t.Parallel()
	var sent io.ReadCloser
	client := plainBodies{doer(func(r *http.Request) (*http.Response, error) {
		sent = r.Body
		return nil, io.EOF
	})}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1", bytes.NewReader([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Body.(io.WriterTo); !ok {
		t.Fatal("the body of the test is plain itself")
	}
	_, _ = client.Do(r)
	if _, ok := sent.(io.WriterTo); ok {
		t.Error("the body that is sent has a WriteTo")
	}
	for _, empty := range []io.ReadCloser{nil, http.NoBody} {
		r.Body = empty
		if _, _ = client.Do(r); sent != empty {
			t.Errorf("a request without a body is sent with %v", sent)
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
