package app

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// twoSegments answers each request with its head first, and with the rest after
// the client has had time to read the head.
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

// A call whose answer comes in two pieces succeeds. If it failed, the SDK would
// make it a second time although it has taken effect.
func TestAnswersInTwoPiecesAreRead(t *testing.T) {
	t.Parallel()
	config, err := AWSConfig(func(string) string { return "local" })
	if err != nil {
		t.Fatal(err)
	}
	config.RetryMaxAttempts = 1
	table := twoSegments(t, func(*http.Request) string { return `{"TableNames":[]}` })
	mails := twoSegments(t, func(*http.Request) string {
		return `{"MessageId":"1"}`
	})
	tables := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = &table })
	mailer := sesv2.NewFromConfig(config, func(o *sesv2.Options) { o.BaseEndpoint = &mails })
	var last error
	failed := 0
	for range 500 {
		if _, err := tables.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
			failed, last = failed+1, err
		}
		_, err := mailer.SendEmail(t.Context(), &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("a@example.com"),
			Destination:      &types.Destination{ToAddresses: []string{"b@example.com"}},
			Content: &types.EmailContent{Simple: &types.Message{
				Subject: &types.Content{Data: aws.String("s")},
				Body:    &types.Body{Text: &types.Content{Data: aws.String("t")}},
			}},
		})
		if err != nil {
			failed, last = failed+1, err
		}
	}
	if failed > 0 {
		t.Errorf("%d of 1000 calls failed, the last one with %v", failed, last)
	}
}
