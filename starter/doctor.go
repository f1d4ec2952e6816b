package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/terminal"
)

var errUnwell = errors.New("at least one check failed; what to do stands beside each")

func doctorCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "doctor", Short: "Check the whole set-up, and say what to do about each fault", Args: commandline.Takes(),
		Long: "Check the whole set-up: settings, Temporal, Hillava, task type, process, each\ncustomer. It changes nothing.",
	}
	asJSON := jsonFlag(command)
	command.RunE = func(*cobra.Command, []string) error { return examine(command.Context(), out, *asJSON) }
	return command
}

func examine(ctx context.Context, out terminal.Output, asJSON bool) error {
	result := doctor.Examine(ctx, openTemporal, out.Stderr)
	err := printDiagnosis(out, result, asJSON)
	if err == nil && !result.OK {
		return errUnwell
	}
	return err
}

func printDiagnosis(out terminal.Output, result doctor.Diagnosis, asJSON bool) error {
	if asJSON {
		return out.JSON(result)
	}
	colours := map[string]terminal.Colour{"✓": terminal.Green, "!": terminal.Yellow, "✗": terminal.Red}
	var rows []terminal.Row
	for _, cells := range result.Rows() {
		rows = append(rows, terminal.Row{Cells: cells, Colour: colours[cells[0]]})
	}
	return out.Table(rows)
}
