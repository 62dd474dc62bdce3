// Package echo is a contact that answers every message: an ordinary client of the SDK, without a window.
package echo

import (
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/parley-chat/parley/mesibo"
)

// Address and Name are those of the Echo contact in every local workspace.
const (
	Address = "echo"
	Name    = "Echo"
)

// Options configure a bot.
type Options struct {
	Dir    string // its folder
	Token  string // its access token
	Logger *slog.Logger
	// Greet is the address of a user who receives Greeting first, once in the life of the folder.
	Greet, Greeting string
}

// Bot answers until Close.
type Bot struct {
	m   *mesibo.Mesibo
	log *slog.Logger

	answering sync.Mutex // one answer at a time
}

const greetingID = 1

// Start connects the bot. Messages that arrived while it was not running are answered first.
func Start(o Options) (*Bot, error) {
	m, err := mesibo.New(mesibo.Options{Path: o.Dir, Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	b := &Bot{m: m, log: o.Logger}
	for _, step := range []func() error{
		func() error { return m.SetDatabase("echo.db", 0) },
		func() error { return m.SetAccessToken(o.Token) },
		func() error { return m.AddListener(&mesibo.ListenerFuncs{Message: b.received}) },
		func() error { return b.greet(o.Greet, o.Greeting) },
		b.answerAll,
		m.Start,
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, m.Reset())
		}
	}
	return b, nil
}

// Close stops the bot.
func (b *Bot) Close() error { return b.m.Reset() }

func (b *Bot) greet(address, text string) error {
	if address == "" {
		return nil
	}
	err := b.m.SendMessageString(mesibo.NewMessageParams(address, mesibo.FlagDefault), greetingID, text)
	if errors.Is(err, mesibo.ErrDuplicateID) { // it was sent before
		return nil
	}
	return err
}

func (b *Bot) received(p *mesibo.MessageParams, _ []byte) {
	if p.IsIncoming() && p.GroupID == 0 {
		if err := b.answer(p.Peer); err != nil {
			b.log.Error("echo cannot answer", slog.Any("error", err))
		}
	}
}

// answerAll answers the unread messages of all users.
func (b *Bot) answerAll() error {
	const page = 100
	var peers []string
	s := b.m.NewReadDbSession("", 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, _ []byte) {
		if p.Profile != nil && p.Profile.Unread > 0 {
			peers = append(peers, p.Peer)
		}
	}})
	s.EnableSummary(true)
	defer s.Stop()
	for {
		n, err := s.Read(page)
		if err != nil {
			return err
		}
		if n < page {
			break
		}
	}
	for _, peer := range peers {
		if err := b.answer(peer); err != nil {
			return err
		}
	}
	return nil
}

type unread struct {
	mid  uint64
	text []byte
	link *mesibo.LinkPreview
}

// answer answers the unread messages of one peer, oldest first, and marks them read. The id of an answer is derived
// from the message's, so that after a crash in between nothing is answered twice.
func (b *Bot) answer(peer string) error {
	b.answering.Lock()
	defer b.answering.Unlock()
	waiting, err := b.unread(peer)
	if err != nil {
		return err
	}
	slices.Reverse(waiting)
	for _, u := range waiting {
		id := uint32(u.mid)
		p := mesibo.NewMessageParams(peer, mesibo.FlagDefault)
		p.LinkPreview = u.link
		err := b.m.SendMessage(p, id, u.text)
		if err != nil && !errors.Is(err, mesibo.ErrDuplicateID) {
			return err
		}
		if err := b.m.SendReadReceipt(mesibo.MessageParams{Peer: peer}, u.mid); err != nil {
			return err
		}
	}
	return nil
}

// unread returns the unread messages of a peer, newest first.
func (b *Bot) unread(peer string) ([]unread, error) {
	const page = 50
	var waiting []unread
	done := false
	s := b.m.NewReadDbSession(peer, 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
		switch p.Status {
		case mesibo.MsgStatusReceivedNew:
			waiting = append(waiting, unread{p.Mid, data, p.LinkPreview})
		case mesibo.MsgStatusReceivedRead:
			done = true
		default: // the bot's own messages
		}
	}})
	defer s.Stop()
	for !done {
		n, err := s.Read(page)
		if err != nil {
			return nil, err
		}
		if n < page {
			break
		}
	}
	return waiting, nil
}
