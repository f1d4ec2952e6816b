package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
)

// shownNotice is the answer of notice show: the list's line, the status query, and what Temporal tells beside.
type shownNotice struct {
	listedNotice
	Status   string              `json:"status"` // of the run, as Temporal names it
	ClosedAt *time.Time          `json:"closedAt"`
	ClosedBy string              `json:"closedBy"`
	History  []runs.HistoryEntry `json:"history"`
	Pending  []pendingActivity   `json:"pending"` // what it is trying now
	Links    []string            `json:"links"`
}

// pendingActivity is runs.PendingStep as JSON has it.
type pendingActivity struct {
	Activity    string     `json:"activity"`
	Attempt     int32      `json:"attempt"`
	LastFailure string     `json:"lastFailure"` // its type and text; neither holds personal data
	NextRetry   *time.Time `json:"nextRetry"`
}

func noticeShow(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice show")
	asJSON := flags.Bool("json", false, "")
	name, err := parseNoticeName(flags, args)
	if err != nil {
		return err
	}
	t, err := openTools(ctx, out)
	if err != nil {
		return err
	}
	defer t.close()
	shown, unanswered, err := showNotice(ctx, t.runs, name)
	if err != nil {
		return err
	}
	if unanswered == nil {
		if note := markChanged(ctx, t.runs, []*listedNotice{&shown.listedNotice}); note != "" {
			out.note("%s", note)
		}
	}
	shown.Links = linksOf(shown, t.settings)
	if *asJSON {
		err = out.json(shown)
	} else {
		err = out.table(shown.rows())
	}
	if err != nil {
		return err
	}
	if unanswered != nil {
		return fmt.Errorf("the notice did not answer, so its history is not shown; is a worker running? starter doctor tells: %w", unanswered)
	}
	return nil
}

// showNotice puts together what Temporal tells of a notice, open or closed. unanswered is why its status is missing.
func showNotice(ctx context.Context, from interface {
	lister
	asker
	describer
}, name noticeName) (shown shownNotice, unanswered, err error) {
	workflowID, err := resolve(ctx, from, name)
	if err != nil {
		return shown, nil, err
	}
	found, err := from.Describe(ctx, workflowID)
	if errors.Is(err, runs.ErrNone) {
		return shown, nil, notHere(workflowID)
	}
	if err != nil {
		return shown, nil, err
	}
	shown = shownNotice{
		listedNotice: readNotice(found.Life), Status: found.Ended.String(), ClosedAt: timeOrNil(found.Closed),
		History: []runs.HistoryEntry{}, Pending: []pendingActivity{}, Links: []string{},
	}
	for _, step := range found.Pending {
		shown.Pending = append(shown.Pending, pendingActivity(step))
	}
	status, unanswered := from.Status(ctx, workflowID)
	if unanswered != nil {
		return shown, unanswered, nil
	}
	shown.take(status)
	shown.ClosedBy = status.ClosedBy
	shown.History = append(shown.History, status.History...)
	return shown, nil, nil
}

// linksOf gives the pages for people that are set by TAMPUURI_LINK and HILLAVA_LINK.
func linksOf(shown shownNotice, settings config.Tools) []string {
	links := []string{}
	if settings.TampuuriLink != "" && shown.NoticeID != 0 {
		links = append(links, strings.ReplaceAll(settings.TampuuriLink, "{id}", fmt.Sprint(shown.NoticeID)))
	}
	if settings.HillavaLink != "" && idPattern.MatchString(shown.TaskID) {
		links = append(links, strings.ReplaceAll(settings.HillavaLink, "{id}", shown.TaskID))
	}
	return links
}

// rows prints a notice for people, a line per fact.
func (s shownNotice) rows() [][]string {
	rows := [][]string{
		{"workflow", s.WorkflowID + " (" + s.Status + ")"},
		{"customer", orDash(s.Customer)},
		{"notice", fmt.Sprint(s.NoticeID)},
		{"task", orDash(s.TaskID)},
		{"phase", orDash(string(s.Phase))},
		{"reported", orDash(string(s.Reported))},
		{"started", moment(s.StartedAt)},
	}
	if s.ClosedAt != nil {
		closed := moment(s.ClosedAt)
		if s.ClosedBy != "" {
			closed += " by " + s.ClosedBy
		}
		rows = append(rows, []string{"closed", closed})
	}
	if s.Attention != nil {
		rows = append(rows, []string{"attention", s.Attention.Reason + ", since " + moment(&s.Attention.Since)}, []string{"what to do", s.Attention.What})
	}
	for _, link := range s.Links {
		rows = append(rows, []string{"link", link})
	}
	for _, pending := range s.Pending {
		text := fmt.Sprintf("%s, attempt %d is under way", pending.Activity, pending.Attempt)
		if pending.NextRetry != nil {
			text = fmt.Sprintf("%s, attempt %d comes at %s", pending.Activity, pending.Attempt, moment(pending.NextRetry))
		}
		rows = append(rows, []string{"trying", text})
		if pending.LastFailure != "" {
			rows = append(rows, []string{"last failure", pending.LastFailure})
		}
	}
	for _, entry := range s.History {
		at := entry.At
		rows = append(rows, []string{"history", moment(&at), string(entry.What), entry.Result, entry.EventID})
	}
	return rows
}
