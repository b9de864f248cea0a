//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package signing

import "golang.org/x/sys/unix"

// Hide keeps a terminal from showing what is typed, and has it give whole lines and
// obey Ctrl-C, whatever it did before.
func Hide(fd int) error {
	state, err := unix.IoctlGetTermios(fd, readTerminal)
	if err != nil {
		return err
	}
	state.Lflag &^= unix.ECHO
	state.Lflag |= unix.ICANON | unix.ISIG
	state.Iflag |= unix.ICRNL
	return unix.IoctlSetTermios(fd, writeTerminal, state)
}
