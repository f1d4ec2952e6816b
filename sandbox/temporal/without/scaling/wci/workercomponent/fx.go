// Package workercomponent would run the workflows that start and stop workers.
package workercomponent

import "go.uber.org/fx"

// Module adds nothing to the server's own worker.
var Module = fx.Options()
