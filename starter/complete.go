package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

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
	return commandline.Complete(func(command *cobra.Command) []string {
		ctx, cancel := context.WithTimeout(command.Context(), completionPatience)
		defer cancel()
		t, err := openTools(ctx, terminal.Output{Stderr: io.Discard})
		if err != nil {
			return nil
		}
		defer t.close()
		names, _ := ask(ctx, t.runs) // some are better than none
		return names
	})
}
