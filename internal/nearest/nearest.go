// Package nearest finds what somebody who misspelt a name may have meant.
package nearest

import (
	"slices"
	"strings"
)

// Names gives at most so many of the names that somebody who typed word may have meant, the most likely first.
func Names(word string, names []string, most int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var candidates []candidate
	for _, name := range names {
		d := Distance(strings.ToLower(word), strings.ToLower(name))
		if len(word) > 1 && strings.HasPrefix(name, word) {
			d = min(d, 1) // somebody began it
		}
		if d <= max(2, len(word)/3) {
			candidates = append(candidates, candidate{name, d})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.distance - b.distance })
	var near []string
	for _, c := range candidates[:min(most, len(candidates))] {
		near = append(near, c.name)
	}
	return near
}

// DidYouMean proposes the nearest of the names, as the end of a sentence; before stands before it.
func DidYouMean(word string, names []string, before string) string {
	if near := Names(word, names, 1); len(near) > 0 && near[0] != "" {
		return "; did you mean " + before + near[0] + "?"
	}
	return ""
}

// Distance counts the letters that must be added, taken away, changed or exchanged with the next one to make b of a.
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		above := row
		row = make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			changed := above[j]
			if x[i] != y[j] {
				changed++
			}
			row[j+1] = min(changed, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before = above
	}
	return row[len(y)]
}
