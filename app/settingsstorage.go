package app

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// storageBackend is what the page about storage needs of the SDK. All but the paths are called on other goroutines.
type storageBackend interface {
	// GetBasePath is the folder of all data, GetDatabasePath the file with the messages.
	GetBasePath() string
	GetDatabasePath() string
	ReadSummary(count int) ([]contacts.Summary, error)
	// ReadFiles calls each with the files of a chat.
	ReadFiles(id contacts.ID, each func(f *mesibo.FileInfo)) error
	// CanDownload asks the server whether it still has a file.
	CanDownload(ctx context.Context, f *mesibo.FileInfo) (bool, error)
	// DeleteFile deletes a file below the base path.
	DeleteFile(path string) error
	// ImportMessages stores messages of another program.
	ImportMessages(ctx context.Context, p mesibo.MessageParams, list []mesibo.ImportedMessage) (mesibo.ImportResult, error)
}

// chatFiles are the files of a chat that are in the folder of the program.
type chatFiles struct {
	id    contacts.ID
	name  string // as the summary has it
	files []*mesibo.FileInfo
	bytes int64
}

// usage is what is on the disk.
type usage struct {
	messages int64 // bytes of the database
	files    int64
	chats    []chatFiles // the largest first
}

// measureUsage looks at the disk. It is called on another goroutine.
func measureUsage(ctx context.Context, b storageBackend) (u usage, err error) {
	const everyChat = 1 << 20
	for _, part := range []string{"", "-wal"} {
		if info, err := os.Stat(b.GetDatabasePath() + part); err == nil {
			u.messages += info.Size()
		}
	}
	list, err := b.ReadSummary(everyChat)
	if err != nil {
		return u, err
	}
	seen := map[string]bool{}
	for _, summary := range list {
		if ctx.Err() != nil {
			return u, ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
		}
		c := chatFiles{id: summary.ID, name: summary.Profile.Name}
		err := b.ReadFiles(c.id, func(f *mesibo.FileInfo) {
			path := filepath.Clean(f.GetPath())
			if seen[path] || !strings.HasPrefix(path, b.GetBasePath()+string(os.PathSeparator)) {
				return
			}
			if info, err := os.Stat(path); err == nil {
				seen[path] = true
				c.files = append(c.files, f)
				c.bytes += info.Size()
			}
		})
		if err != nil {
			return u, err
		}
		if c.bytes > 0 {
			u.files += c.bytes
			u.chats = append(u.chats, c)
		}
	}
	slices.SortStableFunc(u.chats, func(a, b chatFiles) int { return cmp.Compare(b.bytes, a.bytes) })
	return u, nil
}

// cleared is what clearing has done.
type cleared struct {
	bytes int64
	kept  int // files that the server does not have any more, or that could not be deleted
}

// clearFiles deletes the files that the server still has: they can be fetched again. It is called on another goroutine.
func clearFiles(ctx context.Context, b storageBackend, chats []chatFiles) (done cleared, err error) {
	for _, c := range chats {
		for _, f := range c.files {
			fetchable := false
			if f.IsTransferred() && f.GetURL() != "" {
				if fetchable, err = b.CanDownload(ctx, f); err != nil {
					return done, err
				}
			}
			if !fetchable {
				done.kept++
				continue
			}
			size := int64(0)
			if info, err := os.Stat(f.GetPath()); err == nil {
				size = info.Size()
			}
			if err := b.DeleteFile(f.GetPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
				done.kept++
				continue
			}
			done.bytes += size
		}
	}
	return done, nil
}

// sizeWords is a size, also that of nothing.
func sizeWords(bytes int64) string { return cmp.Or(format.Size(bytes), tr.L("nothing")) }

