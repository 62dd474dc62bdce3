package app

import (
	"sync"

	"github.com/parley-chat/parley/mesibo"
)

// events are what an inbox delivers, called on the user interface's goroutine.
type events interface {
	connectionChanged(status mesibo.ConnectionStatus)
	received(p *mesibo.MessageParams, text string)
	statusChanged(p *mesibo.MessageParams)
	unreadChanged(peer string, unread int)
	profileChanged(peer string) // empty: anybody's
}

// inbox is the application's listener: it collects what the SDK tells and delivers it in order on the user interface's
// goroutine. A burst is delivered in one go.
type inbox struct {
	post  func(func())
	batch func(func()) // surrounds a delivery
	to    events

	mu      sync.Mutex // guards what follows
	waiting []func()
}

var (
	_ mesibo.ConnectionListener = (*inbox)(nil)
	_ mesibo.MessageListener    = (*inbox)(nil)
	_ mesibo.ReadListener       = (*inbox)(nil)
	_ mesibo.ProfileListener    = (*inbox)(nil)
)

func (b *inbox) put(deliver func()) {
	b.mu.Lock()
	first := len(b.waiting) == 0
	b.waiting = append(b.waiting, deliver)
	b.mu.Unlock()
	if first {
		b.post(b.deliver)
	}
}

func (b *inbox) deliver() {
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	b.batch(func() {
		for _, deliver := range waiting {
			deliver()
		}
	})
}

// OnConnectionStatus implements mesibo.ConnectionListener.
func (b *inbox) OnConnectionStatus(status mesibo.ConnectionStatus) {
	b.put(func() { b.to.connectionChanged(status) })
}

// OnMessage implements mesibo.MessageListener.
func (b *inbox) OnMessage(params *mesibo.MessageParams, data []byte) {
	p, text := *params, string(data)
	b.put(func() { b.to.received(&p, text) })
}

// OnMessageStatus implements mesibo.MessageListener.
func (b *inbox) OnMessageStatus(params *mesibo.MessageParams) {
	p := *params
	b.put(func() { b.to.statusChanged(&p) })
}

// OnActivity implements mesibo.MessageListener.
func (b *inbox) OnActivity(*mesibo.MessageParams, mesibo.Activity) {}

// OnLocation implements mesibo.MessageListener.
func (b *inbox) OnLocation(*mesibo.MessageParams, *mesibo.Location) {}

// OnFile implements mesibo.MessageListener.
func (b *inbox) OnFile(*mesibo.MessageParams, *mesibo.FileInfo) {}

// OnRead implements mesibo.ReadListener.
func (b *inbox) OnRead(peer string, groupID uint32, unread int) {
	if groupID == 0 {
		b.put(func() { b.to.unreadChanged(peer, unread) })
	}
}

// OnUserProfileUpdated implements mesibo.ProfileListener.
func (b *inbox) OnUserProfileUpdated(profile *mesibo.UserProfile) {
	peer := ""
	if profile != nil {
		peer = profile.Address
	}
	b.put(func() { b.to.profileChanged(peer) })
}
