package service_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// counting is a client whose requests are counted.
func counting(p testkit.Person, route string) service.Client {
	c := testkit.ClientOf(p.Token)
	c.Rate = &service.Rate{Route: route, Group: plan.RateProfile}
	return c
}

// counted returns how many requests to a route the table has counted.
func counted(w *testkit.World, route string) (n int) {
	w.Helper()
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "R#rate#") && strings.Contains(it.PK, "#"+route+"#") {
			_, text, _ := strings.Cut(it.Text, `count="`)
			text, _, _ = strings.Cut(text, `"`)
			one, err := strconv.Atoi(text)
			w.OK(err)
			n += one
		}
	}
	return n
}

// A request that is decided again after a conflict counts once.
func TestARequestThatIsDecidedAnewCountsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	named := service.ProfileRef{ID: ana.Home}
	rename := func(s *service.Services, c service.Client, name string) error {
		return s.Profiles.Edit(t.Context(), c.For(operation.ProfileEdit.Access), named,
			tenancy.ProfileEdit{Name: &name})
	}
	met := 0
	s := service.New(service.Config{Rates: true, CountPatience: time.Minute,
		Background: w.Background, Now: w.Now, Log: quiet(),
		Store: interrupted(w, "TransactWriteItems", func() {
			met++
			w.OK(rename(w.Services, testkit.ClientOf(ana.Token), "in between"))
		})})
	_, err := s.Profiles.Get(t.Context(), counting(ana, "first").For(operation.ProfileGet.Access), named)
	w.OK(err)
	c := counting(ana, "edit")
	w.OK(rename(s, c, "at last"))
	if met != 1 {
		t.Fatalf("the edit met %d others", met)
	}
	if got := counted(w, "edit"); got != 1 {
		t.Errorf("one request counted %d times", got)
	}
	limit, remaining, reset, ok := c.Rate.Left()
	if !ok || limit != 200 || remaining != 199 || reset != 7*time.Second-589*time.Millisecond {
		t.Errorf("got %d of %d left for %v, %v, want 199 of 200", remaining, limit, reset, ok)
	}
}

// An answer does not wait for a count that hangs.
func TestACountThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	named := service.ProfileRef{ID: ana.Home}
	release, hung := make(chan struct{}), make(chan struct{})
	defer close(release)
	s := service.New(service.Config{Rates: true, Background: w.Background, Now: w.Now, Log: quiet(),
		Store: interrupted(w, "UpdateItem", func() {
			close(hung)
			<-release
		})})
	_, err := s.Profiles.Get(t.Context(), counting(ana, "first").For(operation.ProfileGet.Access), named)
	w.OK(err)
	c := counting(ana, "get")
	answered := make(chan error, 1)
	go func() {
		_, err := s.Profiles.Get(t.Context(), c.For(operation.ProfileGet.Access), named)
		answered <- err
	}()
	select {
	case err := <-answered:
		w.OK(err)
	case <-time.After(30 * time.Second):
		t.Fatal("the answer waits for its count")
	}
	select {
	case <-hung: // a busy machine may answer before the count has begun
	case <-time.After(30 * time.Second):
		t.Fatal("the count did not hang")
	}
	if _, _, _, ok := c.Rate.Left(); ok {
		t.Error("the request counts")
	}
}

// Nothing is counted unless the operator has switched the limit on and the
// route is limited.
func TestRatesAreASwitch(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for range 3 {
		_, err := w.Tokens.Info(t.Context(), counting(ana, "info").For(operation.TokenInfo.Access))
		w.OK(err)
	}
	w.LimitRates()
	for range 3 {
		_, err := w.Tokens.Info(t.Context(), ana.Client(operation.TokenInfo))
		w.OK(err)
	}
	if got := w.Count("R#rate#", ""); got != 0 {
		t.Errorf("%d windows were counted in, want none", got)
	}
}

// A process that has seen a window full refuses the rest of the minute without
// a write, and counts again in the next one.
func TestAFullWindowIsRefusedWithoutAWrite(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.LimitRates()
	ask := func() error {
		_, err := w.Tokens.Info(t.Context(), counting(ana, "info").For(operation.TokenInfo.Access))
		return err
	}
	w.OK(ask()) // the first is not counted
	w.OK(ask())
	full := func() {
		for _, it := range w.Items() {
			if strings.HasPrefix(it.PK, "R#rate#") {
				_, err := w.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
					TableName: &w.Table,
					Key: map[string]types.AttributeValue{
						"PK": &types.AttributeValueMemberS{Value: it.PK},
						"SK": &types.AttributeValueMemberS{Value: it.SK},
					},
					UpdateExpression:         aws.String("SET #n = :n"),
					ExpressionAttributeNames: map[string]string{"#n": "count"},
					ExpressionAttributeValues: map[string]types.AttributeValue{
						":n": &types.AttributeValueMemberN{Value: "10000"},
					},
				})
				w.OK(err)
			}
		}
	}
	full()
	for range 5 {
		w.Refused(ask(), problem.CodeTooMany)
	}
	if got := counted(w, "info"); got != 10001 {
		t.Errorf("the window counts %d, want 10001: one refusal is counted, four are known", got)
	}
	w.Advance(time.Minute)
	w.OK(ask())
	if got := counted(w, "info"); got != 10002 {
		t.Errorf("both windows count %d, want 10002", got)
	}
}
