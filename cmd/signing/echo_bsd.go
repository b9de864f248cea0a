//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package signing

import "golang.org/x/sys/unix"

// The requests that read and write what a terminal does (tty(4)).
const readTerminal, writeTerminal = unix.TIOCGETA, unix.TIOCSETA
