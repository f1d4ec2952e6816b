package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// CPU is what a notice costs of each process' time, in ms; 0 where the system does not tell, or where it is no process of
// ours. The floor's worker and starter are bench itself.
type CPU struct {
	Server  float64 `json:"server"`
	Worker  float64 `json:"worker"`
	Starter float64 `json:"starter"`
}

func (c CPU) all() float64 { return c.Server + c.Worker + c.Starter }

// usage is the CPU time that processes have used since they started.
type usage struct{ server, worker, starter time.Duration }

func (b *bench) usage() usage {
	return usage{cpuOf(b.Temporal.Pid()), cpuOf(b.Worker.Pid()), cpuOf(b.Serve.Pid())}
}

func (u usage) perNotice(until usage, notices int) CPU {
	each := func(from, to time.Duration) float64 { return ms(to-from) / float64(notices) }
	return CPU{each(u.server, until.server), each(u.worker, until.worker), each(u.starter, until.starter)}
}

func cpuOf(pid int) time.Duration {
	const tick = time.Second / 100 // Linux' USER_HZ
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	var sum time.Duration
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	for _, field := range fields[11:13] { // utime and stime
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0
		}
		sum += time.Duration(ticks) * tick
	}
	return sum
}

// memoryOf is the resident memory of a process in MB.
func memoryOf(pid int) float64 {
	kB, _ := strconv.ParseFloat(strings.TrimSuffix(lineOf(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:"), " kB"), 64)
	return kB / 1024
}

// processor names the machine's processor; "" where the system does not tell.
func processor() string { return strings.TrimPrefix(lineOf("/proc/cpuinfo", "model name"), ": ") }

// lineOf is what follows in the first line of a file that begins so.
func lineOf(path, begins string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, begins); found {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
