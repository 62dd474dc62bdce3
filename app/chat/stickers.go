package chat

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const (
	mostStickers = 24
	// stickersAmong is how many messages with files are looked at, the newest.
	stickersAmong = 1000
	stickerBytes  = 4 << 20
)

// sticker is one that was received or sent.
type sticker struct {
	file  *mesibo.FileInfo
	photo *widgets.Photo
}

// recentStickers finds the stickers that were received or sent last in any chat, the newest first, and each content
// once. It takes a moment.
func recentStickers(ctx context.Context, b Backend, side int, log *slog.Logger) []sticker {
	rows, err := b.ReadShared("", 0, stickersAmong)
	if err != nil {
		log.Warn("stickers not read", slog.Any("error", err))
	}
	var list []sticker
	paths, contents := map[string]bool{}, map[[sha256.Size]byte]bool{}
	for _, msg := range rows {
		if len(list) == mostStickers || ctx.Err() != nil {
			break
		}
		path, here := msg.HasFile()
		if !here || paths[path] || !format.IsSticker(msg.File) {
			continue
		}
		paths[path] = true
		img, sum, err := readSticker(b, path, side)
		if err != nil {
			log.Debug("sticker not read", slog.Any("error", err))
			continue
		}
		if !contents[sum] {
			contents[sum] = true
			list = append(list, sticker{msg.File, widgets.NewPhoto(img)})
		}
	}
	return list
}

// readSticker reads a picture, and the checksum of its file.
func readSticker(b Backend, path string, side int) (img image.Image, sum [sha256.Size]byte, err error) {
	if img, err = b.LoadImage(path, side); err != nil { // it has looked what kind of file this is
		return nil, sum, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, sum, fmt.Errorf("read sticker: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(h, io.LimitReader(f, stickerBytes))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, sum, fmt.Errorf("read sticker: %w", err)
	}
	copy(sum[:], h.Sum(nil))
	return img, sum, nil
}

// offerStickers shows the stickers of the last time in a picker, and those of now when they are found. changed is
// called when the picker has another size.
func (s *Screen) offerStickers(picker *widgets.EmojiPicker, changed func()) {
	m := s.model
	if m == nil || m.FilesRefused() != "" {
		return
	}
	show := func() {
		photos := make([]*widgets.Photo, len(s.stickers))
		for i, one := range s.stickers {
			photos[i] = one.photo
		}
		picker.SetStickers(photos)
	}
	show()
	var found []sticker
	side := int(widgets.StickerPicture * max(1, s.scale()))
	s.ui.Async(func(ctx context.Context) { found = recentStickers(ctx, m.cfg.Backend, side, m.cfg.Logger) }, func() {
		s.stickers = found
		if s.model == m && picker.Visible() {
			show()
			changed()
		}
	})
}

// sendSticker sends one of the stickers that a picker shows.
func (s *Screen) sendSticker(i int) {
	if s.model != nil && i < len(s.stickers) {
		s.model.sendAgain(s.stickers[i].file)
	}
}

// sendAgain sends a file that was received or sent before. What the server has is not uploaded again.
func (m *Model) sendAgain(f *mesibo.FileInfo) {
	if why := m.FilesRefused(); why != "" {
		m.say(why)
		return
	}
	p, id := m.FileParams("", true)
	file := mesibo.FileInfo{
		Mode: mesibo.FileModeUpload, Type: f.Type, URL: f.URL, Path: f.Path, Size: f.Size, Title: f.Title,
		MimeType: f.MimeType, Thumbnail: f.Thumbnail, Width: f.Width, Height: f.Height,
	}
	given := file // the SDK changes what it is given
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		if err = m.cfg.Backend.SendFile(p, id, &given); err == nil {
			file.Path, file.Size = given.Path, given.Size
		}
	}, func() {
		if err != nil {
			m.FileRefused(id)
			m.fileFailed("send sticker", err, true)
			return
		}
		m.FileSent(p, id, &file)
		m.cfg.Updated()
	})
}
