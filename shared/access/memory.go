package access

import (
	"net/netip"
	"sync"
	"time"

	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// lastSeen is the account and profile that a token was last seen with, so that
// the next request can read everything in one round trip. It decides nothing:
// the same batch reads the token, and if lastSeen was wrong, a second batch
// reads the rest.
type lastSeen struct {
	account value.AccountID
	profile value.ProfileID
	own     bool   // the account owned the profile
	hash    []byte // of the token's secret
}

// known reports whether anything is remembered.
func (l lastSeen) known() bool { return l.account != "" }

// place is a profile that a token has reached.
type place struct {
	token   value.TokenID
	profile value.ProfileID
}

// maxRemembered bounds the memory of a process that serves many callers.
const maxRemembered = 4096

// tokenMemory is what a process remembers of the tokens that it has admitted.
type tokenMemory struct {
	mu     sync.Mutex
	of     map[value.TokenID]lastSeen
	places map[place]bool
	noted  map[origin]time.Time // when the use of a token was last stored
}

func newTokenMemory() *tokenMemory {
	return &tokenMemory{
		of:     map[value.TokenID]lastSeen{},
		places: map[place]bool{},
		noted:  map[origin]time.Time{},
	}
}

// get returns what is remembered of a token. It is the zero value if nothing
// is, or if the presented secret is not the token's.
func (m *tokenMemory) get(c secret.Credential) lastSeen {
	m.mu.Lock()
	seen := m.of[value.TokenID(c.ID)]
	m.mu.Unlock()
	if !c.Matches(seen.hash) {
		return lastSeen{}
	}
	return seen
}

// put remembers an admitted token, and that it reaches its own profile.
func (m *tokenMemory) put(t tenancy.Token, own bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.of) >= maxRemembered {
		clear(m.of)
	}
	m.of[t.ID] = lastSeen{t.Account, t.Profile, own, t.Hash}
	m.visit(place{t.ID, t.Profile})
}

// visit remembers a place. The caller holds the lock.
func (m *tokenMemory) visit(p place) {
	if len(m.places) >= maxRemembered {
		clear(m.places)
	}
	m.places[p] = true
}

// drop forgets an invalid token, if the presented secret is the token's.
func (m *tokenMemory) drop(c secret.Credential) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := value.TokenID(c.ID)
	if c.Matches(m.of[id].hash) {
		delete(m.of, id)
	}
}

// reach remembers whether a token reaches a profile.
func (m *tokenMemory) reach(t value.TokenID, p value.ProfileID, does bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if does {
		m.visit(place{t, p})
	} else {
		delete(m.places, place{t, p})
	}
}

// reached reports whether a token has reached a profile before.
func (m *tokenMemory) reached(t value.TokenID, p value.ProfileID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.places[place{t, p}]
}

// origin is a token and a network that it is used from.
type origin struct {
	token   value.TokenID
	network netip.Prefix
}

// firstUse reports whether this process must store a use of the token: it has
// not in the minute before now, from this network. It then remembers now as the
// time of the last one.
func (m *tokenMemory) firstUse(id value.TokenID, network netip.Prefix, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last, ok := m.noted[origin{id, network}]; ok && now.Sub(last) < tenancy.LastUsedCooldown {
		return false
	}
	if len(m.noted) >= maxRemembered {
		clear(m.noted)
	}
	m.noted[origin{id, network}] = now
	return true
}

// windowMemory is what a process remembers of rate windows: a number for each.
// It forgets all when it is full, and what it forgets costs a write.
type windowMemory struct {
	mu sync.Mutex
	of map[windowKey]int
}

type windowKey struct {
	subject string
	end     int64
}

func keyOf(w store.RateWindow) windowKey { return windowKey{w.Subject, w.End.UnixMilli()} }

func newWindowMemory() *windowMemory { return &windowMemory{of: map[windowKey]int{}} }

// get returns the number of a window; 0: none is remembered.
func (m *windowMemory) get(w store.RateWindow) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[keyOf(w)]
}

// has reports whether a number of the window is remembered.
func (m *windowMemory) has(w store.RateWindow) bool { return m.get(w) != 0 }

// put remembers a number of a window; 0 forgets the window.
func (m *windowMemory) put(w store.RateWindow, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n == 0 {
		delete(m.of, keyOf(w))
		return
	}
	if len(m.of) >= maxRemembered {
		clear(m.of)
	}
	m.of[keyOf(w)] = n
}
