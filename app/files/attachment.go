package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// mostFiles is how many files can be sent at once.
const mostFiles = 100

// attachment is a file that was chosen to be sent.
type attachment struct {
	path, name string
	size       int64
	photo      *widgets.Photo // small, of a picture
	problem    string         // why it cannot be sent

	file *mesibo.FileInfo
}

// isPicture reports whether the file can be sent as a picture.
func (a attachment) isPicture() bool { return a.file != nil && a.file.Type == mesibo.FileTypeImage }

// attach looks at a file, which takes a moment. largest is how many bytes it may have, 0 for any number.
func attach(b sender, path string, largest int64) attachment {
	a := attachment{path: path, name: filepath.Base(path)}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.problem = tr.L("It does not exist any more")
	case err != nil:
		a.problem = tr.L("It can't be read")
	case info.IsDir():
		a.problem = tr.L("This is a folder; pack it into one file")
	case !info.Mode().IsRegular():
		a.problem = tr.L("This is not a file")
	case largest > 0 && info.Size() > largest:
		a.problem = tr.L("Too large: {{.Size}}", "Size", format.Size(info.Size()))
	}
	if a.problem != "" {
		return a
	}
	f, err := os.Open(path)
	if err != nil {
		a.problem = tr.L("It can't be read")
		return a
	}
	_ = f.Close() // nothing was written
	a.size = info.Size()
	a.file = &mesibo.FileInfo{
		Mode: mesibo.FileModeUpload, Type: b.GetFileType(path), Path: path, Title: a.name, Size: a.size,
	}
	switch a.file.Type {
	case mesibo.FileTypeVideo:
		describeVideo(b, a.file)
		a.photo = widgets.NewPhoto(format.Thumbnail(a.file))
	case mesibo.FileTypeAudio:
		_ = b.MakeWaveform(a.file) // a sound that cannot be read is sent as any other file
	case mesibo.FileTypeImage:
		if b.MakeThumbnail(a.file) != nil { // and so is a picture
			a.file.Type = mesibo.FileTypeOther
			return a
		}
		a.photo = widgets.NewPhoto(format.Thumbnail(a.file))
	default:
	}
	return a
}
