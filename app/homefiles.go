package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/files"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

func (h *home) buildFiles() {
	a := h.app
	cfg := files.Config{
		Backend:     h.session.Client,
		Sheet:       a.sheet,
		Notify:      a.notify,
		Preferences: a.prefs.store,
		Dispatcher:  a.cfg.UI,
		Window:      h.canvas,
		ServerLimit: h.session.FileLimit,
		Explain:     Explain,
		Logger:      a.cfg.Logger,
	}
	if a.cfg.Desktop != nil {
		cfg.Clipboard = a.cfg.Desktop
	}
	h.files = files.NewScreen(cfg, files.Callbacks{
		Chat:             h.fileChat,
		FocusChat:        func() { h.chat.Focus() },
		Insert:           func(text string) { h.chat.Insert(text) },
		Title:            func(peer string, groupID uint32) string { return h.contacts.Model().Title(idOf(peer, groupID)) },
		Online:           func() bool { return h.connection.health() == healthy },
		ChooseFiles:      a.chooseFiles,
		ChooseFolder:     a.chooseFolder,
		ChooseChat:       h.chooseChat,
		Updated:          func(peer string, groupID uint32) { h.updated(idOf(peer, groupID)) },
		SentElsewhere:    func(peer string, groupID uint32) { h.forwarded(idOf(peer, groupID)) },
		TransfersChanged: h.refreshConnection,
		LimitsChanged: func() {
			for _, other := range a.homes() {
				if other != h {
					other.files.Start()
				}
			}
		},
	})
}

// fileChat is the open chat, nil without one.
func (h *home) fileChat() files.Chat { //nolint:ireturn // nil for a nil model
	if m := h.chat.Model(); m != nil {
		return m
	}
	return nil
}

// chooseChat lets the user choose one chat.
func (h *home) chooseChat(title, button string, chosen func(peer string, groupID uint32, ok bool)) {
	d := widgets.PickerData{Placeholder: tr.L("Name"), Button: button, Limit: 1, Empty: tr.L("No chats yet")}
	h.pick(title, d, h.places(), func(keys []string) {
		if len(keys) == 0 {
			chosen("", 0, false)
			return
		}
		id := contacts.ParseID(keys[0])
		chosen(id.Peer, id.Group, true)
	})
}

// attach lets the user choose files to send.
func (h *home) attach() { h.files.Attach() }

// pictureCopier is what puts pictures on the clipboard, nil where nothing can.
func (h *home) pictureCopier() func(path string) {
	if !h.files.CanCopyPictures() {
		return nil
	}
	return h.files.CopyPicture
}

// dropped sends files that were dropped on the window.
func (h *home) dropped(pos fyne.Position, uris []fyne.URI) {
	zone := h.dragging.take(pos)
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	switch {
	case len(paths) == 0:
		h.app.notify(tr.L("Only files can be dropped here."))
	case h.chat.Model() == nil:
		h.app.notify(tr.L("Open a chat first, then drop the files."))
	case h.app.sheet.Shown() && !h.files.Sending():
		h.app.notify(tr.L("Close what is open first, then drop the files."))
	default:
		h.files.Send(paths, zone != widgets.ZoneFiles)
	}
}

// showFile opens the folder of a file.
func (h *home) showFile(path string) { h.reveal(filepath.Dir(path)) }

// reveal opens an existing file or folder.
func (h *home) reveal(path string) {
	_, err := os.Stat(path)
	if err == nil {
		err = h.app.cfg.FyneApp.OpenURL(fileURL(path))
	}
	if err != nil {
		h.app.cfg.Logger.Warn("file not opened", errorAttr(err))
		h.app.notify(openError(err))
	}
}

// fileURL is the URL of a file.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // on a Windows drive
	}
	return &url.URL{Scheme: "file", Path: path}
}

func openError(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return tr.L("The file is not there any more.")
	case errors.Is(err, os.ErrPermission):
		return tr.L("You are not allowed to read or write this file.")
	default:
		return tr.L("The file could not be opened.")
	}
}

// saveFile asks where to save a copy of a file, and saves it.
func (h *home) saveFile(path string) {
	h.app.chooseSave(filepath.Base(path), func(to string) {
		var err error
		h.app.cfg.UI.Async(func(context.Context) {
			err = copyFile(path, to)
		}, func() {
			if err != nil {
				h.app.cfg.Logger.Warn("file not saved", errorAttr(err))
				h.app.notify(tr.L("Not saved.") + " " + Explain(err))
				return
			}
			h.app.notify(tr.L("Saved as {{.Name}}", "Name", filepath.Base(to)))
		})
	})
}

// saveFiles asks for a folder, and saves copies of files there, under other names where there are such files already.
func (h *home) saveFiles(paths []string) {
	h.app.chooseFolder(func(folder string) {
		if folder == "" {
			return
		}
		saved := 0
		var err error
		h.app.cfg.UI.Async(func(ctx context.Context) {
			for _, path := range paths {
				if ctx.Err() != nil {
					return
				}
				if err = copyFile(path, freeName(folder, filepath.Base(path))); err != nil {
					return
				}
				saved++
			}
		}, func() {
			switch {
			case err != nil:
				h.app.cfg.Logger.Warn("files not saved", errorAttr(err))
				h.app.notify(tr.N("{{.Saved}} of {{.N}} file was saved.", "{{.Saved}} of {{.N}} files were saved.", len(paths),
					"Saved", saved) + " " + Explain(err))
			default:
				h.app.notify(tr.N("{{.N}} file was saved in {{.Folder}}", "{{.N}} files were saved in {{.Folder}}", saved,
					"Folder", filepath.Base(folder)))
			}
			h.chat.EndSelecting()
		})
	})
}

// freeName is the path of a file in a folder that does not exist yet: name, or name (2), name (3) and so on.
func freeName(folder, name string) string {
	ext := filepath.Ext(name)
	path := filepath.Join(folder, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path
		}
		path = filepath.Join(folder, strings.TrimSuffix(name, ext)+" ("+strconv.Itoa(n)+")"+ext)
	}
}

// copyFile makes a copy that exists whole or not at all.
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
