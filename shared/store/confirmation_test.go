package store_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func confirmationConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateConfirmation": {
			{"a new id", nil, s.createCode, nil},
			{"an id in use", steps{s.createCode}, s.createCode, problem.ErrConflict},
		},
		"UseConfirmation": {
			{
				"an unused code",
				steps{s.createCode},
				func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) },
				nil,
			},
			{
				"a used code",
				nil,
				func(tx *store.Tx) { tx.UseConfirmation(s.code, errRefused) },
				errRefused,
			},
			{"another code of the same id", steps{s.createCode}, func(tx *store.Tx) {
				tx.UseConfirmation(
					with(s.code, func(c *tenancy.Confirmation) { c.Hash = []byte("other") }),
					errRefused,
				)
			}, errRefused},
		},
	}
}

func (s situation) createCode(tx *store.Tx) { tx.CreateConfirmation(s.code) }

// earlierSignUp is the form of a sign-up in a code of version 1 of the schema,
// which had the names of these fields as its attributes.
type earlierSignUp struct {
	Account, Name, Company, Country, Timezone, PasswordHash string
	Newsletter, Developer                                   bool
	Created                                                 time.Time
}

// The sign-up of a code is stored under names like those of other attributes.
// During a deployment, this release also reads the form that version 1 of the
// schema has written, and version 1 reads the form of this release.
func TestACodeHasTheSignUpInBothForms(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	signUp := tenancy.SignUp{
		Account: "0123456789abcdef01234567", Name: "Ana", Company: "Acme", Country: "DE",
		Timezone: "Europe/Berlin", PasswordHash: "hash", Newsletter: true, Developer: true,
		Created: w.Now(),
	}
	code := tenancy.Confirmation{
		ID: "89abcdef0123456789abcdef", Hash: []byte("hash"), Email: "ana@example.com",
		SignUp: signUp, Expires: w.Now().Add(tenancy.ConfirmationLife),
	}
	read := func() tenancy.Confirmation {
		batch := w.Store.Batch()
		found := batch.Confirmation(code.ID)
		w.OK(batch.Get(t.Context()))
		return found.Value
	}
	must(w, func(tx *store.Tx) { tx.CreateConfirmation(code) })
	same(t, "the code as it is written", read(), code)
	pk := "C#" + string(code.ID)
	it := raw(w, pk, "C")
	present, _ := it["signUp"].(*types.AttributeValueMemberM)
	if present == nil {
		t.Fatalf("the code has no sign-up: %v", it)
	}
	same(t, "the names of the attributes", slices.Sorted(maps.Keys(present.Value)), []string{
		"account", "company", "country", "created", "developer", "name", "newsletter",
		"passwordHash", "timezone",
	})
	was := earlierSignUp{
		string(signUp.Account), "Ana", "Acme", "DE", "Europe/Berlin", "hash", true, true,
		signUp.Created,
	}
	var got earlierSignUp
	w.OK(attributevalue.UnmarshalMap(present.Value, &got))
	same(t, "the sign-up as version 1 reads it", got, was)

	earlier, err := attributevalue.MarshalMap(was)
	w.OK(err)
	if earlier["PasswordHash"] == nil {
		t.Fatalf("the earlier form is %s", strings.Join(slices.Sorted(maps.Keys(earlier)), " "))
	}
	it["signUp"] = &types.AttributeValueMemberM{Value: earlier}
	delete(it, "v")
	_, err = w.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.Table, Item: it})
	w.OK(err)
	same(t, "the code in the form of version 1", read(), code)
}
