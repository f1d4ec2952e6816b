package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints medians of the rounds, with the smallest and the largest.
func (r Report) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %d CPUs, Temporal: %s\n\n", r.Go, r.CPUs, r.Server)
	fmt.Fprintf(w, "one notice:\t%d actions, %d events, %d bytes of history, %d calls of Tampuuri, %d of Hillava\n",
		r.Cost.Actions, r.Cost.Events, r.Cost.Bytes, r.Cost.Tampuuri, r.Cost.Hillava)
	if len(r.Ours) > 0 {
		fmt.Fprintf(w, "\n%d rounds of %d notices\tours\tfloor\tratio\n", len(r.Ours), r.Notices)
		for _, row := range []struct {
			name  string
			value func(Round) float64
		}{
			{"imports/s", func(r Round) float64 { return r.ImportPerSecond }},
			{"reports/s", func(r Round) float64 { return r.PerSecond }},
			{"event to effect, p50, ms", func(r Round) float64 { return quantile(r.Latencies, 0.5) }},
			{"event to effect, worst of 20, ms", func(r Round) float64 { return quantile(r.Latencies, 1) }},
		} {
			ours, floor := each(r.Ours, row.value), each(r.Floor, row.value)
			ratios := make([]float64, len(ours))
			for i := range ours {
				ratios[i] = ours[i] / floor[i]
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", row.name, spread(ours), spread(floor), spread(ratios))
		}
		fmt.Fprintf(w, "CPU of worker and starter a notice, ms\t%s\n", spread(each(r.Ours, func(r Round) float64 { return r.CPUMs })))
	}
	return w.Flush()
}

func each(rounds []Round, value func(Round) float64) []float64 {
	values := make([]float64, len(rounds))
	for i, round := range rounds {
		values[i] = value(round)
	}
	return values
}

func spread(values []float64) string {
	return fmt.Sprintf("%.3g (%.3g–%.3g)", quantile(values, 0.5), slices.Min(values), slices.Max(values))
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}

// cpu is what worker and webhook receiver have used since they started; 0 where the system does not tell.
func (b *bench) cpu() time.Duration {
	const tick = time.Second / 100 // Linux' USER_HZ
	var sum time.Duration
	for _, pid := range []int{b.Worker.Pid(), b.Serve.Pid()} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, field := range fields[11:13] { // utime and stime
			ticks, err := strconv.Atoi(field)
			if err != nil {
				return 0
			}
			sum += time.Duration(ticks) * tick
		}
	}
	return sum
}
