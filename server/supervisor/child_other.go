//go:build !linux

package supervisor

import "syscall"

// childAttributes leaves everything as it is: here a child learns of its parent's end by its
// standard input alone.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
