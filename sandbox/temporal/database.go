package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	schema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long Temporal keeps closed workflows: late webhooks of closed notices are told from unknown ones
// for as long.
const retention = 90 * 24 * time.Hour

// database returns the store's settings, with its schema and the namespace in place.
func database(s settings) (*config.SQL, error) {
	var store *config.SQL
	if s.db == "" {
		store = &config.SQL{
			PluginName:        sqlite.PluginName,
			DatabaseName:      "sandbox",
			ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
		}
	} else {
		path, err := filepath.Abs(s.db)
		if err != nil {
			return nil, fmt.Errorf("find the database file %s: %w", s.db, err)
		}
		if err := createFile(path); err != nil {
			return nil, err
		}
		// Write-ahead log: commits need no sync to survive the death of the process, only that of the machine.
		store = fileStore(path, map[string]string{"journal_mode": "wal", "synchronous": "normal", "busy_timeout": "10000"})
	}
	namespace, err := schema.NewNamespaceConfig(clusterName, s.namespace, false, nil)
	if err != nil {
		return nil, fmt.Errorf("prepare namespace %s: %w", s.namespace, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(retention)
	if err := schema.CreateNamespaces(store, namespace); err != nil {
		return nil, fmt.Errorf("create namespace %s: %w", s.namespace, err)
	}
	return store, nil
}

func fileStore(path string, pragmas map[string]string) *config.SQL {
	attributes := map[string]string{"mode": "rwc"}
	for name, value := range pragmas {
		attributes[name] = value
	}
	return &config.SQL{PluginName: sqlite.PluginName, DatabaseName: path, ConnectAttributes: attributes}
}

// createFile makes a database with the schema at path unless there is one. It is made under another name and then
// renamed, so that a kill in between never leaves half a schema behind.
func createFile(path string) error {
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the database file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database file: %w", err)
	}
	unfinished := path + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an unfinished database file: %w", err)
	}
	if err := schema.SetupSchema(fileStore(unfinished, nil)); err != nil {
		return fmt.Errorf("write the schema to a new database file: %w", err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("put the new database file in place: %w", err)
	}
	return nil
}
