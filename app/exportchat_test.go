package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/export"
)

// openExport asks for the export of the open chat.
func (f *fixture) openExport() {
	f.t.Helper()
	apptest.Click(f.Canvas(), fyne.NewPos(f.Canvas().Size().Width-30, 28)) // the menu of the chat
	f.queue.Drain()
	f.Press("Export this chat…")
	f.Wants("Exporting…")
}

func TestExport(t *testing.T) {
	folder := t.TempDir()
	f := prepare(t)
	f.files = &system{App: f.fyne, chosen: folder}
	f.backend.Fill("alice", 1201, f.queue.Now()) // three pages
	f.start()
	f.Press("Alice Martin")
	f.openExport()
	f.queue.WorkAll(t.Context())
	f.Wants("1201 messages exported to Alice Martin")
	f.WantsNot("Exporting…")
	found, err := filepath.Glob(filepath.Join(folder, "*", "messages.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, %v", found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Messages []export.Message }
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Messages) != 1201 {
		t.Fatalf("messages: got %d", len(got.Messages))
	}
	for i, m := range got.Messages {
		if i > 0 && m.Time.Before(got.Messages[i-1].Time) || m.From.Name == "" || m.From.Name == "You" {
			t.Fatalf("message %d: got %+v", i, m)
		}
	}
}

// From the panel about the chat, into a folder that was chosen in the dialog of the desktop.
func TestExport_from_the_panel(t *testing.T) {
	f, d, _, _ := startWithDesktop(t)
	f.Keys(ctrl, fyne.KeyI)
	f.Press("Export this chat…") // and cancels
	f.queue.WorkAll(t.Context())
	f.WantsNot("Exporting…")
	folder := t.TempDir()
	d.chosen = []string{folder}
	f.Press("Export this chat…")
	f.queue.WorkAll(t.Context())
	f.Wants("3 messages exported to Alice Martin")
	if found, err := filepath.Glob(filepath.Join(folder, "*", "messages.json")); err != nil || len(found) != 1 {
		t.Errorf("exported: got %q, %v", found, err)
	}
}

func TestExport_cancelled(t *testing.T) {
	folder := t.TempDir()
	f := startWithDialogs(t, folder)
	f.openExport()
	f.Press("Cancel")
	f.queue.WorkAll(t.Context())
	f.Wants("Nothing was exported: it was cancelled.")
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestExport_fails(t *testing.T) {
	f := startWithDialogs(t, filepath.Join(t.TempDir(), "not there"))
	f.openExport()
	f.queue.WorkAll(t.Context())
	f.Wants("Nothing was exported. The file is not there any more.")
}
