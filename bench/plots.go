package main

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bar is a value with its spread.
type bar struct {
	name               string
	value, least, most float64
}

func barOf(name string, values []float64) bar {
	return bar{name, quantile(values, 0.5), slices.Min(values), slices.Max(values)}
}

// plot writes what docs/performance.md shows.
func (r Report) plot(folder string) error {
	ratio := func(value func(Round) float64) []float64 {
		ratios := each(r.Ours, value)
		for i := range ratios {
			ratios[i] /= value(r.Floor[i])
		}
		return ratios
	}
	ratios := []bar{
		barOf("imports/s", ratio(func(r Round) float64 { return r.ImportPerSecond })),
		barOf("reports/s", ratio(func(r Round) float64 { return r.PerSecond })),
		barOf("assigned to task", ratio(func(r Round) float64 { return quantile(r.Arrivals, 0.5) })),
		barOf("event to 202", ratio(func(r Round) float64 { return quantile(r.Answers, 0.5) })),
		barOf("event to effect", ratio(func(r Round) float64 { return quantile(r.Latencies, 0.5) })),
	}
	if r.Floor[0].CPU.all() > 0 {
		ratios = append(ratios, barOf("CPU a notice", ratio(func(r Round) float64 { return r.CPU.all() })))
	}
	plots := map[string]string{"bench-floor.svg": bars("Ours to the floor, with the spread of the rounds", 1, ratios)}
	for _, n := range r.Neighbours {
		var latencies []bar
		for _, phase := range n.phases() {
			latencies = append(latencies, bar{phase.name, quantile(phase.latencies, 0.5), slices.Min(phase.latencies), quantile(phase.latencies, 0.99)})
		}
		plots["bench-neighbour.svg"] = bars("Event to effect, ms: median, smallest and p99; the line is twice the median alone", 2*quantile(n.Idle, 0.5), latencies)
	}
	for name, plot := range plots {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(plot), 0o600); err != nil {
			return fmt.Errorf("write a plot: %w", err)
		}
	}
	return nil
}

// bars draws values with their spreads, and a line to hold them against.
func bars(title string, line float64, all []bar) string {
	const left, width, step = 270, 400, 30
	most := line
	for _, b := range all {
		most = max(most, b.most)
	}
	x := func(value float64) float64 { return left + value/most*width }
	height := 40 + step*len(all)
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", left+width+70, height+10)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="white"/><text x="10" y="22" font-weight="bold">%s</text>`+"\n", html.EscapeString(title))
	for i, b := range all {
		y := 40 + step*i
		fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+14, html.EscapeString(b.name))
		fmt.Fprintf(&svg, `<rect x="%d" y="%d" width="%.1f" height="18" fill="#7aa6c2"/>`, left, y, x(b.value)-left)
		fmt.Fprintf(&svg, `<path d="M%.1f %d H%.1f" stroke="#333"/>`, x(b.least), y+9, x(b.most))
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d">%.3g</text>`+"\n", x(max(b.value, b.most))+6, y+14, b.value)
	}
	fmt.Fprintf(&svg, `<path d="M%.1f 32 V%d" stroke="#b03030" stroke-dasharray="4 3"/>`+"\n</svg>\n", x(line), height)
	return svg.String()
}
