package app_test

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestInfo_OwnProfile(t *testing.T) {
	f := prepare(t).start()
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyI)
	f.Wants("Your profile", "Me Myself", "Your address", "Everybody")
	f.Press("A line about it")
	f.Type("Reading until Thursday")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Own.Status; got != "Reading until Thursday" {
		t.Errorf("about: got %q", got)
	}
}
