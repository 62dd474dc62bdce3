package call

import (
	"context"
	"image"
	"log/slog"
	"sync"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/widgets"
)

// sharedScreen is the screen that the user has chosen to share.
type sharedScreen struct {
	standard call.VideoSource

	mu     sync.Mutex
	chosen call.VideoSource // nil for the standard one
}

func (s *sharedScreen) choose(source call.VideoSource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chosen = source
}

// Start implements call.VideoSource.
func (s *sharedScreen) Start(width, height, fps int, take func(*image.YCbCr), lost func()) (stop func(), err error) {
	s.mu.Lock()
	source := s.chosen
	s.mu.Unlock()
	if source == nil {
		source = s.standard
	}
	return source.Start(width, height, fps, take, lost)
}

// askScreen lets the user choose the screen to share, when there are several, and then calls share.
func (m *Model) askScreen(window fyne.Canvas, share func()) {
	if m.cfg.Devices.Screens == nil {
		share()
		return
	}
	var screens []Device[call.VideoSource]
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { screens, err = m.cfg.Devices.Screens() }, func() {
		if err != nil {
			m.cfg.Logger.Info("screens not listed", slog.Any("error", err))
		}
		if m.ended || len(screens) < 2 || window == nil {
			m.screen.choose(nil)
			share()
			return
		}
		items := make([]*widgets.MenuItem, len(screens))
		for i, s := range screens {
			items[i] = widgets.NewMenuItem(s.Name, func() {
				m.screen.choose(s.Use)
				share()
			})
		}
		room := window.Size()
		widgets.ShowMenuAbove(window, fyne.NewPos(room.Width/2, room.Height-widgets.CallFooter), items...)
	})
}

// sharingBanner is the line in the window of a call whose screen is shared.
func sharingBanner(stop func()) widgets.BannerData {
	return widgets.BannerData{
		Kind: widgets.BannerGreen, Text: tr.L("You are sharing your screen"),
		Actions: []widgets.Action{{Text: tr.X("Stop", "sharing"), Tapped: stop}},
	}
}
