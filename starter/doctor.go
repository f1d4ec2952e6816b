package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/speech"
	"tampuuri-hillava/internal/terminal"
)

func doctorCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "doctor", Short: "Check the whole set-up, and say what to do about each fault", Args: commandline.Takes(),
		Long: "Check the whole set-up: settings, Temporal, who is told of trouble, Hillava,\ntask type, process, each customer. It changes nothing.",
	}
	asJSON := jsonFlag(command)
	language := command.Flags().String("lang", "", "en or fi; default: the locale's, and en for --json")
	proposes(command, "lang", speech.Languages...)
	sendTest := command.Flags().Bool("send-test", false, "also send a test message through each channel of NOTIFY_URLS, in NOTIFY_LANG")
	command.RunE = func(*cobra.Command, []string) error {
		readers := "en"
		if config.FinnishWanted() && !*asJSON {
			readers = "fi"
		}
		in, err := speech.Parse(cmp.Or(*language, readers))
		if err != nil {
			return commandline.NoValue("lang", *language, "en or fi")
		}
		result := doctor.Examine(command.Context(), openTemporal, out.Stderr, *sendTest)
		if err := command.Context().Err(); err != nil {
			return err // or each check would fail for it
		}
		print := func() error { return out.Table(result.Table(in)) }
		if *asJSON {
			print = func() error { return out.JSON(result.Print(in)) }
		}
		return cmp.Or(print(), result.Unwell(in))
	}
	return command
}