// storagePage has what is downloaded, and what is on the disk.
func (h *home) storagePage(set setParts) {
	show := func(found ...fyne.CanvasObject) {
		parts := []fyne.CanvasObject{widgets.NewInfoTitle(tr.L("Download automatically"))}
		parts = append(parts, h.files.DownloadSettings(h.choice)...)
		parts = append(parts, widgets.NewInfoSection(tr.L("Send automatically")), h.files.FolderSettings())
		parts = append(parts, h.backupParts()...)
		parts = append(parts, h.importParts()...)
		parts = append(parts, widgets.NewInfoSection(tr.L("On this computer")), h.folderField())
		set(append(parts, found...)...)
	}
	show(widgets.NewInfoText(tr.L("Looking how much there is…")))
	var u usage
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { u, err = measureUsage(ctx, h.session.Client) }, func() {
		if err != nil {
			h.app.cfg.Logger.Warn("storage not measured", errorAttr(err))
			show(widgets.NewInfoProblem(Explain(err)))
			return
		}
		show(h.usageParts(u)...)
	})
}

// choice is a row with a menu, without an icon.
func (h *home) choice(label string, choices []sheet.Choice, now int64, chosen func(int64)) *widgets.InfoChoice {
	return h.app.newChoice("", label, choices, now, chosen)
}

func (h *home) folderField() fyne.CanvasObject {
	folder := h.session.Client.GetBasePath()
	return widgets.NewInfoAction(assets.IconFile, tr.L("Show {{.Folder}}", "Folder", folder), func() { h.reveal(folder) })
}

func (h *home) usageParts(u usage) []fyne.CanvasObject {
	parts := []fyne.CanvasObject{
		widgets.NewInfoPair(tr.L("Messages"), sizeWords(u.messages)), widgets.NewInfoPair(tr.L("Files"), sizeWords(u.files)),
	}
	if len(u.chats) == 0 {
		return parts
	}
	parts = append(parts,
		widgets.NewInfoAction(assets.IconDelete, tr.L("Clear downloaded files…"), func() {
			h.askClear(tr.L("Clear the files of all chats?"), u.chats)
		}),
		widgets.NewInfoText(tr.L("Files that the server still has are removed here, and downloaded again when you open them. "+
			"Messages stay.")),
		widgets.NewInfoSection(tr.L("Files by chat")))
	for _, c := range u.chats {
		name := h.contacts.Model().Title(c.id)
		row := widgets.NewInfoChoice("", name, format.Size(c.bytes))
		row.OnMenu = func(fyne.Position) {
			h.askClear(tr.L("Clear the files of {{.Chat}}?", "Chat", name), []chatFiles{c})
		}
		parts = append(parts, row)
	}
	return parts
}

// askClear asks before files are cleared.
func (h *home) askClear(question string, chats []chatFiles) {
	size, n := int64(0), 0
	for _, c := range chats {
		size += c.bytes
		n += len(c.files)
	}
	back := func() { h.app.showSettings(pageStorage) }
	again := false // the settings are shown again by what follows
	h.app.sheet.Show(sheet.Content{
		Title: question, Verb: tr.X("Clear", "files"), Danger: true,
		Body: sheet.NewParagraph(tr.N("{{.Size}} in {{.N}} file. Those that the server does not have any more stay.",
			"{{.Size}} in {{.N}} files. Those that the server does not have any more stay.", n, "Size", format.Size(size))),
		Do: func() bool {
			again = true
			h.clear(chats)
			return true
		},
		Closed: func() {
			if !again {
				h.app.cfg.UI.Post(back)
			}
		},
	})
}

func (h *home) clear(chats []chatFiles) {
	var done cleared
	var err error
	h.app.notify(tr.L("Clearing…"))
	h.app.cfg.UI.Async(func(ctx context.Context) { done, err = clearFiles(ctx, h.session.Client, chats) }, func() {
		if h.closed {
			return
		}
		words := tr.L("Nothing was cleared.")
		if done.bytes > 0 {
			words = tr.L("{{.Size}} cleared.", "Size", format.Size(done.bytes))
		}
		if done.kept > 0 {
			words += " " + tr.N("{{.N}} file stayed: the server does not have it any more.",
				"{{.N}} files stayed: the server does not have them any more.", done.kept)
		}
		if err != nil {
			h.app.cfg.Logger.Warn("files not cleared", errorAttr(err))
			words = tr.L("Not everything was cleared. The server must be reached, to be sure that it still has the files.")
		}
		h.app.notify(words)
		h.app.showSettings(pageStorage)
	})
}
