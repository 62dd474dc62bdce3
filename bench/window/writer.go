package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/bench/chats"
	"github.com/parley-chat/parley/mesibo"
)

const (
	writeEvery   = 10 * time.Millisecond
	pictureEvery = 25 // messages
	pictureKinds = 40 // different pictures
)

var emoji = [...]string{"😀", "🎉 We did it!", "❤️", "Look 👀, the snow is back ❄️☃️", "👍👍👍", "🤔 perhaps", "See you at 🕖, bring 🍕 and 🥤"}

// writer writes to the owner from another user's device.
type writer struct {
	m                        *mesibo.Mesibo
	dir                      string
	sent, pictures, accepted atomic.Int64
}

// newWriter connects the other user, whose pictures are made first.
func newWriter(token string) (w *writer, err error) {
	w = &writer{}
	if w.dir, err = os.MkdirTemp("", "parley-writer"); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	for i := range pictureKinds {
		if err := makePicture(w.picture(i), i); err != nil {
			return nil, err
		}
	}
	if w.m, err = mesibo.New(mesibo.Options{Path: filepath.Join(w.dir, "files")}); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	listener := &mesibo.ListenerFuncs{MessageStatus: func(p *mesibo.MessageParams) {
		if p.Status == mesibo.MsgStatusSent {
			w.accepted.Add(1)
		}
	}}
	if err := errors.Join(w.m.SetAccessToken(token), w.m.AddListener(listener), w.m.Start()); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	return w, nil
}

func (w *writer) close() {
	_ = w.m.Reset() // nothing is kept
	_ = os.RemoveAll(w.dir)
}

// run writes a message whenever the interval has passed, also those that it has missed, until ctx ends.
func (w *writer) run(ctx context.Context) error {
	began := time.Now()
	due := time.NewTicker(writeEvery)
	defer due.Stop()
	for i := 0; ; {
		select {
		case <-due.C:
		case <-ctx.Done():
			return nil
		}
		for ; i < int(time.Since(began)/writeEvery); i++ {
			if err := w.write(i); err != nil {
				return fmt.Errorf("write message %d: %w", i, err)
			}
		}
	}
}

func (w *writer) write(i int) error {
	to, id := mesibo.NewMessageParams(chats.Owner, 0), uint32(i+1)
	w.sent.Add(1)
	switch {
	case i%pictureEvery == pictureEvery-1:
		w.pictures.Add(1)
		return w.m.SendFile(to, id, &mesibo.FileInfo{Type: mesibo.FileTypeImage, Path: w.picture(i / pictureEvery % pictureKinds)})
	case i%4 == 1:
		return w.m.SendMessageString(to, id, emoji[i/4%len(emoji)])
	default:
		return w.m.SendMessageString(to, id, chats.Text(i))
	}
}

func (w *writer) count() (sent, pictures, accepted int64) {
	return w.sent.Load(), w.pictures.Load(), w.accepted.Load()
}

func (w *writer) picture(i int) string { return filepath.Join(w.dir, fmt.Sprintf("picture%d.jpg", i)) }

// makePicture writes a picture of 960 by 720.
func makePicture(path string, kind int) error {
	img := image.NewRGBA(image.Rect(0, 0, 960, 720))
	for y := range 720 {
		for x := range 960 {
			img.SetRGBA(x, y, color.RGBA{uint8(x/4 + kind*37), uint8(y/3 + kind*71), uint8((x*y>>9 + kind*13) & 0xff), 0xff})
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	if err := errors.Join(jpeg.Encode(file, img, nil), file.Close()); err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	return nil
}
