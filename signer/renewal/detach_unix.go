//go:build unix

package renewal

import "syscall"

// alone is a session of its own (setsid).
func alone() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// most is the number of descriptors that are looked at; more than a shell or an
// SDK leaves open by mistake.
const most = 256

// shutOthers keeps descriptors from the child that whoever started this process
// has left open in it. Go marks its own; these are not Go's.
func shutOthers() {
	for fd := 3; fd < most; fd++ {
		syscall.CloseOnExec(fd)
	}
}
