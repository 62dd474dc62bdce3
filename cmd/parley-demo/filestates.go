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
)

// fileStates draws every state of a file in a message, received on the left and sent on the right, in both looks.
func (s *stage) fileStates() error {
	for look, variant := range map[string]widgets.Variant{"light": widgets.VariantLight, "dark": widgets.VariantDark} {
		s.fyne.Settings().SetTheme(widgets.NewTheme(variant))
		received, sent := widgets.NewMessageList(), widgets.NewMessageList()
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

// wide gives a list its width.
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
func fileItems(own bool) []widgets.MessageItem {
	img, _ := apptest.Picture(280, 150)
	photo, blurred := widgets.NewPhoto(img), widgets.NewBlurredPhoto(img)
	file := func(f widgets.FileCard) widgets.FileCard {
		f.Name = "report.pdf"
		return f
	}
	picture := func(f widgets.FileCard) widgets.FileCard {
		f.Width, f.Height = 280, 150
		return f
	}
	const gone = "The file is not on the server any more. Ask for it again."
	cards := []widgets.FileCard{
		file(widgets.FileCard{Size: "24 MB", Ring: widgets.FileRemote}),
		file(widgets.FileCard{Size: "3.2 of 24 MB", State: "1.1 MB/s · 18 s", Ring: widgets.FileRunning, Part: 0.13}),
		file(widgets.FileCard{Size: "12.0 of 24 MB", State: "Waiting for network", Ring: widgets.FileRunning, Part: 0.5}),
		file(widgets.FileCard{Size: "24 MB", State: "Finishing", Ring: widgets.FileRunning, Part: 0.99}),
		file(widgets.FileCard{Size: "12.0 of 24 MB", State: "Interrupted", Ring: widgets.FileBroken, Part: 0.5}),
		file(widgets.FileCard{Size: "24 MB", State: "Not downloaded", Alarm: true, Ring: widgets.FileBroken, Reason: gone}),
		file(widgets.FileCard{Size: "24 MB"}),
		picture(widgets.FileCard{Size: "2.4 MB", Photo: blurred, Ring: widgets.FileRemote}),
		picture(widgets.FileCard{Size: "1.4 of 2.4 MB", Photo: blurred, Ring: widgets.FileRunning, Part: 0.6}),
		picture(widgets.FileCard{Photo: photo}),
	}
	items := make([]widgets.MessageItem, len(cards))
	for i := range cards {
		f := &cards[i]
		it := widgets.MessageItem{Key: int64(i + 1), Own: own, Time: "14:02", File: f}
		if own {
			it.State = widgets.StateWaiting
		}
		switch {
		case !own:
		case f.Alarm:
			f.State, f.Reason = "Not sent", ""
			it.State, it.FailedReason = widgets.StateFailed, "the file was changed after you sent it. Send it again."
		case f.Ring == widgets.FileThere:
			it.State = widgets.StateRead
		case f.Ring == widgets.FileRemote: // what is sent is here
			f.Ring = widgets.FileRunning
		}
		items[i] = it
	}
	return items
}

// fileSheets shows the settings, where files can be dropped, and the sheet with files before they are sent, in both looks. In the
// end the sheet is there.
func (s *stage) fileSheets(ctx context.Context, alice *person, files []fyne.URI) error {
	for _, look := range []string{"dark", "light"} {
		alice.SetLook(look)
		err := steps(
			func() error { return alice.icon(assets.IconMenu) },
			func() error { return alice.press(ctx, "Files…") },
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
