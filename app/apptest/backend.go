package apptest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// Self is the address of the user whose Backend it is.
const Self = "me"

// Backend stands for the SDK: chats in memory, and a record of what was asked of it. It is used from one goroutine.
type Backend struct {
	Phone

	Chats    map[string][]chat.Message // oldest first
	Profiles map[string]mesibo.UserProfile
	Status   mesibo.ConnectionStatus
	// Reports are what was reported; ReportErr is what the server answers.
	Reports   []string
	ReportErr error
	// NoInvites is the opposite of what MayInvite returns.
	NoInvites bool
	// ConnectionError is what GetConnectionError returns.
	ConnectionError error
	// Suspension is what GetSuspension returns.
	Suspension *mesibo.Suspension
	Retry      time.Time
	Err        error // what every call answers, if not nil

	// Groups are those this user knows.
	Groups map[uint32]*Group
	// Info is what GetReceipts answers, by the id of the message.
	Info map[uint32][]mesibo.Receipt
	// Seconds is for how long messages can be recalled and edited.
	Seconds int
	// Own is this user's own profile.
	Own mesibo.UserProfile

	Sent       []string // texts
	Params     []mesibo.MessageParams
	Resent     []uint32
	Cancelled  []uint32
	Receipts   []uint64
	Deleted    []string
	Reconnects int
	Reads      int // pages read
	Listeners  []any
	Activities []mesibo.Activity
	Calls      []string // what was asked about messages, profiles and groups, as one line each
	Foreground bool
	// Limits are those of file transfers.
	Limits      mesibo.FileTransferLimits
	Folder      mesibo.SendFolder // whose files are sent
	FolderFiles []mesibo.FolderFile
	// Files is where files are kept.
	Files      string
	NoReceipts bool // SetReadReceipts(false) was called
	// Devices are those of this user.
	Devices []mesibo.Device
	Imports []mesibo.ImportedMessage // what ImportMessages was given
	// Animations are what LoadAnimation answers, by path.
	Animations map[string]chat.Animation
	// Gone are the URLs of files that the server has no longer.
	Gone map[string]bool
	// NoFiles says that no files can be sent.
	NoFiles bool
	Visible mesibo.Visibility
	Adds    mesibo.Visibility // who may add this user to groups
	// Links are invites into groups; Offer is what any invite is for, nil for one of another server.
	Links []mesibo.Invite
	Offer *mesibo.InviteDetails
	// Invitations are those to groups.
	Invitations []mesibo.GroupInvitation
	// Keys are what SetKey has stored.
	Keys map[string]string

	now func() time.Time
	id  uint32
}

// Key is where Chats and Profiles keep a chat: under the address, or under # and the number of the group.
func Key(peer string, groupID uint32) string {
	if groupID != 0 {
		return fmt.Sprintf("#%d", groupID)
	}
	return peer
}

// idOf reads a Key.
func idOf(key string) contacts.ID {
	if digits, ok := strings.CutPrefix(key, "#"); ok {
		group, _ := strconv.ParseUint(digits, 10, 32)
		return contacts.ID{Group: uint32(group)}
	}
	return contacts.ID{Peer: key}
}

func (b *Backend) called(format string, args ...any) {
	b.Calls = append(b.Calls, fmt.Sprintf(format, args...))
}

// NewBackend makes an empty backend that is online; now returns the time of what is sent.
func NewBackend(now func() time.Time) *Backend {
	return &Backend{
		Chats:    map[string][]chat.Message{},
		Profiles: map[string]mesibo.UserProfile{},
		Groups:   map[uint32]*Group{},
		Info:     map[uint32][]mesibo.Receipt{},
		Seconds:  3600,
		Own:      mesibo.UserProfile{Address: Self, Name: "Me Myself", Flag: mesibo.UserFlagSelfProfile},
		Visible:  mesibo.VisibilityPublic,
		Adds:     mesibo.VisibilityPublic,
		Status:   mesibo.StatusOnline,
		now:      now,
	}
}

// Fill writes n messages of a lively chat with peer, the last of them at end, two minutes apart; others' are read.
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

// Receive adds a message from peer and returns it as a listener gets it.
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

