package call

import (
	"context"
	"log/slog"

	"github.com/parley-chat/parley/internal/audio"
)

// tones plays one tone at a time. Opening a device takes a moment, so others do it.
type tones struct {
	output audio.Output // nil for none
	ui     Dispatcher
	logger *slog.Logger

	tone  audio.Tone
	stop  func() // ends what is played, nil for nothing
	asked int    // counts changes: what was opened for an earlier one is closed again
}

// play changes the tone; ToneNone ends it.
func (p *tones) play(tone audio.Tone) {
	if p.output == nil || p.tone == tone {
		return
	}
	p.tone = tone
	p.asked++
	asked, before := p.asked, p.stop
	p.stop = nil
	var stop func()
	p.ui.Async(func(ctx context.Context) {
		if before != nil {
			before()
		}
		if tone == audio.ToneNone || ctx.Err() != nil {
			return
		}
		var err error
		if stop, err = audio.PlayTone(p.output, tone); err != nil {
			p.logger.Info("a tone is not played", slog.Any("error", err))
		}
	}, func() {
		switch {
		case stop == nil:
		case p.asked == asked:
			p.stop = stop
		default:
			p.ui.Async(func(context.Context) { stop() }, func() {})
		}
	})
}
