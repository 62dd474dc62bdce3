package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// folderBackend is what the setting of the folder whose files are sent needs.
type folderBackend interface {
	SetSendFolder(f mesibo.SendFolder) error
	GetSendFolder() mesibo.SendFolder
	GetSendFolderFiles() ([]mesibo.FolderFile, error)
}

var _ mesibo.SendFolderListener = (*inbox)(nil)

// OnSendFolder implements mesibo.SendFolderListener.
func (b *inbox) OnSendFolder(f *mesibo.FolderFile) {
	b.put(func() { b.to.folderFile(f) })
}

// folderFile implements events.
func (h *home) folderFile(f *mesibo.FolderFile) {
	if f.State == mesibo.FolderFileRefused && !errors.Is(f.Err, mesibo.ErrWithdrawn) {
		h.app.notify(folderTrouble(f))
	}
}

// folderTrouble says what is wrong with a file of the folder.
func folderTrouble(f *mesibo.FolderFile) string {
	name := "“" + filepath.Base(f.Path) + "” "
	words, ok := chat.FileTrouble(f.Err, true)
	switch {
	case errors.Is(f.Err, mesibo.ErrNotMoved):
		return name + "was sent, but could not be moved to the folder “sent”."
	case errors.Is(f.Err, mesibo.ErrFileEmpty):
		words = "It is empty."
	case errors.Is(f.Err, mesibo.ErrWithdrawn):
		words = "You took its message back."
	case errors.Is(f.Err, mesibo.ErrFileChanged):
		words = "It was changed while it was being sent."
	case !ok:
		words = "Its message in the chat says why."
	}
	return name + "was not sent. " + words
}

// folderRow is the line of the settings that leads to those of the folder whose files are sent.
func (h *home) folderRow() fyne.CanvasObject {
	words := "Off"
	if now := h.session.Client.GetSendFolder(); now.Path != "" {
		words = "To " + h.contacts.Model().Title(idOf(now.Peer, now.GroupID))
	}
	open := widgets.NewTextButton(widgets.Action{Text: words, Tapped: h.showFolderSettings})
	return labelled("Send from a folder", container.NewHBox(open))
}

// showFolderSettings lets the user choose a folder whose files are sent, and to whom.
func (h *home) showFolderSettings() {
	now := h.session.Client.GetSendFolder()
	check := widget.NewCheck("Send what appears in a folder", nil)
	check.Checked = now.Path != ""
	check.OnChanged = func(on bool) {
		if on {
			h.chooseSendFolder()
			return
		}
		h.setSendFolder(mesibo.SendFolder{})
	}
	rows := []fyne.CanvasObject{check}
	if check.Checked {
		to := h.contacts.Model().Title(idOf(now.Peer, now.GroupID))
		folder := widgets.NewTextButton(widgets.Action{Text: shortPath(now.Path), Tapped: h.chooseSendFolder})
		chat := widgets.NewTextButton(widgets.Action{Text: to, Tapped: func() { h.chooseSendChat(now.Path) }})
		rows = append(rows, labelled("Folder", container.NewHBox(folder)), labelled("Sent to", container.NewHBox(chat)))
		for _, words := range h.folderWords(now) {
			rows = append(rows, caption(words))
		}
	} else {
		rows = append(rows, caption("Files that you put into the folder from then on are sent to a chat by themselves."))
	}
	h.app.showSheet(sheetContent{title: "Send from a folder", content: container.New(layout.NewCustomPaddedVBoxLayout(6), rows...)})
}

// caption is a paragraph in small letters.
func caption(words string) fyne.CanvasObject {
	return newWrapped(words, theme.SizeNameCaptionText, widgets.ColorSecondary, false)
}

// folderWords say how it stands with the folder: what waits, and what is not sent and why.
func (h *home) folderWords(now mesibo.SendFolder) []string {
	const most = 3
	if info, err := os.Stat(now.Path); err != nil || !info.IsDir() {
		return []string{"The folder is not there any more. Nothing is sent until it is back."}
	}
	list, err := h.session.Client.GetSendFolderFiles()
	if err != nil {
		h.app.cfg.Logger.Warn("files of the folder not read", errorAttr(err))
		return []string{Explain(err)}
	}
	waiting, refused := 0, 0
	var words []string
	for _, f := range list {
		if f.State != mesibo.FolderFileRefused {
			waiting++
			continue
		}
		if refused++; refused <= most {
			words = append(words, folderTrouble(&f))
		}
	}
	if more := refused - most; more > 0 {
		words = append(words, fmt.Sprintf("%s not sent either.", files(more, "was", "were")))
	}
	if waiting > 0 {
		words = append([]string{fmt.Sprintf("%s waiting to be sent.", files(waiting, "is", "are"))}, words...)
	}
	if len(words) == 0 {
		words = []string{"Put files there: each is sent once, and then moved to the folder “sent” in it."}
	}
	return words
}

// files counts files, with the verb that fits.
func files(n int, one, several string) string {
	if n == 1 {
		return "1 file " + one
	}
	return fmt.Sprintf("%d files %s", n, several)
}

// shortPath names a folder in few letters: that of the user is ~, and of a long one the end is shown.
func shortPath(path string) string {
	const most = 20
	if home, err := os.UserHomeDir(); err == nil && home != "" {
		if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
			path = filepath.Join("~", rest)
		}
	}
	if letters := []rune(path); len(letters) > most {
		path = "…" + string(letters[len(letters)-most+1:])
	}
	return path
}

// chooseSendFolder lets the user choose the folder, and then the chat.
func (h *home) chooseSendFolder() {
	h.app.chooseFolder(func(path string) {
		if path == "" {
			h.showFolderSettings()
			return
		}
		if now := h.session.Client.GetSendFolder(); now.Path != "" {
			now.Path = path
			h.setSendFolder(now)
			return
		}
		h.chooseSendChat(path)
	})
}

// chooseSendChat lets the user choose to whom the files are sent.
func (h *home) chooseSendChat(path string) {
	d := widgets.PickerData{Placeholder: "Name", Button: "Send there", Limit: 1, Empty: "No chats yet"}
	h.pick("Send files to", d, h.places(), func(keys []string) {
		if len(keys) == 0 {
			h.showFolderSettings()
			return
		}
		id := contacts.ParseID(keys[0])
		h.setSendFolder(mesibo.SendFolder{Path: path, Peer: id.Peer, GroupID: id.Group})
	})
}

// setSendFolder sets the folder and shows the settings anew.
func (h *home) setSendFolder(f mesibo.SendFolder) {
	err := h.session.Client.SetSendFolder(f)
	if err == nil {
		h.showFolderSettings()
		return
	}
	h.app.cfg.Logger.Warn("folder not set", errorAttr(err))
	title, words := "The folder was not set", Explain(err)
	if errors.Is(err, mesibo.ResultBadRequest) {
		title, words = "This folder can't be used", "Choose a folder of your own: one that is there, and none of those in which this program keeps its files."
	}
	h.app.showSheet(sheetContent{title: title, content: newParagraph(words)})
}

// chooseFolder lets the user choose a folder; chosen gets an empty path when that was cancelled.
func (a *App) chooseFolder(chosen func(path string)) {
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
	d.SetConfirmText("Choose")
	d.Resize(a.dialogSize())
	d.Show()
}
