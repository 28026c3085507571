package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/infra/demo"
)

// An item is printed with its kind and its times. Of its secrets only the
// length is printed.
func TestItemsAreLegible(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	number := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	bytes := func(s string) types.AttributeValue {
		return &types.AttributeValueMemberB{Value: []byte(s)}
	}
	var out strings.Builder
	describeItem(&out, attributes{
		"PK": text("T#abc"), "SK": text("T"), "itemKind": text("token"), "name": text("a\nb"),
		"hash": bytes("secret"), "digest": bytes("ab"), "created": number("1893456000000"),
		"ttl": number("1893456000"), "version": number("3"), "passwordHash": text("secret"),
		"mailed": &types.AttributeValueMemberM{Value: attributes{"mac": bytes("secret")}},
		"read":   &types.AttributeValueMemberBOOL{Value: true},
		"changes": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: attributes{"before": text("a"), "after": text("b")}},
		}},
		"before": bytes("ab"),
	})
	want := []string{
		"kind token", "PK T#abc", "SK T", "before (2 bytes, not shown)",
		`changes [{after: "b", before: "a"}]`, "created 1893456000000 (2030-01-01T00:00:00.000Z)",
		"digest (2 bytes, not shown)", "hash (6 bytes, not shown)",
		"mailed {mac: (6 bytes, not shown)}", `name "a\nb"`,
		"passwordHash (6 characters, not shown)", "read true",
		"ttl 1893456000 (2030-01-01T00:00:00.000Z)", "version 3",
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if old := kindOf(attributes{"PK": text("A#abc"), "SK": text("A")}); old != "account" {
		t.Errorf("an item without a kind: got %q, want that of its key", old)
	}
	if got := kindOf(attributes{"PK": text("?"), "SK": text("?")}); got != "unknown" {
		t.Errorf("an item of no entity: got %q", got)
	}
}

// Items can be shown from a running stack and from the data of a stopped one.
func TestItemsAreShown(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	show := func(wants ...string) func(env ...string) {
		return func(env ...string) {
			t.Helper()
			out, err := command(t, data, env, "item").CombinedOutput()
			for _, want := range wants {
				refused := strings.HasPrefix(want, "profiles: ")
				if refused != (err != nil) || !strings.Contains(string(out), want) {
					t.Errorf("%q: got %v %s, want %q", env, err, out, want)
				}
			}
		}
	}
	profile := "PK=P#" + string(demo.Profile)
	show("kind                 profile\n", "(the running stack, ")(profile, "SK=P")
	show("profile              P\n", "token-row            T#")(profile)
	show("profiles: no item has the key PK=nothing SK=P in the running")("PK=nothing", "SK=P")
	show("profiles: say which item")("SK=P")
	r.end(syscall.SIGINT)
	show("kind                 profile\n", "(the local table in "+data)(profile, "SK=P")
	show("profiles: no item has the key PK=nothing in the local")("PK=nothing")
}
