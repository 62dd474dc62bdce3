package format_test

import (
	"testing"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

// A thumbnail comes from another user, and may claim to be very large.
func TestThumbnail(t *testing.T) {
	picture := func(w, h int) []byte {
		_, data := apptest.Picture(w, h)
		return data
	}
	tests := map[string]struct {
		data          []byte
		width, height int
		shown         bool
	}{
		"good":    {picture(32, 16), 32, 16, true},
		"none":    {nil, 0, 0, false},
		"garbage": {[]byte("\x89PNG and so on"), 0, 0, false},
		"large":   {picture(1025, 1), 0, 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := &mesibo.FileInfo{Thumbnail: tc.data}
			if w, h := format.ThumbnailSize(f); w != tc.width || h != tc.height {
				t.Errorf("size: got %d×%d, want %d×%d", w, h, tc.width, tc.height)
			}
			if got := format.Thumbnail(f) != nil; got != tc.shown {
				t.Errorf("shown: got %t, want %t", got, tc.shown)
			}
		})
	}
}
