package customers

import (
	"context"
	"errors"
	"fmt"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/terminal"
)

// Print prints the list. Without a customers.yaml that can be read it prints what the last sync decided, which is
// what goes on, and fails.
func Print(ctx context.Context, out terminal.Output, from Source, settings config.Systems, asJSON bool) error {
	entries, unreadable := config.LoadCustomers(settings.CustomersFile, settings.PollEvery)
	if unreadable != nil {
		out.Note("%v", unreadable)
	}
	names, note := hillavaCustomers(ctx, settings)
	listed, notes, err := List(ctx, from, OpenTampuuri(settings), entries, names)
	if err != nil {
		return err
	}
	if note != "" {
		notes = append(notes, note)
	}
	for _, note := range notes {
		out.Note("%s", note)
	}
	if asJSON {
		err = out.JSON(listed)
	} else {
		err = out.Table(table(listed))
	}
	if err == nil && unreadable != nil {
		err = errors.New("customers.yaml cannot be read here, so the list is what the last sync decided; correct the file")
	}
	return err
}

// failing is what the column POLLED says of a customer that is to be polled and whose polls fail.
var failing = map[Kind]string{KindCredentials: "refused", KindOutage: "no answer", KindFailed: "failing"}

// table is the list for people: a line that sums it up, then a line per customer with one below it for each thing
// that a person should know.
func table(listed []Listed) []terminal.Row {
	polled, rows := 0, []terminal.Row{{Cells: []string{"TUNNISTE", "POLLED", "LAST GOOD POLL", "NAME"}}}
	for _, one := range listed {
		line := terminal.Row{Cells: []string{terminal.OrDash(one.Tunniste), "no", notice.ClockMinute(one.LastGoodPoll), terminal.OrDash(one.Name)}, Colour: terminal.Red}
		if one.Polled {
			line.Cells[1], line.Colour = "yes", terminal.Plain
			if len(one.Troubles) > 0 {
				line.Colour = terminal.Yellow
			}
		}
		for _, trouble := range one.Troubles {
			text := trouble.Text
			if trouble.Kind != KindPaused { // which says all of it
				since := ""
				if trouble.Since != nil {
					since = " since " + notice.ClockMinute(trouble.Since)
				}
				text = fmt.Sprintf("%s%s: %s", trouble.Kind, since, text)
			}
			line.Under = append(line.Under, text)
			if word, fails := failing[trouble.Kind]; fails && one.Polled {
				line.Cells[1], line.Colour = word, terminal.Red
			}
		}
		if line.Cells[1] == "yes" {
			polled++
		}
		rows = append(rows, line)
	}
	return append([]terminal.Row{{Cells: []string{fmt.Sprintf("%s: %d polled, %d not", notice.Count(len(listed), "customer"), polled, len(listed)-polled)}}}, rows...)
}
