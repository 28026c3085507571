package billing

import (
	"time"

	"profiles/shared/value"
)

// Address is where invoices go.
type Address struct {
	Company, Country, State, City, Street, ZipCode, Comments string
	Updated                                                  time.Time // zero: never set
}

// AddressEdit is a partial change of a billing address; a nil field
// stays as it is.
type AddressEdit struct{ Company, Country, State, City, Street, ZipCode, Comments *string }

// MaxAddressLine is the most characters that a field of an address may have.
const MaxAddressLine = 200

// Edit returns the address with the change applied. Errors: CodeInvalid naming
// the field.
func (b Address) Edit(e AddressEdit, now time.Time) (Address, error) {
	for _, f := range []struct {
		name string
		to   *string
		from *string
	}{
		{"company", &b.Company, e.Company}, {"country", &b.Country, e.Country},
		{"state", &b.State, e.State}, {"city", &b.City, e.City},
		{"street", &b.Street, e.Street}, {"zip_code", &b.ZipCode, e.ZipCode},
		{"comments", &b.Comments, e.Comments},
	} {
		if f.from == nil {
			continue
		}
		var err error
		if *f.to, err = value.CleanText(f.name, *f.from, 0, MaxAddressLine); err != nil {
			return b, err
		}
	}
	b.Updated = now
	return b, nil
}
