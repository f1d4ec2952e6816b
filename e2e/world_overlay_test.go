package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// patch is a change of the service's source, for one build: in a file of the project one text stands for another. An
// empty old makes a new file. Nothing is written into the project: the compiler is shown another file in its place.
type patch struct{ file, old, new string }

// buildPatched builds one of our programs ("worker", "starter") with the patches and returns where it is.
func buildPatched(t *testing.T, program string, patches ...patch) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	folder := t.TempDir()
	overlay := filepath.Join(folder, "overlay.json")
	content, err := json.Marshal(map[string]any{"Replace": patched(t, root, folder, patches)})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, content, 0o600))

	binary := filepath.Join(folder, program)
	compile := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", overlay, "-o", binary, "./"+program)
	compile.Dir, compile.Env = root, append(os.Environ(), "GOWORK=off")
	messages, err := compile.CombinedOutput()
	require.NoError(t, err, "the patched %s does not compile:\n%s", program, messages)
	return binary
}

// patched writes each file as it is with its patches, and says which file of the project it stands for.
func patched(t *testing.T, root, folder string, patches []patch) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, p := range patches {
		path := filepath.Join(root, filepath.FromSlash(p.file))
		text, begun := texts[path]
		switch {
		case p.old == "":
			require.NoFileExists(t, path, "this patch makes a new file, and the project has one of that name by now")
			texts[path] = p.new
			continue
		case !begun:
			original, err := os.ReadFile(path)
			require.NoError(t, err, "the file that this patch changes has gone: point the patch at where its text stands now")
			text = string(original)
		}
		require.Equal(t, 1, strings.Count(text, p.old),
			"%s does not hold this text exactly once any more: write the patch anew for the code as it is now\n%s", p.file, p.old)
		texts[path] = strings.Replace(text, p.old, p.new, 1)
	}
	replace := map[string]string{}
	for path, text := range texts {
		copied := filepath.Join(folder, strings.ReplaceAll(strings.TrimPrefix(path, root+string(filepath.Separator)), string(filepath.Separator), "-"))
		require.NoError(t, os.WriteFile(copied, []byte(text), 0o600))
		replace[path] = copied
	}
	return replace
}
