package main

// room is more stack than a session needs, in bytes.
const room = 24 << 10

// growStack makes the stack large once. It would grow by doubling, each time
// copied, which took some 4 % of a run's CPU time (bench.sh). The size of a
// function's frame is what grows the stack; the array itself is not touched.
//
//go:noinline
func growStack(touch bool) {
	if touch {
		var array [room]byte
		use(&array)
	}
}

//go:noinline
func use(array *[room]byte) { array[0] = 1 }
