// Package bus connects the nodes of a service: processes that serve the same record. A bus may lose, repeat and reorder
// frames, because all durable state is in the record; the bus only makes delivery fast.
//
// [Local] connects nodes of one process; a single server is the only node of its Local. Package bustest has the tests
// for all implementations.
package bus

import "errors"

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the bus is closed")

// NodeID identifies a node. It is not 0.
type NodeID uint64

// All addresses all nodes except the publishing one.
const All NodeID = 0

// Bus is a node's connection to the bus. Its methods may be called from any goroutine.
type Bus interface {
	// Node returns the id of this node.
	Node() NodeID
	// Publish sends a frame to a node or to All. It does not wait for its arrival. The frame must not be changed
	// afterwards.
	Publish(to NodeID, f *Frame) error
	// Subscribe sets the function that is called with every frame for this node, one at a time. It must not block.
	Subscribe(handle func(from NodeID, f *Frame))
	// Close leaves the bus. The function of Subscribe is not called after Close has returned.
	Close() error
}

// Frame is a message between nodes. Any field may be empty.
type Frame struct {
	// Events are committed events for users who are connected to the node.
	Events []Event
	// Signal is for users who are connected to the node. It is not stored.
	Signal *Signal
	// Presence are changes of users connected to the sending node.
	Presence []Presence
	// Kick are users whose connections the node must close; they may connect again.
	Kick []uint32
	// Profiles are users whose profiles have changed in the record.
	Profiles []uint32
	// Refresh reports that users, tokens or groups have changed in the record.
	Refresh bool
}

// Event is a committed event of a user's log.
type Event struct {
	UID uint32
	Seq uint64
	Exp int64  // deadline in ms, 0 never
	Raw []byte // encoded wire.Event without number; nil: the node must read the log
}

// Signal is an encoded wire.ServerFrame for some users.
type Signal struct {
	UIDs []uint32
	Raw  []byte
	// Droppable reports that connections with a long outbox should not get it.
	Droppable bool
}

// Presence reports whether a user is connected to a node, and whether one of those devices is in the foreground.
type Presence struct {
	UID                   uint32
	Connected, Foreground bool
}
