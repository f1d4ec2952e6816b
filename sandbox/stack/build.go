package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// moduleName is the first line of the go.mod that findRoot looks for.
const moduleName = "module tampuuri-hillava\n"

// findRoot returns the project's folder: the nearest one upwards from the working directory with our go.mod.
func findRoot() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the project folder: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(directory, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), moduleName) {
			return directory, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("find the project folder: run this inside the project, as the sandbox builds its programs from source")
		}
		directory = parent
	}
}

// cacheFolder is where binaries are kept between runs.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil { // no home directory, as in some containers
		base = os.TempDir()
	}
	folder := filepath.Join(base, "tampuuri-hillava")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	return folder, nil
}

// buildTemporal returns the sandbox's Temporal server, built now unless it has been built from the same sources before.
func buildTemporal(ctx context.Context, root string, progress io.Writer) (string, error) {
	source := filepath.Join(root, "sandbox", "temporal")
	key, err := sourceKey(ctx, source)
	if err != nil {
		return "", err
	}
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(cache, "temporal-"+key)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	unlock, err := lock(ctx, filepath.Join(cache, "temporal.lock"), progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(binary); err == nil { // somebody else has built it while we waited
		return binary, nil
	}
	fmt.Fprintln(progress, "Building the Temporal server and its Web UI from source: the first time takes some minutes, later starts find it ready.")
	unfinished := binary + ".new"
	// Without symbols and debugging data it is a third smaller and links sooner.
	if err := goBuild(ctx, source, progress, "-ldflags=-s -w", "-o", unfinished, "."); err != nil {
		return "", fmt.Errorf("build the sandbox's Temporal server: %w", err)
	}
	removeOlder(cache, binary)
	if err := os.Rename(unfinished, binary); err != nil {
		return "", fmt.Errorf("keep the Temporal server for later: %w", err)
	}
	return binary, nil
}

// sourceKey changes whenever the binary would: with the files of the module and of those in its folders, the Go version
// and the platform.
func sourceKey(ctx context.Context, source string) (string, error) {
	version, err := command(ctx, source, "go", "env", "GOVERSION").Output()
	if err != nil {
		return "", fmt.Errorf("ask go for its version (is Go installed and on PATH?): %w", err)
	}
	sum := sha256.New()
	fmt.Fprintln(sum, strings.TrimSpace(string(version)), runtime.GOOS, runtime.GOARCH)
	files := os.DirFS(source)
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") && name != "go.mod" && name != "go.sum" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(files, path)
		fmt.Fprintln(sum, path, len(text))
		sum.Write(text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the server's sources: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// removeOlder removes servers built from other sources: each of them is some 200 MB.
func removeOlder(cache, keep string) {
	old, _ := filepath.Glob(filepath.Join(cache, "temporal-*"))
	for _, file := range old {
		if file != keep && file != keep+".new" {
			_ = os.Remove(file) // one that stays only takes space
		}
	}
}

// Programs are the built programs of the service.
type Programs struct{ Worker, Starter string }

var programBuilds sync.Mutex

// tellBuildAfter is how long a build may take until somebody wonders what is going on.
const tellBuildAfter = time.Second

// BuildPrograms builds worker and starter with the given extra flags of go build (e.g. "-tags") and returns where they
// are. Go's build cache makes it quick when nothing has changed.
func BuildPrograms(ctx context.Context, progress io.Writer, flags ...string) (Programs, error) {
	root, err := findRoot()
	if err != nil {
		return Programs{}, err
	}
	cache, err := cacheFolder()
	if err != nil {
		return Programs{}, err
	}
	programBuilds.Lock()
	defer programBuilds.Unlock()
	key := sha256.Sum256([]byte(root + "\x00" + strings.Join(flags, "\x00")))
	folder := filepath.Join(cache, "programs-"+hex.EncodeToString(key[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Programs{}, fmt.Errorf("make the programs' folder: %w", err)
	}
	unlock, err := lock(ctx, folder+".lock", progress)
	if err != nil {
		return Programs{}, err
	}
	defer unlock()
	told := time.AfterFunc(tellBuildAfter, func() { fmt.Fprintln(progress, "Building worker and starter …") })
	defer told.Stop()
	arguments := append(flags[:len(flags):len(flags)], "-o", folder+string(filepath.Separator), "./worker", "./starter")
	if err := goBuild(ctx, root, progress, arguments...); err != nil {
		return Programs{}, fmt.Errorf("build worker and starter: %w", err)
	}
	return Programs{Worker: filepath.Join(folder, "worker"), Starter: filepath.Join(folder, "starter")}, nil
}

// goBuild runs go build and shows how far it is when it takes more than a few seconds.
func goBuild(ctx context.Context, directory string, progress io.Writer, arguments ...string) error {
	meter := newMeter(progress)
	defer meter.finish()
	stale, err := stalePackages(ctx, directory, packagesOf(arguments), progress)
	if err != nil {
		return err
	}
	meter.compiles(stale)
	build := command(ctx, directory, "go", append([]string{"build", "-v", "-buildvcs=false"}, arguments...)...)
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		// Of the CPU time that a first build takes at 200, it takes 0.92 so. None of its processes took more than the limit;
		// SQLite's package takes 0.8 GB at 200.
		build.Env = append(build.Env, "GOGC=800", "GOMEMLIMIT=1GiB")
	}
	build.Stderr = meter
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, meter.messages())
	}
	return nil
}

// packagesOf picks the package patterns out of go build's arguments.
func packagesOf(arguments []string) []string {
	var patterns []string
	for _, argument := range arguments {
		if strings.HasPrefix(argument, ".") {
			patterns = append(patterns, argument)
		}
	}
	return patterns
}

// stalePackages counts the packages that go build will compile, the final links among them. Modules that are missing
// are downloaded meanwhile, and that is shown.
func stalePackages(ctx context.Context, directory string, patterns []string, progress io.Writer) (int, error) {
	list := command(ctx, directory, "go", append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, patterns...)...)
	downloads := newDownloads(progress)
	var names bytes.Buffer
	list.Stdout, list.Stderr = &names, downloads
	if err := list.Run(); err != nil {
		return 0, fmt.Errorf("go list (the first run needs the network or a filled module cache): %w\n%s", err, downloads.messages())
	}
	return len(strings.Fields(names.String())), nil
}

func command(ctx context.Context, directory, name string, arguments ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, arguments...)
	c.Dir = directory
	// A workspace file further up must not decide what is built. All else is as go run had it for the sandbox itself: with
	// another CGO_ENABLED, net and whatever is built on it would be compiled a second time.
	c.Env = append(os.Environ(), "GOWORK=off")
	return c
}
