package mesibo_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLinked: a program that uses the package links nothing of LiveKit, unless it wants the engine for it.
func TestLinked(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{".": false, "./call": false, "./call/livekit": true, "../cmd/parleyd": false} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "migrated_fynedo", path).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", path, err)
		}
		if got := strings.Contains(string(out), "github.com/livekit/"); got != want {
			t.Errorf("%s links LiveKit: %v", path, got)
		}
	}
}
