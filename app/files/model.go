package files

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/parley-chat/parley/mesibo"
)

// Model is the state of file transfers: what is transferred now, and the limits that apply.
// Unless noted, its methods are called on the user interface's goroutine.
type Model struct {
	backend Backend
	ui      Dispatcher
	log     *slog.Logger
	limits  settings

	transfers []*mesibo.FileInfo // in the order they started

	askLimit func(ctx context.Context) (int64, error) // nil when the server has no limit to ask for
	largest  atomic.Int64                             // bytes; 0 while unknown
	asked    bool
}

func newModel(cfg *Config) *Model {
	return &Model{
		backend: cfg.Backend, ui: cfg.Dispatcher, log: cfg.Logger,
		limits: settings{cfg.Preferences}, askLimit: cfg.ServerLimit,
	}
}

// largestFile is the largest file that the server accepts in bytes, 0 while it is unknown.
// It may be called on any goroutine.
func (m *Model) largestFile() int64 { return m.largest.Load() }

// askServerLimit asks the server once for the largest file that it accepts. known is called with the answer.
func (m *Model) askServerLimit(known func()) {
	if m.asked || m.askLimit == nil {
		return
	}
	m.asked = true
	var size int64
	var err error
	m.ui.Async(func(ctx context.Context) {
		size, err = m.askLimit(ctx)
	}, func() {
		if err != nil {
			m.log.Debug("file size limit unknown", slog.Any("error", err))
			m.asked = false // the next connection asks again
			return
		}
		m.largest.Store(size)
		known()
	})
}

// applyLimits sets the user's limits in the SDK.
func (m *Model) applyLimits() {
	if err := m.backend.SetFileTransferLimits(m.limits.transferLimits()); err != nil {
		m.log.Warn("file transfer limits not set", slog.Any("error", err))
	}
}

// progress applies the progress of a transfer; it reports whether the number of transfers changed.
// Other listeners share f, so it is only read here.
func (m *Model) progress(f *mesibo.FileInfo) (changed bool) {
	at := slices.IndexFunc(m.transfers, func(o *mesibo.FileInfo) bool { return sameMessage(o, f) })
	current := *f
	switch running := f.Status == mesibo.FileStatusInProgress; {
	case running && at < 0 && m.gone(f.Mid): // reported before its message was recalled
	case running && at < 0:
		m.transfers = append(m.transfers, &current)
		return true
	case running:
		before := m.transfers[at]
		current.Progress = max(current.Progress, before.Progress)
		current.Transferred = max(current.Transferred, before.Transferred)
		m.transfers[at] = &current
	case at >= 0:
		m.transfers = slices.Delete(m.transfers, at, at+1)
		return true
	}
	return false
}

// dropGone forgets the transfers of a chat whose messages no longer exist.
func (m *Model) dropGone(peer string, groupID uint32) {
	m.transfers = slices.DeleteFunc(m.transfers, func(f *mesibo.FileInfo) bool {
		return isChat(f.Params, peer, groupID) && m.gone(f.Mid)
	})
}

// gone reports whether a message no longer exists here.
func (m *Model) gone(mid uint64) bool {
	found, err := m.backend.FindMessage(mid)
	return errors.Is(err, mesibo.ErrNotFound) || err == nil && found.IsDeleted()
}

// stop ends a transfer. An upload recalls its message; a download can be started again.
func (m *Model) stop(f *mesibo.FileInfo) error {
	if f.Mode != mesibo.FileModeUpload {
		stopped := *f
		return m.backend.StopFileTransfer(&stopped)
	}
	p := mesibo.MessageParams{GroupID: f.Params.GroupID, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
	if p.GroupID == 0 {
		p.Peer = f.Params.Peer
	}
	return m.backend.Cancel(p, uint32(f.Mid))
}

// isChat reports whether a message belongs to a chat. The case of addresses does not matter.
func isChat(p *mesibo.MessageParams, peer string, groupID uint32) bool {
	return p.GroupID == groupID && (groupID != 0 || strings.EqualFold(p.Peer, peer))
}

// sameMessage reports whether both are the file of one message. Only the low half of an own message's id is final.
func sameMessage(a, b *mesibo.FileInfo) bool {
	own := a.Params.IsOutgoing()
	if own != b.Params.IsOutgoing() || !isChat(a.Params, b.Params.Peer, b.Params.GroupID) {
		return false
	}
	return a.Mid == b.Mid || own && uint32(a.Mid) == uint32(b.Mid)
}
