package main

import (
	"context"
	"errors"
	"strconv"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// noticeImport has a notice started that the poll leaves alone, such as one that was reopened in Tampuuri after Valmis.
func noticeImport(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice import")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	timeout := flags.Duration("timeout", defaultWait, "")
	positional, err := parse(flags, args, "tunniste", "Id")
	if err != nil {
		return err
	}
	tunniste := positional[0]
	id, err := strconv.ParseInt(positional[1], 10, 64)
	if err != nil || id <= 0 {
		return usageError{"Id is the notice's number in Tampuuri"}
	}
	if !config.ValidTunniste(tunniste) {
		return usageError{"notice import takes a Tunniste, then the notice's number in Tampuuri"}
	}
	event := telemetry.AuditEvent{Who: *by, What: "notice.import", Customer: tunniste, Notice: numbered(tunniste, id), Result: "started"}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	waiting, stop := waitForWorker(ctx, out, *timeout)
	defer stop()
	imported, err := t.runs.Import(waiting, tunniste, id)
	switch {
	case err == nil:
		event.Notice = imported.ExternalID
	case errors.Is(err, runs.ErrNone):
		err = noWorkflow(ctx, t.runs, tunniste)
	}
	err = asked(err)
	auditAction(ctx, t.logger, event, err)
	if err != nil {
		return err
	}
	workflowID := runs.NoticeWorkflowID(imported.ExternalID)
	if *asJSON {
		return out.json(acted{WorkflowID: workflowID, Signal: "import", By: *by})
	}
	return out.line(workflowID + ": started")
}
