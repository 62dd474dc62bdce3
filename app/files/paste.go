package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Paste pastes files and pictures; it reports whether the text field must not paste. The clipboard's text decides:
// with a picture there is none, or its bytes, which some programs return for any form; with files it is their names.
func (s *Screen) Paste(p *fyne.ShortcutPaste) bool {
	if s.cfg.Clipboard == nil || p.Clipboard == nil {
		return false
	}
	text := p.Clipboard.Content()
	if !utf8.ValidString(text) {
		text = ""
	}
	if text != "" && !namesFiles(text) {
		return false
	}
	c := s.on.Chat()
	if c == nil || c.FilesRefused() != "" {
		return false
	}
	var files []string
	var err error
	s.cfg.Dispatcher.Async(func(ctx context.Context) {
		var image []byte
		if files, image, err = s.cfg.Clipboard.Paste(ctx); err == nil && len(image) > 0 {
			var path string
			path, err = s.store("Pasted picture", mesibo.FileTypeImage, image)
			files = []string{path}
		}
	}, func() {
		switch {
		case s.on.Chat() != c:
		case err != nil:
			s.cfg.Logger.Warn("not pasted", slog.Any("error", err))
			s.cfg.Notify(tr.L("What is on the clipboard could not be pasted."))
		case len(files) > 0:
			s.Send(files, true)
		case text != "":
			s.on.Insert(text)
		}
	})
	return true
}

// namesFiles reports whether every line of a text could name a file, as file managers write them.
func namesFiles(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line != "copy" && line != "cut" && !strings.HasPrefix(line, "file://") && !filepath.IsAbs(line) {
			return false
		}
	}
	return true
}

// store writes what was pasted into a file that can be sent. Its folder is named by its content: pasted again, it is
// the same file.
func (s *Screen) store(name string, kind mesibo.FileType, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	folder := filepath.Join(s.cfg.Backend.GetFilePath(kind), "sent", hex.EncodeToString(sum[:6]))
	path := filepath.Join(folder, name+extension(data))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("store pasted data: %w", err)
	}
	if err := writeWhole(path, data); err != nil {
		return "", fmt.Errorf("store pasted data: %w", err)
	}
	return path, nil
}

func extension(data []byte) string {
	switch kind := http.DetectContentType(data); {
	case kind == "image/jpeg":
		return ".jpg"
	case strings.HasPrefix(kind, "image/"):
		return "." + strings.TrimPrefix(kind, "image/")
	}
	return ".txt"
}

// copySide is how many pixels the longer side of a copied picture has at most.
const copySide = 4096

// CanCopyPictures reports whether CopyPicture works here.
func (s *Screen) CanCopyPictures() bool { return s.cfg.Clipboard != nil }

// CopyPicture puts a picture on the clipboard.
func (s *Screen) CopyPicture(path string) {
	var err error
	s.cfg.Dispatcher.Async(func(context.Context) {
		img, failed := s.cfg.Backend.LoadImage(path, copySide)
		if err = failed; err != nil {
			return
		}
		var data bytes.Buffer
		quick := png.Encoder{CompressionLevel: png.BestSpeed}
		if err = quick.Encode(&data, img); err == nil {
			err = s.cfg.Clipboard.CopyImage(data.Bytes())
		}
	}, func() {
		if err != nil {
			s.cfg.Logger.Warn("picture not copied", slog.Any("error", err))
			s.cfg.Notify(tr.L("The picture could not be copied."))
			return
		}
		s.cfg.Notify(tr.L("Picture copied"))
	})
}

// OfferTextFile offers to send a text that is too long for a message as a file.
func (s *Screen) OfferTextFile(text string) {
	c := s.on.Chat()
	if c == nil || s.cfg.Sheet.Shown() || c.FilesRefused() != "" {
		return
	}
	s.cfg.Sheet.Show(sheet.Content{
		Title: tr.L("Send as a file?"), Verb: tr.L("Send as file…"),
		Body: sheet.NewParagraph(
			tr.L("The pasted text is too long for one message. It can be sent as a text file instead.")),
		Do: func() bool {
			var path string
			var err error
			s.cfg.Dispatcher.Async(func(context.Context) {
				path, err = s.store("Pasted text", mesibo.FileTypeOther, []byte(text))
			}, func() {
				if err != nil {
					s.failed("store pasted text", err)
					return
				}
				s.Send([]string{path}, true)
			})
			return true
		},
	})
}
