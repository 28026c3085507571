package testkit

import (
	"fmt"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is an item of the table with all its attributes written as one text, for
// comparing a table before and after.
type Item struct{ PK, SK, Text string }

// Items returns everything in the table, in the order of the keys.
func (w *World) Items() []Item {
	w.Helper()
	var out []Item
	for _, it := range w.raw() {
		out = append(
			out,
			Item{plain(it["PK"]), plain(it["SK"]), plain(&types.AttributeValueMemberM{Value: it})},
		)
	}
	sort.Slice(
		out,
		func(i, j int) bool { return out[i].PK+"\x00"+out[i].SK < out[j].PK+"\x00"+out[j].SK },
	)
	return out
}

// State is the table as one text, without the rate windows, which count refused
// attempts too, and what logs say of those.
func (w *World) State() string {
	w.Helper()
	return StateOf(w.Items())
}

// StateOf is the State of a table that has items.
func StateOf(items []Item) string {
	var b strings.Builder
	for _, it := range items {
		if !strings.HasPrefix(it.PK, "R#") &&
			!(strings.HasPrefix(it.PK, "L#") && strings.Contains(it.Text, "whoever tried")) {
			fmt.Fprintln(&b, it.PK, it.SK, it.Text)
		}
	}
	return b.String()
}

// Count returns how many items have partition keys and sort keys with these
// prefixes.
func (w *World) Count(pk, sk string) int {
	w.Helper()
	n := 0
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, pk) && strings.HasPrefix(it.SK, sk) {
			n++
		}
	}
	return n
}

func plain(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("%x", v.Value)
	case *types.AttributeValueMemberBS:
		return fmt.Sprintf("%x", v.Value)
	case *types.AttributeValueMemberL:
		parts := make([]string, len(v.Value))
		for i, e := range v.Value {
			parts[i] = plain(e)
		}
		return fmt.Sprint(parts)
	case *types.AttributeValueMemberM:
		names := make([]string, 0, len(v.Value))
		for name := range v.Value {
			names = append(names, name)
		}
		sort.Strings(names)
		var b strings.Builder
		for _, name := range names {
			fmt.Fprintf(&b, "%s=%q ", name, plain(v.Value[name]))
		}
		return b.String()
	default:
		return fmt.Sprintf("%T", v)
	}
}

// Damage changes a binary attribute of an item, as nobody does who uses the
// service.
func (w *World) Damage(pk, sk, attribute string) {
	w.Helper()
	for _, it := range w.raw() {
		if plain(it["PK"]) != pk || plain(it["SK"]) != sk {
			continue
		}
		if b, ok := it[attribute].(*types.AttributeValueMemberB); ok {
			for i := range b.Value {
				b.Value[i] ^= 1
			}
			w.write([]map[string]types.AttributeValue{it})
			return
		}
	}
	w.Fatalf("no item has the key %s %s and %s", pk, sk, attribute)
}
