package operation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func rotateToken(
	w *testkit.World, by string, id value.ProfileID, token string, body any,
) testkit.Answer {
	w.Helper()
	return w.Call(operation.TokenRotate, "POST", "/profile/"+string(id)+"/token/"+token+"/rotate", by, body)
}

// remove takes an item out of the table.
func remove(w *testkit.World, pk, sk string) {
	w.Helper()
	_, err := w.Client.DeleteItem(w.Context(),
		&dynamodb.DeleteItemInput{TableName: &w.Table, Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk},
		}})
	w.OK(err)
}

// The answer is that of making a token, with the end of the old token's grace.
// The new text is shown only this once.
func TestTheAnswerToARotation(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	token := ana.With("read", "30 days")
	var made, rotated map[string]any
	w.Call(operation.TokenCreate, "POST", "/profile/"+string(ana.Home)+"/token", ana.Token, object{
		"name": "x", "email": ana.Email, "password": testkit.Password,
	}).Into(w, &made)
	w.Advance(time.Hour)
	for _, name := range []func() string{
		func() string { return token }, func() string { return token[2:10] },
		func() string { return token[:10] + strings.Repeat("*", 26) },
	} {
		got := rotateToken(w, ana.Token, ana.Home, name(), object{"grace": "12 hours"})
		got.Into(w, &rotated)
		for field := range made {
			if rotated[field] == nil {
				t.Errorf("the answer has no %s", field)
			}
		}
		if len(rotated) != len(made)+1 ||
			rotated["grace_ends"] != w.Now().UTC().Add(12*time.Hour).Format(value.TimeFormat) {
			t.Errorf("got %v", rotated)
		}
		next := rotated["token"].(string)
		if rotated["permission"] != "read" || rotated["name"] != "read" || next == token || alive(w, next) != 200 ||
			alive(w, token) != 200 {
			t.Errorf("got %v", rotated)
		}
		row := usedRows(w, ana.Token, ana.Home)[token[:10]]
		if row.Grace == nil || *row.Grace != rotated["grace_ends"] {
			t.Errorf("the list shows %+v of the old one", row)
		}
		if row := usedRows(w, ana.Token, ana.Home)[next[:10]]; row.Replaces == nil ||
			*row.Replaces != token[:10]+strings.Repeat("*", 26) {
			t.Errorf("the list shows %+v of the new one", row)
		}
		for _, it := range w.Items() {
			if strings.Contains(it.Text, next[10:32]) {
				t.Errorf("the secret is in the table: %s %s", it.PK, it.SK)
			}
		}
		token = next
	}
	for _, body := range []any{object{"grace": "8 days"}, object{"grace": "x"}, object{"grace": 1}, `[]`, `{`} {
		got := rotateToken(w, ana.Token, ana.Home, token, body)
		if got.Code != 400 || got.Message == "" {
			t.Errorf("%v: got %d %q, want 400", body, got.Code, got.Message)
		}
	}
	w.Advance(time.Second)
	n := 0
	for _, e := range auditLog(w, ana.Token, ana.Home, "").Events {
		if strings.Contains(e.Message, "Token rotated") {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d entries of rotations in the log, want 3", n)
	}
}
