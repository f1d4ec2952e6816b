package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

// noticeImportCommand has a notice started that the poll leaves alone, such as one that was reopened in Tampuuri after
// Valmis.
func noticeImportCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "import <tunniste> <Id>", Short: "Import a notice that the poll leaves alone",
		Long:    "Import a notice that the poll leaves alone: one that was reopened in Tampuuri\nafter Valmis, or that is Tehty and unknown here.",
		Example: "  starter notice import esimerkki 50026\n  starter notice import esimerkki/50026",
	}
	asJSON, by, timeout := jsonFlag(command), byFlag(command), timeoutFlag(command)
	command.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 1 || len(args) == 2 {
			return nil
		}
		return commandline.Takes("tunniste", "Id")(command, args)
	}
	command.RunE = func(_ *cobra.Command, args []string) error {
		typed := args[0]
		if len(args) == 2 {
			typed += "/" + args[1]
		}
		name, err := readNoticeName(typed)
		if err != nil {
			return err
		}
		if name.tunniste == "" {
			return commandline.Wrong("takes a customer's Tunniste and the notice's number in Tampuuri, like esimerkki 50026")
		}
		workflowID, err := importNotice(command.Context(), out, name, *by, *timeout)
		if err != nil {
			return err
		}
		return answer(out, *asJSON, acted{WorkflowID: workflowID, Signal: "import", By: *by}, fmt.Sprintf("%s: started as %s", typed, workflowID))
	}
	return command
}

func importNotice(ctx context.Context, out terminal.Output, name noticeName, by string, timeout time.Duration) (workflowID string, err error) {
	event := telemetry.AuditEvent{Who: by, What: "notice.import", Customer: name.tunniste, Notice: numbered(name.tunniste, name.id), Result: "started"}
	err = act(ctx, out, &event, func(t *tools) error {
		waiting, stop := waitForWorker(ctx, out, timeout)
		defer stop()
		imported, err := t.runs.Import(waiting, name.tunniste, name.id)
		if err == nil {
			event.Notice, workflowID = imported.ExternalID, runs.NoticeWorkflowID(imported.ExternalID)
		}
		return asked(ctx, t.runs, name.tunniste, err)
	})
	return workflowID, err
}
