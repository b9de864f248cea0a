// Package single gives the program one of Go's processors from nearly its first moment
// on. A run of credential-process is done by one goroutine at a time, in two or three
// milliseconds; a second processor only starts threads that find nothing to do, and
// memory that was handed out on it has to be handed back when it is taken away later
// (3 to 5 % of a run against doing that after the other packages' start, bench.sh).
//
// It has to be early for that, and is by the language's order: packages are sorted by
// import path, and again and again the first one is initialised whose imports all are
// (https://go.dev/ref/spec#Program_initialization). So it imports next to nothing.
// It is not the very first either: the goroutines that the runtime starts for itself
// wake a thread, and to stop that one while it still looks for work takes 3 to 5 % of
// a run as well. Once sync is initialised it sleeps.
package single

import (
	"runtime"
	_ "sync"
)

// before is how many processors there were.
var before = runtime.GOMAXPROCS(1)

// End gives back the others, to a program that has more to do than one request.
func End() { runtime.GOMAXPROCS(before) }
