package store

import (
	"errors"
	"os"
	"syscall"
)

// datasync makes a file's bytes durable, and of what is known about it only its length.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
