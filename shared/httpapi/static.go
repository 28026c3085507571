package httpapi

import (
	"cmp"
	"net/http"
	"strings"
)

// Static is a file as it is served to browsers.
type Static struct {
	Type     string
	Encoding string // of the content, as the header Content-Encoding has it; "" for none
	Content  []byte
	Policy   string // of a page; "" for what is none
	Keep     Keep   // how long a client keeps it without asking
	Tag      string // an ETag
}

// Keep is how long a client keeps a file before it asks for it again, by its
// tag: the value of the header Cache-Control.
type Keep string

const (
	NotUnasked Keep = "no-cache"    // it is asked for each time
	Minutes    Keep = "max-age=300" // it may be removed, and is gone for all soon after
	// Forever is for a file that never changes and is always there.
	Forever Keep = "public, max-age=31536000, immutable"
)

// ServeStatic answers a request with a file. A client that has it already, by
// its tag, is told so.
func ServeStatic(r *http.Request, f Static) Answer {
	a := answer(http.StatusOK, f.Type, cmp.Or(f.Policy, nothing), f.Content)
	if f.Policy != "" {
		a.Header.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	a.Header.Set("Vary", "Accept-Encoding")
	a.Header.Set("Cache-Control", string(cmp.Or(f.Keep, NotUnasked)))
	if f.Tag != "" {
		a.Header.Set("ETag", f.Tag)
	}
	if f.Tag != "" && hasTag(r.Header.Get("If-None-Match"), f.Tag) {
		a.Status, a.Body = http.StatusNotModified, nil
	} else if f.Encoding != "" {
		a.Header.Set("Content-Encoding", f.Encoding)
	}
	return a
}

// hasTag reports whether a list of tags, as If-None-Match has it, names a tag.
// Proxies that encode a file anew make its tag a weak one, which is as good.
func hasTag(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || one != "" && strong(one) == strong(tag) {
			return true
		}
	}
	return false
}

func strong(tag string) string { return strings.TrimPrefix(tag, "W/") }
