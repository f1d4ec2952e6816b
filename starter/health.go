package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// healthPatience is below the time limit of a container's health check.
const healthPatience = 3 * time.Second

// health asks a health endpoint, for containers whose image has no shell and no curl: of this program, or of a worker
// that shares the image. It says nothing when all is well.
func health(ctx context.Context, _ output, args []string) error {
	positional, err := parse(flagSet("health"), args, "url")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, positional[0], nil)
	if err != nil {
		return usageError{"health takes the address of a health endpoint, like http://127.0.0.1:9091/readyz"}
	}
	// No proxy: what is asked is in the same container.
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return fmt.Errorf("no answer (is the program running, and is its OPS_ADDR this one?): %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: it answers %s; its readyz and its log say why", answer.Status)
	}
	return nil
}
