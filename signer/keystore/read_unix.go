//go:build unix

package keystore

import (
	"errors"
	"syscall"
)

// noWait opens a pipe that has no writer yet.
const noWait = syscall.O_NONBLOCK

// again says that nothing is there yet: where the system has no poller for pipes, as
// on macOS, it is asked anew.
func again(err error) bool { return errors.Is(err, syscall.EAGAIN) }
