package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// fileStates draws every state of a file in a message, received on the left and sent on the right, light and dark.
func (s *stage) fileStates() error {
	for look, variant := range map[string]widgets.Variant{"light": widgets.VariantLight, "dark": widgets.VariantDark} {
		s.fyne.Settings().SetTheme(widgets.NewTheme(variant))
		received, sent := messages.NewList(), messages.NewList()
		w := s.fyne.NewWindow("")
		w.SetPadded(false)
		w.SetContent(container.New(layout.NewCustomPaddedHBoxLayout(0), wide(received), wide(sent)))
		w.Resize(fyne.NewSize(2*statesWidth, statesHeight))
		received.SetItems(fileItems(false))
		sent.SetItems(fileItems(true))
		err := s.keep("file-states-"+look, w)
		w.Close()
		if err != nil {
			return err
		}
	}
	s.say("every state of a file in a message, in both looks")
	return nil
}

const statesWidth, statesHeight = 420, 1090

// wide sets the width of a list.
func wide(list fyne.CanvasObject) fyne.CanvasObject {
	return container.NewGridWrap(fyne.NewSize(statesWidth, statesHeight), list)
}

// keep draws a window into a file.
func (s *stage) keep(name string, w fyne.Window) error {
	f, err := os.Create(filepath.Join(s.pictures, name+".png"))
	if err != nil {
		return fmt.Errorf("make picture: %w", err)
	}
	if err := errors.Join(png.Encode(f, w.Canvas().Capture()), f.Close()); err != nil {
		return fmt.Errorf("make picture: %w", err)
	}
	return nil
}

// fileItems are messages with files, received or sent.
func fileItems(own bool) []messages.Item {
	img, _ := apptest.Picture(280, 150)
	photo, blurred := widgets.NewPhoto(img), widgets.NewBlurredPhoto(img)
	file := func(f messages.FileCard) messages.FileCard {
		f.Name = "report.pdf"
		return f
	}
	picture := func(f messages.FileCard) messages.FileCard {
		f.Width, f.Height = 280, 150
		return f
	}
	const gone = "The file is not on the server any more. Ask for it again."
	cards := []messages.FileCard{
		file(messages.FileCard{Size: "24 MB", Ring: messages.FileRemote}),
		file(messages.FileCard{Size: "3.2 of 24 MB", State: "1.1 MB/s · 18 s", Ring: messages.FileRunning, Part: 0.13}),
		file(messages.FileCard{Size: "12.0 of 24 MB", State: "Waiting for network", Ring: messages.FileRunning, Part: 0.5}),
		file(messages.FileCard{Size: "24 MB", State: "Finishing", Ring: messages.FileRunning, Part: 0.99}),
		file(messages.FileCard{Size: "12.0 of 24 MB", State: "Interrupted", Ring: messages.FileFailed, Part: 0.5}),
		file(messages.FileCard{Size: "24 MB", State: "Not downloaded", Alarm: true, Ring: messages.FileFailed, Reason: gone}),
		file(messages.FileCard{Size: "24 MB"}),
		picture(messages.FileCard{Size: "2.4 MB", Photo: blurred, Ring: messages.FileRemote}),
		picture(messages.FileCard{Size: "1.4 of 2.4 MB", Photo: blurred, Ring: messages.FileRunning, Part: 0.6}),
		picture(messages.FileCard{Photo: photo}),
	}
	items := make([]messages.Item, len(cards))
	for i := range cards {
		f := &cards[i]
		it := messages.Item{Key: int64(i + 1), Own: own, Time: "14:02", File: f}
		if own {
			it.State = widgets.StateWaiting
		}
		switch {
		case !own:
		case f.Alarm:
			f.State, f.Reason = "Not sent", ""
			it.State, it.FailedReason = widgets.StateFailed, "The file was changed after you sent it. Send it again."
		case f.Ring == messages.FileLocal:
			it.State = widgets.StateRead
		case f.Ring == messages.FileRemote: // the file of a sent message is on this device
			f.Ring = messages.FileRunning
		}
		items[i] = it
	}
	return items
}

// fileSheets shows the settings, the fields for dropped files, and the sheet with files before they are sent, light and
// dark. At the end, the sheet is open.
func (s *stage) fileSheets(ctx context.Context, alice *person, files []fyne.URI) error {
	for _, look := range []string{"dark", "light"} {
		alice.SetLook(look)
		err := steps(
			func() error { return alice.icon(assets.IconMenu) },
			func() error { return alice.press(ctx, "Settings") },
			func() error { return alice.press(ctx, "Chats and storage") },
			func() error { return alice.reads(ctx, "Photos") },
			func() error { return alice.picture("file-settings-" + look) },
			func() error { alice.key(fyne.KeyEscape); return nil },
			func() error { alice.Dragged(true, 0.6, 0.4); return alice.reads(ctx, "As photos") },
			func() error { return alice.picture("drop-" + look) },
			func() error { alice.Dropped(files); return alice.reads(ctx, fmt.Sprintf("%d files", len(files))) },
			func() error { return alice.picture("send-files-" + look) },
			func() error {
				if look == "dark" {
					alice.key(fyne.KeyEscape)
				}
				return nil
			},
		)
		if err != nil {
			return err
		}
	}
	return nil
}
