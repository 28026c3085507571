package app

// ViewerOf is the address that parseViewer reads, "" for none.
func ViewerOf(text string) string {
	if address, err := parseViewer(text); err == nil {
		return address.String()
	}
	return ""
}
