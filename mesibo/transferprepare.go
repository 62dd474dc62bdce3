package mesibo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/picture"
	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// description is what the disk says of a file that is to be transferred.
type description struct {
	file   *FileInfo // a completed copy
	key    transferKey
	source fs.FileInfo // of an upload
}

// describe looks at a file and completes it: path, type, and of an upload size, title and MIME type.
func (ts *fileTransfers) describe(f *FileInfo) (description, error) {
	d := description{file: f.snapshot()}
	c := d.file
	var err error
	if c.Path != "" {
		if c.Path, err = ts.m.absolute(c.Path); err != nil {
			return d, err
		}
	}
	if c.Type == FileTypeAuto {
		name := c.Path
		if name == "" {
			name, _, _ = strings.Cut(c.URL, "?")
		}
		c.Type = fileTypeOf(name)
	}
	if c.Mode == FileModeDownload {
		if c.URL == "" {
			return d, fmt.Errorf("download: %w: the file has no URL", fs.ErrInvalid)
		}
		d.key = newDownloadKey(c.URL)
	} else {
		if d.source, err = regularFile(c.Path); err != nil {
			return d, err
		}
		c.Size = d.source.Size()
		if c.Title == "" {
			c.Title = strings.ToValidUTF8(d.source.Name(), "�")
		}
		if c.MimeType == "" {
			c.MimeType = mimeType(c.Path)
		}
		d.key = newUploadKey(c.Path, d.source)
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Path, f.Type, f.Size, f.Title, f.MimeType = c.Path, c.Type, c.Size, c.Title, c.MimeType
	return d, nil
}

func regularFile(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look up file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, files.ErrKind
	}
	return info, nil
}

// complete fills in what the application has not said of a file that is to be sent: its type by its content; of a
// picture size and thumbnail; of a sound duration and waveform. A picture that says where, when and by whom it was
// taken is replaced by a copy that does not.
func (ts *fileTransfers) complete(f *FileInfo) error {
	d, err := ts.describe(f)
	if err != nil {
		return err
	}
	c := d.file
	if err := transfer.CheckSource(c.Path); errors.Is(err, ErrFileUnreadable) {
		return err
	}
	switch {
	case c.Type == FileTypeAudio && len(c.Waveform) == 0:
		describeSound(c, ts.log)
	case c.Type == FileTypeImage:
		if err := ts.preparePicture(c); err != nil {
			return err
		}
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Type, f.Path, f.Size, f.Title, f.MimeType = c.Type, c.Path, c.Size, c.Title, c.MimeType
	f.Thumbnail, f.Width, f.Height = c.Thumbnail, c.Width, c.Height
	f.Duration, f.Waveform = c.Duration, c.Waveform
	return nil
}

// describeSound fills in duration and waveform of a sound. What cannot be read is sent without.
func describeSound(c *FileInfo, log *slog.Logger) {
	info, waveform, err := audio.Describe(c.Path)
	if err != nil {
		log.Debug("no waveform", errAttr(err))
		return
	}
	c.Waveform = waveform
	if c.Duration == 0 {
		c.Duration = info.Duration
	}
}

// preparePicture strips a picture of what it says beside the picture, drawing it again if need be, and fills in size
// and thumbnail. What cannot be read here is sent unchanged, and not as a picture unless the application has a
// thumbnail of it.
func (ts *fileTransfers) preparePicture(c *FileInfo) error {
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
		if c.Path, err = ts.stripped.put(cleaned, ending); err != nil {
			return err
		}
		c.Size = int64(len(cleaned))
		if old := filepath.Ext(c.Title); mime.TypeByExtension(old) != mime.TypeByExtension(ending) {
			c.Title = strings.TrimSuffix(c.Title, old) + ending
			c.MimeType = mimeType(c.Path)
		}
	}
	if len(c.Thumbnail) == 0 || c.Width == 0 || c.Height == 0 {
		describePicture(c, cleaned, ts.log)
	}
	return nil
}

// describePicture fills in size and thumbnail of a picture. What cannot be read is sent without.
func describePicture(c *FileInfo, data []byte, log *slog.Logger) {
	thumbnail, size, err := picture.Preview(data, thumbnailSide, wire.MaxThumbnail)
	if err != nil {
		log.Debug("no thumbnail", errAttr(err))
		return
	}
	if c.Width == 0 || c.Height == 0 {
		c.Width, c.Height = size.X, size.Y
	}
	if len(c.Thumbnail) == 0 {
		c.Thumbnail = thumbnail
	}
}

// sniffed is how many bytes of a file decide its MIME type.
const sniffed = 512

// mimeType returns a file's MIME type: by its content, and by its name where the content is only known to be text or an
// archive. Empty when neither is enough.
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
