package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// table prints medians of the rounds, with the smallest and the largest.
func (r Report) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	m := r.Machine
	fmt.Fprintf(w, "%d CPUs, %s, %s, %s, Temporal SDK %s, server %s (%s)\n\n", m.CPUs, m.Processor, m.System, m.Go, m.SDK, m.Server, m.Source)
	fmt.Fprintf(w, "one notice:\t%d actions, %d events, %d bytes of history, %d calls of Tampuuri, %d of Hillava\n",
		r.Cost.Actions, r.Cost.Events, r.Cost.Bytes, r.Cost.Tampuuri, r.Cost.Hillava)
	if len(r.Ours) > 0 {
		r.compared(w)
	}
	if len(r.Killed) > 0 {
		fmt.Fprintf(w, "\nworker killed\tms\nuntil one is ready again\t%s\nuntil the next effect\t%s\n",
			spread(each(r.Killed, func(k Killed) float64 { return k.ReadyMs })), spread(each(r.Killed, func(k Killed) float64 { return k.EffectMs })))
	}
	r.burdened(w)
	r.grown(w)
	return w.Flush()
}

// compared has what the floor has as well.
func (r Report) compared(w io.Writer) {
	fmt.Fprintf(w, "\n%d rounds of %d notices\tours\tfloor\tratio\n", len(r.Ours), r.Notices)
	for _, row := range []struct {
		name  string
		value func(Round) float64
	}{
		{"imports/s", func(r Round) float64 { return r.ImportPerSecond }},
		{"reports/s", func(r Round) float64 { return r.PerSecond }},
		{"assigned to task, p50, ms", func(r Round) float64 { return quantile(r.Arrivals, 0.5) }},
		{"event to 202, p50, ms", func(r Round) float64 { return quantile(r.Answers, 0.5) }},
		{"event to effect, p50, ms", func(r Round) float64 { return quantile(r.Latencies, 0.5) }},
		{"CPU a notice, all, ms", func(r Round) float64 { return r.CPU.all() }},
		{"… Temporal's server", func(r Round) float64 { return r.CPU.Server }},
		{"… worker", func(r Round) float64 { return r.CPU.Worker }},
	} {
		if floor := each(r.Floor, row.value); slices.Max(floor) > 0 { // else the system does not tell
			fmt.Fprintf(w, "%s\t%s\n", row.name, beside(each(r.Ours, row.value), floor))
		}
	}
	fmt.Fprintf(w, "… starter\t%s\n", spread(each(r.Ours, func(r Round) float64 { return r.CPU.Starter })))
	fmt.Fprintf(w, "HTTP calls a notice\t%s\n", spread(each(r.Ours, func(r Round) float64 { return r.Peers.Calls })))
	fmt.Fprintf(w, "connections a notice\t%s\n", spread(each(r.Ours, func(r Round) float64 { return r.Peers.Connections })))
	for _, row := range []struct {
		name   string
		values func(Round) []float64
	}{
		{"assigned to task, p99 of all rounds, ms", func(r Round) []float64 { return r.Arrivals }},
		{"event to 202, p99 of all rounds, ms", func(r Round) []float64 { return r.Answers }},
		{"event to effect, p99 of all rounds, ms", func(r Round) []float64 { return r.Latencies }},
	} {
		p99 := func(rounds []Round) []float64 {
			return []float64{quantile(slices.Concat(each(rounds, row.values)...), 0.99)}
		}
		fmt.Fprintf(w, "%s\t%s\n", row.name, beside(p99(r.Ours), p99(r.Floor)))
	}
}

// grown has what depends on how many notices are open.
func (r Report) grown(w io.Writer) {
	for _, g := range r.Growth {
		fmt.Fprintf(w, "\n%d open notices\t\nimports/s\t%.3g\n", g.Open, g.ImportPerSecond)
		for _, held := range g.MemoryMB {
			fmt.Fprintf(w, "worker's memory with at most %d in it, MB\t%.0f\n", held.Cache, held.MB)
		}
		for i, poll := range g.Polls {
			fmt.Fprintf(w, "%s poll of known rows, ms\t%.0f, looks at runs: %.0f\n", []string{"a new worker's", "its next"}[i], poll.Ms, poll.Describes)
		}
		fmt.Fprintf(w, "all compared with Tampuuri, ms\t%.0f, calls: %d\n", g.Comparison.Ms, g.Comparison.Calls)
	}
	for _, m := range r.Many {
		fmt.Fprintf(w, "\n%d customers\t\neach polled after, ms\t%.0f\nworker's memory, MB\t%.0f\n", m.Customers, m.FirstMs, m.MemoryMB)
	}
}

// burdened has what happens after an outage, and beside a customer that is a burden.
func (r Report) burdened(w io.Writer) {
	for _, backlog := range r.Backlogs {
		fmt.Fprintf(w, "\n%d webhooks without a worker\t\nanswered 202 after, ms\t%.0f\neffects/s, each notice's in order\t%.3g\n",
			backlog.Webhooks, backlog.AnsweredMs, backlog.EffectsPerSecond)
	}
	for _, n := range r.Neighbours {
		fmt.Fprintf(w, "\nevent to effect, ms\tp50\tp99\tp50 to idle\n")
		for _, phase := range n.phases() {
			fmt.Fprintf(w, "%s\t%.3g\t%.3g\t%.3g\n", phase.name, quantile(phase.latencies, 0.5), quantile(phase.latencies, 0.99), quantile(phase.latencies, 0.5)/quantile(n.Idle, 0.5))
		}
	}
}

// beside is ours, the floor and their ratio, each with its spread.
func beside(ours, floor []float64) string {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / floor[i]
	}
	return spread(ours) + "\t" + spread(floor) + "\t" + spread(ratios)
}

func each[T, V any](rows []T, value func(T) V) []V {
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = value(row)
	}
	return values
}

func spread(values []float64) string {
	if len(values) == 1 {
		return fmt.Sprintf("%.3g", values[0])
	}
	return fmt.Sprintf("%.3g (%.3g–%.3g)", quantile(values, 0.5), slices.Min(values), slices.Max(values))
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}
