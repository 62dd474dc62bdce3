package cachesetting_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	_ "github.com/parley-chat/parley/internal/cachesetting"
)

const fyneCache = "fyne.io/fyne/v2/internal/cache"

// TestInit_runs_before_Fyne_reads_it runs this test binary again with the runtime's trace of initialization.
func TestInit_runs_before_Fyne_reads_it(t *testing.T) {
	test.NewTempApp(t) // keeps Fyne linked into this binary

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self, "-test.run=^$")
	child.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("running %s: %v\n%s", self, err, out)
	}

	ours, theirs := -1, -1
	for i, line := range strings.Split(string(out), "\n") {
		switch {
		case strings.HasPrefix(line, "init github.com/parley-chat/parley/internal/cachesetting "):
			ours = i
		case strings.HasPrefix(line, "init "+fyneCache+" "):
			theirs = i
		}
	}
	if ours < 0 || theirs < 0 {
		t.Fatalf("line of our init = %d, of Fyne's cache = %d, want both in:\n%s", ours, theirs, out)
	}
	if ours > theirs {
		t.Errorf("our init is line %d, Fyne's cache line %d; want ours first", ours, theirs)
	}
}

func TestInit_sets_a_lifetime(t *testing.T) {
	if got := os.Getenv("FYNE_CACHE"); got == "" {
		t.Error("FYNE_CACHE is empty, want a duration")
	}
}
