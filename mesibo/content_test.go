package mesibo

import (
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt":                     "a.txt",
		"a\nb\t.txt":                "ab.txt",
		"x\u202egnp.exe":            "xgnp.exe",
		"x\u2066y\u2028z\u00ad.txt": "xyz.txt",
		"👨\u200d👩\u200d👧.png":       "👨\u200d👩\u200d👧.png",
		"❤\ufe0f می\u200cروم.txt":   "❤\ufe0f می\u200cروم.txt",
		"\u200d":                    "file",
		"":                          "file",
		`..\..\x`:                   "x",
		"bad\xff.txt":               "bad\ufffd.txt",
		"\u200d.a.txt\u200d":        "a.txt",
		"one.txt\u200c. ":           "one.txt",
	} {
		if got := safeName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestSetContent_file: what a peer says of a file is taken over when it can be true.
func TestSetContent_file(t *testing.T) {
	tests := []struct {
		in   wire.File
		want models.File
	}{
		{
			wire.File{Width: 65_535, Height: 32_768, Type: 1, Mime: "image/png"},
			models.File{Width: 65_535, Height: 32_768, Type: 1, MIME: "image/png"},
		},
		{wire.File{Width: 65_536, Height: 1}, models.File{}},
		{wire.File{Width: 1, Height: 1 << 31}, models.File{}},
		{wire.File{Width: 65_535, Height: 65_535}, models.File{}},
		{wire.File{Mime: "image/png\r\nX: y", Type: 7}, models.File{Type: 10}},
		{wire.File{Mime: "a\xff", Type: 1 << 31}, models.File{Type: 10}},
	}
	for i := range tests {
		tt := &tests[i]
		var row models.Message
		setContent(&row, &wire.Content{File: &tt.in})
		got := *row.Content.File
		if got.Width != tt.want.Width || got.Height != tt.want.Height || got.Type != tt.want.Type ||
			got.MIME != tt.want.MIME {
			t.Errorf("%v: got %+v", &tt.in, got)
		}
	}
}
