package sqlite

import (
	"os"
	"strings"
	"testing"
)

// TestMigrations_are_as_released: layouts.sql has a copy of every migration, from which tests upgrade.
func TestMigrations_are_as_released(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/layouts.sql")
	if err != nil {
		t.Fatal(err)
	}
	released := strings.Split(string(text), "\n-- version ")[1:]
	for i, step := range migrations() {
		want := strings.Join(step, ";\n") + ";\n"
		if i >= len(released) {
			t.Errorf("testdata/layouts.sql lacks:\n\n-- version %d\n%s", i+1, want)
			continue
		}
		_, got, _ := strings.Cut(released[i], "\n")
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("version %d was released as\n%s\nand now is\n%s", i+1, got, want)
		}
	}
}
