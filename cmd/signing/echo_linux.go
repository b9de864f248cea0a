package signing

import "golang.org/x/sys/unix"

// The requests that read and write what a terminal does (ioctl_tty(2)).
const readTerminal, writeTerminal = unix.TCGETS, unix.TCSETS
