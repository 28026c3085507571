package main

import (
	"fmt"
	"strings"

	catalogue "profiles/shared/event"
)

// meanings are the event types with what they mean, for the web console.
func meanings() []byte {
	var out strings.Builder
	out.WriteString("/** What each type of event means. Written by \"make generate\" from shared/event. */\n")
	out.WriteString("export const events = {\n")
	for _, f := range catalogue.Types() {
		fmt.Fprintf(&out, "  %q: %q,\n", f.Type, f.What)
	}
	out.WriteString("} as const;\n")
	return []byte(out.String())
}
