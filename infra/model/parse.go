package model

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// parsed is an expression, with the placeholders that it uses.
type parsed struct {
	condition *node    // of a condition, a filter or a key condition
	updates   []change // of an update
	paths     [][]string
	names     []string
	values    []string
}

// node is a condition: a junction of others, or a test of operands.
type node struct {
	op   string
	of   []*node
	args []operand
}

// operand is a path, a value, or a function of operands.
type operand struct {
	path  []string
	value string
	op    string // size, if_not_exists, + or -
	args  []operand
}

// change is one part of an update.
type change struct {
	clause string
	path   []string
	to     operand
}

// fault is what makes a text no expression that the model knows.
type fault string

type parser struct {
	tokens []string
	at     int
	out    *parsed
}

var known sync.Map // kind of expression and text -> *parsed or error

// parse reads an expression of a kind: a condition, an update or a projection.
// It fails for every word that it does not know, also for those that DynamoDB
// does: what nobody uses is not modelled.
func parse(kind, text string) (*parsed, error) {
	key := [2]string{kind, text}
	if stored, ok := known.Load(key); ok {
		if err, failed := stored.(error); failed {
			return nil, err
		}
		return stored.(*parsed), nil
	}
	out, err := parseNew(kind, text)
	if err != nil {
		known.Store(key, err)
		return nil, err
	}
	known.Store(key, out)
	return out, nil
}

func parseNew(kind, text string) (out *parsed, err error) {
	defer func() {
		if f, ok := recover().(fault); ok {
			err = invalid(fmt.Sprintf("Invalid %sExpression: %s in %q", kind, string(f), text))
		}
	}()
	p := &parser{tokens: tokens(text), out: new(parsed)}
	if len(p.tokens) == 0 {
		panic(fault("The expression can not be empty;"))
	}
	switch kind {
	case "Update":
		p.update()
	case "Projection":
		for {
			p.out.paths = append(p.out.paths, p.path(p.next()))
			if p.peek() != "," {
				break
			}
			p.next()
		}
	default:
		p.out.condition = p.or()
	}
	if p.at != len(p.tokens) {
		panic(fault("Syntax error; token: " + p.peek()))
	}
	return p.out, nil
}

const marks = "(),+-=<>"

func tokens(s string) (out []string) {
	for i := 0; i < len(s); {
		j := i + 1
		switch c := s[i]; {
		case strings.IndexByte(" \n\t", c) >= 0:
			i = j
			continue
		case c == '<' || c == '>':
			if j < len(s) && (s[j] == '=' || c == '<' && s[j] == '>') {
				j++
			}
		case strings.IndexByte(marks, c) < 0:
			for j < len(s) && strings.IndexByte(" \n\t"+marks, s[j]) < 0 {
				j++
			}
		}
		out = append(out, s[i:j])
		i = j
	}
	return out
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *parser) next() string {
	t := p.peek()
	p.at++
	return t
}

func (p *parser) word(w string) bool {
	if strings.EqualFold(p.peek(), w) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(t string) {
	if got := p.next(); !strings.EqualFold(got, t) {
		panic(fault(fmt.Sprintf("Syntax error; %q where %q must be", got, t)))
	}
}

// path reads the path of an attribute. One without # is a name as it is.
func (p *parser) path(token string) []string {
	path := strings.Split(token, ".")
	for _, part := range path {
		name := strings.TrimPrefix(part, "#")
		if name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			panic(fault("Syntax error; token: " + token))
		}
		if part != name {
			p.out.names = append(p.out.names, part)
		}
	}
	return path
}

func (p *parser) operand() operand {
	t := p.next()
	switch {
	case strings.HasPrefix(t, ":"):
		p.out.values = append(p.out.values, t)
		return operand{value: t}
	case p.peek() != "(":
		return operand{path: p.path(t)}
	case t == "size":
		return operand{op: t, args: p.arguments(1)}
	case t == "if_not_exists":
		return operand{op: t, args: p.arguments(2)}
	}
	panic(fault("the model has no function " + t + ";"))
}

func (p *parser) arguments(n int) (args []operand) {
	p.expect("(")
	for i := range n {
		if i > 0 {
			p.expect(",")
		}
		args = append(args, p.operand())
	}
	p.expect(")")
	return args
}

func (p *parser) or() *node {
	left := p.and()
	for p.word("OR") {
		left = &node{op: "OR", of: []*node{left, p.and()}}
	}
	return left
}

func (p *parser) and() *node {
	left := p.not()
	for p.word("AND") {
		left = &node{op: "AND", of: []*node{left, p.not()}}
	}
	return left
}

func (p *parser) not() *node {
	if p.word("NOT") {
		return &node{op: "NOT", of: []*node{p.not()}}
	}
	return p.test()
}

func (p *parser) test() *node {
	switch t := p.peek(); t {
	case "(":
		p.next()
		in := p.or()
		p.expect(")")
		return in
	case "attribute_exists", "attribute_not_exists":
		p.next()
		args := p.arguments(1)
		if args[0].path == nil {
			panic(fault("Operator or function requires a document path; " + t))
		}
		return &node{op: t, args: args}
	case "begins_with", "contains":
		p.next()
		return &node{op: t, args: p.arguments(2)}
	}
	a := p.operand()
	switch op := strings.ToUpper(p.next()); op {
	case "=", "<>", "<", "<=", ">", ">=":
		return &node{op: op, args: []operand{a, p.operand()}}
	case "BETWEEN":
		low := p.operand()
		p.expect("AND")
		return &node{op: op, args: []operand{a, low, p.operand()}}
	case "IN":
		args := []operand{a}
		p.expect("(")
		for {
			args = append(args, p.operand())
			if !p.word(",") {
				break
			}
		}
		p.expect(")")
		return &node{op: op, args: args}
	default:
		panic(fault("Syntax error; token: " + op))
	}
}

// update reads the clauses of an update, each at most once.
func (p *parser) update() {
	var seen []string
	for p.at < len(p.tokens) {
		clause := strings.ToUpper(p.next())
		if slices.Contains(seen, clause) {
			panic(fault("The \"" + clause + "\" section can only be used once;"))
		}
		seen = append(seen, clause)
		for {
			c := change{clause: clause, path: p.path(p.next())}
			switch clause {
			case "SET":
				p.expect("=")
				c.to = p.operand()
				if op := p.peek(); op == "+" || op == "-" {
					p.next()
					c.to = operand{op: op, args: []operand{c.to, p.operand()}}
				}
			case "REMOVE":
			case "ADD", "DELETE":
				if c.to = p.operand(); c.to.value == "" {
					panic(fault("Syntax error; " + clause + " takes a value"))
				}
			default:
				panic(fault("Syntax error; token: " + clause))
			}
			p.out.updates = append(p.out.updates, c)
			if !p.word(",") {
				break
			}
		}
	}
}
