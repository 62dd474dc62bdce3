//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
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
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read autostart: %w", err)
	}
	return !strings.Contains("\n"+string(data), "\nHidden=true"), nil // how desktops turn an entry off
}

// SetAutostart implements system.Autostart.
func (d *Desktop) SetAutostart(on bool) error {
	path, err := d.autostartPath()
	if err != nil {
		return err
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
