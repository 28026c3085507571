package operation_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

type stored = map[string]types.AttributeValue

// rewrite replaces every item of a table that change reports as changed.
func rewrite(t *testing.T, s *scene.Stage, change func(stored) bool) {
	t.Helper()
	for _, it := range itemsOf(t, s) {
		if !change(it) {
			continue
		}
		put := &dynamodb.PutItemInput{TableName: &s.Table, Item: it}
		_, err := s.Client.PutItem(t.Context(), put)
		s.OK(err)
	}
}

// itemsOf are all items of the table, by their keys.
func itemsOf(t *testing.T, s *scene.Stage) map[[2]string]stored {
	t.Helper()
	out := map[[2]string]stored{}
	pages := dynamodb.NewScanPaginator(s.Client, &dynamodb.ScanInput{TableName: &s.Table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		s.OK(err)
		for _, it := range page.Items {
			out[[2]string{text(it, "PK"), text(it, "SK")}] = it
		}
	}
	return out
}

func text(it stored, name string) string {
	v, _ := it[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

func kindOf(it stored) string { return string(store.KindOf(text(it, "PK"), text(it, "SK"))) }

// ofVersion gives an item a version, and an attribute that only this version
// knows.
func ofVersion(it stored, version int) {
	it["v"] = &types.AttributeValueMemberN{Value: strconv.Itoa(version)}
	it["later"] = &types.AttributeValueMemberS{Value: "kept"}
}

// replaced are the kinds of items that some step writes whole, in the place of
// the earlier item. The attributes that a later version has added are lost
// then. So a new attribute of these kinds needs two releases: one that reads it
// and writes it back, and one that fills it. docs/contributing.md says how. An
// update instead would give the functions of these steps a right that they do
// not have.
var replaced = []string{
	"account", "email-reservation", "open-place", "open-transfer", "second-factors", "session",
	"token", "token-family", "token-row", "transfer", "transfer-row", "usage", "usage-event",
}

// sealed are the kinds whose attributes have a MAC. An attribute that is added
// later counts as a change from outside.
var sealed = []string{"audit-entry", "chain-head"}

// A release still runs while the next one is deployed, or is put back after it.
// It works on items that the next one has written, and keeps the attributes
// that it does not know, except in the kinds in replaced.
func TestAnEarlierReleaseKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	testkit.NeedsEngine(t)
	var mutex sync.Mutex
	kept, lost := map[string]int{}, map[string]bool{}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes {
			t.Run(c.Name(), func(t *testing.T) {
				t.Parallel()
				s := newModelledStage(t, c)
				rewrite(t, s, func(it stored) bool {
					if slices.Contains(sealed, kindOf(it)) {
						return false
					}
					ofVersion(it, store.Schema+1)
					return true
				})
				before := itemsOf(t, s)
				if got := c.Run(s); got.Code != 200 {
					t.Fatalf("got %d %q", got.Code, got.Message)
				}
				after := itemsOf(t, s)
				mutex.Lock()
				defer mutex.Unlock()
				for k, was := range before {
					is, kind := after[k], kindOf(was)
					switch {
					case is == nil || was["later"] == nil:
					case text(is, "later") == "kept":
						if !reflect.DeepEqual(was, is) {
							kept[kind]++
						}
					case !slices.Contains(replaced, kind):
						t.Errorf("%s loses an attribute of a later version", kind)
					default:
						lost[kind] = true
					}
				}
			})
		}
	})
	if len(kept) < 12 {
		t.Errorf("items of %d kinds were changed: this tests little", len(kept))
	}
	for _, kind := range replaced {
		if !lost[kind] {
			t.Errorf("no scene replaces a %s: take it from the list", kind)
		}
	}
}

// A release that is too old for the table refuses and writes nothing. It must
// not write back only the half that it understands.
func TestAReleaseThatIsTooOldWritesNothing(t *testing.T) {
	t.Parallel()
	testkit.NeedsEngine(t)
	var mutex sync.Mutex
	refused := 0
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes {
			t.Run(c.Name(), func(t *testing.T) {
				t.Parallel()
				s := newModelledStage(t, c)
				rewrite(t, s, func(it stored) bool {
					ofVersion(it, store.Schema+2)
					return !strings.HasPrefix(text(it, "PK"), "R#")
				})
				before := itemsOf(t, s)
				got := c.Run(s)
				for k, is := range itemsOf(t, s) {
					if was := before[k]; was["later"] != nil && !reflect.DeepEqual(was, is) {
						t.Errorf("%v was changed", k)
					}
				}
				if c.Operation.Call != nil && got.Code == 503 {
					if got.Reason != problem.ReasonNewerData || got.Header["Retry-After"] != "60" {
						t.Errorf("got %d %q %q", got.Code, got.Reason, got.Message)
					}
					mutex.Lock()
					refused++
					mutex.Unlock()
				}
			})
		}
	})
	if refused < 80 {
		t.Errorf("%d scenes were refused: this tests little", refused)
	}
}
