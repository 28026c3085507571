package problem

import (
	"fmt"
	"strings"
)

// List is how a message lists things, such as what a field may be: by their
// texts, with commas between them; none for no things.
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
