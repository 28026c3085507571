package mail

import (
	"fmt"
	"strings"
)

// template is a text with words to fill in, written {{word}}. The standard
// library's templates are not used, because they find methods by reflection.
// The linker would then have to keep all methods of the SDK, a quarter of the
// function's size.
type template struct {
	literals []string // one more than there are words
	data     []string
}

// parse reads a template. A {{ without its }} is an error.
func parse(text string) (template, error) {
	var t template
	for {
		literal, rest, ok := strings.Cut(text, "{{")
		t.literals = append(t.literals, literal)
		if !ok {
			return t, nil
		}
		word, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return t, fmt.Errorf("{{%.20s does not end", rest)
		}
		t.data = append(t.data, word)
		text = after
	}
}

// execute fills in the words, each as escape writes it. A word that is missing
// is an error.
func (t template) execute(data map[string]string, escape func(string) string) (string, error) {
	var b strings.Builder
	for i, literal := range t.literals {
		b.WriteString(literal)
		if i == len(t.data) {
			break
		}
		word, ok := data[t.data[i]]
		if !ok {
			return "", fmt.Errorf("the word %s is missing", t.data[i])
		}
		b.WriteString(escape(word))
	}
	return b.String(), nil
}
