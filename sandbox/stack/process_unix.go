//go:build unix && !linux

package stack

import "syscall"

// childAttributes has no parent-death signal, which only Linux has: children outlive a SIGKILL of this process.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
