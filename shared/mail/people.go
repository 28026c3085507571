package mail

import "profiles/shared/mailing"

// manner is how a word is written.
type manner func(string) string

// manners has every word that templates may use. A template with another word
// is refused at the start, so that nobody forgets to choose the manner of a new
// word.
var manners = map[string]manner{
	// Names that somebody else than the reader chose.
	"owner":   mailing.Quoted,
	"profile": mailing.Quoted,
	"token":   mailing.Quoted,
	"member":  mailing.Quoted,
	"person":  mailing.Quoted,
	// The reader's own, in a greeting.
	"name": mailing.Named,
	// A message from one person to another.
	"message": mailing.Unlinked,
	// Addresses, which value.ParseEmail or the gateway has checked; numbers;
	// and texts of this service and of support.
	"address":    asIs,
	"old":        asIs,
	"new":        asIs,
	"to":         asIs,
	"receiver":   asIs,
	"support":    asIs,
	"ticket":     asIs,
	"original":   asIs,
	"code":       asIs,
	"pin":        asIs,
	"permission": asIs,
	"what":       asIs,
	"service":    asIs,
	"unit":       asIs,
	"percent":    asIs,
	"used":       asIs,
	"limit":      asIs,
	"resets":     asIs,
	"lasts":      asIs,
	"by":         asIs,
	"missing":    asIs,
	"amounts":    asIs,
	"addons":     asIs,
	"team":       asIs,
	"needs":      asIs,
	"stays":      asIs,
	"outcome":    asIs,
	"note":       asIs,
	"reason":     asIs,
	"next":       asIs,
	"lines":      asIs, // phrases, whose words have their own manners
	// Words of phrases: numbers, and texts of this service.
	"count":    asIs,
	"days":     asIs,
	"sentence": asIs,
	"about":    asIs,
	"addon":    asIs,
	"price":    asIs,
	// Texts that the renderer makes.
	"expires": asIs,
	"when":    asIs,
	"until":   asIs,
	"made":    asIs,
	"last":    asIs,
	"title":   asIs,
	"url":     asIs,
	"decline": asIs,
	"cancel":  asIs,
}

func asIs(s string) string { return s }
