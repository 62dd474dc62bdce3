package mesibo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/picture"
	carrier "github.com/parley-chat/parley/mesibo/internal/transfer"
)

// complete fills in what the application has not said of a file that is to be sent: its type by its content; of a picture size and
// thumbnail; of a sound duration and waveform. A picture that tells where, when and by whom it was taken is replaced by a copy that does not.
func (m *Mesibo) complete(f *FileInfo) error {
	c, _, _, err := m.describe(f)
	if err == nil {
		if err := carrier.CheckSource(c.Path); errors.Is(err, ErrFileUnreadable) {
			return err
		}
	}
	if err == nil && c.Type == FileTypeAudio && len(c.Waveform) == 0 {
		m.listen(c)
		fileMu.Lock()
		f.Duration, f.Waveform = c.Duration, c.Waveform
		fileMu.Unlock()
	}
	if err != nil || c.Type != FileTypeImage {
		return err
	}
	if err := m.present(c); err != nil {
		return err
	}
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Type, f.Path, f.Size, f.Title, f.MimeType = c.Type, c.Path, c.Size, c.Title, c.MimeType
	f.Thumbnail, f.Width, f.Height = c.Thumbnail, c.Width, c.Height
	return nil
}

// sentFolder is where pictures are that are sent in place of the original.
const sentFolder = "sent"

// present makes a picture fit to be shown to others: without what it says beside the picture, if need be drawn again, with size and
// thumbnail. What cannot be read here is sent untouched, and not as a picture unless the application has a thumbnail of it.
func (m *Mesibo) present(c *FileInfo) error {
	data, err := picture.ReadFile(c.Path)
	var cleaned []byte
	changed, ending := false, filepath.Ext(c.Path)
	if err == nil {
		cleaned, changed, err = picture.Clean(data)
	}
	if errors.Is(err, picture.ErrFormat) {
		cleaned, ending, err = picture.Redraw(data)
		changed = true
	}
	switch {
	case errors.Is(err, picture.ErrFormat), errors.Is(err, picture.ErrTooLarge):
		if len(c.Thumbnail) == 0 {
			c.Type = FileTypeOther
		}
		return nil
	case err != nil:
		return err
	case changed:
		if c.Path, err = m.cleanCopy(cleaned, ending); err != nil {
			return err
		}
		c.Size = int64(len(cleaned))
		if old := filepath.Ext(c.Title); mime.TypeByExtension(old) != mime.TypeByExtension(ending) {
			c.Title = strings.TrimSuffix(c.Title, old) + ending
			c.MimeType = mimeType(c.Path)
		}
	}
	if len(c.Thumbnail) == 0 || c.Width == 0 || c.Height == 0 {
		m.look(c, cleaned)
	}
	return nil
}

// look fills in what a picture shows. What cannot be read is sent without.
func (m *Mesibo) look(c *FileInfo, data []byte) {
	small, size, err := picture.Preview(data, thumbnailSide, wire.MaxThumbnail)
	if err != nil {
		m.log.Debug("no thumbnail", errAttr(err))
		return
	}
	if c.Width == 0 || c.Height == 0 {
		c.Width, c.Height = size.X, size.Y
	}
	if len(c.Thumbnail) == 0 {
		c.Thumbnail = small
	}
}

// cleanCopy keeps a picture that is sent in place of the original, under a name made of its content: the same picture sent again is
// the same file.
func (m *Mesibo) cleanCopy(data []byte, ext string) (string, error) {
	folder := filepath.Join(m.GetFilePath(FileTypeImage), sentFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err //nolint:wrapcheck // by the caller
	}
	sum := sha256.Sum256(data)
	place, err := files.In("", folder, hex.EncodeToString(sum[:12])+strings.ToLower(ext))
	if err != nil {
		return "", err
	}
	if db, _, err := m.open("", 0); err == nil { // or there is no message either
		if err := db.NoteCopy(place.Path()); err != nil {
			return "", errors.Join(err, place.Close())
		}
	}
	err = place.Write(data, false)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return place.Path(), errors.Join(err, place.Close())
}

// sniffed is how much of a file its type is told from.
const sniffed = 512

// mimeType tells a file's MIME type: by its content, and by its name where content says only that it is text, an archive or
// nothing known. Empty when nothing tells.
func mimeType(path string) string {
	named := mime.TypeByExtension(filepath.Ext(path))
	f, err := os.Open(path)
	if err != nil {
		return named
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return named // empty, or not readable
	}
	found, _, _ := mime.ParseMediaType(http.DetectContentType(head[:n]))
	if sound := audio.Sniff(head[:n]); sound != "" {
		return sound
	}
	kind, _, _ := strings.Cut(named, "/")
	media := kind == "image" || kind == "audio" || kind == "video"
	switch found {
	case "application/octet-stream", "application/zip", "application/x-gzip", "application/ogg":
		if named != "" {
			return named
		}
	case "text/plain", "text/xml", "text/html":
		if named != "" && (!media || strings.Contains(named, "svg")) {
			return named
		}
	}
	return found
}
