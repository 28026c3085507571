package mail

import (
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
