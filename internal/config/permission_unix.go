//go:build linux || darwin

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// readOnlyFlag is ST_RDONLY of Linux and MNT_RDONLY of macOS.
const readOnlyFlag = 1

// openWithoutWaiting makes the opening of a FIFO return at once.
const openWithoutWaiting = syscall.O_NONBLOCK

// statfs is replaced in tests, as a read-only mount needs rights that a test may not have.
var statfs = syscall.Fstatfs

// OwnerOf gives the file's user and group.
func OwnerOf(info fs.FileInfo) (uid, gid int, known bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

// onReadOnlyMount reports whether the file's mount is read-only; false when that cannot be told.
func onReadOnlyMount(file *os.File) bool {
	var mount syscall.Statfs_t
	if err := statfs(int(file.Fd()), &mount); err != nil {
		return false
	}
	return uint64(mount.Flags)&readOnlyFlag != 0
}
