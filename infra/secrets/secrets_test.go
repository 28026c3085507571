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
		Region: engine.Region, BaseEndpoint: &s.Endpoint, RetryMaxAttempts: 1,
		HTTPClient: plainhttp.Client(),
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
		out, err := c.GetSecretValue(t.Context(),
			&secretsmanager.GetSecretValueInput{SecretId: &id})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SecretString), nil
	}
	if _, err := get("kept"); code(err) != "ResourceNotFoundException" {
		t.Errorf("before it is there: got %v", err)
	}
	put := func(text string) error {
		_, err := c.PutSecretValue(t.Context(),
			&secretsmanager.PutSecretValueInput{SecretId: aws.String("kept"), SecretString: &text})
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
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 2 {
		t.Errorf("the folder has %v, %v, want the secret and its lock", left, err)
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
	kept := &secretsmanager.GetSecretValueInput{SecretId: aws.String("kept")}
	_, err := client(s, "another").GetSecretValue(t.Context(), kept)
	if code(err) != "InvalidSignatureException" {
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

// A version becomes current only in place of the one that the request names. So
// the second of two changes that were made from the same version fails.
func TestAVersionBecomesCurrentInPlaceOfOneThatIsNamed(t *testing.T) {
	t.Parallel()
	s, file := serve(t)
	if err := secrets.Write(file, "first"); err != nil {
		t.Fatal(err)
	}
	c := client(s, engine.SecretAccessKey)
	read := func() (string, *string) {
		t.Helper()
		out, err := c.GetSecretValue(t.Context(),
			&secretsmanager.GetSecretValueInput{SecretId: aws.String("kept")})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.SecretString), out.VersionId
	}
	propose := func(text string) *string {
		t.Helper()
		out, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
			SecretId: aws.String("kept"), SecretString: &text, VersionStages: []string{"PROPOSED"},
		})
		if err != nil || len(out.VersionStages) != 1 {
			t.Fatalf("got %v, %v, want a version with its own label only", out, err)
		}
		return out.VersionId
	}
	move := func(from, to *string) error {
		_, err := c.UpdateSecretVersionStage(t.Context(),
			&secretsmanager.UpdateSecretVersionStageInput{
				SecretId: aws.String("kept"), VersionStage: aws.String("AWSCURRENT"),
				RemoveFromVersionId: from, MoveToVersionId: to,
			})
		return err
	}
	_, first := read()
	one, other := propose("one"), propose("other")
	if text, _ := read(); text != "first" {
		t.Errorf("after two proposals: got %q, want the first version", text)
	}
	if err := move(nil, one); code(err) != "InvalidParameterException" {
		t.Errorf("without the version that has the label: got %v", err)
	}
	if err := move(first, one); err != nil {
		t.Fatal(err)
	}
	if err := move(first, other); code(err) != "InvalidParameterException" {
		t.Errorf("from a version that is not current any more: got %v", err)
	}
	if err := move(one, aws.String(strings.Repeat("0", 32))); code(err) != "ResourceNotFoundException" {
		t.Errorf("to a version that is not there: got %v", err)
	}
	if err := secrets.Write(file, "by hand"); err != nil {
		t.Fatal(err)
	}
	if err := move(one, other); code(err) != "InvalidParameterException" {
		t.Errorf("after another process has written the file: got %v", err)
	}
	if text, now := read(); text != "by hand" || aws.ToString(now) == aws.ToString(one) {
		t.Errorf("got %q as %s, want the file as a version of its own", text, aws.ToString(now))
	}
}

// A version is made once. The same request again changes nothing, and the same
// id with another value is refused.
func TestAVersionIsMadeOnce(t *testing.T) {
	t.Parallel()
	s, _ := serve(t)
	c := client(s, engine.SecretAccessKey)
	token := strings.Repeat("t", 32)
	put := func(text string) error {
		_, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
			SecretId: aws.String("kept"), SecretString: &text, ClientRequestToken: &token,
			VersionStages: []string{"PROPOSED"},
		})
		return err
	}
	if err := errors.Join(put("one"), put("one")); err != nil {
		t.Errorf("the same request twice: got %v", err)
	}
	if err := put("other"); code(err) != "ResourceExistsException" {
		t.Errorf("another value: got %v", err)
	}
	out, err := c.GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("kept")})
	if err != nil || aws.ToString(out.SecretString) != "one" {
		t.Errorf("got %v, %v, want the first version of a secret as the current one", out, err)
	}
}
