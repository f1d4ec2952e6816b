package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
)

// healthPatience is below the time limit of a container's health check.
const healthPatience = 3 * time.Second

// healthCommand asks a health endpoint, for containers whose image has no shell and no curl: of this program, or of a
// worker that shares the image. It says nothing when all is well.
func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use: "health <url>", Short: "Exit with 0 when that health endpoint answers 200; for containers",
		Example: "  starter health http://127.0.0.1:9091/readyz", Args: commandline.Takes("url"),
		RunE: func(command *cobra.Command, args []string) error { return health(command.Context(), args[0]) },
	}
}

func health(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil || request.URL.Scheme != "http" && request.URL.Scheme != "https" || request.URL.Host == "" {
		return commandline.Wrong(fmt.Sprintf("takes the address of a health endpoint, like http://127.0.0.1:9091/readyz, and %q is none", url))
	}
	// No proxy: what is asked is in the same container.
	answer, err := (&http.Client{Timeout: healthPatience, Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return fmt.Errorf("no answer (is the program running, and is its OPS_ADDR this one?): %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: it answers %s; its readyz and its log say why", answer.Status)
	}
	return nil
}
