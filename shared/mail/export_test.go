package mail

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"profiles/shared/mailing"
)

// Written is a phrase as the value of a word, in a language and a time zone.
func (r *Renderer) Written(
	language, word string, p mailing.Phrase, zone *time.Location,
) (string, error) {
	return r.languages[language].expand(word, string(p), zone)
}

// Phrases are the names of the texts that a language has itself.
func (r *Renderer) Phrases(language string) []string {
	return slices.Sorted(maps.Keys(r.languages[language].phrases))
}

// Check refuses a template with a word that has no manner, or that is not among
// words, which mails of the kind have. It reports whether the language has the
// mail itself.
func (r *Renderer) Check(
	language string, kind mailing.Kind, words map[string]string,
) (own bool, err error) {
	p, in, err := r.languages[language].read(kind)
	if err != nil {
		return false, err
	}
	return in.name == language, p.check(words)
}

// own are the words that every mail has besides its own.
var own = []string{"support", "to", "title"}

func (p pair) check(words map[string]string) error {
	has := func(word string) bool {
		_, ok := words[word]
		return ok
	}
	lacks := func(word string) bool { return !has(word) }
	made := func(word string) bool {
		_, link := p.links[word]
		return link || slices.Contains(own, word) || word == "person" && has("name") ||
			word == "unit" && has("service")
	}
	for _, t := range []template{p.subject, p.text, p.page} {
		for _, word := range t.data {
			if lacks(word) && !made(word) {
				return fmt.Errorf("the mail does not have the word %s", word)
			}
			if manners[word] == nil {
				return fmt.Errorf("the word %s has no manner in which it is written", word)
			}
		}
	}
	for _, link := range p.links {
		if i := slices.IndexFunc(link.data, lacks); i >= 0 {
			return fmt.Errorf("the mail does not have the word %s of a link", link.data[i])
		}
	}
	return nil
}
