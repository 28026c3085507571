package operation

import (
	"context"
	"encoding/base64"

	"profiles/shared/httpapi"
	"profiles/shared/picture"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var ProfileLogoSet = Operation{
	Name:    "profile-logo-set",
	Tag:     "Profiles",
	Summary: "Uploads a picture that replaces the logo of a profile; PUT /profile/{id} with logo_url null removes the logo.",
	Routes:  []Route{{"PUT", "/profile/{id}/logo"}},
	Access:  Write,
	Call:    strict[logoBody, logoView](profileLogoSet),
	Example: Example{
		Path: "/profile/current/logo",
		Body: `{"image": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}`,
	},
}

type logoBody struct {
	// a PNG of at most 32 KB and 512 pixels a side, in base64
	Image string `json:"image" is:"png,required"`
}

func profileLogoSet(
	ctx context.Context,
	s *service.Services,
	r *request,
	b logoBody,
) (logoView, error) {
	ref, err := r.profile()
	if err != nil {
		return logoView{}, err
	}
	p, err := s.Profiles.SetLogo(ctx, r.client, ref, b.png)
	return logoView{p.LogoURL}, err
}

// png returns the picture, safe to serve. Errors: CodeInvalid naming the field.
func (b logoBody) png() ([]byte, error) {
	if b.Image == "" {
		return nil, problem.InvalidField("image", problem.FieldRequired,
			"is required: a PNG picture in base64")
	}
	file, err := base64.StdEncoding.DecodeString(b.Image)
	if err != nil {
		return nil, problem.InvalidField("image", problem.FieldFormat,
			"must be a PNG picture in base64, and nothing else before or after it")
	}
	return picture.Logo("image", file)
}

// logoView has the address of a logo.
type logoView struct {
	// the address of the logo, relative to this service
	LogoURL string `json:"logo_url" is:"text"`
}

var LogoGet = Operation{
	Name:      "logo-get",
	Tag:       "Profiles",
	Summary:   "Serves an uploaded logo.",
	Routes:    []Route{{"GET", "/logo/{hash}"}},
	Access:    Anonymous,
	AnyParams: true,
	file:      logoGet,
	Example:   Example{Path: "/logo/00000000000000000000000000000000"},
}

// logoPolicy is the content security policy of a logo. A browser that opens the
// logo as a page loads and runs nothing.
const logoPolicy = httpapi.PlainPage + "; sandbox"

func logoGet(ctx context.Context, s *service.Services, r *request) (httpapi.Static, error) {
	hash := r.PathValue("hash")
	if !tenancy.IsLogoHash(hash) {
		return httpapi.Static{}, httpapi.ErrNoRoute(r.Request)
	}
	png, err := s.Profiles.Logo(ctx, r.client, hash)
	return httpapi.Static{
		Type: "image/png", Content: png, Policy: logoPolicy,
		Keep: httpapi.Minutes, Tag: `"` + hash + `"`,
	}, err
}
