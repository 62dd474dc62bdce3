package app

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"github.com/parley-chat/parley/internal/tr"
)

// chooseFiles lets the user choose files in the dialog of the desktop, or one file in that of the toolkit.
func (a *App) chooseFiles(chosen func(paths []string)) {
	one := func() { a.chooseFile(func(path string) { chosen([]string{path}) }) }
	var paths []string
	a.ask(func(ctx context.Context, window uintptr) (err error) {
		paths, err = a.cfg.Desktop.ChooseFiles(ctx, window, tr.L("Send files"))
		return err
	}, one, func() {
		if len(paths) > 0 {
			chosen(paths)
		}
	})
}

// ask shows a dialog of the desktop, one at a time, and then calls done. Without such a dialog it calls instead.
func (a *App) ask(show func(ctx context.Context, window uintptr) error, instead, done func()) {
	switch {
	case a.choosing:
		return
	case a.cfg.Desktop == nil:
		instead()
		return
	}
	a.choosing = true
	window := windowHandle(a.window)
	var err error
	a.cfg.UI.Async(func(ctx context.Context) { err = show(ctx, window) }, func() {
		a.choosing = false
		if err != nil {
			a.cfg.Logger.Debug("no dialog of the desktop", errorAttr(err))
			instead()
			return
		}
		done()
	})
}

// chooseFile lets the user choose a file.
func (a *App) chooseFile(chosen func(path string)) {
	if a.cfg.ChooseFile != nil {
		a.cfg.ChooseFile(chosen)
		return
	}
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) { a.picked(file, err, chosen) }, a.window)
	d.SetConfirmText(tr.L("Choose"))
	d.Resize(a.dialogSize())
	d.Show()
}

// uriCloser is an open file of a dialog.
type uriCloser interface {
	io.Closer
	URI() fyne.URI
}

// picked handles the answer of a file dialog: only the path of the file is used. file is nil when the dialog was
// cancelled.
func (a *App) picked(file uriCloser, err error, chosen func(path string)) {
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

// dialogSize is the size of file dialogs: most of the window.
func (a *App) dialogSize() fyne.Size {
	size := a.window.Canvas().Size()
	return fyne.NewSize(min(900, size.Width-40), min(640, size.Height-40))
}

// chooseSave lets the user choose where to save a copy of a file, in the dialog of the desktop or that of the toolkit.
func (a *App) chooseSave(name string, chosen func(path string)) {
	path := ""
	a.ask(func(ctx context.Context, window uintptr) (err error) {
		path, err = a.cfg.Desktop.ChooseSave(ctx, window, tr.L("Save as…"), name)
		return err
	}, func() { a.saveDialog(name, chosen) }, func() {
		if path != "" {
			chosen(path)
		}
	})
}

// saveDialog is the dialog of the toolkit for a file to be written.
func (a *App) saveDialog(name string, chosen func(path string)) {
	if a.cfg.ChooseSave != nil {
		a.cfg.ChooseSave(name, chosen)
		return
	}
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) { a.picked(file, err, chosen) }, a.window)
	d.SetFileName(name)
	d.Resize(a.dialogSize())
	d.Show()
}

// choosePicture lets the user choose a picture file, in the dialog of the desktop or that of the toolkit.
func (a *App) choosePicture(chosen func(path string)) {
	if a.cfg.ChoosePicture != nil {
		a.cfg.ChoosePicture(chosen)
		return
	}
	path := ""
	a.ask(func(ctx context.Context, window uintptr) (err error) {
		path, err = a.cfg.Desktop.ChoosePicture(ctx, window, tr.L("Choose a picture"))
		return err
	}, func() { a.pictureDialog(chosen) }, func() {
		if path != "" {
			chosen(path)
		}
	})
}

// pictureDialog is the dialog of the toolkit for a picture.
func (a *App) pictureDialog(chosen func(path string)) {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) { a.picked(file, err, chosen) }, a.window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".png", ".jpg", ".jpeg"}))
	d.SetConfirmText(tr.L("Choose"))
	d.Resize(a.dialogSize())
	d.Show()
}

// chooseFolder lets the user choose a folder, in the dialog of the desktop or that of the toolkit; chosen gets an empty
// path when that was cancelled.
func (a *App) chooseFolder(chosen func(path string)) {
	path := ""
	a.ask(func(ctx context.Context, window uintptr) (err error) {
		path, err = a.cfg.Desktop.ChooseFolder(ctx, window, tr.L("Choose a folder…"))
		return err
	}, func() { a.folderDialog(chosen) }, func() { chosen(path) })
}

// folderDialog is the dialog of the toolkit for a folder.
func (a *App) folderDialog(chosen func(path string)) {
	if a.cfg.ChooseFolder != nil {
		a.cfg.ChooseFolder(chosen)
		return
	}
	d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		switch {
		case err != nil:
			a.notify(Explain(err))
			chosen("")
		case folder == nil:
			chosen("")
		default:
			chosen(folder.Path())
		}
	}, a.window)
	d.SetConfirmText(tr.L("Choose"))
	d.Resize(a.dialogSize())
	d.Show()
}
