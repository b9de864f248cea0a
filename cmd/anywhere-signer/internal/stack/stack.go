// Package stack makes room on the stack of a program that runs for a few
// milliseconds.
package stack

// room is more stack than a session needs, in bytes.
const room = 24 << 10

// Grow makes the stack large once. It would grow by doubling, each time copied, to
// pages that were never touched, which took some 4 % of a run's CPU time
// (bench.sh). The size of a function's frame is what grows the stack; the array
// itself is not touched.
func Grow() { reserve(false) }

//go:noinline
func reserve(touch bool) {
	if touch {
		var array [room]byte
		use(&array)
	}
}

//go:noinline
func use(array *[room]byte) { array[0] = 1 }
