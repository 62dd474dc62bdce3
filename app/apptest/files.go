package apptest

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

// Picture is an image with a PNG of it.
func Picture(w, h int) (image.Image, []byte) {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.SetNRGBA(i%w, i/w, color.NRGBA{R: uint8(255 * (i % w) / w), G: uint8(255 * (i / w) / h), B: 0x80, A: 0xFF})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // an image in memory
	}
	return img, b.Bytes()
}

// IsFileTransferEnabled is true unless NoFiles is set.
func (b *Backend) IsFileTransferEnabled() bool { return !b.NoFiles }

// SendFile puts the file into the chat, waiting.
func (b *Backend) SendFile(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo) error {
	if b.Err != nil {
		return b.Err
	}
	b.called("send %s with %q", f.Title, f.Message)
	own := p
	own.Mid, own.Status = uint64(id), mesibo.MsgStatusOutbox
	f.Mid, f.Params = uint64(id), &own
	kept := *f
	b.add(p, chat.Message{Mid: uint64(id), Text: f.Message, RefID: p.RefID, Mentions: p.Mentions, File: &kept})
	return nil
}

// SetFileTransferLimits keeps them in Limits.
func (b *Backend) SetFileTransferLimits(l mesibo.FileTransferLimits) error {
	b.Limits = l
	return b.Err
}

// SetSendFolder keeps it in Folder.
func (b *Backend) SetSendFolder(f mesibo.SendFolder) error {
	if b.Err == nil {
		b.Folder = f
	}
	return b.Err
}

// GetSendFolder returns Folder.
func (b *Backend) GetSendFolder() mesibo.SendFolder { return b.Folder }

// GetSendFolderFiles returns FolderFiles.
func (b *Backend) GetSendFolderFiles() ([]mesibo.FolderFile, error) { return b.FolderFiles, b.Err }

// StartFileTransfer records it.
func (b *Backend) StartFileTransfer(f *mesibo.FileInfo) error {
	if b.Err == nil {
		b.called("start %s, asked for: %t", f.Title, f.UserInteraction)
	}
	return b.Err
}

// StopFileTransfer records it.
func (b *Backend) StopFileTransfer(f *mesibo.FileInfo) error {
	return b.did("stop %s", f.Title)
}

// GetFileType uses the extension.
func (b *Backend) GetFileType(path string) mesibo.FileType {
	switch filepath.Ext(path) {
	case ".png":
		return mesibo.FileTypeImage
	case ".ogg", ".opus":
		return mesibo.FileTypeAudio
	}
	return mesibo.FileTypeOther
}

// GetFilePath is the folder Files.
func (b *Backend) GetFilePath(mesibo.FileType) string { return b.Files }

// GetTempFilesPath is the folder Files.
func (b *Backend) GetTempFilesPath() string { return b.Files }

// SetPlayed notes it.
func (b *Backend) SetPlayed(mid uint64) error {
	_, m := b.find(mid)
	if b.Err != nil || m == nil || m.File == nil {
		return errors.Join(b.Err, mesibo.ErrNotFound)
	}
	f := *m.File
	f.Played = true
	m.File = &f
	return nil
}

// MakeWaveform treats every file as two seconds of sound.
func (b *Backend) MakeWaveform(f *mesibo.FileInfo) error {
	if b.Err == nil {
		f.Duration, f.Waveform = 2*time.Second, bytes.Repeat([]byte{128}, 48)
	}
	return b.Err
}

// MakeThumbnail decodes PNG files.
func (b *Backend) MakeThumbnail(f *mesibo.FileInfo) error {
	img, err := b.LoadImage(f.Path, 0)
	if err != nil {
		return err
	}
	_, f.Thumbnail = Picture(32, 24)
	f.Width, f.Height = img.Bounds().Dx(), img.Bounds().Dy()
	return nil
}

// LoadImage decodes PNG files.
func (b *Backend) LoadImage(path string, _ int) (image.Image, error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err //nolint:wrapcheck // as the test's own
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, mesibo.ErrImageFormat
	}
	return img, nil
}

// LoadAnimation finds those of Animations.
//
//nolint:ireturn // as chat.Backend wants it
func (b *Backend) LoadAnimation(path string, _ int) (chat.Animation, error) {
	if a := b.Animations[path]; a != nil {
		return a, nil
	}
	return nil, mesibo.ErrImageFormat
}

// Progress is what a listener gets about the file of a message, which changes too.
func (b *Backend) Progress(mid uint64, percent int, status mesibo.FileStatus) *mesibo.FileInfo {
	key, m := b.find(mid)
	if m == nil || m.File == nil {
		return nil
	}
	f := *m.File
	f.Progress, f.Status, f.Mid, f.Params = percent, status, m.Mid, Params(key, *m)
	m.File = &f
	told := f
	return &told
}
