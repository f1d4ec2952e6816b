package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/nearest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// namesHelp says how a notice is named, in the help of each command that takes one.
const namesHelp = `A notice is named by its number in Tampuuri where only one customer has it
(50026), by customer and number (esimerkki/50026), by its task in Hillava
(T-1011), by its external id (ulkoinen tunniste) or by its workflow id.`

var errNoNotice = errors.New("there is no such notice here")

// notHere says why a notice may be missing.
func notHere(name string) error {
	return fmt.Errorf("%s: %w; it is not imported (starter customers list may tell why), or only in the last seconds, or over 90 days ago", name, errNoNotice)
}

// noticeName is what a person calls a notice.
type noticeName struct {
	typed    string
	tunniste string // with id
	id       int64  // 0: it is no number
	word     string // an external id or a task's id; "" when tunniste is given
}

// readNoticeName reads what was typed. A name that can be none is told before anything is connected to.
func readNoticeName(typed string) (noticeName, error) {
	tunniste, number, slash := strings.Cut(typed, "/")
	if !slash {
		word := strings.TrimPrefix(typed, runs.NoticeWorkflowID(""))
		if !runs.ValidExternalID(word) {
			return noticeName{}, commandline.Wrong(fmt.Sprintf("%q names no notice. %s", typed, strings.ReplaceAll(namesHelp, "\n", " ")))
		}
		id, _ := strconv.ParseInt(word, 10, 64) // or it is a word
		return noticeName{typed: typed, id: max(0, id), word: word}, nil
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || !config.ValidTunniste(tunniste) {
		return noticeName{}, commandline.Wrong(fmt.Sprintf("%q: tunniste/Id needs the customer's Tunniste and the notice's number in Tampuuri, like esimerkki/48213", typed))
	}
	return noticeName{typed: typed, tunniste: tunniste, id: id}, nil
}

func readNoticeNames(args []string) (names []noticeName, err error) {
	for _, arg := range args {
		name, err := readNoticeName(arg)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// numbered names a notice as a person does: by its customer and its number in Tampuuri.
func numbered(tunniste string, id int64) string { return fmt.Sprintf("%s/%d", tunniste, id) }

// audited is how the audit trail names a notice that may not exist. Our external ids are UUIDs; another word, typed by
// mistake, could be anybody's name.
func (n noticeName) audited() (customer, notice string) {
	switch {
	case n.tunniste != "":
		return n.tunniste, numbered(n.tunniste, n.id)
	case n.id != 0:
		return "", strconv.FormatInt(n.id, 10)
	case uuid.Validate(n.word) != nil:
		return "", "[not a UUID]"
	default:
		return "", strings.ToLower(n.word)
	}
}

// resolve finds the one notice that a name means.
func resolve(ctx context.Context, from temporal, name noticeName) (*runs.Life, error) {
	found, err := matches(ctx, from, name)
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, unknownNotice(ctx, from, name)
	}
	var which []string
	for _, life := range found {
		which = append(which, fmt.Sprintf("%s (%s)", numbered(life.Ref.Customer, life.Ref.NoticeID), life.Phase))
	}
	return nil, refused(fmt.Errorf("%s is more than one notice: %s", name.typed, strings.Join(which, ", ")))
}

// matches are the notices that a name may mean. An external id is looked up as such, as the index lags.
func matches(ctx context.Context, from temporal, name noticeName) (found []*runs.Life, err error) {
	var filters []runs.Filter
	if name.word != "" {
		description, err := from.Describe(ctx, runs.NoticeWorkflowID(name.word))
		if err == nil {
			return []*runs.Life{description.Life}, nil
		}
		if !errors.Is(err, runs.ErrNone) {
			return nil, err
		}
		if uuid.Validate(name.word) == nil {
			return nil, nil
		}
		filters = append(filters, runs.Filter{TaskID: name.word})
	}
	if name.id != 0 {
		filter := runs.Filter{NoticeID: name.id}
		if name.tunniste != "" {
			filter.Customers = []string{name.tunniste}
		}
		filters = append(filters, filter)
	}
	for _, filter := range filters {
		lives, err := from.Notices(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, life := range lives {
			if !slices.ContainsFunc(found, func(l *runs.Life) bool { return l.WorkflowID == life.WorkflowID }) {
				found = append(found, life)
			}
		}
	}
	return found, nil
}

// nearNames is how many names are proposed for one that is not known.
const nearNames = 3

// unknownNotice says what may have been meant.
func unknownNotice(ctx context.Context, from temporal, name noticeName) error {
	if name.tunniste != "" {
		if err := customers.Unknown(ctx, from, name.tunniste); err != nil {
			return refused(err)
		}
	}
	lives, err := from.Notices(ctx, runs.Filter{})
	if err != nil {
		return notHere(name.typed)
	}
	var names []string
	for _, life := range lives {
		number := strconv.FormatInt(life.Ref.NoticeID, 10)
		if name.tunniste != "" {
			number = numbered(life.Ref.Customer, life.Ref.NoticeID)
		}
		names = append(names, number)
		if life.TaskID != "" && name.id == 0 {
			names = append(names, life.TaskID)
		}
	}
	if near := nearest.Names(name.typed, names, nearNames); len(near) > 0 {
		return fmt.Errorf("%w; the nearest are %s", notHere(name.typed), strings.Join(near, ", "))
	}
	return notHere(name.typed)
}

// completionPatience is how long a Tab may take. What does not answer proposes nothing, and says nothing.
const completionPatience = 2 * time.Second

// completeNotices proposes the notices that fit, by their numbers.
func completeNotices(filter runs.Filter) cobra.CompletionFunc {
	return completeFrom(func(ctx context.Context, temporal *runs.Client) ([]string, error) {
		lives, err := temporal.Notices(ctx, filter)
		return noticeNames(lives), err
	})
}

// noticeNames are numbers, with the customer before one that several have, and what a shell shows beside each.
func noticeNames(lives []*runs.Life) (names []string) {
	count := map[int64]int{}
	for _, life := range lives {
		count[life.Ref.NoticeID]++
	}
	for _, life := range lives {
		name := strconv.FormatInt(life.Ref.NoticeID, 10)
		if count[life.Ref.NoticeID] > 1 {
			name = numbered(life.Ref.Customer, life.Ref.NoticeID)
		}
		names = append(names, name+"\t"+life.Ref.Customer+", "+string(life.Phase))
	}
	return names
}

// completeTunniste proposes the customers.
var completeTunniste = completeFrom(func(ctx context.Context, temporal *runs.Client) ([]string, error) { return temporal.Customers(ctx) })

func completeFrom(ask func(ctx context.Context, temporal *runs.Client) ([]string, error)) cobra.CompletionFunc {
	return func(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(command.Context(), completionPatience)
		defer cancel()
		t, err := openTools(ctx, terminal.Output{Stderr: io.Discard})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer t.close()
		names, _ := ask(ctx, t.runs) // some are better than none
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
