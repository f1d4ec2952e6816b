// Package iterator has the end of a list of Google Cloud Storage.
package iterator

import "errors"

var Done = errors.New("no more items in iterator")
