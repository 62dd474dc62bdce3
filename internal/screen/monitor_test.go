//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"slices"
	"testing"
)

// TestPrimaryFirst: the primary monitor comes first, the others stay as they are.
func TestPrimaryFirst(t *testing.T) {
	t.Parallel()
	all := []monitor{{name: "a"}, {name: "b"}, {name: "c", primary: true}, {name: "d"}}
	slices.SortStableFunc(all, primaryFirst)
	if want := []monitor{{name: "c", primary: true}, {name: "a"}, {name: "b"}, {name: "d"}}; !slices.Equal(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
}
