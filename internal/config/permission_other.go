//go:build !linux && !darwin

package config

import (
	"io/fs"
	"os"
	"time"
)

// openWithoutWaiting: openRegular's look before the opening has to do.
const openWithoutWaiting = 0

// readableByOthers is false where file modes say nothing about who may read.
func readableByOthers(fs.FileInfo) bool { return false }

func onReadOnlyMount(*os.File) bool { return false }

func changedAt(fs.FileInfo) time.Time { return time.Time{} }
