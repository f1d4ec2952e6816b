package opening

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
	"tampuuri-hillava/internal/walk"
)

// shown is how many notices a preview names.
const shown = 10

// Preview is what polls would import now. It has ids, states and dates only.
type Preview struct {
	Notices    int             `json:"notices"`    // that would be imported
	Properties []PropertyCount `json:"properties"` // of them, most notices first
	First      []PreviewNotice `json:"first"`      // the first of them by number
	Here       int             `json:"here"`       // ours and open, and imported already
	Older      int             `json:"older"`      // ours and open, and made before the start date: never imported
	Doubtful   int             `json:"doubtful"`   // rows that cannot be read or name no performer: the import looks at each
	HereKnown  bool            `json:"hereKnown"`  // false: Temporal was not asked which are imported already
}

// PropertyCount are the notices of one property.
type PropertyCount struct {
	Property int64          `json:"property"` // KohdeId
	Notices  int            `json:"notices"`
	States   map[string]int `json:"states"`
}

// PreviewNotice is one notice, without anything of a person.
type PreviewNotice struct {
	Notice   int64  `json:"notice"`
	Property int64  `json:"property"`
	State    string `json:"state"`
	Made     string `json:"made"` // YYYY-MM-DD, Finnish
}

// look reads the customer's lists as a poll does, and writes nothing anywhere. here are the notices that Temporal knows; nil
// when it was not asked.
func look(ctx context.Context, customer config.Customer, open customers.Open, here map[int64]bool) (Preview, error) {
	client, err := open(customer)
	if err != nil {
		return Preview{}, err
	}
	defer client.Close()
	p := Preview{HereKnown: here != nil}
	doubtful, rows := map[string]bool{}, map[int64]notice.Notice{} // a row that moves is met again
	for _, performer := range customer.PerformerIDs {
		list := walk.Walk[notice.Notice]{
			Peer: "Tampuuri", Op: "list notices", Start: customer.StartDate, Window: func(mark time.Time) time.Time { return mark },
			List: func(ctx context.Context, since time.Time, offset, limit int) (walk.Page[notice.Notice], error) {
				read, err := client.Browse(ctx, performer, since, offset, limit)
				return walk.PageOf(read, notice.Notice.Position), err
			},
			Each: func(_ context.Context, r walk.Row[notice.Notice]) (walk.Verdict, error) {
				if doubtful[r.ID] = r.Unreadable || r.Value.PerformerID == 0; !doubtful[r.ID] {
					rows[r.Value.ID] = r.Value
				}
				return walk.Done, nil
			},
			Reached: func(runs.Place) {}, Ends: func() bool { return ctx.Err() != nil }, Now: time.Now,
		}
		if _, _, _, err := list.From(ctx, runs.Place{}); err != nil || ctx.Err() != nil {
			return Preview{}, fmt.Errorf("list the notices of performer %d: %w", performer, cmp.Or(err, context.Cause(ctx)))
		}
	}
	for _, is := range doubtful {
		if is {
			p.Doubtful++
		}
	}
	p.count(customer, rows, here)
	return p, nil
}

// count applies the poll's rule: ours, open, not older than the start date, and unknown to Temporal.
func (p *Preview) count(customer config.Customer, rows map[int64]notice.Notice, here map[int64]bool) {
	properties := map[int64]*PropertyCount{}
	p.First, p.Properties = []PreviewNotice{}, []PropertyCount{}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		n := rows[id]
		switch {
		case n.State.Closed() || !slices.Contains(customer.PerformerIDs, n.PerformerID):
		case n.Made().Before(customer.StartDate):
			p.Older++
		case here[id]:
			p.Here++
		default:
			p.Notices++
			if len(p.First) < shown {
				p.First = append(p.First, PreviewNotice{id, n.PropertyID, string(n.State), n.Made().In(notice.Helsinki()).Format(time.DateOnly)})
			}
			if properties[n.PropertyID] == nil {
				properties[n.PropertyID] = &PropertyCount{Property: n.PropertyID, States: map[string]int{}}
			}
			properties[n.PropertyID].Notices++
			properties[n.PropertyID].States[string(n.State)]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(properties)) {
		p.Properties = append(p.Properties, *properties[id])
	}
	slices.SortStableFunc(p.Properties, func(a, b PropertyCount) int { return b.Notices - a.Notices })
}

// rows are the preview for people.
func (p Preview) rows(customer config.Customer) []terminal.Row {
	rows := []terminal.Row{row(fmt.Sprintf("Dry run: %s would be imported, made on %s or later, at most %d in each poll.",
		notice.Count(p.Notices, "notice"), customer.StartDate.Format(time.DateOnly), customer.Poll.MaxNew))}
	if p.Here > 0 {
		rows = append(rows, row(notice.Count(p.Here, "notice")+" ours and open, but here already."))
	}
	if p.Older > 0 {
		rows = append(rows, row(notice.Count(p.Older, "notice")+" ours and open, but older than the start date: they stay out."))
	}
	if p.Doubtful > 0 {
		rows = append(rows, row(notice.Count(p.Doubtful, "notice")+" unreadable in the list, or without a performer: the import looks at each."))
	}
	if !p.HereKnown {
		rows = append(rows, row("Temporal was not asked which of them are here already."))
	}
	return rows
}

// tables are the preview's numbers: by property and state, and the first ones.
func (p Preview) tables() [][]terminal.Row {
	if p.Notices == 0 {
		return nil
	}
	byProperty := []terminal.Row{row("PROPERTY", "NOTICES", "STATES")}
	for _, one := range p.Properties {
		var states []string
		for _, state := range slices.Sorted(maps.Keys(one.States)) {
			states = append(states, fmt.Sprintf("%s %d", state, one.States[state]))
		}
		byProperty = append(byProperty, row(fmt.Sprint(one.Property), fmt.Sprint(one.Notices), strings.Join(states, ", ")))
	}
	first := []terminal.Row{row("NOTICE", "PROPERTY", "MADE", "STATE")}
	for _, one := range p.First {
		first = append(first, row(fmt.Sprint(one.Notice), fmt.Sprint(one.Property), one.Made, one.State))
	}
	if more := p.Notices - len(p.First); more > 0 {
		first = append(first, row(fmt.Sprintf("and %d more", more)))
	}
	return [][]terminal.Row{byProperty, first}
}

func row(cells ...string) terminal.Row { return terminal.Row{Cells: cells} }
