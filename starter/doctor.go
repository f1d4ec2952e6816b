package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/terminal"
)

// languages are the values of --lang, in the order of doctor's.
var languages = []string{doctor.English: "en", doctor.Finnish: "fi"}

func doctorCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "doctor", Short: "Check the whole set-up, and say what to do about each fault", Args: takes(),
		Long: "Check the whole set-up: settings, Temporal, Hillava, task type, process, each\ncustomer. It changes nothing.",
	}
	asJSON := jsonFlag(command)
	language := command.Flags().String("lang", "", "en or fi; default: the locale's, and en for --json")
	_ = command.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(languages, cobra.ShellCompDirectiveNoFileComp)) // fails only without that flag
	command.RunE = func(*cobra.Command, []string) error {
		in, err := languageOf(*language, config.FinnishWanted() && !*asJSON)
		if err != nil {
			return err
		}
		return examine(command.Context(), out, in, *asJSON)
	}
	return command
}

// languageOf is the one that is asked for. Programs are answered in English unless they ask: they know no locale.
func languageOf(asked string, finnishWanted bool) (doctor.Language, error) {
	in := slices.Index(languages, asked)
	switch {
	case in >= 0:
		return doctor.Language(in), nil
	case asked != "":
		return 0, usageError{"--lang takes one of " + strings.Join(languages, ", ")}
	case finnishWanted:
		return doctor.Finnish, nil
	default:
		return doctor.English, nil
	}
}

func examine(ctx context.Context, out terminal.Output, in doctor.Language, asJSON bool) error {
	result := doctor.Examine(ctx, openTemporal, out.Stderr)
	if asJSON {
		if err := out.JSON(result.Print(in)); err != nil {
			return err
		}
		return result.Unwell(in)
	}
	colours := map[string]terminal.Colour{"✓": terminal.Green, "!": terminal.Yellow, "✗": terminal.Red}
	var rows []terminal.Row
	for _, cells := range result.Rows(in) {
		rows = append(rows, terminal.Row{Cells: cells, Colour: colours[cells[0]]})
	}
	if err := out.Table(rows); err != nil {
		return err
	}
	return result.Unwell(in)
}
