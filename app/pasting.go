package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

// paste takes files and pictures from the clipboard; it tells whether the field should leave the clipboard alone. What the
// clipboard says as text decides: a picture has none, and of files it is their names.
func (h *home) paste(p *fyne.ShortcutPaste) bool {
	if h.app.cfg.Desktop == nil || p.Clipboard == nil {
		return false
	}
	text := p.Clipboard.Content()
	if text != "" && !namesFiles(text) {
		return false
	}
	m := h.chat.Model()
	if m == nil || m.FilesRefused() != "" {
		return false
	}
	var files []string
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		var image []byte
		if files, image, err = h.app.cfg.Desktop.Paste(ctx); err == nil && len(image) > 0 {
			var path string
			path, err = h.keep("Pasted picture", mesibo.FileTypeImage, image)
			files = []string{path}
		}
	}, func() {
		switch {
		case h.chat.Model() != m:
		case err != nil:
			h.app.cfg.Logger.Warn("not pasted", errorAttr(err))
			h.app.notify("What is on the clipboard could not be pasted.")
		case len(files) > 0:
			h.sendFiles(files)
		case text != "":
			h.chat.Insert(text)
		}
	})
	return true
}

// namesFiles tells whether every line of a text could name a file, as file managers write them.
func namesFiles(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line != "copy" && line != "cut" && !strings.HasPrefix(line, "file://") && !filepath.IsAbs(line) {
			return false
		}
	}
	return true
}

// keep writes what was pasted into a file that can be sent, under a name made of its content: pasted again it is the same file.
func (h *home) keep(name string, kind mesibo.FileType, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	folder := filepath.Join(h.session.Client.GetFilePath(kind), "sent", hex.EncodeToString(sum[:6]))
	path := filepath.Join(folder, name+endingOf(data))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("keep what was pasted: %w", err)
	}
	if err := chat.WriteWhole(path, data); err != nil {
		return "", fmt.Errorf("keep what was pasted: %w", err)
	}
	return path, nil
}

func endingOf(data []byte) string {
	switch kind := http.DetectContentType(data); {
	case kind == "image/jpeg":
		return ".jpg"
	case strings.HasPrefix(kind, "image/"):
		return "." + strings.TrimPrefix(kind, "image/")
	}
	return ".txt"
}

// copySide is how many pixels the long side of a picture has at most that is put on the clipboard.
const copySide = 4096

// pictureCopier gives what puts pictures on the clipboard, nil where nothing can.
func (h *home) pictureCopier() func(path string) {
	if h.app.cfg.Desktop == nil {
		return nil
	}
	return h.copyPicture
}

// copyPicture puts a picture on the clipboard.
func (h *home) copyPicture(path string) {
	var err error
	h.app.cfg.UI.Async(func(context.Context) {
		img, failed := h.session.Client.LoadImage(path, copySide)
		if err = failed; err != nil {
			return
		}
		var data bytes.Buffer
		quick := png.Encoder{CompressionLevel: png.BestSpeed}
		if err = quick.Encode(&data, img); err == nil {
			err = h.app.cfg.Desktop.CopyImage(data.Bytes())
		}
	}, func() {
		if err != nil {
			h.app.cfg.Logger.Warn("picture not copied", errorAttr(err))
			h.app.notify("The picture could not be copied.")
			return
		}
		h.app.notify("Picture copied")
	})
}

// tooLong offers to send a text as a file that does not fit into a message.
func (h *home) tooLong(text string) {
	m := h.chat.Model()
	if m == nil || h.app.sheet != nil || m.FilesRefused() != "" {
		return
	}
	h.app.showSheet(sheetContent{
		title: "Send as a file?", verb: "Send as file…",
		content: newParagraph("The pasted text is too long for one message. It can be sent as a text file instead."),
		do: func() bool {
			var path string
			var err error
			h.app.cfg.UI.Async(func(context.Context) {
				path, err = h.keep("Pasted text", mesibo.FileTypeOther, []byte(text))
			}, func() {
				if err != nil {
					h.failed(err)
					return
				}
				h.sendFiles([]string{path})
			})
			return true
		},
	})
}
