package main

import (
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/report"
	"tampuuri-hillava/internal/terminal"
)

func reportCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "report", Short: "Count the notices of a month: how long they took, what was refused", Args: commandline.Takes(),
		Long: `Count, per customer, the notices that came in a month: how long it took from the
import to the task, to Tehty and to Valmis, and what waited for a person and
how that ended. It needs no worker. What Temporal has forgotten is said.`,
		Example: "  starter report --month 2026-10\n  starter report --month 2026-10 --customer esimerkki --format csv",
	}
	asJSON, flags := jsonFlag(command), command.Flags()
	month := flags.String("month", "", "the `month` in which they came, like 2026-10")
	customer := flags.String("customer", "", "only this customer's, by its `tunniste`")
	format := flags.String("format", "table", "`how` it is printed: table, csv, json")
	proposesCustomers(command)
	proposes(command, "format", "table", "csv", "json")
	command.RunE = func(*cobra.Command, []string) error {
		if *month == "" {
			return commandline.Wrong("--month is missing: the month to count, like --month 2026-10")
		}
		now := time.Now()
		counted, err := report.ParseMonth(*month, now)
		if err != nil {
			return commandline.Wrong("--month: " + err.Error())
		}
		filter, err := selection{customer: *customer, all: true}.filter()
		if err != nil {
			return err
		}
		if *asJSON {
			*format = "json"
		}
		print, known := map[string]func(report.Report) error{
			"table": func(r report.Report) error { return out.Table(r.Rows()) },
			"csv":   func(r report.Report) error { return r.WriteCSV(out.Stdout) },
			"json":  func(r report.Report) error { return out.JSON(r) },
		}[*format]
		if !known {
			return commandline.OneOf("format", *format, "table", "csv", "json")
		}
		ctx := command.Context()
		t, err := openTools(ctx, out)
		if err != nil {
			return err
		}
		defer t.close()
		made, err := report.Make(ctx, t.runs, counted, filter.Customers, now, func(read, all int) { out.Tell("%d of %d", read, all) })
		out.Tell("")
		if err == nil && len(made.Customers) == 0 && *customer != "" {
			err = customers.Unknown(ctx, t.runs, *customer)
		}
		if err != nil {
			return err
		}
		for _, note := range made.Notes() {
			out.Note("%s", note)
		}
		return print(made)
	}
	return command
}