// ReceiveIn adds a message that a user wrote in a group.
func (b *Backend) ReceiveIn(groupID uint32, sender, text string) chat.Message {
	m := b.Receive(Key("", groupID), text)
	rows := b.Chats[Key("", groupID)]
	rows[len(rows)-1].Sender = sender
	m.Sender = sender
	return m
}

// Params are the parameters that a listener gets for a message of the chat with a Key.
func Params(key string, m chat.Message) *mesibo.MessageParams {
	id := idOf(key)
	p := &mesibo.MessageParams{
		Mid: m.Mid, Peer: id.Peer, GroupID: id.Group, Ts: uint64(m.At.UnixMilli()), Status: m.Status, RefID: m.RefID,
		Mentions: m.Mentions, Reactions: m.Reactions, GroupChange: m.Change, Flag: mesibo.FlagDefault,
	}
	p.ForwardedFrom, p.LinkPreview = m.Origin, m.Link
	switch {
	case m.Call != nil && m.Call.Video:
		p.Type = 1
	case m.Stay != nil:
		p.Type = mesibo.TypeAge
	case m.Poll != nil:
		p.Type = mesibo.TypePoll
	case m.Pin != nil && m.Pin.Ended:
		p.Type = mesibo.TypeUnpin
	case m.Pin != nil:
		p.Type = mesibo.TypePin
	}
	if id.Group != 0 {
		p.Peer = m.Sender
	}
	for flag, on := range map[mesibo.Flag]bool{
		mesibo.FlagModify: m.Edited, mesibo.FlagDeleted: m.Deleted, mesibo.FlagForwarded: m.Forwarded,
	} {
		if on {
			p.Flag |= flag
		}
	}
	return p
}

// Message is the message as a listener gets it.
func Message(key string, m chat.Message) *mesibo.Message {
	data := []byte(m.Text)
	if m.Stay != nil {
		data = strconv.AppendInt(nil, int64(m.Stay.For/time.Second), 10)
	}
	return &mesibo.Message{MessageParams: *Params(key, m), Data: data, Location: m.Place, File: m.File}
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
	id := idOf(peer)
	p.Address, p.GroupID = id.Peer, id.Group
	return p
}

// SendMessageString puts the message into the chat, waiting.
func (b *Backend) SendMessageString(p mesibo.MessageParams, id uint32, text string) error {
	if b.Err != nil {
		return b.Err
	}
	b.Sent = append(b.Sent, text)
	b.Params = append(b.Params, p)
	m := chat.Message{Mid: uint64(id), Text: text, RefID: p.RefID, Mentions: p.Mentions, Link: p.LinkPreview}
	if lines := strings.Split(text, "\n"); p.Type == mesibo.TypePoll {
		m.Poll = &chat.Poll{Question: lines[0], Options: lines[1:]}
	}
	b.add(p, m)
	return nil
}

func (b *Backend) add(p mesibo.MessageParams, m chat.Message) {
	key := Key(p.Peer, p.GroupID)
	m.Out, m.At = true, b.now()
	b.Chats[key] = append(b.Chats[key], m)
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
	key := Key(p.Peer, p.GroupID)
	b.Chats[key] = slices.DeleteFunc(b.Chats[key], func(m chat.Message) bool { return m.Out && m.ID() == id })
	return nil
}

// SendReadReceipt marks everything up to mid.
func (b *Backend) SendReadReceipt(p mesibo.MessageParams, mid uint64) error {
	if b.Err != nil {
		return b.Err
	}
	b.Receipts = append(b.Receipts, mid)
	key := Key(p.Peer, p.GroupID)
	profile := b.profile(key)
	for i := range b.Chats[key] {
		m := &b.Chats[key][i]
		if m.Unread() {
			m.Status = mesibo.MsgStatusReceivedRead
			profile.Unread--
		}
		if m.Mid == mid {
			break
		}
	}
	b.Profiles[key] = profile
	return nil
}

// GetProfile finds what was put into Profiles.
func (b *Backend) GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool) {
	key := Key(peer, groupID)
	_, ok := b.Profiles[key]
	p := b.profile(key)
	return &p, ok
}

// SetProfile keeps it.
func (b *Backend) SetProfile(p *mesibo.UserProfile) error {
	if b.Err == nil {
		b.Profiles[Key(p.Address, p.GroupID)] = *p
	}
	return b.Err
}

