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
	Policy   string // content security policy of a page; "" for other files
	Keep     Keep   // how long a client keeps it without asking
	Tag      string // an ETag
	Name     string // of the file that a browser stores; "" for one that it shows
}

// Keep is the value of the header Cache-Control: how long a client uses a file
// before it asks again with its tag.
type Keep string

const (
	Never      Keep = "no-store"    // for a file that is for its reader only
	NotUnasked Keep = "no-cache"    // the client asks each time
	Minutes    Keep = "max-age=300" // for a file that may be removed: clients notice within minutes
	// Forever is for a file that never changes and is never removed.
	Forever Keep = "public, max-age=31536000, immutable"
)

// ServeStatic returns the answer with a file, or 304 if the client has it
// already, by its tag.
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
	if f.Name != "" {
		a.Header.Set("Content-Disposition", "attachment; filename="+f.Name)
	}
	if f.Tag != "" && hasTag(r.Header.Get("If-None-Match"), f.Tag) {
		a.Status, a.Body = http.StatusNotModified, nil
	} else if f.Encoding != "" {
		a.Header.Set("Content-Encoding", f.Encoding)
	}
	return a
}

// hasTag reports whether an If-None-Match list has a tag. Weak tags count as
// equal, because proxies that change the encoding of a file make its tag weak.
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
