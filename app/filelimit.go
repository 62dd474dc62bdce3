package app

import (
	"context"
	"sync/atomic"
)

// fileLimit is the largest file that the server takes. The server is asked when there is a connection for the first time.
type fileLimit struct {
	bytes atomic.Int64
	asked bool
}

// size is the limit in bytes, 0 while it is not known. It may be called from any goroutine.
func (l *fileLimit) size() int64 { return l.bytes.Load() }

func (l *fileLimit) ask(h *home) {
	if l.asked || h.session.FileLimit == nil || h.link.health() != healthy {
		return
	}
	l.asked = true
	var size int64
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		size, err = h.session.FileLimit(ctx)
	}, func() {
		if err != nil {
			h.app.cfg.Logger.Debug("limit of files not known", errorAttr(err))
			l.asked = false // with the next connection
			return
		}
		l.bytes.Store(size)
		if s := h.app.sending; s != nil {
			s.refresh()
		}
	})
}
