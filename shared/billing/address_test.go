package billing_test

import (
	"strings"
	"testing"

	"profiles/shared/billing"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
)

func TestBillingAddressEdit(t *testing.T) {
	t.Parallel()
	full := billing.Address{
		Company:  "ACME",
		Country:  "DE",
		State:    "BE",
		City:     "Berlin",
		Street:   "Hof 1",
		ZipCode:  "10115",
		Comments: "back door",
		Updated:  bought,
	}
	type changed = billing.AddressEdit
	long := strings.Repeat("é", 201)
	for _, test := range []struct {
		name string
		edit changed
		want func(*billing.Address)
		says string
	}{
		{"nothing named leaves everything but the date", changed{}, func(*billing.Address) {}, ""},
		{"the company", changed{Company: new(" Other ")}, func(b *billing.Address) { b.Company = "Other" }, ""},
		{"the country", changed{Country: new("BR")}, func(b *billing.Address) { b.Country = "BR" }, ""},
		{"the state", changed{State: new("SP")}, func(b *billing.Address) { b.State = "SP" }, ""},
		{"the city", changed{City: new("Bonn")}, func(b *billing.Address) { b.City = "Bonn" }, ""},
		{"the street", changed{Street: new("Weg 2")}, func(b *billing.Address) { b.Street = "Weg 2" }, ""},
		{"the code", changed{ZipCode: new("1")}, func(b *billing.Address) { b.ZipCode = "1" }, ""},
		{"no comments", changed{Comments: new("")}, func(b *billing.Address) { b.Comments = "" }, ""},
		{"200 characters", changed{Comments: new(long[:400])}, func(b *billing.Address) { b.Comments = long[:400] }, ""},
		{"201 characters", changed{Street: &long}, nil, "invalid: street must have 0 to 200 characters"},
		{"a control character", changed{City: new("a\nb"), Street: &long}, nil, "invalid: city must not contain control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := full.Edit(test.edit, halfway)
			if problemtest.Text(err) != test.says {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
			}
			if err != nil {
				return
			}
			want := full
			test.want(&want)
			want.Updated = halfway
			rules.Same(t, "the address", got, want)
		})
	}
}
