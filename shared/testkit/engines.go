package testkit

import (
	"context"
	"sync"

	"profiles/infra/engine"
)

// worldsEach is how many worlds an engine gets. With each transaction dynoxide looks at all those of the last ten minutes for the ones whose
// repetition it need no longer know: behind the transactions of 2,000 worlds that was a third of what the tests took. It starts in some
// milliseconds. DynamoDB Local starts in a second, and has no such list.
var worldsEach = map[engine.Kind]int{engine.Dynoxide: 20, engine.DynamoDBLocal: 10_000}

// engines are those of this test binary: one that takes new worlds, and those before it that wait for the end of theirs.
var engines struct {
	sync.Mutex
	open *used
}

// used is an engine, and how many worlds it got and has.
type used struct {
	*engine.Engine
	got, has int
}

// takeEngine returns an engine for one world, and what to call when the world has ended. What then still runs in the background of a test meets
// an engine that is gone.
func takeEngine() (*engine.Engine, func(), error) {
	engines.Lock()
	defer engines.Unlock()
	if engines.open == nil {
		e, err := engine.Start(context.Background(), engine.Options{})
		if err != nil {
			return nil, nil, err
		}
		engines.open = &used{Engine: e}
	}
	u := engines.open
	u.got++
	u.has++
	if u.got == worldsEach[u.Kind] {
		engines.open = nil
	}
	return u.Engine, u.leave, nil
}

func (u *used) leave() {
	engines.Lock()
	u.has--
	over := u.has == 0 && engines.open != u
	engines.Unlock()
	if over {
		u.Stop()
	}
}
