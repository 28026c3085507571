package secret

import (
	"errors"
	"time"
)

// Maintenance is a span of time in which the service is read-only. The zero
// value is none. It is in the secret beside the keys: every function that may
// write has the keys, and reads them again every few minutes. So turning it on
// takes no deployment, and no request takes longer for it.
type Maintenance struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // when it is expected to end; zero: not known
	Who    string    `json:"who"`            // who turned it on
	Reason string    `json:"reason"`
}

// On reports whether the service is read-only.
func (m Maintenance) On() bool { return !m.Since.IsZero() }

// The wait that a refused request is told: not less than leastWait, although
// the end may be expected sooner, and usualWait where no end is known.
const (
	leastWait = time.Minute
	usualWait = 5 * time.Minute
)

// Wait returns after how long a refused request may be sent again.
func (m Maintenance) Wait(now time.Time) time.Duration {
	if m.Until.IsZero() {
		return usualWait
	}
	return max(m.Until.Sub(now), leastWait)
}

// WithMaintenance returns the ring of a service that is read-only from now on.
// It fails if it is read-only already.
func (r Ring) WithMaintenance(m Maintenance) (Ring, error) {
	if r.maintenance.On() {
		return r, errors.New("the service is read-only already")
	}
	r.maintenance = m
	return r, nil
}

// WithoutMaintenance returns the ring of a service that is no longer read-only.
func (r Ring) WithoutMaintenance() Ring {
	r.maintenance = Maintenance{}
	return r
}

// Maintenance returns the maintenance of the service.
func (r Ring) Maintenance() Maintenance { return r.maintenance }

// Maintenance returns the maintenance of the service. Without keys, as in a
// function that writes nothing, there is none.
func (k Keys) Maintenance() Maintenance {
	if k.ring == nil {
		return Maintenance{}
	}
	return k.ring().maintenance
}
