package supervisor

import "syscall"

// childAttributes puts a child into a process group of its own, so that Ctrl-C in a terminal
// reaches the supervisor alone, and lets it die with its parent.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
