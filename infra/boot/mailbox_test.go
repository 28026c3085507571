package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"profiles/infra/engine"
)

func TestTheMailboxSpeaksSES(t *testing.T) {
	t.Parallel()
	m, err := openMailbox()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	client := sesv2.NewFromConfig(engine.Config(m.endpoint))
	text := &types.Content{Data: aws.String("Olá")}
	sent, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("a@example.com"),
		Destination:      &types.Destination{ToAddresses: []string{"b@example.com"}},
		Content: &types.EmailContent{
			Simple: &types.Message{Subject: text, Body: &types.Body{Text: text}},
		},
	})
	if err != nil || aws.ToString(sent.MessageId) == "" {
		t.Errorf("got %v, %v, want a message id", sent, err)
	}
	if _, err := client.GetAccount(t.Context(), nil); err == nil {
		t.Error("got an answer to a request that the mailbox does not have")
	}
}
