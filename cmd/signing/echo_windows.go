package signing

import "golang.org/x/sys/windows"

// Hide keeps a console from showing what is typed, and has it give whole lines and
// obey Ctrl-C, whatever it did before.
func Hide(fd int) error {
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &mode); err != nil {
		return err
	}
	mode |= windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT
	return windows.SetConsoleMode(windows.Handle(fd), mode&^windows.ENABLE_ECHO_INPUT)
}
