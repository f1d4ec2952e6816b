package config

import "syscall"

func setFlags(mount *syscall.Statfs_t, flags int64) { mount.Flags = uint32(flags) }
