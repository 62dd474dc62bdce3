package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	shortestPassphrase = 8 // characters
	backupEnding       = ".parley"
	progressStep       = 250 * time.Millisecond
)

// backupParts are the part of the page about storage that makes and restores backups.
func (h *home) backupParts() []fyne.CanvasObject {
	if h.session.Backup == nil {
		return nil
	}
	return []fyne.CanvasObject{
		widgets.NewInfoSection(tr.L("Backup")),
		widgets.NewInfoAction(assets.IconDownload, tr.L("Back up…"), h.askBackup),
		widgets.NewInfoAction(assets.IconRetry, tr.L("Restore a backup…"), func() { h.app.askRestore(h.account) }),
		widgets.NewInfoText(tr.L("One encrypted file with your messages, files and settings, and what signs you in.")),
	}
}

// backToStorage shows the page again that a sheet came from, unless something else is shown by then.
func (a *App) backToStorage() {
	a.cfg.UI.Post(func() {
		if a.home != nil && !a.sheet.Shown() && !a.locked() && !a.choosing {
			a.showSettings(pageStorage)
		}
	})
}

// askBackup asks for a passphrase and a place, then backs up.
func (h *home) askBackup() {
	a := h.app
	first, second := a.passcodeField(tr.L("Passphrase")), a.passcodeField(tr.L("Once more"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	goesOn := false
	apply := func() {
		switch {
		case len([]rune(first.Text)) < shortestPassphrase:
			problem.SetText(tr.N("A passphrase has at least {{.N}} character; several words are best.",
				"A passphrase has at least {{.N}} characters; several words are best.", shortestPassphrase))
		case first.Text != second.Text:
			problem.SetText(tr.L("The two are not the same."))
		default:
			goesOn = true
			a.sheet.Close()
			name := productName + " " + fileWords(h.ownName()) + " " + a.cfg.UI.Now().Format(time.DateOnly) + backupEnding
			// A dialog for saving would empty the file of that name at once.
			a.chooseFolder(func(folder string) {
				if folder == "" {
					a.backToStorage()
					return
				}
				h.backUp(freeName(folder, name), first.Text)
			})
			return
		}
		a.sheet.Relayout()
	}
	first.OnSubmitted = func(string) { a.window.Canvas().Focus(second) }
	second.OnSubmitted = func(string) { apply() }
	words := tr.L("The backup can only be opened with this passphrase. Keep it where you find it again: " +
		"nobody can restore it.")
	if h.session.Local {
		words += " " + tr.L("You are offline while it is written, because the server is on this computer.")
	}
	a.sheet.Show(sheet.Content{
		Title: tr.L("Back up your chats"), Verb: tr.L("Choose a folder…"), Focus: first, Do: func() bool {
			apply()
			return false
		},
		Body: container.NewVBox(sheet.NewParagraph(words), first, second, sheet.Bare(problem)),
		Closed: func() {
			if !goesOn {
				a.backToStorage()
			}
		},
	})
}

// fileWords is a name without what file names may not have.
func fileWords(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
}

// backUp writes a backup.
func (h *home) backUp(path, passphrase string) {
	a := h.app
	p := a.showProgress(tr.L("Backing up…"), tr.L("You can go on chatting meanwhile."))
	if h.session.Local {
		p.setAbout(tr.L("You are online again when it is done."))
	}
	b := Backup{Path: path, Passphrase: passphrase, Preferences: h.prefs.copyOut(), Progress: p.report}
	p.run(func(ctx context.Context) error { return h.session.Backup(ctx, b) }, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			a.notify(tr.L("There is no backup: it was cancelled."))
		case err != nil:
			a.cfg.Logger.Error("not backed up", errorAttr(err))
			a.notify(tr.L("There is no backup.") + " " + Explain(err))
		default:
			a.notify(tr.L("Your chats are backed up in {{.File}}.", "File", filepath.Base(path)))
		}
	})
}

// askRestore lets the user choose a backup for an account; home is nil for one that does not exist yet.
func (a *App) askRestore(c *account) {
	a.chooseBackup(func(path string) { a.askPassphrase(c, path, "") })
}

// askPassphrase asks for the passphrase of a backup, and says what was wrong with the one before, if any.
func (a *App) askPassphrase(c *account, path, wrong string) {
	field := a.passcodeField(tr.L("Passphrase"))
	words := tr.L("The passphrase that {{.File}} was made with.", "File", filepath.Base(path))
	if c.home != nil {
		words += " " + tr.L("The messages on this computer are replaced by those of the backup. What the server has of "+
			"later ones comes again, and messages that were not sent yet stay.")
	}
	problem := sheet.NewRichText(wrong, theme.SizeNameCaptionText, widgets.ColorError, false)
	goesOn := false
	apply := func() {
		if field.Text == "" {
			return
		}
		goesOn = true
		a.sheet.Close()
		a.restore(c, path, field.Text)
	}
	field.OnSubmitted = func(string) { apply() }
	a.sheet.Show(sheet.Content{
		Title: tr.L("Restore a backup"), Verb: tr.L("Restore"), Focus: field, Do: func() bool {
			apply()
			return false
		},
		Body: container.NewVBox(sheet.NewParagraph(words), field, sheet.Bare(problem)),
		Closed: func() {
			if !goesOn {
				a.backToStorage()
			}
		},
	})
}

