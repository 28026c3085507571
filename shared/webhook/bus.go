package webhook

import "strings"

const busPrefix = "bus-"

// BusOf is what the queue of a log has in place of a webhook for the bus of the
// operator. No webhook has such an id.
func BusOf(log string) ID { return ID(busPrefix + log) }

// IsBus reports whether the id is one of BusOf.
func (id ID) IsBus() bool { return strings.HasPrefix(string(id), busPrefix) }
