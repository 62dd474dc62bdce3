package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Protocol violations; each closes the connection.
var (
	errHelloFirst  = errors.New("the first frame must be a hello")
	errSecondHello = errors.New("second hello")
	errInFlight    = fmt.Errorf("more than %d requests in flight", wire.MaxInFlight)
	errBeyondHead  = errors.New("event number beyond the end of the log")
)

// handle handles one frame.
func (c *conn) handle(f *wire.ClientFrame) {
	greeted := c.member.Load() != nil
	ack, isAck := f.GetBody().(*wire.ClientFrame_Ack)
	if isAck {
		if !greeted {
			c.closeProtocolError(errHelloFirst)
			return
		}
		c.ack(ack.Ack.GetSeq())
		return
	}
	req := f.GetRequest()
	if c.inFlight.Add(1) > wire.MaxInFlight {
		c.g.c.Metrics.Refused("in_flight")
		c.closeProtocolError(errInFlight)
		return
	}
	c.traces.start(req, c.device.UID)
	hello, isHello := req.GetOp().(*wire.Request_Hello)
	switch {
	case isHello && greeted:
		c.closeProtocolError(errSecondHello)
	case isHello:
		if err := c.charge(req); err != nil {
			c.denyHello(req.GetId(), err)
			return
		}
		c.hello(req.GetId(), hello.Hello)
	case !greeted:
		c.closeProtocolError(errHelloFirst)
	default:
		c.awaitRoom()
		if err := c.charge(req); err != nil {
			c.refuseOp(req, err)
			return
		}
		c.dispatch(req)
	}
}

// refuseOp refuses a request before it was looked at.
func (c *conn) refuseOp(req *wire.Request, err error) {
	if name, _ := operation(req); strings.HasPrefix(string(name), "group_") && name != "group_members" {
		c.refuseGroup(req.GetId(), err) // the reply has an error of its own
		return
	}
	c.refuse(req.GetId(), err)
}

// errUnknownOp refuses operations of newer clients.
var errUnknownOp = refusal.Bad("this server does not support the operation")

// dispatch handles a request other than Hello.
func (c *conn) dispatch(req *wire.Request) { //nolint:cyclop,funlen // a table
	id := req.GetId()
	switch op := req.GetOp().(type) {
	// message.go, history.go
	case *wire.Request_Send:
		c.send(id, op.Send)
	case *wire.Request_MarkRead:
		c.markRead(id, op.MarkRead)
	case *wire.Request_History:
		c.history(id, op.History)
	// edit.go
	case *wire.Request_Recall:
		c.recall(id, op.Recall)
	case *wire.Request_Modify:
		c.modify(id, op.Modify)
	case *wire.Request_React:
		c.react(id, op.React)
	// group.go
	case *wire.Request_GroupCreate:
		c.groupCreate(id, op.GroupCreate)
	case *wire.Request_GroupSet:
		c.groupSet(id, op.GroupSet)
	case *wire.Request_GroupDelete:
		c.groupDelete(id, op.GroupDelete)
	case *wire.Request_GroupEditMembers:
		c.groupEditMembers(id, op.GroupEditMembers)
	case *wire.Request_GroupLeave:
		c.groupLeave(id, op.GroupLeave)
	case *wire.Request_GroupJoin:
		c.groupJoin(id, op.GroupJoin)
	case *wire.Request_GroupAnswer:
		c.groupAnswer(id, op.GroupAnswer)
	case *wire.Request_GroupEditPin:
		c.groupEditPin(id, op.GroupEditPin)
	case *wire.Request_GroupGet:
		c.groupGet(id, op.GroupGet)
	case *wire.Request_GroupMembers:
		c.groupMembers(id, op.GroupMembers)
	// profile.go
	case *wire.Request_ProfileSync:
		c.profileSync(id, op.ProfileSync)
	case *wire.Request_ProfileGet:
		c.profileGet(id, op.ProfileGet)
	case *wire.Request_SetSelf:
		c.setSelf(id, op.SetSelf)
	case *wire.Request_Block:
		c.block(id, op.Block)
	case *wire.Request_Accept:
		c.accept(id, op.Accept)
	case *wire.Request_Report:
		c.report(id, op.Report)
	case *wire.Request_ChatSettings:
		c.chatSettings(id, op.ChatSettings)
	// presence.go
	case *wire.Request_Activity:
		c.activity(id, op.Activity)
	case *wire.Request_Watch:
		c.watch(id, op.Watch)
	case *wire.Request_SetPresence:
		c.setPresence(id, op.SetPresence)
	// renew.go
	case *wire.Request_RenewToken:
		c.renewToken(id, op.RenewToken)
	// call.go
	case *wire.Request_CallStart:
		c.callStart(id, op.CallStart)
	case *wire.Request_CallSignal:
		c.callSignal(id, op.CallSignal)
	case *wire.Request_CallJoin:
		c.callJoin(id, op.CallJoin)
	case *wire.Request_CallServers:
		c.callServers(id)
	default:
		c.refuse(id, errUnknownOp)
	}
}

