package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/mesibo"
)

// importFrom opens the settings and chooses a folder with an export.
func importFrom(t *testing.T, folder string) *fixture {
	t.Helper()
	f := startWithDialogs(t, folder)
	f.settings("Chats and storage")
	f.Key(fyne.KeyPageDown)
	f.Press("Import from Telegram…")
	f.queue.WorkAll(t.Context())
	return f
}

func TestImportTelegram_one_chat(t *testing.T) {
	f := importFrom(t, filepath.Join("telegram", "testdata", "personal"))
	f.Wants("Import from Telegram", "Robert Brown", "10 messages, 3 files, 2021", "Not imported")
	f.Press("Import")
	f.Wants("Choose a chat for at least one of them.")
	f.Press("Not imported")
	f.Press("Choose a chat…")
	f.queue.Drain()
	f.Press("Alice Martin")
	f.Press("Choose")
	f.queue.Drain()
	f.Wants("Import from Telegram", "Alice Martin")
	f.Press("Import")
	f.queue.Drain()
	f.Wants("Importing…", "Cancel")
	f.queue.WorkAll(t.Context())
	f.Wants("Imported", "10 messages came in.", "3 files were copied.", "1 notice", "1 message is of a kind")
	byText := map[string]mesibo.ImportedMessage{}
	for _, m := range f.backend.Imports {
		byText[m.Source] = m
	}
	first, answer := byText["telegram:user4242:2"], byText["telegram:user4242:3"]
	if first.Own || first.Address != "alice" || first.Author != "" || first.Time.Unix() != 1619852460 {
		t.Errorf("the other's: %+v", first)
	}
	if !answer.Own || answer.Answers != first.Source || !answer.Edited || !strings.HasPrefix(answer.Text, "**Warm**") {
		t.Errorf("an own one: %+v", answer)
	}
	photo, video := byText["telegram:user4242:4"].File, byText["telegram:user4242:5"].File
	if photo.Type != mesibo.FileTypeImage || photo.Width != 120 || video.Missing != "Video (not in the export)" {
		t.Errorf("files: %+v, %+v", photo, video)
	}
	f.Press("Close")
	f.queue.WorkAll(t.Context())
	f.Wants("Chats and storage")
}

func TestImportTelegram_an_account(t *testing.T) {
	f := importFrom(t, filepath.Join("telegram", "testdata", "account"))
	f.Wants("Climbing", "3 messages, 1 file, 2022", "News", "Saved messages")
	f.Press("Import") // what goes by itself to the notes to oneself
	f.queue.WorkAll(t.Context())
	f.Wants("1 message came in.")
	if got := f.backend.Imports; len(got) != 1 || !got[0].Own || got[0].Text != "Note to self" {
		t.Errorf("got %+v", got)
	}
}

func TestImportTelegram_cancelled(t *testing.T) {
	f := importFrom(t, filepath.Join("telegram", "testdata", "account"))
	f.Press("Import")
	f.queue.Drain()
	f.Press("Cancel")
	f.queue.WorkAll(t.Context())
	f.Wants("The import was cancelled", "0 messages came in.")
}

func TestImportTelegram_is_left(t *testing.T) {
	f := importFrom(t, filepath.Join("telegram", "testdata", "account"))
	f.Key(fyne.KeyEscape)
	f.queue.WorkAll(t.Context())
	f.Wants("Chats and storage")
	if len(f.backend.Imports) > 0 {
		t.Error("something was imported")
	}
}

func TestImportTelegram_fails(t *testing.T) {
	empty, damaged := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "result.json"), []byte(`{"messages":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := importFrom(t, empty)
	f.Wants("Nothing was imported", "There are no chats of Telegram in this folder.")
	f = importFrom(t, damaged)
	f.Wants("The file result.json is damaged")
	f = importFrom(t, filepath.Join("telegram", "testdata", "account"))
	f.backend.Err = mesibo.ErrDiskFull
	f.Press("Import")
	f.queue.WorkAll(t.Context())
	f.Wants("Not everything was imported", "The disk is full.")
}
