package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/wire"
)

// maxType is the largest Send.type.
const maxType = 65535

// What a client did wrong; each ends the connection.
var (
	errHelloFirst  = errors.New("the first frame has to be a hello")
	errSecondHello = errors.New("second hello")
	errInFlight    = fmt.Errorf("more than %d requests in flight", wire.MaxInFlight)
	errBeyondHead  = errors.New("event number beyond the end of the log")
)

// handle serves one frame: it is answered, or it is a breach of the protocol.
func (c *conn) handle(f *wire.ClientFrame) {
	greeted := c.member.Load() != nil
	ack, isAck := f.GetBody().(*wire.ClientFrame_Ack)
	if isAck {
		if !greeted {
			c.breach(errHelloFirst)
			return
		}
		c.ack(ack.Ack.GetSeq())
		return
	}
	req := f.GetRequest()
	if c.inFlight.Add(1) > wire.MaxInFlight {
		c.s.metrics.refused("in_flight")
		c.breach(errInFlight)
		return
	}
	hello, isHello := req.GetOp().(*wire.Request_Hello)
	switch {
	case isHello && greeted:
		c.breach(errSecondHello)
	case isHello:
		c.s.lookups.do(func(ctx context.Context) { c.hello(ctx, req.GetId(), hello.Hello) })
	case !greeted:
		c.breach(errHelloFirst)
	default:
		c.request(req)
	}
}

// request serves a request other than Hello.
func (c *conn) request(req *wire.Request) {
	switch op := req.GetOp().(type) {
	case *wire.Request_Send:
		c.send(req.GetId(), op.Send)
	case *wire.Request_MarkRead:
		c.markRead(req.GetId(), op.MarkRead)
	case *wire.Request_ProfileSync:
		c.s.lookups.do(func(ctx context.Context) { c.profileSync(ctx, req.GetId(), op.ProfileSync) })
	default:
		if !c.requestEdit(req) && !c.requestGroup(req) && !c.requestPerson(req) {
			c.refuse(req.GetId(), wire.ResultBadRequest, "this server does not know the operation")
		}
	}
}

// refuse answers a request with a result other than success.
func (c *conn) refuse(id uint64, result uint32, reason string) {
	c.s.metrics.refused("request")
	c.respond(&wire.Response{Id: id, Result: result, Reason: reason})
	c.kick()
}

// broken ends the connection because the database could not be read.
func (c *conn) broken(err error) {
	c.s.log.Error("read database", slog.Any("error", err))
	c.storageFailure()
}

// hello signs the device in, or refuses and ends the connection.
func (c *conn) hello(ctx context.Context, id uint64, h *wire.Hello) {
	deny := func(result, status uint32, reason string) {
		c.refuse(id, result, reason)
		c.end(goodbye{status: status, reason: reason, code: websocket.ClosePolicyViolation})
	}
	if h.GetVersion() != wire.Version {
		deny(wire.ResultBadRequest, wire.ConnOffline, fmt.Sprintf("this server speaks version %d of the protocol", wire.Version))
		return
	}
	// The token was looked up before the upgrade; it may have been revoked before this connection was in the registry.
	dev, err := authenticate(c.s.reader.WithContext(ctx), c.dev.hash, time.Now())
	switch {
	case errors.Is(err, errRefused):
		deny(wire.ResultAuthFail, wire.ConnAuthFail, errRefused.Error())
		return
	case err != nil:
		c.broken(err)
		return
	case dev.app != "" && dev.app != h.GetApp():
		deny(wire.ResultAuthFail, wire.ConnAuthFail, "this access token is for another application")
		return
	}
	replaced, full := c.s.hub.register(c)
	if full {
		deny(wire.ResultDenied, wire.ConnOffline, "too many devices of this user are connected")
		return
	}
	if replaced != nil {
		replaced.end(goodbye{
			status: wire.ConnSignOut, reason: "the same access token signed in elsewhere", code: websocket.CloseNormalClosure,
		})
	}
	if err := c.welcome(ctx, id, h, dev); err != nil {
		c.broken(err)
	}
}

