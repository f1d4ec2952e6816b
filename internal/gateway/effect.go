package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// effect is one write to a peer, for the audit trail: records and names of fields, nothing of what is in them.
type effect struct {
	what   string
	ref    runs.NoticeRef
	taskID string
	fields []string
}

// audit writes down the effect and how its call ended.
func (e effect) audit(ctx context.Context, logger *slog.Logger, err error) {
	telemetry.Audit(ctx, logger, telemetry.AuditEvent{
		Who: "worker", What: e.what, Customer: e.ref.Customer, Notice: e.ref.ExternalID, Task: e.taskID, Fields: e.fields, Result: outcome(err),
	})
}

// outcome is an audit line's word for how a call ended.
func outcome(err error) string {
	e, ofPeer := errors.AsType[*peer.Error](err)
	switch {
	case err == nil:
		return "done"
	case ofPeer && e.Status != 0:
		return fmt.Sprintf("status %d", e.Status)
	case ofPeer && e.Sent:
		return "unknown"
	default:
		return "not sent"
	}
}
