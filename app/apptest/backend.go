package apptest

import (
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// Self is the address of the user whose Backend it is.
const Self = "me"

// Backend stands for the SDK: conversations in memory, and a record of what was asked of it. It is used from one goroutine.
type Backend struct {
	Chats    map[string][]chat.Message // oldest first
	Profiles map[string]mesibo.UserProfile
	Status   mesibo.ConnectionStatus
	Retry    time.Time
	Err      error // what every call answers, if not nil

	Sent       []string // texts
	Resent     []uint32
	Cancelled  []uint32
	Receipts   []uint64
	Deleted    []string
	Reconnects int
	Reads      int // pages read
	Listeners  []any

	now func() time.Time
	id  uint32
}

// NewBackend makes an empty one that is online; now tells the time of what is sent.
func NewBackend(now func() time.Time) *Backend {
	return &Backend{
		Chats:    map[string][]chat.Message{},
		Profiles: map[string]mesibo.UserProfile{},
		Status:   mesibo.StatusOnline,
		now:      now,
	}
}

// Fill writes n messages of a lively conversation with peer, the last of them at end, two minutes apart; others' are read.
func (b *Backend) Fill(peer string, n int, end time.Time) {
	lines := []string{
		"Good morning", "Did you see the plan for Thursday?", "Yes, I read it on the train.",
		"The part about the workshop is new: three rooms instead of two, and somebody has to bring the long table. " +
			"I can ask at the library, they lent us one last year.",
		"Ask them, please.", "Will do", "Anything else?", "No. See you then.",
	}
	for i := range n {
		m := chat.Message{
			Mid:    uint64(i+1)<<32 | uint64(i+1),
			Out:    i%3 == 2,
			Text:   lines[i%len(lines)],
			At:     end.Add(time.Duration(i+1-n) * 2 * time.Minute),
			Status: mesibo.MsgStatusReceivedRead,
		}
		if m.Out {
			m.Status = mesibo.MsgStatusRead
		}
		b.Chats[peer] = append(b.Chats[peer], m)
	}
}

// Receive adds a message from peer and returns it as a listener would be told of it.
func (b *Backend) Receive(peer, text string) chat.Message {
	b.id++
	m := chat.Message{
		Mid:    1<<60 | uint64(b.id)<<32 | uint64(b.id),
		Text:   text,
		At:     b.now(),
		Status: mesibo.MsgStatusReceivedNew,
	}
	b.Chats[peer] = append(b.Chats[peer], m)
	p := b.profile(peer)
	p.Unread++
	b.Profiles[peer] = p
	return m
}

// Params are what a listener is given for a message of the conversation with peer.
func Params(peer string, m chat.Message) *mesibo.MessageParams {
	return &mesibo.MessageParams{
		Mid: m.Mid, Peer: peer, Ts: uint64(m.At.UnixMilli()), Status: m.Status,
	}
}

// SetStatus changes an own message, as the server's answer would, and returns its new Mid.
func (b *Backend) SetStatus(peer string, id uint32, status mesibo.MsgStatus) uint64 {
	for i := range b.Chats[peer] {
		m := &b.Chats[peer][i]
		if m.Out && m.ID() == id {
			m.Status = status
			m.Mid |= 7 << 32
			return m.Mid
		}
	}
	return 0
}

func (b *Backend) profile(peer string) mesibo.UserProfile {
	p := b.Profiles[peer]
	p.Address = peer
	return p
}

// SendMessageString puts the message into the conversation, waiting.
func (b *Backend) SendMessageString(p mesibo.MessageParams, id uint32, text string) error {
	if b.Err != nil {
		return b.Err
	}
	b.Sent = append(b.Sent, text)
	b.Chats[p.Peer] = append(b.Chats[p.Peer], chat.Message{Mid: uint64(id), Out: true, Text: text, At: b.now()})
	return nil
}

// Random counts.
func (b *Backend) Random() uint32 {
	b.id++
	return 1<<31 | b.id
}

// Resend records the id.
func (b *Backend) Resend(_ mesibo.MessageParams, id uint32) error {
	b.Resent = append(b.Resent, id)
	return b.Err
}

// Cancel removes the message.
func (b *Backend) Cancel(p mesibo.MessageParams, id uint32) error {
	if b.Err != nil {
		return b.Err
	}
	b.Cancelled = append(b.Cancelled, id)
	b.Chats[p.Peer] = slices.DeleteFunc(b.Chats[p.Peer], func(m chat.Message) bool { return m.Out && m.ID() == id })
	return nil
}

// SendReadReceipt marks everything up to mid.
func (b *Backend) SendReadReceipt(p mesibo.MessageParams, mid uint64) error {
	if b.Err != nil {
		return b.Err
	}
	b.Receipts = append(b.Receipts, mid)
	profile := b.profile(p.Peer)
	for i := range b.Chats[p.Peer] {
		m := &b.Chats[p.Peer][i]
		if m.Unread() {
			m.Status = mesibo.MsgStatusReceivedRead
			profile.Unread--
		}
		if m.Mid == mid {
			break
		}
	}
	b.Profiles[p.Peer] = profile
	return nil
}

// GetProfile finds what was put into Profiles.
func (b *Backend) GetProfile(peer string, _ uint32) (*mesibo.UserProfile, bool) {
	p, ok := b.Profiles[peer]
	p.Address = peer
	return &p, ok
}

// SetProfile keeps it.
func (b *Backend) SetProfile(p *mesibo.UserProfile) error {
	b.Profiles[p.Address] = *p
	return b.Err
}

// GetSortedUserProfiles lists Profiles by name.
func (b *Backend) GetSortedUserProfiles() []mesibo.UserProfile {
	var list []mesibo.UserProfile
	for peer := range b.Profiles {
		list = append(list, b.profile(peer))
	}
	slices.SortFunc(list, func(x, y mesibo.UserProfile) int { return strings.Compare(x.Name, y.Name) })
	return list
}

// GetAddress is Self.
func (b *Backend) GetAddress() string { return Self }

// DeleteMessages empties the conversation.
func (b *Backend) DeleteMessages(p mesibo.MessageParams) error {
	if b.Err != nil {
		return b.Err
	}
	b.Deleted = append(b.Deleted, p.Peer)
	delete(b.Chats, p.Peer)
	return nil
}

// FirstUnread looks in Chats.
func (b *Backend) FirstUnread(peer string) (uint64, error) {
	for _, m := range b.Chats[peer] {
		if m.Unread() {
			return m.Mid, b.Err
		}
	}
	return 0, b.Err
}

// Fraction counts in Chats.
func (b *Backend) Fraction(peer string, mid uint64) (float64, error) {
	rows := b.Chats[peer]
	at := slices.IndexFunc(rows, func(m chat.Message) bool { return m.Mid == mid })
	return float64(at) / float64(max(1, len(rows)-1)), b.Err
}

// ReadPage answers from Chats.
func (b *Backend) ReadPage(q chat.Query) ([]chat.Message, error) {
	b.Reads++
	if b.Err != nil {
		return nil, b.Err
	}
	rows := b.Chats[q.Peer]
	at := slices.IndexFunc(rows, func(m chat.Message) bool { return q.Mid != 0 && m.Mid == q.Mid })
	if q.Part != 0 {
		at = int(q.Part*float64(len(rows)-1)) - 1
	}
	var page []chat.Message
	if q.Dir == chat.Newer {
		for _, m := range rows[at+1:] {
			if !m.At.Before(q.From) && len(page) < q.Count {
				page = append(page, m)
			}
		}
		return page, nil
	}
	if at < 0 {
		at = len(rows)
	}
	for _, m := range slices.Backward(rows[:at]) {
		if (q.From.IsZero() || !m.At.After(q.From)) && len(page) < q.Count {
			page = append(page, m)
		}
	}
	return page, nil
}

// ReadSummary lists the conversations of Chats, the latest first.
func (b *Backend) ReadSummary(count int) ([]contacts.Summary, error) {
	var list []contacts.Summary
	for peer := range b.Chats {
		if line, ok, _ := b.ReadLast(peer); ok {
			p := b.Profiles[peer]
			list = append(list, contacts.Summary{Line: line, Name: p.Name, Draft: p.Draft, Unread: p.Unread})
		}
	}
	slices.SortFunc(list, func(x, y contacts.Summary) int { return y.At.Compare(x.At) })
	return list[:min(count, len(list))], b.Err
}

// ReadLast is the end of a conversation.
func (b *Backend) ReadLast(peer string) (contacts.Line, bool, error) {
	rows := b.Chats[peer]
	if len(rows) == 0 {
		return contacts.Line{}, false, b.Err
	}
	m := rows[len(rows)-1]
	return contacts.Line{Peer: peer, Mid: m.Mid, Out: m.Out, Text: m.Text, At: m.At, Status: m.Status}, true, b.Err
}

// GetConnectionStatus is Status.
func (b *Backend) GetConnectionStatus() mesibo.ConnectionStatus { return b.Status }

// RetryAt is Retry.
func (b *Backend) RetryAt() time.Time { return b.Retry }

// Reconnect counts.
func (b *Backend) Reconnect() { b.Reconnects++ }

// OutboxCount counts what waits in Chats.
func (b *Backend) OutboxCount() int {
	n := 0
	for _, rows := range b.Chats {
		for _, m := range rows {
			if m.Waits() {
				n++
			}
		}
	}
	return n
}

// AddListener keeps l.
func (b *Backend) AddListener(l any) error {
	b.Listeners = append(b.Listeners, l)
	return nil
}

// RemoveListener forgets l.
func (b *Backend) RemoveListener(l any) {
	b.Listeners = slices.DeleteFunc(b.Listeners, func(other any) bool { return other == l })
}
