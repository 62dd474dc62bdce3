package contacts_test

import (
	"testing"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

func TestNewLine_files(t *testing.T) {
	for want, f := range map[string]mesibo.FileInfo{
		"📷 Photo · look":         {Type: mesibo.FileTypeImage, Title: "a.png"},
		"📷 GIF · look":           {Type: mesibo.FileTypeImage, Title: "a.gif"},
		"🎤 Voice message · look": {Type: mesibo.FileTypeAudio, Title: "Voice message 2026-11-22 21.19.12.ogg"},
		"🎵 song.mp3 · look":      {Type: mesibo.FileTypeAudio, Title: "song.mp3"},
		"📎 a.zip · look":         {Type: mesibo.FileTypeOther, Title: "a.zip"},
		"📎 File · look":          {Type: mesibo.FileTypeAudio},
	} {
		if got := contacts.NewLine(&mesibo.Message{Data: []byte("look"), File: &f}).Text; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
