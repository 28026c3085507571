package secrets_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"profiles/infra/engine"
	"profiles/infra/secrets"
	"profiles/shared/plainhttp"
)

func serve(t *testing.T) (*secrets.Server, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	s, err := secrets.Serve("kept", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, file
}

func client(s *secrets.Server, secretKey string) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region: engine.Region, BaseEndpoint: &s.Endpoint, RetryMaxAttempts: 1, HTTPClient: plainhttp.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: engine.AccessKeyID, SecretAccessKey: secretKey}, nil
		}),
	})
}

func code(err error) string {
	var failed smithy.APIError
	if errors.As(err, &failed) {
		return failed.ErrorCode()
	}
	return ""
}

func TestTheSDKReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	s, file := serve(t)
	c := client(s, engine.SecretAccessKey)
	get := func(id string) (string, error) {
		out, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SecretString), nil
	}
	if _, err := get("kept"); code(err) != "ResourceNotFoundException" {
		t.Errorf("before it is there: got %v", err)
	}
	put := func(text string) error {
		_, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("kept"), SecretString: &text})
		return err
	}
	for _, text := range []string{"one", "two \"quoted\"\n", strings.Repeat("x", 65_536)} {
		if err := put(text); err != nil {
			t.Fatal(err)
		}
		if got, err := get("kept"); err != nil || got != text {
			t.Errorf("got %.20q, %v, want %.20q", got, err, text)
		}
	}
	if err := put(strings.Repeat("x", 65_537)); code(err) != "InvalidParameterException" {
		t.Errorf("a secret that is too long: got %v", err)
	}
	if _, err := get("other"); code(err) != "ResourceNotFoundException" {
		t.Errorf("another secret: got %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v, want it for its owner alone", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v", left, err)
	}
	if _, err := c.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{}); err == nil {
		t.Error("what is not played is answered")
	}
}

func TestOnlyTheRightSignatureReads(t *testing.T) {
	t.Parallel()
	s, file := serve(t)
	if err := secrets.Write(file, "plain"); err != nil {
		t.Fatal(err)
	}
	if _, err := client(s, "another").GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("kept")}); code(err) != "InvalidSignatureException" {
		t.Errorf("signed with another key: got %v", err)
	}
	request, err := http.NewRequest(http.MethodPost, s.Endpoint, strings.NewReader(`{"SecretId":"kept"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("without a signature: got %d", response.StatusCode)
	}
}
