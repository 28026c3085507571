package problem

import (
	"fmt"
	"strings"
)

// List returns the texts of things with commas between them, for a message;
// "none" for no things.
func List[T any](things []T) string {
	if len(things) == 0 {
		return "none"
	}
	texts := make([]string, len(things))
	for i, one := range things {
		texts[i] = fmt.Sprint(one)
	}
	return strings.Join(texts, ", ")
}