// chooseBackup lets the user choose a backup, in the dialog of the desktop or that of the toolkit.
func (a *App) chooseBackup(chosen func(path string)) {
	for a.closeTop() {
	}
	if a.cfg.Desktop == nil {
		a.chooseFile(chosen)
		return
	}
	var paths []string
	a.ask(func(ctx context.Context, window uintptr) (err error) {
		paths, err = a.cfg.Desktop.ChooseFiles(ctx, window, tr.L("Choose a backup"))
		return err
	}, func() { a.chooseFile(chosen) }, func() {
		if len(paths) > 0 {
			chosen(paths[0])
		}
	})
}

// restore restores a backup and opens the account anew.
func (a *App) restore(c *account, path, passphrase string) {
	p := a.showProgress(tr.L("Restoring…"), tr.L("Nothing is replaced before everything was checked."))
	var prefs []byte
	p.run(func(ctx context.Context) (err error) {
		prefs, err = c.workspace.Restore(ctx, Restore{Path: path, Passphrase: passphrase, Progress: p.report})
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			a.notify(tr.L("Nothing was restored: it was cancelled."))
		case errors.Is(err, ErrPassphrase):
			a.askPassphrase(c, path, Explain(err))
		case err != nil:
			a.cfg.Logger.Error("not restored", errorAttr(err))
			a.sheet.Show(sheet.Content{Title: tr.L("Nothing was restored"), Body: sheet.NewParagraph(Explain(err))})
		default:
			a.reopen(c, prefs, func() { a.notify(tr.L("Your backup is restored.")) })
		}
	})
}

// progress is a sheet with how far something is.
type progress struct {
	app       *App
	about     *widgets.Words
	bar       *widgets.ProgressBar
	amount    *widgets.Words
	done, all atomic.Int64
	cancel    context.CancelFunc
	ctx       context.Context //nolint:containedctx // of the one piece of work
	ended     bool
	shown     any // what closes the sheet
}

// showProgress shows how far something is, until it ends or is cancelled. Closing the sheet lets it go on.
func (a *App) showProgress(title, about string) *progress {
	p := &progress{app: a, bar: widgets.NewProgressBar()}
	p.about = sheet.NewRichText(about, theme.SizeNameText, widgets.ColorSecondary, false)
	p.amount = sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorSecondary, false)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	stop := widgets.NewActionButton(widgets.Action{Text: tr.L("Cancel"), Tapped: p.cancel})
	stop.OnEscape = a.sheet.Close
	a.sheet.Show(sheet.Content{
		Title: title, Plain: true, Focus: stop,
		Body: container.New(layout.NewCustomPaddedVBoxLayout(12), sheet.Bare(p.about), p.bar, sheet.Bare(p.amount),
			widgets.NewHBox(layout.NewSpacer(), stop)),
	})
	p.shown = a.sheet.Mark()
	p.show()
	return p
}

func (p *progress) setAbout(text string) { p.about.SetText(text) }

// report notes how far it is. It may be called on any goroutine.
func (p *progress) report(done, all int64) {
	p.done.Store(done)
	p.all.Store(all)
}

// show shows how far it is from time to time.
func (p *progress) show() {
	if p.ended {
		return
	}
	if all := p.all.Load(); all > 0 {
		p.bar.SetValue(float64(p.done.Load()) / float64(all))
		p.amount.SetText(tr.L("{{.Done}} of {{.All}}", "Done", format.Size(p.done.Load()), "All", format.Size(all)))
	}
	p.app.cfg.UI.After(progressStep, p.show)
}

// say shows words in place of how many bytes are done.
func (p *progress) say(words string) { p.amount.SetText(words) }

// end closes the sheet.
func (p *progress) end() {
	p.ended = true
	p.cancel()
	p.app.sheet.CloseMarked(p.shown)
}

// run works on another goroutine, then closes the sheet and calls done with the error.
func (p *progress) run(work func(ctx context.Context) error, done func(err error)) {
	a := p.app
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		defer context.AfterFunc(ctx, p.cancel)()
		err = work(p.ctx)
	}, func() {
		p.end()
		if !a.closing {
			done(err)
		}
	})
}
