// Package config reads everything that a person sets: the environment and customers.yaml. Nobody else reads the
// environment. All problems are reported at once, each saying what to do, and never with the value of a secret.
package config
