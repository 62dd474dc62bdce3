package bus

import "sync"

// Local connects nodes of one process. The zero value has no nodes.
type Local struct {
	mu    sync.Mutex
	last  NodeID
	nodes map[NodeID]*localNode
}

// Join adds a node. Its frames are handled on the publishing goroutine.
func (l *Local) Join() Bus { //nolint:ireturn // the contract
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	n := &localNode{bus: l, id: l.last}
	if l.nodes == nil {
		l.nodes = make(map[NodeID]*localNode)
	}
	l.nodes[n.id] = n
	return n
}

// receivers returns the nodes that get a frame.
func (l *Local) receivers(from *localNode, to NodeID) ([]*localNode, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.nodes[from.id] == nil {
		return nil, ErrClosed
	}
	var list []*localNode
	for id, n := range l.nodes {
		if id == to || (to == All && n != from) {
			list = append(list, n)
		}
	}
	return list, nil
}

// localNode implements Bus.
type localNode struct {
	bus *Local // immutable, like id
	id  NodeID

	mu     sync.Mutex // held while a frame is handled
	handle func(from NodeID, f *Frame)
	closed bool
}

func (n *localNode) Node() NodeID { return n.id }

func (n *localNode) Publish(to NodeID, f *Frame) error {
	nodes, err := n.bus.receivers(n, to)
	for _, r := range nodes {
		r.receive(n.id, f)
	}
	return err
}

func (n *localNode) receive(from NodeID, f *Frame) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.handle != nil && !n.closed {
		n.handle(from, f)
	}
}

func (n *localNode) Subscribe(handle func(from NodeID, f *Frame)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handle = handle
}

func (n *localNode) Close() error {
	n.bus.mu.Lock()
	delete(n.bus.nodes, n.id)
	n.bus.mu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return nil
}
