package mail

import (
	"html"
	"regexp"
	"strings"
)

// The page of a mail is made of its text, so that the two say the same. A block
// between empty lines is a paragraph, a list with numbers, lines of names and
// values, or a single word, which stands out. The words of links become a
// button and links.

const (
	paragraph = `<p style="margin:0 0 16px">`
	aside     = `<p style="margin:0;color:#667085">`
	citation  = `<p style="margin:0 0 16px;padding-left:14px;border-left:3px solid #e4e7ec;` +
		`word-break:break-word;white-space:pre-line">`
	secret = `<p style="margin:0 0 16px;font-family:Consolas,Menlo,monospace;` +
		`font-size:18px;word-break:break-all">`
	list = `<ol style="margin:0 0 16px;padding-left:22px">`
	item = `<li style="margin:0 0 8px">`
	link = `<a style="color:#155eef" href="`
)

var (
	singleWord = regexp.MustCompile(`^\{\{([a-z]+)\}\}$`)
	numbered   = regexp.MustCompile(`(?m)^\d+\. `)
	pairs      = regexp.MustCompile(`^\S[^:{}]*: {2,}\S`)
)

// names are the words that stand out in the page: names that people have
// chosen.
var names = []string{"owner", "profile", "token", "member", "person"}

// pageOf returns the template of the page that says the same as a text.
func pageOf(text, button string) string {
	blocks := strings.Split(strings.TrimSpace(text), "\n\n")
	var page []string
	for i, block := range blocks {
		word := ""
		if found := singleWord.FindStringSubmatch(block); found != nil {
			word = found[1]
		}
		next := ""
		if i+1 < len(blocks) {
			next = blocks[i+1]
		}
		switch {
		case word == "url":
			page = append(page, button)
		case isLink(block):
			// It is in the paragraph before.
		case word == "pin" || word == "code":
			// On a line of its own, for who copies it.
			page = append(page, secret+"\n"+block+"\n</p>")
		case word != "":
			page = append(page, citation+block+"</p>")
		case numbered.MatchString(block):
			page = append(page, listOf(block))
		case pairs.MatchString(block):
			page = append(page, citation+html.EscapeString(block)+"</p>")
		case isLink(next):
			target := strings.TrimSuffix(flow(block), ":")
			page = append(page, paragraph+link+next+`">`+target+"</a>.</p>")
		case next == "" && i > 0:
			page = append(page, aside+flow(block)+"</p>")
		default:
			page = append(page, paragraph+flow(block)+"</p>")
		}
	}
	return strings.Join(page, "\n")
}

func isLink(block string) bool { return block == "{{decline}}" || block == "{{cancel}}" }

// flow puts the lines of a paragraph into one, with its names in bold.
func flow(block string) string {
	out := html.EscapeString(strings.Join(strings.Fields(block), " "))
	for _, name := range names {
		word := "{{" + name + "}}"
		out = strings.ReplaceAll(out, word, "<strong>"+word+"</strong>")
	}
	return out
}

func listOf(block string) string {
	starts := numbered.FindAllStringIndex(block, -1)
	var items []string
	for i, at := range starts {
		end := len(block)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		items = append(items, item+flow(block[at[1]:end])+"</li>")
	}
	return list + "\n" + strings.Join(items, "\n") + "\n</ol>"
}
