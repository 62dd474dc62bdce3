//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// autostartPath is the file with which the session starts the program (Desktop Application Autostart Specification).
func (d *Desktop) autostartPath() (string, error) {
	if len(d.options.Command) == 0 {
		return "", ErrUnsupported
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	name := programID
	if d.options.Instance != "" {
		name += "." + d.options.Instance
	}
	return filepath.Join(config, "autostart", name+".desktop"), nil
}

// Autostarts implements system.Autostart.
func (d *Desktop) Autostarts() (bool, error) {
	path, err := d.autostartPath()
	if err != nil {
		return false, err
	}
	on, err := entryOn(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return startsForAll(filepath.Base(path)), nil
	case err != nil:
		return false, err
	}
	return on, nil
}

// entryOn reports whether the session starts what the entry names.
func entryOn(path string) (bool, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the folders of the desktop's settings
	if err != nil {
		return false, fmt.Errorf("read autostart: %w", err)
	}
	return !strings.Contains("\n"+string(data), "\nHidden=true"), nil // how desktops turn an entry off
}

// startsForAll reports whether the session of every user starts the program. The package has such an entry, turned
// off; an administrator may turn it on. The first folder that has one counts.
func startsForAll(name string) bool {
	for _, folder := range filepath.SplitList(cmp.Or(os.Getenv("XDG_CONFIG_DIRS"), "/etc/xdg")) {
		if on, err := entryOn(filepath.Join(folder, "autostart", name)); err == nil {
			return on
		}
	}
	return false
}

// SetAutostart implements system.Autostart.
func (d *Desktop) SetAutostart(on bool) error {
	path, err := d.autostartPath()
	if err != nil {
		return err
	}
	if !on && startsForAll(filepath.Base(path)) {
		return writeEntry(path, "[Desktop Entry]\nType=Application\nName="+programName+"\nHidden=true\n")
	}
	if !on {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove autostart: %w", err)
		}
		return nil
	}
	quoted := make([]string, len(d.options.Command))
	for i, part := range d.options.Command {
		if quoted[i], err = quoteExec(part); err != nil {
			return err
		}
	}
	entry := "[Desktop Entry]\nType=Application\nName=" + programName + "\nExec=" + strings.Join(quoted, " ") +
		"\nIcon=" + programID + "\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
	return writeEntry(path, entry)
}

func writeEntry(path, entry string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make autostart: %w", err)
	}
	if err := os.WriteFile(path, []byte(entry), 0o600); err != nil {
		return fmt.Errorf("write autostart: %w", err)
	}
	return nil
}

// quoteExec quotes an argument for the key Exec: once as an argument, once as a string of the file, and % as it is.
func quoteExec(arg string) (string, error) {
	if strings.ContainsAny(arg, "\n\r\x00") {
		return "", fmt.Errorf("%w: %q cannot be written into a desktop entry", ErrUnsupported, arg)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(arg)
	return `"` + strings.NewReplacer(`\`, `\\`, `%`, `%%`).Replace(quoted) + `"`, nil
}