// welcome answers the Hello of a registered connection and lets the events flow.
func (c *conn) welcome(ctx context.Context, id uint64, h *wire.Hello, dev *device) error {
	db := c.s.reader.WithContext(ctx)
	var row struct{ Last, Floor, Delivered uint64 }
	if err := db.Raw(`SELECT last, floor, delivered FROM heads WHERE uid = ?`, dev.uid).Scan(&row).Error; err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	rev, err := metaNumber(db, metaProfileRev)
	if err != nil {
		return err
	}
	resumed := h.Cursor != nil && h.GetEpoch() == c.s.epoch
	var start uint64 // the whole log, for a device that knows another epoch
	switch {
	case h.Cursor == nil: // a device that keeps nothing
		start = row.Delivered
	case resumed:
		start = h.GetCursor()
	}
	if start > row.Last {
		c.refuse(id, wire.ResultBadRequest, errBeyondHead.Error())
		c.breach(errBeyondHead)
		return nil
	}
	start = max(start, row.Floor)
	m := c.member.Load()
	m.learn(row.Last)
	reply := &wire.Response{Id: id, Payload: &wire.Response_Hello{Hello: &wire.HelloReply{
		Uid: dev.uid, Address: dev.address, Name: dev.name,
		Epoch: c.s.epoch, Start: start, Head: row.Last, Time: uint64(time.Now().UnixMilli()),
		MaxInFlight: wire.MaxInFlight, MaxUnacked: wire.MaxUnacked, MaxText: wire.MaxText, ProfileRevision: rev,
		MaxRetract: uint32(max(0, c.s.opts.RetractWindow) / time.Second),
	}}}
	c.mu.Lock()
	// In front: signals may have come in since the connection was registered.
	c.outbox = append([]*wire.ServerFrame{{Body: &wire.ServerFrame_Response{Response: reply}}}, c.outbox...)
	c.sent, c.acked = start, start
	c.head = max(c.head, row.Last)
	c.feeding = true
	c.mu.Unlock()
	c.kick()
	if resumed && start > row.Delivered {
		return c.queueAck(start)
	}
	return nil
}

// ack takes note of what the device has stored.
func (c *conn) ack(seq uint64) {
	c.mu.Lock()
	beyond, news := seq > c.head, seq > c.acked
	if news && !beyond {
		c.acked = seq
		c.sent = max(c.sent, seq)
	}
	c.mu.Unlock()
	switch {
	case beyond:
		c.breach(errBeyondHead)
	case news:
		c.kick()
		if err := c.queueAck(seq); err != nil {
			c.storageFailure()
		}
	}
}

func (c *conn) queueAck(seq uint64) error {
	m := c.member.Load()
	if !m.raiseAck(seq) {
		return nil
	}
	return c.s.writer.submit(&ackChange{c: c, m: m})
}

// send checks a message and queues it.
func (c *conn) send(id uint64, m *wire.Send) {
	if reason := checkSend(m); reason != "" {
		c.refuse(id, wire.ResultBadRequest, reason)
		return
	}
	c.pause(c.member.Load().reserveSend(time.Now()))
	change := &sendChange{c: c, request: id, send: m, sender: party{c.dev.uid, c.dev.address}}
	if m.GetGroupId() == 0 {
		peer, err := c.s.directory.recipient(m.GetPeer())
		if err != nil {
			c.broken(err)
			return
		}
		change.peer = peer
	}
	if m.GetFlags()&wire.FlagTransient != 0 {
		if err := c.s.sendTransient(change); err != nil {
			c.broken(err)
			return
		}
		change.finish(nil)
		c.kick()
		return
	}
	c.submit(change)
}

