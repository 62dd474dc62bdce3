package files

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// FolderFile says when a file of the folder could not be sent.
func (s *Screen) FolderFile(f *mesibo.FolderFile) {
	if f.State == mesibo.FolderFileRefused && !errors.Is(f.Err, mesibo.ErrFolderFileWithdrawn) {
		s.cfg.Notify(folderError(f))
	}
}

// folderError says what is wrong with a file of the folder.
func folderError(f *mesibo.FolderFile) string {
	name := "“" + filepath.Base(f.Path) + "” "
	reason, ok := format.FileError(f.Err, true)
	switch {
	case errors.Is(f.Err, mesibo.ErrFolderFileNotMoved):
		return name + "was sent, but could not be moved to the folder “sent”."
	case errors.Is(f.Err, mesibo.ErrFolderFileEmpty):
		reason = "It is empty."
	case errors.Is(f.Err, mesibo.ErrFolderFileWithdrawn):
		reason = "You recalled its message."
	case errors.Is(f.Err, mesibo.ErrFileChanged):
		reason = "It was changed while it was being sent."
	case !ok:
		reason = "Its message in the chat says why."
	}
	return name + "was not sent. " + reason
}

// showFolderSettings lets the user choose a folder whose files are sent, and the chat that they are sent to.
func (s *Screen) showFolderSettings() {
	now := s.cfg.Backend.GetSendFolder()
	check := widget.NewCheck("Send what appears in a folder", nil)
	check.Checked = now.Path != ""
	check.OnChanged = func(on bool) {
		if on {
			s.chooseSendFolder()
			return
		}
		s.setSendFolder(mesibo.SendFolder{})
	}
	rows := []fyne.CanvasObject{check}
	if check.Checked {
		folder := widgets.NewTextButton(widgets.Action{Text: shortPath(now.Path), Tapped: s.chooseSendFolder})
		chat := widgets.NewTextButton(widgets.Action{
			Text: s.on.Title(now.Peer, now.GroupID), Tapped: func() { s.chooseSendChat(now.Path) },
		})
		rows = append(rows,
			sheet.NewRow("Folder", container.NewHBox(folder)), sheet.NewRow("Sent to", container.NewHBox(chat)))
		for _, line := range s.folderState(now) {
			rows = append(rows, sheet.NewCaption(line))
		}
	} else {
		const text = "Files that you put into the folder from then on are sent to a chat automatically."
		rows = append(rows, sheet.NewCaption(text))
	}
	s.cfg.Sheet.Show(sheet.Content{
		Title: "Send from a folder", Body: container.New(layout.NewCustomPaddedVBoxLayout(6), rows...),
	})
}

// folderState says which files of the folder wait, and which were not sent and why.
func (s *Screen) folderState(now mesibo.SendFolder) []string {
	const most = 3
	if info, err := os.Stat(now.Path); err != nil || !info.IsDir() {
		return []string{"The folder does not exist any more. Nothing is sent until it is back."}
	}
	list, err := s.cfg.Backend.GetSendFolderFiles()
	if err != nil {
		s.cfg.Logger.Warn("files of the folder not read", slog.Any("error", err))
		return []string{s.cfg.Explain(err)}
	}
	waiting, refused := 0, 0
	var lines []string
	for _, f := range list {
		if f.State != mesibo.FolderFileRefused {
			waiting++
			continue
		}
		if refused++; refused <= most {
			lines = append(lines, folderError(&f))
		}
	}
	if more := refused - most; more > 0 {
		lines = append(lines, countAre(more, "was", "were")+" not sent either.")
	}
	if waiting > 0 {
		lines = append([]string{countAre(waiting, "is", "are") + " waiting to be sent."}, lines...)
	}
	if len(lines) == 0 {
		lines = []string{"Put files there: each is sent once, and then moved to the folder “sent” inside it."}
	}
	return lines
}

// countAre counts files, with the verb that fits.
func countAre(n int, one, several string) string {
	if n == 1 {
		return countFiles(n) + " " + one
	}
	return countFiles(n) + " " + several
}

// shortPath is a folder in few letters: the user's home is ~, and of a long path the end is shown.
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

// chooseSendFolder lets the user choose the folder, and then the chat if there is none yet.
func (s *Screen) chooseSendFolder() {
	s.on.ChooseFolder(func(path string) {
		if path == "" {
			s.showFolderSettings()
			return
		}
		if now := s.cfg.Backend.GetSendFolder(); now.Path != "" {
			now.Path = path
			s.setSendFolder(now)
			return
		}
		s.chooseSendChat(path)
	})
}

// chooseSendChat lets the user choose the chat that the files are sent to.
func (s *Screen) chooseSendChat(path string) {
	s.on.ChooseChat("Send files to", "Send there", func(peer string, groupID uint32, ok bool) {
		if !ok {
			s.showFolderSettings()
			return
		}
		s.setSendFolder(mesibo.SendFolder{Path: path, Peer: peer, GroupID: groupID})
	})
}

// setSendFolder sets the folder and shows the settings again.
func (s *Screen) setSendFolder(f mesibo.SendFolder) {
	err := s.cfg.Backend.SetSendFolder(f)
	if err == nil {
		s.showFolderSettings()
		return
	}
	s.cfg.Logger.Warn("folder not set", slog.Any("error", err))
	title, text := "The folder was not set", s.cfg.Explain(err)
	if errors.Is(err, mesibo.ResultBadRequest) {
		title = "This folder can't be used"
		text = "Choose an existing folder of your own that is not one of those in which Parley keeps its files."
	}
	s.cfg.Sheet.Show(sheet.Content{Title: title, Body: sheet.NewParagraph(text)})
}
