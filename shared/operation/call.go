package operation

import (
	"context"
	"reflect"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/static"
)

// Call answers an HTTP request. It is a function that is converted to one of
// the types below, which say how its input is read. Documents describe the
// types of its parameters and its result, and the compiler checks that the
// function has them. A conversion is data and runs no code at start, so that
// the binary of a function contains its own operation only.
//
// The tag json of an input field names its key, and the tag query its query
// parameter; such a field in a body also has the tag json:"-". The tag is names
// the format of a text. Only documents use it.
type Call interface {
	answer(ctx context.Context, s *service.Services, r *request) (any, error)
	// query is the type that query parameters are read into, nil for none.
	query() reflect.Type
	// Types are those that a request and its answer are documented with.
	Types() Types
}

// Types are what a Call takes and answers. In is nil when it takes nothing.
type Types struct {
	In, Out reflect.Type
	Body    Body
	Pages   bool // the answer has nextToken beside its result
}

// Body says how a Call reads the body of a request.
type Body int

const (
	NoBody  Body = iota // none is read
	Lenient             // unknown keys are ignored, as the original API does
	Strict              // unknown keys are refused
	Nothing             // a body that says something is refused
)

// get takes nothing.
type get[Out any] func(context.Context, *service.Services, *request) (Out, error)

// list takes query parameters.
type list[In, Out any] func(context.Context, *service.Services, *request, In) (Out, error)

// pages takes query parameters, and answers with a page of a list. It also
// returns the position of the next page; "" is none.
type pages[In, Row any] func(
	context.Context, *service.Services, *request, In,
) (rows []Row, next string, err error)

// call takes a body, and query parameters where In has some. Unknown keys of
// the body are ignored.
type call[In, Out any] func(context.Context, *service.Services, *request, In) (Out, error)

// strict is like call, but refuses unknown keys, as httpapi.DecodeKnown does.
// It is for operations that grant or limit rights or cost money: a misspelt key
// would have another effect than the client wants.
type strict[In, Out any] func(context.Context, *service.Services, *request, In) (Out, error)

// bare takes nothing and refuses a body with content, because the client
// expects it to have an effect.
type bare[Out any] func(context.Context, *service.Services, *request) (Out, error)

func (c get[Out]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	return chosen(c(ctx, s, r))
}

func (c list[In, Out]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	var in In
	return c.with(ctx, s, r, in)
}

func (c pages[In, Row]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	var in In
	if err := httpapi.ReadQuery(r.URL.RawQuery, &in); err != nil {
		return nil, err
	}
	rows, next, err := c(ctx, s, r, in)
	if err != nil {
		return nil, err
	}
	return httpapi.Listed{Rows: rows, Next: next}, nil
}

func (c call[In, Out]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	var in In
	if err := httpapi.Decode(r.Request, &in); err != nil {
		return nil, err
	}
	return list[In, Out](c).with(ctx, s, r, in)
}

func (c strict[In, Out]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	var in In
	if err := httpapi.DecodeKnown(r.Request, &in); err != nil {
		return nil, err
	}
	return list[In, Out](c).with(ctx, s, r, in)
}

func (c bare[Out]) answer(ctx context.Context, s *service.Services, r *request) (any, error) {
	if err := httpapi.DecodeNothing(r.Request); err != nil {
		return nil, err
	}
	return chosen(c(ctx, s, r))
}

// with reads the query parameters into in, which may have a body already, and
// answers.
func (c list[In, Out]) with(
	ctx context.Context,
	s *service.Services,
	r *request,
	in In,
) (any, error) {
	if err := httpapi.ReadQuery(r.URL.RawQuery, &in); err != nil {
		return nil, err
	}
	return chosen(c(ctx, s, r, in))
}

func (get[Out]) query() reflect.Type        { return nil }
func (list[In, Out]) query() reflect.Type   { return reflect.TypeFor[In]() }
func (pages[In, Row]) query() reflect.Type  { return reflect.TypeFor[In]() }
func (call[In, Out]) query() reflect.Type   { return reflect.TypeFor[In]() }
func (strict[In, Out]) query() reflect.Type { return reflect.TypeFor[In]() }
func (bare[Out]) query() reflect.Type       { return nil }

func (get[Out]) Types() Types { return Types{Out: reflect.TypeFor[Out]()} }
func (list[In, Out]) Types() Types {
	return Types{In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out]()}
}
func (pages[In, Row]) Types() Types {
	return Types{In: reflect.TypeFor[In](), Out: reflect.TypeFor[[]Row](), Pages: true}
}
func (call[In, Out]) Types() Types {
	return Types{In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](), Body: Lenient}
}
func (strict[In, Out]) Types() Types {
	return Types{In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](), Body: Strict}
}
func (bare[Out]) Types() Types { return Types{Out: reflect.TypeFor[Out](), Body: Nothing} }

// constant is the Call of an operation of package static, for the documents.
// Operation.Serve has the operation answer by itself.
type constant struct{ static.Result }

func (c constant) answer(context.Context, *service.Services, *request) (any, error) {
	return c.Value(), nil
}
func (constant) query() reflect.Type { return nil }
func (c constant) Types() Types      { return Types{Out: c.Type()} }

// acknowledged is an answer that only says that the request was done, in a
// sentence for people.
type acknowledged string

// OneOf is an answer that has one of two types.
type oneOf[A, B any] struct{ value any }

func first[A, B any](a A) oneOf[A, B]  { return oneOf[A, B]{a} }
func second[A, B any](b B) oneOf[A, B] { return oneOf[A, B]{b} }

func (o oneOf[A, B]) chosen() any { return o.value }

// Types are those that the answer may have.
func (oneOf[A, B]) Types() []reflect.Type {
	return []reflect.Type{reflect.TypeFor[A](), reflect.TypeFor[B]()}
}

// chosen is the result of a call as it is encoded.
func chosen[Out any](out Out, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if one, ok := any(out).(interface{ chosen() any }); ok {
		return one.chosen(), nil
	}
	return out, nil
}

// none is the type of a key that is always null here, for clients of the
// original that expect the key.
type none = *struct{}