// responseTo returns a response without a reply: OK, or a refusal if refused is not nil.
func responseTo(id uint64, refused *refusal.Error) *wire.Response {
	if refused == nil {
		return &wire.Response{Id: id}
	}
	return &wire.Response{
		Id: id, Result: refused.Result, Reason: refused.Reason, RetryAfter: uint32(refused.After.Milliseconds()),
	}
}

// succeed sends OK without a reply.
func (c *conn) succeed(id uint64) {
	c.respond(responseTo(id, nil))
	c.wakeWriter()
}

// refuse responds with a refusal; any other error closes the connection.
func (c *conn) refuse(id uint64, err error) {
	refused := refusal.Of(err)
	if refused == nil {
		c.closeStorageError(err)
		return
	}
	c.g.c.Metrics.Refused("request")
	c.respond(responseTo(id, refused))
	c.wakeWriter()
}

// closeStorageError closes the connection because the database could not be read. A read that was given up because the
// connection or the server ended is logged at debug level.
func (c *conn) closeStorageError(err error) {
	level := slog.LevelError
	if errors.Is(err, context.Canceled) {
		level = slog.LevelDebug
	}
	c.g.c.Logger.Log(context.Background(), level, "read database", slog.Any("error", err))
	c.closeStorageFailure()
}

// submit queues a change of this connection. answer is called on the log's writer goroutine once it was committed or
// refused; if the storage failed, the connection is closed instead.
func (c *conn) submit(ch eventlog.Change, s *eventlog.Submission, answer func()) {
	s.Origin, s.User, s.Weight = c, c.device.UID, c.weight
	s.Done = func(err error) {
		if err != nil {
			c.closeStorageFailure()
			return
		}
		answer()
	}
	if err := c.g.c.Log.Submit(ch); err != nil {
		c.closeStorageFailure()
	}
}

var errOneOfTwo = refusal.Bad("either a peer or a group must be given")

// chat looks up the chat of a request.
func (c *conn) chat(peer string, gid uint32) (eventlog.Chat, error) {
	if (peer == "") == (gid == 0) {
		return eventlog.Chat{}, errOneOfTwo
	}
	if gid != 0 {
		return eventlog.Chat{GID: gid}, nil
	}
	p, err := c.g.c.Directory.Find(c.context(), peer)
	if err != nil {
		return eventlog.Chat{}, err
	}
	return eventlog.Chat{Peer: p.UserRef}, nil
}

// pause delays the connection's requests. It blocks the reading goroutine, which preserves their order.
func (c *conn) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.g.c.Stopping:
	}
}

// tokenGoodbye is the goodbye to a connection whose token is no longer valid, for the error of accounts.Authenticate.
func tokenGoodbye(err error) goodbye {
	if s, ok := errors.AsType[*wire.SuspendedError](err); ok {
		return goodbye{
			status: wire.ConnSuspend, reason: s.Reason, until: uint64(s.Milli()), code: websocket.ClosePolicyViolation,
		}
	}
	return goodbye{status: wire.ConnAuthFail, reason: errToken.Reason, code: websocket.ClosePolicyViolation}
}
