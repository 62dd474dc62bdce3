package mesibo

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

var errAge = errors.New("the time is not between a second and ten years")

// SetDisappearing sets for how long messages of a chat stay, for everyone in it and for those that are sent from then on; 0
// is for ever. It is told by a message under the new id (TypeAge). p names the chat; in a group that is for those who may
// modify it. A message whose time is over is removed from the devices and from the server. Errors: as SendMessage;
// ResultBadRequest for less than a second or more than ten years; ResultDenied without the right.
func (m *Mesibo) SetDisappearing(p MessageParams, id uint32, age time.Duration) error {
	const op = "SetDisappearing"
	switch {
	case age != 0 && age < time.Second, age > wire.MaxAge*time.Second:
		return opError(op, ResultBadRequest, errAge)
	case p.GroupID != 0 && !m.GetGroupProfile(p.GroupID).CanModify():
		return opError(op, ResultDenied, GroupErrorPermission)
	}
	p.Flag, p.Mentions, p.LinkPreview, p.RefID, p.Type, p.Age = 0, nil, nil, 0, TypeAge, 0
	p.Expiry = math.MaxInt32
	err := m.send(op, p, id, models.Message{Data: strconv.AppendInt(nil, int64(age/time.Second), 10)})
	if err == nil {
		m.listeners.post(context.Background(), func(l *snapshot) { m.notifyProfile(l, p.Peer, p.GroupID) })
	}
	return err
}

// DisappearListener is called when messages have disappeared, because their time was over: they are no longer stored.
type DisappearListener interface {
	OnDisappeared(params *MessageParams)
}

func (ls *snapshot) disappeared(p MessageParams) {
	each(ls, func(l DisappearListener) {
		own := p
		l.OnDisappeared(&own)
	})
}

// fader removes the messages whose time is over.
type fader struct{ woken chan struct{} }

func newFader() *fader { return &fader{woken: make(chan struct{}, 1)} }

// wake lets the fader look when the next message disappears.
func (f *fader) wake() {
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// fade is a member of the group that works between Start and Stop.
func (r *run) fade(ctx context.Context) error {
	const longest = time.Hour // clocks are set, and machines sleep
	for {
		account := r.account.Load().ID
		r.fadeNow(ctx, account)
		wait := longest
		next, err := r.db.NextFading(ctx, account)
		if err != nil && ctx.Err() == nil {
			r.m.log.Error("look for messages that disappear", errAttr(err))
		}
		if next != 0 {
			wait = min(max(time.Until(time.UnixMilli(next)), 0)+time.Millisecond, longest)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.m.fader.woken:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}

// fadeNow removes the messages whose time is over.
func (r *run) fadeNow(ctx context.Context, account int64) {
	for ctx.Err() == nil {
		mids, err := r.db.Faded(ctx, account, int64(now()))
		if err == nil && len(mids) == 0 {
			return
		}
		var gone []models.Message
		if err == nil {
			gone, _, err = r.db.Delete(account, store.Deletion{Mids: mids})
		}
		if err != nil {
			if ctx.Err() == nil {
				r.m.log.Error("remove messages that disappear", errAttr(err))
			}
			return
		}
		r.m.files.messagesDeleted()
		r.m.listeners.post(ctx, func(l *snapshot) {
			for i := range gone {
				l.disappeared(params(&gone[i]))
			}
		})
		if len(gone) == 0 { // one that may be on its way to the server is left
			return
		}
	}
}
