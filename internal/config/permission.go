package config

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// identity is as whom a program reads.
type identity struct {
	uid    int
	groups []int
}

func (i identity) String() string { return fmt.Sprintf("user %d in groups %v", i.uid, i.groups) }

// runningAs gives the identity of this process.
func runningAs() identity {
	groups, _ := os.Getgroups() // without them the group of the process is known all the same
	groups = append(groups, os.Getegid())
	slices.Sort(groups)
	return identity{os.Geteuid(), slices.Compact(groups)}
}

// giveToPrograms is the advice that nobody's reading rests on: whoever follows it keeps the programs able to read.
const giveToPrograms = "chown it to the programs' user and run chmod 600 on it, or chgrp it to a group of theirs and run chmod 640"

// exposure reports whether strangers may read a file, with what to do that leaves the programs able to read it. Its group
// is no stranger when the administrator gave it the file (root:app 0640, as Vault Agent and fsGroup make it) or when we
// are in it.
func exposure(info fs.FileInfo) (advice string, exposed bool) {
	uid, gid, known := OwnerOf(info)
	if !known {
		return "", false
	}
	return runningAs().exposure(info.Mode(), uid, gid)
}

func (i identity) exposure(mode fs.FileMode, uid, gid int) (advice string, exposed bool) {
	const group, others = 0o040, 0o004
	ours := slices.Contains(i.groups, gid)
	switch {
	case mode&others == 0 && (mode&group == 0 || uid == 0 || ours):
		return "", false
	case i.uid == uid && uid != 0:
		return "run chmod 600 on it", true
	case i.uid != 0 && ours && mode&group != 0:
		return "run chmod 640 on it", true
	default: // root reads everything, and cannot tell as whom the programs run
		return giveToPrograms, true
	}
}