// checkSend returns what is wrong with a message, for people.
func checkSend(m *wire.Send) string {
	switch {
	case m.GetId() == 0:
		return "the message id is 0"
	case len(m.GetNonce()) != wire.NonceSize:
		return fmt.Sprintf("the nonce is not %d bytes long", wire.NonceSize)
	case m.GetType() > maxType:
		return fmt.Sprintf("the type is over %d", maxType)
	case m.GetPeer() == "" && m.GetGroupId() == 0:
		return "neither peer nor group is given"
	case m.GetPeer() != "" && m.GetGroupId() != 0:
		return "both peer and group are given"
	case len(m.GetPeer()) > wire.MaxAddress:
		return fmt.Sprintf("the peer's address is longer than %d bytes", wire.MaxAddress)
	}
	return checkContent(m.GetContent())
}

// markRead checks a read mark and queues it.
func (c *conn) markRead(id uint64, m *wire.MarkRead) {
	if reason := checkMarkRead(m); reason != "" {
		c.refuse(id, wire.ResultBadRequest, reason)
		return
	}
	c.mu.Lock()
	beyond := m.GetUpTo() > c.head
	c.mu.Unlock()
	if beyond {
		c.breach(errBeyondHead)
		return
	}
	change := &readChange{
		c: c, request: id, reader: party{c.dev.uid, c.dev.address}, gid: m.GetGroupId(), upTo: m.GetUpTo(),
	}
	var err error
	if m.GetGroupId() != 0 {
		err = c.readGroup(change)
	} else {
		err = c.readPeer(change, m.GetPeer())
	}
	switch {
	case errors.Is(err, ErrNoUser):
		c.refuse(id, wire.ResultNoSuchUser, "nobody has this address")
	case errors.Is(err, errNoGroup):
		c.refuse(id, wire.ResultNoSuchUser, errNoGroup.Error())
	case err != nil:
		c.broken(err)
	default:
		c.submit(change)
	}
}

// readPeer looks up what a read mark of a one-to-one conversation needs.
func (c *conn) readPeer(change *readChange, address string) error {
	peer, err := c.s.directory.find(address)
	if err != nil {
		return err
	}
	change.peer = peer.party
	c.s.lookups.do(func(ctx context.Context) {
		change.newest, err = findNewestRead(readFrom(c.s.reader.WithContext(ctx)), c.dev.uid, peer.uid, change.upTo)
	})
	return err
}

// readGroup looks up what a read mark of a group needs, a piece of the log at a time.
func (c *conn) readGroup(change *readChange) error {
	g, err := c.s.groups.find(change.gid)
	if err != nil {
		return err
	}
	if g == nil {
		return errNoGroup
	}
	var after uint64
	c.s.lookups.do(func(ctx context.Context) {
		after, err = findReadMark(readFrom(c.s.reader.WithContext(ctx)), readKey{uid: c.dev.uid, gid: change.gid})
	})
	newest := make(map[uint32]newestRead)
	for err == nil && after < change.upTo {
		to := min(after+readChunk, change.upTo)
		var list []newestRead
		c.s.lookups.do(func(ctx context.Context) {
			list, err = findNewestReadInGroup(readFrom(c.s.reader.WithContext(ctx)), c.dev.uid, change.gid, after, to)
		})
		for _, n := range list {
			newest[n.sender] = n
		}
		after = to
	}
	change.newest = slices.SortedFunc(maps.Values(newest), func(a, b newestRead) int { return cmp.Compare(a.seq, b.seq) })
	return err
}

// submit queues a change of this connection.
func (c *conn) submit(ch change) {
	if err := c.s.writer.submit(ch); err != nil {
		c.storageFailure()
	}
}

// checkMarkRead returns what is wrong with a read mark, for people.
func checkMarkRead(m *wire.MarkRead) string {
	switch {
	case m.GetUpTo() == 0:
		return "the event number is 0"
	case m.GetPeer() != "" && m.GetGroupId() != 0:
		return "both peer and group are given"
	case m.GetPeer() == "" && m.GetGroupId() == 0:
		return "neither peer nor group is given"
	}
	return ""
}

// pause holds the connection's requests back. Order is kept because nothing more is read meanwhile.
func (c *conn) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.s.stopping:
	}
}
