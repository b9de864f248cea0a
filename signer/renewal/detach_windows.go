package renewal

import "syscall"

// detachedProcess gives the child no console.
//
// Source: https://learn.microsoft.com/windows/win32/procthread/process-creation-flags
const detachedProcess = 0x00000008

func alone() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// shutOthers has nothing to do: a child inherits only the handles that it is given.
func shutOthers() {}
