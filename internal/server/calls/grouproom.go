package calls

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// openMost is how long a device that starts a call waits for the SFU. Then the participants are connected each with
// each.
const openMost = 5 * time.Second

// SFU carries the sound and video of calls of groups. Each call has a room there. The methods do not block, but for
// Open.
type SFU interface {
	// Open makes a room, unless there is one.
	Open(ctx context.Context, room string) error
	// Ticket returns with what a participant connects. An empty URL means this server.
	Ticket(room string, number uint32, publish bool) (url, token string)
	// Permit lets a participant send, or not any more.
	Permit(room string, number uint32, publish bool)
	// Remove ends the sound and video of a participant.
	Remove(room string, number uint32)
	// Close deletes a room.
	Close(room string)
}

// callKey is what the participants of a call encrypt sound and video with. The SFU does not know it.
type callKey struct {
	key   [wire.CallKeySize]byte
	index uint32
}

// renew makes another key. The index lets receivers tell it from the one before.
func (k *callKey) renew() {
	_, _ = rand.Read(k.key[:]) // never fails
	k.index = (k.index + 1) % wire.CallKeys
}

func (k *callKey) wire() *wire.CallKey { return &wire.CallKey{Key: k.key[:], Index: k.index} }

// openRoom makes the room ready of the call that a device joins, or a fresh one for a call that it starts. An empty one
// means that the device cannot use it, or that there is none.
func (gs *Groups) openRoom(ctx context.Context, j *Join, members GroupMembers) (room string, fresh bool) {
	if gs.c.SFU == nil || !j.SFU || !members.Rights(j.Device.UID).Join {
		return "", false
	}
	room, fresh = rand.Text(), true
	gs.mu.Lock()
	if c := gs.live[j.GID]; c != nil {
		room, fresh = c.room, false
	}
	gs.mu.Unlock()
	if room == "" {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, openMost)
	defer cancel()
	if err := gs.c.SFU.Open(ctx, room); err != nil {
		gs.c.Logger.Warn("a call of a group goes without the SFU", slog.Any("error", err))
		return "", false
	}
	return room, fresh
}

// admit returns with what a participant connects to the SFU, nil when the call does not use it. Under mu.
func (gs *Groups) admit(p *participant) *wire.CallSFU {
	c := p.call
	if c.room == "" {
		return nil
	}
	url, token := gs.c.SFU.Ticket(c.room, p.number, p.rights.Publish)
	return &wire.CallSFU{Url: url, Token: token, Key: c.key.wire()}
}

// Admits reports whether a participant takes part in the call of a room.
func (gs *Groups) Admits(room string, number uint32) bool {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	c := gs.rooms[room]
	return c != nil && c.find(number) != nil
}

// rekey sends the participants of a call another key, after one of them had to leave. Under mu.
func (gs *Groups) rekey(c *groupCall) {
	if c.room == "" || len(c.participants) == 0 {
		return
	}
	c.key.renew()
	for _, p := range c.participants {
		gs.sendTo(p, 0, &wire.CallChange{Status: wire.CallUpdate, Key: c.key.wire()})
	}
}
