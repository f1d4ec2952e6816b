package config

import (
	"io/fs"
	"syscall"
	"time"
)

// changedAt is when the file's content, mode or owner changed last.
func changedAt(info fs.FileInfo) time.Time {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}
	}
	return time.Unix(stat.Ctim.Unix())
}
