package rig

import (
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
)

// Link is a pair of connected devices, for package pairs.
type Link struct {
	a, b *Client
	peer string
	text []byte
}

// NewLink returns a link in which a sends the text to b, the device of peer.
func NewLink(a, b *Client, peer string, text []byte) *Link {
	return &Link{a: a, b: b, peer: peer, text: text}
}

// Send implements pairs.Link.
func (l *Link) Send() error { return l.a.Request(Message(l.peer, l.text)) }

// Receipts implements pairs.Link. A DELIVERED covers all messages up to its number.
func (l *Link) Receipts(done func(n int)) error {
	var sent []uint64 // numbers of the messages whose receipt is missing, in order
	for {
		f, err := l.a.Read()
		if err != nil {
			return err
		}
		if r := f.GetResponse(); r != nil {
			if r.GetSend().GetStatus() != wire.StatusSent {
				return fmt.Errorf("not sent: %v", r)
			}
			sent = append(sent, r.GetSend().GetSeq())
		}
		events := f.GetEvents().GetEvents()
		if len(events) == 0 {
			continue
		}
		if err := l.a.Ack(events[len(events)-1].GetSeq()); err != nil {
			return err
		}
		for _, e := range events {
			n := 0
			if e.GetStatus().GetStatus() == wire.StatusDelivered {
				for n < len(sent) && sent[n] <= e.GetStatus().GetUpTo() {
					n++
				}
			}
			if sent = sent[n:]; n > 0 {
				done(n)
			}
		}
	}
}

// Answer implements pairs.Link.
func (l *Link) Answer() error {
	for {
		f, err := l.b.Read()
		if err != nil {
			return err
		}
		if n := len(f.GetEvents().GetEvents()); n > 0 {
			if err := l.b.Ack(f.GetEvents().GetEvents()[n-1].GetSeq()); err != nil {
				return err
			}
		}
	}
}

// Close implements pairs.Link.
func (l *Link) Close() {
	_ = l.a.Close()
	_ = l.b.Close()
}
