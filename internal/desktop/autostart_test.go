//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAutostart(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_CONFIG_DIRS", t.TempDir())
	d := New(Options{Command: []string{"/opt/my chat/parley", "--hidden", `--profile`, `50% "$x"`}, Instance: "bob"})
	path := filepath.Join(config, "autostart", programID+".bob.desktop")
	want := func(on bool) {
		t.Helper()
		if got, err := d.Autostarts(); err != nil || got != on {
			t.Errorf("starts with the session: got %v, %v; want %v", got, err, on)
		}
	}
	want(false)
	if err := d.SetAutostart(false); err != nil {
		t.Error(err)
	}
	if err := d.SetAutostart(true); err != nil {
		t.Fatal(err)
	}
	want(true)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	exec := `Exec="/opt/my chat/parley" "--hidden" "--profile" "50%% \\"\\$x\\""`
	if !strings.Contains(string(data), exec+"\n") {
		t.Errorf("got %s\nwant %s", data, exec)
	}
	if err := os.WriteFile(path, append(data, "Hidden=true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	want(false)
	if err := d.SetAutostart(false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file: got %v", err)
	}
	if err := New(Options{}).SetAutostart(true); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without a command: got %v", err)
	}
	if err := New(Options{Command: []string{"a\nExec=b"}}).SetAutostart(true); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a line break: got %v", err)
	}
}

func TestAutostart_forAll(t *testing.T) {
	config, first, second := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_CONFIG_DIRS", first+":"+second)
	entry := func(folder, more string) {
		t.Helper()
		if err := writeEntry(filepath.Join(folder, "autostart", programID+".desktop"), "[Desktop Entry]\n"+more); err != nil {
			t.Fatal(err)
		}
	}
	d := New(Options{Command: []string{"parley"}})
	want := func(on bool) {
		t.Helper()
		if got, err := d.Autostarts(); err != nil || got != on {
			t.Errorf("starts with the session: got %v, %v; want %v", got, err, on)
		}
	}
	set := func(on bool) {
		t.Helper()
		if err := d.SetAutostart(on); err != nil {
			t.Error(err)
		}
	}
	entry(second, "Hidden=true\n")
	want(false)
	set(true)
	want(true)
	set(false)
	want(false)
	entry(first, "Exec=parley\n") // an administrator turns it on
	want(true)
	set(false)
	want(false)
	set(true)
	want(true)
}

func TestTimeIn(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]uint32{
		"": 0, "gnome-shell/Files/123-0-host_TIME456": 456, "_TIME99999999999": 0, "_TIME12x": 0,
		"6f1c-wayland": 0,
	} {
		if got := timeIn(token); got != want {
			t.Errorf("%q: got %d, want %d", token, got, want)
		}
	}
}
