package chat

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// AttachLimit is how many files can be sent at once.
const AttachLimit = 100

// Attachment is a file that was chosen to be sent.
type Attachment struct {
	Path, Name string
	Size       int64
	Photo      *widgets.Photo // small, of a picture
	Problem    string         // why it cannot be sent

	file *mesibo.FileInfo
}

// Pictured tells whether the file can be sent as a picture.
func (a Attachment) Pictured() bool { return a.file != nil && a.file.Type == mesibo.FileTypeImage }

// Attach looks at files that are to be sent, away from the user interface.
func (m *Model) Attach(paths []string, done func([]Attachment)) {
	list := make([]Attachment, len(paths))
	m.cfg.Dispatcher.Async(func(ctx context.Context) {
		for i, path := range paths {
			if ctx.Err() == nil {
				list[i] = m.attachment(path)
			}
		}
	}, func() {
		if !m.closed {
			done(list)
		}
	})
}

func (m *Model) attachment(path string) Attachment {
	a := Attachment{Path: path, Name: filepath.Base(path)}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.Problem = "It is not there any more"
	case err != nil:
		a.Problem = "It can't be read"
	case info.IsDir():
		a.Problem = "This is a folder; pack it into one file"
	case !info.Mode().IsRegular():
		a.Problem = "This is no file"
	case m.FileLimit() > 0 && info.Size() > m.FileLimit():
		a.Problem = "Too large: " + SizeWords(info.Size())
	}
	if a.Problem != "" {
		return a
	}
	f, err := os.Open(path)
	if err != nil {
		a.Problem = "It can't be read"
		return a
	}
	_ = f.Close() // nothing was written
	a.Size = info.Size()
	a.file = &mesibo.FileInfo{
		Mode: mesibo.FileModeUpload, Type: m.cfg.Backend.GetFileType(path), Path: path, Title: a.Name, Size: a.Size,
	}
	if a.file.Type == mesibo.FileTypeAudio {
		_ = m.cfg.Backend.MakeWaveform(a.file) // a sound that cannot be read is a file like others
	}
	if a.file.Type == mesibo.FileTypeImage {
		if m.cfg.Backend.MakeThumbnail(a.file) == nil {
			a.Photo = widgets.NewPhoto(thumbnail(a.file))
		} else { // a picture that cannot be shown is a file like others
			a.file.Type = mesibo.FileTypeOther
		}
	}
	return a
}

// FilesRefused says why no files can be sent, empty when they can.
func (m *Model) FilesRefused() string {
	switch {
	case m.Refused() != "":
		return m.Refused()
	case !m.cfg.Backend.IsFileTransferEnabled():
		return "Files can't be sent with this server."
	default:
		return ""
	}
}

// FileLimit is the largest file that can be sent in bytes, 0 when it is not known.
func (m *Model) FileLimit() int64 {
	if m.cfg.FileLimit == nil {
		return 0
	}
	return m.cfg.FileLimit()
}
