package event

// Rules are the rules as resource, beginning of the message, and type.
func Rules() (out [][3]string) {
	for _, r := range rules {
		out = append(out, [3]string{r.resource, r.begins, string(r.Type)})
	}
	return out
}
