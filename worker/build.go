package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// buildStamp tells this build of the worker from others. The SDK's own stamp has 32 digits, and every other event of a
// history holds it: 430 bytes of each notice's.
func buildStamp() (stamp string, err error) {
	const digits = 8
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the worker's own file: %w", err)
	}
	file, err := os.Open(path) //nolint:gosec // the program itself
	if err != nil {
		return "", fmt.Errorf("read the worker's own file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read the worker's own file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:digits], nil
}
