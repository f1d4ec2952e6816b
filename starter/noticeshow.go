package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// shownNotice is the answer of notice show: the list's line, the status query, and what Temporal tells beside.
type shownNotice struct {
	listedNotice
	Status   string              `json:"status"` // of the run, as Temporal names it
	ClosedAt *time.Time          `json:"closedAt"`
	ClosedBy string              `json:"closedBy"`
	History  []runs.HistoryEntry `json:"history"`
	Links    []string            `json:"links"`
}

func noticeShowCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "show <notice>", Short: "Show one notice: what to do, its own history, what it is trying", Args: commandline.Takes("notice"), Long: namesHelp,
		Example: "  starter notice show 50026\n  starter notice show T-1011 --json",
	}
	asJSON := jsonFlag(command)
	command.ValidArgsFunction = completeNotices(runs.Filter{Open: true})
	command.RunE = func(_ *cobra.Command, args []string) error {
		name, err := readNoticeName(args[0])
		if err != nil {
			return err
		}
		return show(command.Context(), out, name, *asJSON)
	}
	return command
}

func show(ctx context.Context, out terminal.Output, name noticeName, asJSON bool) error {
	t, err := openTools(ctx, out)
	if err != nil {
		return err
	}
	defer t.close()
	shown, unanswered, err := showNotice(ctx, t.runs, name)
	if err != nil {
		return err
	}
	if unanswered == nil && shown.Phase == runs.PhaseInvoiced {
		changed, note := customers.ChangedAfterSending(ctx, t.runs)
		if found, ok := changed[shown.WorkflowID]; ok && shown.Attention == nil {
			shown.Attention = changedAttention(found)
		}
		if note != "" {
			out.Note("%s", note)
		}
	}
	shown.Why = shown.why()
	shown.Links = linksOf(shown, t.settings)
	if asJSON {
		err = out.JSON(shown)
	} else {
		err = out.Table(shown.rows(name))
	}
	if err != nil {
		return err
	}
	if unanswered != nil {
		return fmt.Errorf("%s did not answer, so its history is not shown; is a worker running? starter doctor tells: %w", name.typed, unanswered)
	}
	return nil
}

// showNotice puts together what Temporal tells of a notice, open or closed. unanswered is why its status is missing.
func showNotice(ctx context.Context, from temporal, name noticeName) (shown shownNotice, unanswered, err error) {
	life, err := resolve(ctx, from, name)
	if err != nil {
		return shown, nil, err
	}
	found, err := from.Describe(ctx, life.WorkflowID)
	if errors.Is(err, runs.ErrNone) {
		return shown, nil, notHere(name.typed)
	}
	if err != nil {
		return shown, nil, err
	}
	shown = shownNotice{
		listedNotice: readNotice(found.Life), Status: found.Ended.String(), ClosedAt: timeOrNil(found.Closed),
		History: []runs.HistoryEntry{}, Links: []string{},
	}
	shown.Pending = append(shown.Pending, found.Pending...)
	status, unanswered := from.Status(ctx, life.WorkflowID)
	if unanswered != nil {
		return shown, unanswered, nil
	}
	shown.take(status)
	shown.ClosedBy = status.ClosedBy
	shown.History = append(shown.History, status.History...)
	return shown, nil, nil
}

// linksOf gives the pages for people that are set by TAMPUURI_LINK and HILLAVA_LINK.
func linksOf(shown shownNotice, settings config.Systems) []string {
	links := []string{}
	if settings.TampuuriLink != "" && shown.NoticeID != 0 {
		links = append(links, strings.ReplaceAll(settings.TampuuriLink, "{id}", fmt.Sprint(shown.NoticeID)))
	}
	if settings.HillavaLink != "" && runs.ValidExternalID(shown.TaskID) { // of the same characters, none of which an address escapes
		links = append(links, strings.ReplaceAll(settings.HillavaLink, "{id}", shown.TaskID))
	}
	return links
}

// rows prints a notice for people, a line per fact; the first is what was typed.
func (s shownNotice) rows(name noticeName) []terminal.Row {
	var rows []terminal.Row
	add := func(cells ...string) { rows = append(rows, terminal.Row{Cells: cells}) }
	add(name.typed, fmt.Sprintf("notice %s, %s (%s)", numbered(terminal.OrDash(s.Customer), s.NoticeID), terminal.OrDash(string(s.Phase)), s.Status))
	if s.Attention != nil {
		rows = append(rows, terminal.Row{Colour: terminal.Red, Cells: []string{"waits for", fmt.Sprintf("%s, since %s", s.Attention.Reason, moment(&s.Attention.Since))}})
		if s.Attention.Failure != "" {
			add("the refusal", s.Attention.Failure)
		}
		add("what to do", s.Attention.What)
	}
	add("workflow", s.WorkflowID)
	add("task", terminal.OrDash(s.TaskID))
	add("reported", terminal.OrDash(string(s.Reported)))
	add("imported", moment(s.StartedAt))
	if s.ClosedAt != nil {
		add("closed", strings.TrimSuffix(moment(s.ClosedAt)+" by "+s.ClosedBy, " by "))
	}
	for _, link := range s.Links {
		add("link", link)
	}
	for _, pending := range s.Pending {
		text := fmt.Sprintf("%s, attempt %d is under way", pending.Activity, pending.Attempt)
		if pending.NextRetry != nil {
			text = fmt.Sprintf("%s, attempt %d comes at %s; starter notice retry tries it now", pending.Activity, pending.Attempt, moment(pending.NextRetry))
			if pending.MayHaveWritten() {
				text += ", unless its last write may still be on its way"
			}
		}
		add("trying", text)
		if pending.LastFailure != "" {
			add("last failure", pending.LastFailure)
		}
	}
	for _, entry := range s.History {
		add("history", strings.TrimRight(fmt.Sprintf("%s  %-10s  %s  %s", moment(&entry.At), entry.What, entry.Result, entry.EventID), " "))
	}
	return rows
}
