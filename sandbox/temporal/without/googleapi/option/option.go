// Package option has what the server tells the client of Google Cloud Storage.
package option

import "golang.org/x/oauth2"

type ClientOption interface{}

func WithTokenSource(oauth2.TokenSource) ClientOption { return nil }
