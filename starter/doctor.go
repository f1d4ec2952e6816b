package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/terminal"
)

func doctorCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "doctor", Short: "Check the whole set-up, and say what to do about each fault", Args: commandline.Takes(),
		Long: "Check the whole set-up: settings, Temporal, who is told of trouble, Hillava,\ntask type, process, each customer. It changes nothing.",
	}
	asJSON := jsonFlag(command)
	language := command.Flags().String("lang", "", "en or fi; default: the locale's, and en for --json")
	_ = command.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(doctor.Languages, cobra.ShellCompDirectiveNoFileComp)) // fails only without that flag
	sendTest := command.Flags().Bool("send-test", false, "also send a test message through each channel of NOTIFY_URLS")
	command.RunE = func(*cobra.Command, []string) error {
		in, known := doctor.LanguageOf(*language, config.FinnishWanted() && !*asJSON)
		if !known {
			return commandline.Wrong("--lang takes one of " + strings.Join(doctor.Languages, ", "))
		}
		return examine(command.Context(), out, doctor.Options{SendTest: *sendTest, Language: in}, *asJSON)
	}
	return command
}

func examine(ctx context.Context, out terminal.Output, options doctor.Options, asJSON bool) error {
	result, in := doctor.Examine(ctx, openTemporal, out.Stderr, options), options.Language
	if asJSON {
		if err := out.JSON(result.Print(in)); err != nil {
			return err
		}
		return result.Unwell(in)
	}
	if err := out.Table(result.Table(in)); err != nil {
		return err
	}
	return result.Unwell(in)
}
