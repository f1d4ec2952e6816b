package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// NobodyToAsk says that a command needs --yes here.
type NobodyToAsk string

func (n NobodyToAsk) Error() string { return string(n) }

// ErrAnsweredNo ends a command that a person did not confirm.
var ErrAnsweredNo = errors.New("not confirmed; nothing was done")

// Confirm asks a person before something that cannot be taken back. Where nobody can be asked, --yes has to say it; the end of
// ctx, by Ctrl-C, is a no.
func (o Output) Confirm(ctx context.Context, question string) error {
	if o.Stdin == nil {
		return NobodyToAsk(question + " Nobody can be asked here: --yes confirms it")
	}
	fmt.Fprintf(o.Stderr, "starter: %s [y/N] ", printable(question))
	answer, err := answered(ctx, func() (string, error) { return readLine(o.Stdin) })
	if err != nil {
		return ErrAnsweredNo
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "k", "kyllä":
		return nil
	default:
		return ErrAnsweredNo
	}
}

// Ask asks a person for a text; an empty answer is what is proposed.
func (o Output) Ask(ctx context.Context, question, proposed string) (string, error) {
	if proposed != "" {
		question += " [" + proposed + "]"
	}
	fmt.Fprintf(o.Stderr, "%s: ", printable(question))
	answer, err := answered(ctx, func() (string, error) { return readLine(o.Stdin) })
	if answer = strings.TrimSpace(answer); answer == "" {
		answer = proposed
	}
	return answer, err
}

// AskSecret asks for what is not shown while it is typed.
func (o Output) AskSecret(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(o.Stderr, "%s (not shown): ", printable(question))
	defer fmt.Fprintln(o.Stderr)
	file, ok := o.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return answered(ctx, func() (string, error) { return readLine(o.Stdin) })
	}
	before, err := term.GetState(int(file.Fd()))
	if err != nil {
		return "", fmt.Errorf("ask without showing the answer: %w", err)
	}
	answer, err := answered(ctx, func() (string, error) {
		typed, err := term.ReadPassword(int(file.Fd()))
		return string(typed), err
	})
	if err != nil { // whoever broke off sees again what he types
		err = errors.Join(err, term.Restore(int(file.Fd()), before))
	}
	return answer, err
}

// answered waits for an answer, or until somebody breaks off; the reading itself cannot be ended, and the program does then.
func answered(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", errors.New("interrupted")
	}
}

// readLine reads no further than the line's end: what follows is the answer to the next question.
func readLine(from io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := from.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return strings.TrimSuffix(string(line), "\r"), nil
		case n == 1:
			line = append(line, one[0])
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", err
		}
	}
}
