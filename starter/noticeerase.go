package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// noticeEraseCommand removes everything that we hold of a notice: its runs in Temporal with their histories, memos and
// search attributes. What both systems hold of it is theirs. Only a mark stays, under the external id, so that nothing that
// was reported is reported again.
func noticeEraseCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "erase <notice>", Short: "Remove a closed notice's runs from Temporal", Args: commandline.Takes("notice"), Long: namesHelp,
		Example: "  starter notice erase esimerkki/50026",
	}
	asJSON, by, yes := jsonFlag(command), byFlag(command), yesFlag(command)
	command.RunE = func(_ *cobra.Command, args []string) error {
		name, err := readNoticeName(args[0])
		if err != nil {
			return err
		}
		var erased []*runs.Life
		var result string
		ctx := command.Context()
		life, err := onNotice(ctx, out, "notice.erase", name, *by, func(t *tools, life *runs.Life) (string, error) {
			if life.Running {
				return "", eraseError(name, nil, runs.ErrOpen)
			}
			if !*yes {
				question := fmt.Sprintf("Erase all that Temporal keeps of %s (%s)? It cannot be taken back.", name.typed, numbered(life.Ref.Customer, life.Ref.NoticeID))
				if err := out.Confirm(ctx, question); err != nil {
					return "", refused(err)
				}
			}
			erased, err = t.runs.Erase(ctx, life.WorkflowID)
			result = notice.Count(len(erased), "run") + " erased"
			return result, eraseError(name, erased, err)
		})
		if err != nil {
			return err
		}
		out.Note("as long as the notice is ours and open in Tampuuri, the next poll imports it again; one that had been invoiced waits for starter notice import")
		return answer(out, *asJSON, struct {
			WorkflowID string `json:"workflowId"`
			Runs       int    `json:"runs"`
			By         string `json:"by"`
		}{life.WorkflowID, len(erased), *by}, name.typed+": "+result)
	}
	return command
}

// eraseError says what came of an erasure that did not end well.
func eraseError(name noticeName, erased []*runs.Life, err error) error {
	switch {
	case err == nil:
		return nil
	case len(erased) > 0:
		return outcome{err, notice.Count(len(erased), "run") + " erased, not finished"}
	case errors.Is(err, runs.ErrNone):
		return notHere(name.typed)
	case errors.Is(err, runs.ErrOpen):
		return refused(fmt.Errorf("%s is open; close it first: starter notice dismiss", name.typed))
	default:
		return unknown(err)
	}
}
