package eventlog

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Send stores a message from a user.
type Send struct {
	Submission

	Message *wire.Send
	Sender  accounts.UserRef
	Peer    *accounts.UserRef // nil: no active user has the address, or the message is for a group
	Trusted bool              // the application's backend sends it

	// Reply is nil if the request was refused with Refused.
	Reply   *wire.SendReply
	Refused *refusal.Error

	plannedID uint64     // looked up when the transaction starts
	request   bool       // it is a request
	file      fileref.ID // file of this server in the message
}

func (s *Send) key() record.NonceKey {
	k := record.NonceKey{UID: s.Sender.UID}
	copy(k.Nonce[:], s.Message.GetNonce())
	return k
}

func (s *Send) plan(b *batch) {
	b.plan.Nonces = append(b.plan.Nonces, s.key())
	s.plannedID = wire.MessageID(b.now, s.Message.GetId())
	b.plan.IDs = append(b.plan.IDs, s.plannedID)
	b.plan.Logs = append(b.plan.Logs, s.Sender.UID)
	if s.Peer != nil {
		b.plan.Logs = append(b.plan.Logs, s.Peer.UID)
	}
}

func (s *Send) apply(b *batch) error {
	s.Reply, s.Refused, s.file, s.request = nil, nil, "", false
	key := s.key()
	if first, ok := b.sentBefore(key); ok {
		s.accept(first)
		return nil
	}
	if s.Message.GetGroupId() != 0 {
		return s.applyGroup(b, key)
	}
	if s.Peer == nil {
		s.refuse(wire.StatusInvalidDest, b.now)
		return nil
	}
	if status, err := s.status(b); status != wire.StatusSent || err != nil {
		s.refuse(status, b.now)
		return err
	}
	mid, ok, err := s.reserve(b)
	if err != nil || !ok {
		return err
	}
	return s.store(b, key, mid)
}

// status returns SENT, or the status with which the message to a peer is refused.
func (s *Send) status(b *batch) (uint32, error) {
	if s.Peer.UID == s.Sender.UID {
		return wire.StatusSent, nil
	}
	if b.isBlocked(s.Peer.UID, s.Sender.UID) {
		return wire.StatusBlocked, nil
	}
	if may, err := s.ask(b); !may || err != nil {
		return wire.StatusNotAccepted, err
	}
	h, err := b.state(s.Peer.UID)
	if err != nil {
		return wire.StatusFail, err
	}
	if full, err := b.full(s.Peer.UID, h, s.by(), 0); full || err != nil {
		return wire.StatusInboxFull, err
	}
	if s.Message.GetExpiry() == 0 && !b.log.hub.Online(s.Peer.UID) {
		if hidden, err := b.conceals(s.Peer.UID, s.Sender.UID); !hidden || err != nil {
			return wire.StatusUserOffline, err
		}
	}
	return wire.StatusSent, nil
}

// ask reports whether the recipient accepts the message, or gets it as the sender's one request.
func (s *Send) ask(b *batch) (bool, error) {
	stranger, err := b.isStranger(s.Peer.UID, s.by())
	if s.request = stranger; !stranger || err != nil {
		return true, err
	}
	mid, err := b.request(pair{s.Peer.UID, s.Sender.UID})
	return mid == 0, err
}

// reserve returns the message's id. It refuses the request if no id is free or the sender may not use the file.
func (s *Send) reserve(b *batch) (mid uint64, ok bool, err error) {
	s.file, err = b.fileFor(s.Sender.UID, s.Message.GetContent().GetFile().GetUrl())
	if err == nil {
		err = b.charge(s.Sender.UID, proto.Size(s.Message))
	}
	if s.Refused = refusal.Of(err); err != nil {
		return 0, false, failureOf(err)
	}
	mid, ok, err = b.reserve(s.Sender.UID, s.Message.GetId(), s.plannedID)
	if err == nil && !ok {
		s.Refused = refusal.Bad("the message id has been used too often in the last minute")
	}
	return mid, ok, err
}

// by returns who has caused the message: the sender, or 0 the application's backend.
func (s *Send) by() uint32 {
	if s.Trusted {
		return 0
	}
	return s.Sender.UID
}

