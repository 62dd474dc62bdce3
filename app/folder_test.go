package app_test

import (
	"errors"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

func (f *fixture) folderFile(file mesibo.FolderFile) {
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.SendFolderListener)
	if !ok {
		f.t.Fatal("the program does not listen to the folder")
	}
	l.OnSendFolder(&file)
	f.queue.Drain()
}

func TestSendFolder(t *testing.T) {
	f, s, at := startWithFiles(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.backend.Fill("bob", 3, f.queue.Now())
	f.start()
	open := func() {
		f.settings("Chats and storage")
		f.Wants("Send from a folder")
		if f.backend.Folder.Path == "" {
			f.Press("Off")
		} else {
			f.Press("To Alice Martin")
		}
	}
	open()
	f.Wants("Send what appears in a folder", "Files that you put into the folder")
	f.WantsNot("Send to")
	f.Press("Send what appears in a folder") // and then cancelled
	if f.backend.Folder.Path != "" || s.asked != 1 {
		t.Errorf("cancelled: %+v, asked %d times", f.backend.Folder, s.asked)
	}
	s.chosen = filepath.Dir(at("a.txt"))
	f.Press("Send what appears in a folder")
	f.Wants("Send files to", "Alice Martin")
	f.Press("Alice Martin")
	f.Press("Choose")
	if f.backend.Folder != (mesibo.SendFolder{Path: s.chosen, Peer: "alice"}) {
		t.Fatalf("set: %+v", f.backend.Folder)
	}
	f.Wants("Send to", "Put files there: each is sent once")
	f.Key(fyne.KeyEscape)

	f.backend.FolderFiles = []mesibo.FolderFile{
		{Path: "/out/a"},
		{Path: "/out/film.mkv", State: mesibo.FolderFileRefused, Err: mesibo.ErrFileTooLarge},
		{Path: "/out/empty", State: mesibo.FolderFileRefused, Err: mesibo.ErrFolderFileEmpty},
		{Path: "/out/x", State: mesibo.FolderFileRefused, Err: mesibo.ErrFolderFileWithdrawn},
		{Path: "/out/y", State: mesibo.FolderFileRefused, Err: errors.New("of another kind")},
	}
	open()
	f.Wants("1 file is waiting to be sent.", "“film.mkv” was not sent. The file is too large for the server.",
		"“empty” was not sent. It is empty.", "1 file was not sent either.")
	f.backend.Err = mesibo.ResultBadRequest
	f.Press("Send what appears in a folder") // off
	f.Wants("This folder can't be used")
	f.backend.Err = nil
	f.Key(fyne.KeyEscape)
	open()
	f.Press("Send what appears in a folder")
	if f.backend.Folder != (mesibo.SendFolder{}) {
		t.Errorf("switched off: %+v", f.backend.Folder)
	}
	f.Key(fyne.KeyEscape)

	f.folderFile(f.backend.FolderFiles[3])
	f.WantsNot("“x” was not sent.")
	f.folderFile(mesibo.FolderFile{Path: "/out/z", State: mesibo.FolderFileRefused, Err: mesibo.ErrFolderFileNotMoved})
	f.Wants("“z” was sent, but could not be moved to the folder “sent”.")
	f.folderFile(f.backend.FolderFiles[1])
	f.Wants("“film.mkv” was not sent. The file is too large for the server.")
}

func TestSendFolder_folderGone(t *testing.T) {
	f, _, at := startWithFiles(t)
	f.backend.Fill("alice", 1, f.queue.Now())
	f.backend.Folder = mesibo.SendFolder{Path: at("missing"), Peer: "alice"}
	f.start()
	f.settings("Chats and storage")
	f.Press("To Alice Martin")
	f.Wants("Alice Martin", "The folder does not exist any more. Nothing is sent until it is back.")
}

// A message that the SDK sends automatically is shown like those of another device.
func TestSendFolder_messageAppears(t *testing.T) {
	f, _, at := startWithFiles(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	p := apptest.Params("alice", chat.Message{Mid: 77, Out: true, At: f.queue.Now()})
	p.Status = mesibo.MsgStatusOutbox
	file := mesibo.FileInfo{
		Mid: 77, Title: "report.pdf", Size: 5000, Path: at("a.txt"), Mode: mesibo.FileModeUpload, Params: p,
	}
	f.listener().OnReceived(&mesibo.Message{MessageParams: *p, File: &file})
	f.queue.Drain()
	f.Wants("report.pdf")
	f.Wants("📎 report.pdf") // in the list
}

// A file that was moved, deleted or changed by hand is shown as such, and can be downloaded again.
func TestReceiveFile_lost(t *testing.T) {
	f, _, at := startWithFiles(t)
	m := f.received(mesibo.FileInfo{
		Title: "a.txt", Size: 5, URL: "u", Type: mesibo.FileTypeOther, Path: at("a.txt"), Progress: 100,
	})
	f.start()
	f.Press("Alice Martin")
	f.WantsNot("Not on this computer any more")
	lost := func(why error) {
		file := *m.File
		file.Mid, file.Params = m.Mid, apptest.Params("alice", m)
		file.Path, file.Progress, file.Err = "", 0, why
		f.reportFile(&file)
	}
	lost(mesibo.ErrFileMissing)
	f.Wants("Not on this computer any more")
	lost(mesibo.ErrFileChanged)
	f.Wants("Changed on this computer")
	f.icon(assets.IconArrowDown)
	f.wantCalls("start a.txt, asked for: true")
	file := *m.File
	file.Mid, file.Params = m.Mid, apptest.Params("alice", m)
	f.reportFile(&file)
	f.WantsNot("Changed on this computer", "Not on this computer any more")
}