// SetKey stores in Keys.
func (b *Backend) SetKey(key, value string) error {
	if b.Err == nil {
		if b.Keys == nil {
			b.Keys = map[string]string{}
		}
		b.Keys[key] = value
	}
	return b.Err
}

// ReadKey looks in Keys.
func (b *Backend) ReadKey(key string) (string, bool) {
	value, ok := b.Keys[key]
	return value, ok
}

// SetDisappearing puts the notice into the chat, and the time into the profile.
func (b *Backend) SetDisappearing(p mesibo.MessageParams, id uint32, age time.Duration) error {
	if b.Err == nil {
		key := Key(p.Peer, p.GroupID)
		b.called("messages of %s stay for %v", key, age)
		b.add(p, chat.Message{Mid: uint64(id), Stay: &chat.Stay{For: age}})
		profile := b.profile(key)
		profile.Disappearing = age
		b.Profiles[key] = profile
	}
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

// DeleteMessages empties the chat.
func (b *Backend) DeleteMessages(p mesibo.MessageParams) error {
	if b.Err != nil {
		return b.Err
	}
	b.Deleted = append(b.Deleted, Key(p.Peer, p.GroupID))
	delete(b.Chats, Key(p.Peer, p.GroupID))
	return nil
}

// FirstUnread looks in Chats.
func (b *Backend) FirstUnread(peer string, groupID uint32) (uint64, error) {
	for _, m := range b.Chats[Key(peer, groupID)] {
		if m.Unread() {
			return m.Mid, b.Err
		}
	}
	return 0, b.Err
}

// Fraction counts in Chats.
func (b *Backend) Fraction(peer string, groupID uint32, mid uint64) (float64, error) {
	rows := b.Chats[Key(peer, groupID)]
	at := slices.IndexFunc(rows, func(m chat.Message) bool { return m.Mid == mid })
	return float64(at) / float64(max(1, len(rows)-1)), b.Err
}

// ReadPage answers from Chats.
func (b *Backend) ReadPage(q chat.Query) ([]chat.Message, error) {
	b.Reads++
	if b.Err != nil {
		return nil, b.Err
	}
	rows := b.Chats[Key(q.Peer, q.GroupID)]
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

// ReadSummary lists the chats of Chats, the latest first.
func (b *Backend) ReadSummary(count int) ([]contacts.Summary, error) {
	var list []contacts.Summary
	for key := range b.Chats {
		if line, ok, _ := b.ReadLast(idOf(key), func(uint64) bool { return false }); ok {
			list = append(list, contacts.Summary{Line: line, Profile: b.profile(key)})
		}
	}
	slices.SortFunc(list, func(x, y contacts.Summary) int { return y.At.Compare(x.At) })
	return list[:min(count, len(list))], b.Err
}

// ReadLast is the end of a chat.
func (b *Backend) ReadLast(id contacts.ID, skip func(mid uint64) bool) (contacts.Line, bool, error) {
	key := Key(id.Peer, id.Group)
	for _, m := range slices.Backward(b.Chats[key]) {
		if !skip(m.Mid) {
			return contacts.NewLine(Message(key, m)), true, b.Err
		}
	}
	return contacts.Line{}, false, b.Err
}

// ReportMessage notes a report in Reports.
func (b *Backend) ReportMessage(_ context.Context, mid uint64, reason mesibo.ReportReason, text string) error {
	b.Reports = append(b.Reports, fmt.Sprintf("message %d: %d %s", mid, reason, text))
	return b.ReportErr
}

// ReportUser notes a report in Reports.
func (b *Backend) ReportUser(_ context.Context, address string, reason mesibo.ReportReason, text string) error {
	b.Reports = append(b.Reports, fmt.Sprintf("user %s: %d %s", address, reason, text))
	return b.ReportErr
}

// LookupProfile finds no user.
func (*Backend) LookupProfile(context.Context, string) (*mesibo.UserProfile, error) {
	return nil, mesibo.ResultNoSuchUser
}

// MayInvite is the opposite of NoInvites.
func (b *Backend) MayInvite() bool { return !b.NoInvites }

// GetConnectionError is ConnectionError.
func (b *Backend) GetConnectionError() error { return b.ConnectionError }

// GetSuspension is Suspension.
func (b *Backend) GetSuspension() *mesibo.Suspension { return b.Suspension }

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
