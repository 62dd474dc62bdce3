package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/parley-chat/parley/widgets"
)

// dropped takes files that were dropped on the window.
func (h *home) dropped(pos fyne.Position, files []fyne.URI) {
	zone := h.dragging.take(pos)
	var paths []string
	for _, f := range files {
		if f.Scheme() == "file" {
			paths = append(paths, f.Path())
		}
	}
	switch {
	case len(paths) == 0:
		h.app.notify("Only files can be dropped here.")
	case h.chat.Model() == nil:
		h.app.notify("Open a chat first, then drop the files.")
	case h.app.sheet != nil && h.app.sending == nil:
		h.app.notify("Close what is open first, then drop the files.")
	default:
		h.sendThese(paths, zone != widgets.ZoneFiles)
	}
}

// attach lets the user choose a file to send.
func (h *home) attach() {
	m := h.chat.Model()
	if m == nil {
		return
	}
	if words := m.FilesRefused(); words != "" {
		h.app.notify(words)
		return
	}
	h.app.chooseFiles(h.sendFiles)
}

// chooseFiles lets the user choose files: in the dialog of the desktop, or one in that of the toolkit.
func (a *App) chooseFiles(chosen func(paths []string)) {
	one := func() { a.chooseFile(func(path string) { chosen([]string{path}) }) }
	switch {
	case a.choosing:
		return
	case a.cfg.Desktop == nil:
		one()
		return
	}
	a.choosing = true
	window := number(a.window)
	var paths []string
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		paths, err = a.cfg.Desktop.ChooseFiles(ctx, window, "Send files")
	}, func() {
		a.choosing = false
		switch {
		case err != nil:
			a.cfg.Logger.Debug("no dialog of the desktop", errorAttr(err))
			one()
		case len(paths) > 0:
			chosen(paths)
		}
	})
}

// chooseFile lets the user choose a file.
func (a *App) chooseFile(chosen func(path string)) {
	if a.cfg.ChooseFile != nil {
		a.cfg.ChooseFile(chosen)
		return
	}
	d := dialog.NewFileOpen(a.opened(chosen), a.window)
	d.SetConfirmText("Choose")
	d.Resize(a.dialogSize())
	d.Show()
}

// opened hands on the path of a file that a dialog has opened.
func (a *App) opened(chosen func(path string)) func(file fyne.URIReadCloser, err error) {
	return func(file fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			a.notify(Explain(err))
		case file != nil:
			path := file.URI().Path()
			if err := file.Close(); err != nil {
				a.cfg.Logger.Debug("chosen file not closed", errorAttr(err))
			}
			chosen(path)
		}
	}
}

// dialogSize is that of dialogs about files: most of the window.
func (a *App) dialogSize() fyne.Size {
	size := a.window.Canvas().Size()
	return fyne.NewSize(min(900, size.Width-40), min(640, size.Height-40))
}

// chooseSave lets the user choose where a copy of a file goes.
func (a *App) chooseSave(name string, chosen func(path string)) {
	if a.cfg.ChooseSave != nil {
		a.cfg.ChooseSave(name, chosen)
		return
	}
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			a.notify(Explain(err))
		case file != nil:
			path := file.URI().Path()
			if err := file.Close(); err != nil {
				a.cfg.Logger.Debug("chosen file not closed", errorAttr(err))
			}
			chosen(path)
		}
	}, a.window)
	d.SetFileName(name)
	d.Resize(a.dialogSize())
	d.Show()
}

// runs tells whether opening a file could start a program: such files are only shown.
func runs(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".msi", ".msp", ".ps1", ".psm1", ".vbs", ".vbe", ".js", ".jse", ".wsf",
		".wsh", ".hta", ".cpl", ".lnk", ".url", ".reg", ".inf", ".jar", ".desktop", ".appimage", ".run", ".sh", ".bash", ".zsh",
		".csh", ".py", ".pl", ".rb", ".deb", ".rpm", ".flatpakref", ".app", ".command", ".pkg", ".dmg", ".iso", ".img", ".chm",
		".gadget", ".scf", ".xll", ".application":
		return true
	}
	return false
}

// openFile opens a file with the program the system has for it.
func (h *home) openFile(path string) {
	if runs(path) {
		h.app.notify("This file is a program. It is shown in its folder instead.")
		h.reveal(filepath.Dir(path))
		return
	}
	h.reveal(path)
}

// showFile opens the folder that a file is in.
func (h *home) showFile(path string) { h.reveal(filepath.Dir(path)) }

// reveal opens a file or folder that is there.
func (h *home) reveal(path string) {
	_, err := os.Stat(path)
	if err == nil {
		err = h.app.cfg.FyneApp.OpenURL(fileURL(path))
	}
	if err != nil {
		h.app.cfg.Logger.Warn("file not opened", errorAttr(err))
		h.app.notify(fileTrouble(err))
	}
}

// fileURL names a file as browsers do.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // of a drive
	}
	return &url.URL{Scheme: "file", Path: path}
}

func fileTrouble(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "The file is not there any more."
	case errors.Is(err, os.ErrPermission):
		return "You are not allowed to read or write this file."
	default:
		return "The file could not be opened."
	}
}

// saveFile asks where a copy of a file goes, and makes it.
func (h *home) saveFile(path string) {
	h.app.chooseSave(filepath.Base(path), func(to string) {
		var err error
		h.app.cfg.UI.Async(func(context.Context) {
			err = copyFile(path, to)
		}, func() {
			if err != nil {
				h.app.cfg.Logger.Warn("file not saved", errorAttr(err))
				h.app.notify("Not saved. " + Explain(err))
				return
			}
			h.app.notify("Saved as " + filepath.Base(to))
		})
	})
}

// copyFile makes a copy that is there whole or not at all.
func copyFile(from, to string) (err error) {
	if here, err := os.Stat(from); err == nil {
		if there, err := os.Stat(to); err == nil && os.SameFile(here, there) {
			return nil
		}
	}
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := os.CreateTemp(filepath.Dir(to), ".saving-*")
	if err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	if _, err = io.Copy(dst, src); err == nil {
		err = dst.Sync()
	}
	if err = errors.Join(err, dst.Close()); err == nil {
		err = os.Rename(dst.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(dst.Name()))
	}
	return nil
}
