package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
)

// copyPreferencesAfter is how long after a change the preferences are copied, so that many changes make one copy.
const copyPreferencesAfter = 2 * time.Second

// preferencesFile keeps a copy of the file that Fyne writes. Fyne empties its file before it writes it, so that a crash
// or a full disk in between loses everything in it.
type preferencesFile struct {
	path    string
	ui      UI
	failed  func(error)
	waiting bool // to copy
}

// keepPreferences sets what is in the copy when Fyne's file is damaged, and copies it after each change. It reports
// errors to failed.
func keepPreferences(app fyne.App, ui UI, failed func(error)) {
	f := &preferencesFile{
		path: filepath.Join(app.Storage().RootURI().Path(), "preferences.json"), ui: ui, failed: failed,
	}
	store := app.Preferences()
	restored, err := f.restore(store)
	if err != nil {
		failed(err)
	}
	if restored {
		failed(errors.New("the file of the preferences was damaged; what it had before was restored"))
	}
	store.AddChangeListener(func() { ui.Post(f.changed) })
}

// changed copies the file after a while.
func (f *preferencesFile) changed() {
	if f.waiting {
		return
	}
	f.waiting = true
	f.ui.After(copyPreferencesAfter, func() {
		f.waiting = false
		if err := f.copy(); err != nil {
			f.failed(err)
		}
	})
}

func (f *preferencesFile) backup() string { return f.path + ".bak" }

// readPreferences returns what a file of preferences has. A file that is empty is an error.
func readPreferences(path string) (data []byte, values map[string]any, err error) {
	data, err = os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read preferences: %w", err)
	}
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, nil, fmt.Errorf("read preferences: %w", err)
	}
	return data, values, nil
}

// restore sets what the copy has, when the file is damaged and there is a copy.
func (f *preferencesFile) restore(store fyne.Preferences) (restored bool, err error) {
	_, _, err = readPreferences(f.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	_, values, copyErr := readPreferences(f.backup())
	if copyErr != nil {
		return false, errors.Join(err, copyErr)
	}
	for key, value := range values {
		switch v := value.(type) {
		case string:
			store.SetString(key, v)
		case bool:
			store.SetBool(key, v)
		case float64:
			store.SetFloat(key, v)
		case []any:
			setList(store, key, v)
		}
	}
	return true, nil
}

// setList sets a list, whose values are of one type. Fyne's file has an empty one of a type that is not known.
func setList(store fyne.Preferences, key string, list []any) {
	var texts []string
	var numbers []float64
	for _, value := range list {
		switch v := value.(type) {
		case string:
			texts = append(texts, v)
		case float64:
			numbers = append(numbers, v)
		}
	}
	switch {
	case len(texts) > 0:
		store.SetStringList(key, texts)
	case len(numbers) > 0:
		store.SetFloatList(key, numbers)
	}
}

// copy replaces the copy by the file. Fyne may be writing that; then it is copied after the next change.
func (f *preferencesFile) copy() error {
	data, _, err := readPreferences(f.path)
	if err != nil {
		return nil //nolint:nilerr // it is being written, or there is none
	}
	temp, err := os.CreateTemp(filepath.Dir(f.path), "preferences-*.tmp") // readable for this user only
	if err != nil {
		return fmt.Errorf("copy preferences: %w", err)
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), f.backup())
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("copy preferences: %w", err)
	}
	return nil
}
