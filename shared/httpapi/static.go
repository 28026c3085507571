package httpapi

import "net/http"

// Static is a file as it is served to browsers.
type Static struct {
	Type     string
	Encoding string // of the content, as the header Content-Encoding has it; "" for none
	Content  []byte
	Policy   string // of a page; "" for what is none
	// Forever says that the file of this address never changes. Others are
	// asked for each time, by their Tag.
	Forever bool
	Tag     string // an ETag
}

// SendStatic answers with a file. A client that has it already, by its tag, is
// told so.
func SendStatic(w http.ResponseWriter, r *http.Request, f Static) {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	secure(h, nothing)
	if f.Policy != "" {
		h.Set("Content-Security-Policy", f.Policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	h.Set("Vary", "Accept-Encoding")
	if f.Encoding != "" {
		h.Set("Content-Encoding", f.Encoding)
	}
	if f.Forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if f.Tag != "" {
		h.Set("ETag", f.Tag)
		if r.Header.Get("If-None-Match") == f.Tag {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(f.Content)
}
