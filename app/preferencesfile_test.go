package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"
)

// writePreferences writes a file of preferences, or one that is damaged.
func writePreferences(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const somePreferences = `{"chat.last":"bob","look.size":1.2,"lock.on":true,"chat.pins":["bob","carol"],` +
	`"window.size":[1180,760],"chat.begun":[]}`

func TestPreferencesFile_damaged(t *testing.T) {
	for name, damaged := range map[string]string{"empty": "", "half": somePreferences[:40], "no object": "[]"} {
		t.Run(name, func(t *testing.T) {
			f := &preferencesFile{path: filepath.Join(t.TempDir(), "preferences.json")}
			writePreferences(t, f.path, somePreferences)
			if err := f.copy(); err != nil {
				t.Fatal(err)
			}
			writePreferences(t, f.path, damaged)
			if err := f.copy(); err != nil { // replaces nothing
				t.Fatal(err)
			}
			store := test.NewTempApp(t).Preferences()
			restored, err := f.restore(store)
			if err != nil || !restored {
				t.Fatalf("restored %v, %v", restored, err)
			}
			if store.String("chat.last") != "bob" || store.Float("look.size") != 1.2 || !store.Bool("lock.on") ||
				!slices.Equal(store.StringList("chat.pins"), []string{"bob", "carol"}) ||
				!slices.Equal(store.FloatList("window.size"), []float64{1180, 760}) ||
				len(store.StringList("chat.begun")) != 0 {
				t.Error("it has not all that was stored")
			}
		})
	}
}

func TestPreferencesFile_nothingToDo(t *testing.T) {
	f := &preferencesFile{path: filepath.Join(t.TempDir(), "preferences.json")}
	store := test.NewTempApp(t).Preferences()
	for _, text := range []string{"", somePreferences} { // no file; one that can be read
		if text != "" {
			writePreferences(t, f.path, text)
		}
		writePreferences(t, f.backup(), `{"chat.last":"mallory"}`)
		if restored, err := f.restore(store); restored || err != nil || store.String("chat.last") != "" {
			t.Errorf("with %q: restored %v, %v", text, restored, err)
		}
	}
	writePreferences(t, f.path, "")
	writePreferences(t, f.backup(), "{")
	if restored, err := f.restore(store); restored || err == nil {
		t.Errorf("both damaged: restored %v, %v", restored, err)
	}
}
