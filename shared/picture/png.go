// Package picture makes pictures of people safe to serve: it decodes them, and
// encodes what was seen anew, so that nothing else of a file goes on.
package picture

import (
	"bytes"
	"image/png"

	"profiles/shared/problem"
)

// Bounds of a logo.
const (
	MaxLogo     = 32 << 10 // bytes, of what is sent and of what is served
	MaxLogoSide = 512      // pixels
)

// Logo decodes a PNG, and returns it encoded anew. Its size is looked at before
// it is decoded: a small file may hold a picture that fills the memory. Errors:
// CodeInvalid naming the field, for what is no PNG and for one that is too
// large.
func Logo(field string, file []byte) ([]byte, error) {
	if len(file) > MaxLogo {
		return nil, tooLarge(field)
	}
	size, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, noPNG(field)
	}
	if size.Width > MaxLogoSide || size.Height > MaxLogoSide {
		return nil, problem.InvalidField(field, problem.FieldRange,
			"must be at most %d pixels wide and high", MaxLogoSide).Bound(MaxLogoSide)
	}
	seen, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, noPNG(field)
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, seen); err != nil {
		return nil, noPNG(field)
	}
	if out.Len() > MaxLogo {
		return nil, tooLarge(field)
	}
	return out.Bytes(), nil
}

func noPNG(field string) error {
	return problem.InvalidField(field, problem.FieldFormat, "must be a PNG picture")
}

func tooLarge(field string) error {
	return problem.InvalidField(field, problem.FieldLength,
		"must be a PNG of at most %d bytes: make it smaller, such as 128 pixels wide and high",
		MaxLogo).Bound(MaxLogo)
}
