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

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// sentFolder is the folder inside of the folder that the SDK moves files to.
const sentFolder = "sent"

// FolderFile says when a file of the folder could not be sent.
func (s *Screen) FolderFile(f *mesibo.FolderFile) {
	if f.State == mesibo.FolderFileRefused && !errors.Is(f.Err, mesibo.ErrFolderFileWithdrawn) {
		s.cfg.Notify(folderError(f))
	}
}

// folderError says what is wrong with a file of the folder.
func folderError(f *mesibo.FolderFile) string {
	name := filepath.Base(f.Path)
	reason, ok := format.FileError(f.Err, true)
	switch {
	case errors.Is(f.Err, mesibo.ErrFolderFileNotMoved):
		return tr.L("“{{.File}}” was sent, but could not be moved to the folder “{{.Folder}}”.",
			"File", name, "Folder", sentFolder)
	case errors.Is(f.Err, mesibo.ErrFolderFileEmpty):
		reason = tr.L("It is empty.")
	case errors.Is(f.Err, mesibo.ErrFolderFileWithdrawn):
		reason = tr.L("You recalled its message.")
	case errors.Is(f.Err, mesibo.ErrFileChanged):
		reason = tr.L("It was changed while it was being sent.")
	case !ok:
		reason = tr.L("Its message in the chat says why.")
	}
	return tr.L("“{{.File}}” was not sent.", "File", name) + " " + reason
}

// showFolderSettings lets the user choose a folder whose files are sent, and the chat that they are sent to.
func (s *Screen) showFolderSettings() {
	now := s.cfg.Backend.GetSendFolder()
	check := widgets.NewCheck(tr.L("Send what appears in a folder"), nil)
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
			sheet.NewRow(tr.L("Folder"), widgets.NewHBox(folder)), sheet.NewRow(tr.L("Send to"), widgets.NewHBox(chat)))
		for _, line := range s.folderState(now) {
			rows = append(rows, sheet.NewCaption(line))
		}
	} else {
		rows = append(rows, sheet.NewCaption(
			tr.L("Files that you put into the folder from then on are sent to a chat automatically.")))
	}
	s.cfg.Sheet.Show(sheet.Content{
		Title: tr.L("Send from a folder"), Body: container.New(layout.NewCustomPaddedVBoxLayout(6), rows...),
	})
}

// folderState says which files of the folder wait, and which were not sent and why.
func (s *Screen) folderState(now mesibo.SendFolder) []string {
	const most = 3
	if info, err := os.Stat(now.Path); err != nil || !info.IsDir() {
		return []string{tr.L("The folder does not exist any more. Nothing is sent until it is back.")}
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
		lines = append(lines, tr.N("{{.N}} file was not sent either.", "{{.N}} files were not sent either.", more))
	}
	if waiting > 0 {
		words := tr.N("{{.N}} file is waiting to be sent.", "{{.N}} files are waiting to be sent.", waiting)
		lines = append([]string{words}, lines...)
	}
	if len(lines) == 0 {
		lines = []string{tr.L("Put files there: each is sent once, and then moved to the folder “{{.Folder}}” inside it.",
			"Folder", sentFolder)}
	}
	return lines
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
	s.on.ChooseChat(tr.L("Send files to"), tr.L("Choose"), func(peer string, groupID uint32, ok bool) {
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
	title, text := tr.L("The folder was not set"), s.cfg.Explain(err)
	if errors.Is(err, mesibo.ResultBadRequest) {
		title = tr.L("This folder can't be used")
		text = tr.L("Choose an existing folder of your own that is not one of those in which Parley keeps its files.")
	}
	s.cfg.Sheet.Show(sheet.Content{Title: title, Body: sheet.NewParagraph(text)})
}