func (s *Send) store(b *batch, key record.NonceKey, mid uint64) error {
	now := b.now.UnixMilli()
	own := s.Peer.UID == s.Sender.UID
	var exp int64
	if !own {
		exp = b.now.Add(lifetime(s.Message.GetExpiry(), b.log.online)).UnixMilli()
	}
	m := s.message(mid, now, exp)
	if m.Request = s.request; s.request {
		b.setRequest(pair{s.Peer.UID, s.Sender.UID}, int64(mid))
	}
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	seq, err := b.append(s.Sender.UID, entry{kind: record.KindOwn, mid: mid, chat: record.PeerChat(s.Peer.UID), raw: raw})
	if err != nil {
		return err
	}
	if !own {
		peerSeq, err := b.append(s.Peer.UID, entry{
			kind: record.KindMessage, mid: mid, exp: exp, chat: record.PeerChat(s.Sender.UID), raw: raw,
		})
		if err != nil {
			return err
		}
		h, err := b.state(s.Peer.UID)
		if err != nil {
			return err
		}
		h.senders.add(s.Sender.UID, false)
		h.arrived(arrival{seq: peerSeq, sender: s.Sender.UID, sseq: seq, flags: s.Message.GetFlags()})
		b.queueWebhook(m, []accounts.UserRef{*s.Peer})
		b.addContact(pair{s.Sender.UID, s.Peer.UID})
	}
	b.msgs.Add(int64(mid), int64(s.Sender.UID), int64(seq), int64(s.Peer.UID), 0, now, exp,
		int64(s.Message.GetFlags()), raw)
	b.addFileRef(fileref.OfMessage, int64(mid), s.file, exp)
	b.fadeAfter(mid, now, s.Message.GetAge())
	s.stored(b, key, record.Sent{MID: mid, Seq: seq, Time: now})
	return nil
}

// stored accepts the message and keeps the reply for repeated requests.
func (s *Send) stored(b *batch, key record.NonceKey, row record.Sent) {
	b.dedups.Add(int64(key.UID), key.Nonce[:], int64(row.MID), int64(row.Seq), row.Time)
	b.sent[key] = row
	s.accept(row)
}

// knows reports whether it is in memory that one user has written to another.
func (b *batch) knows(p pair) bool {
	_, ok := b.log.knownContacts[p]
	return ok || slices.Contains(b.newContacts, p)
}

// addContact records that one user has written to another.
func (b *batch) addContact(p pair) {
	if b.knows(p) {
		return
	}
	if b.log.requests {
		b.setRequest(p, 0)
	}
	b.newContacts = append(b.newContacts, p)
	b.contacts.Add(int64(p.uid), int64(p.other))
	b.acquaint(p)
}

// lifetime returns how long a message waits for its recipient.
func lifetime(expiry int32, online time.Duration) time.Duration {
	switch {
	case expiry < 0:
		return wire.DefaultExpiry
	case expiry == 0:
		return online
	default:
		return time.Duration(expiry) * time.Second
	}
}

func (s *Send) message(mid uint64, now, exp int64) *wire.Message {
	m := &wire.Message{
		Id:      mid,
		From:    s.Sender.Address,
		GroupId: s.Message.GetGroupId(),
		Flags:   s.Message.GetFlags(),
		Type:    s.Message.GetType(),
		RefId:   s.Message.GetRefId(),
		Time:    uint64(now),
		Expires: uint64(exp),
		Content: s.Message.GetContent(),
		Nonce:   s.Message.GetNonce(),
		Age:     s.Message.GetAge(),
	}
	if s.Peer != nil {
		m.Peer = s.Peer.Address
	}
	return m
}

func (s *Send) accept(first record.Sent) {
	s.Reply = &wire.SendReply{Status: wire.StatusSent, Id: first.MID, Time: uint64(first.Time), Seq: first.Seq}
}

func (s *Send) refuse(status uint32, now time.Time) {
	s.Reply = &wire.SendReply{Status: status, Id: wire.MessageID(now, s.Message.GetId()), Time: uint64(now.UnixMilli())}
}

// Transient returns the message of a Send that will not be stored.
func (s *Send) Transient(now time.Time) *wire.Message {
	return s.message(wire.MessageID(now, s.Message.GetId()), now.UnixMilli(), 0)
}

// Answer sets the reply for a message that is not stored.
func (s *Send) Answer(status uint32, m *wire.Message, now time.Time) {
	if status != wire.StatusSent {
		s.refuse(status, now)
		return
	}
	s.accept(record.Sent{MID: m.GetId(), Time: now.UnixMilli()})
}

// failureOf returns nil if the error is a refusal.
func failureOf(err error) error {
	if refusal.Of(err) != nil {
		return nil //nolint:nilerr // a refusal is an answer
	}
	return err
}
