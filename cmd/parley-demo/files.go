package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
)

// Files that Alice sends in the demo.
const (
	seaFile   = "sea.png"
	notesFile = "notes.txt"
)

// files sends a picture, which is downloaded automatically, and a text file, which Bob downloads.
func (s *stage) files(ctx context.Context, b both) error {
	_, sea := apptest.Picture(640, 480)
	at := func(name string) string { return filepath.Join(s.data, name) }
	err := errors.Join(os.WriteFile(at(seaFile), sea, 0o600), os.WriteFile(at(notesFile), make([]byte, 3_200_000), 0o600))
	if err != nil {
		return err
	}
	return steps(
		s.fileStates,
		b.aliceLooks,
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error {
			return s.fileSheets(ctx, b.alice, []fyne.URI{storage.NewFileURI(at(seaFile)), storage.NewFileURI(at(notesFile))})
		},
		func() error { return b.alice.writes("From the coast") },
		func() error { b.alice.key(fyne.KeyReturn); return nil },
		func() error { return b.alice.sees(ctx, "From the coast", apptest.Delivered) },
		b.bobLooks,
		func() error { return b.bob.press(ctx, "Alice Martin") },
		func() error { return b.bob.reads(ctx, "From the coast") },
		func() error { return b.bob.reads(ctx, notesFile) },
		func() error {
			return s.wait(ctx, "the picture", func() bool { return len(apptest.Photos(b.bob.view())) > 0 })
		},
		func() error { return errors.Join(b.alice.picture("files-sent"), b.bob.picture("files")) },
		func() error { return b.bob.icon(assets.IconArrowDown) },
		func() error {
			return s.wait(ctx, "the file", func() bool {
				return slices.ContainsFunc(apptest.Look(b.bob.view()), func(seen apptest.Sight) bool {
					return strings.HasPrefix(seen.Icon, string(assets.IconFile))
				})
			})
		},
		func() error { return b.bob.picture("file-fetched") },
		func() error {
			s.say("Alice drops two files: Bob's picture comes by itself, the other when he wants it")
			return nil
		},
	)
}
