package server

// maxArrivals bounds the undelivered messages of one user that are kept in memory.
const maxArrivals = 64

// head is the state of one user's log, as the writer knows it.
type head struct {
	last      uint64 // newest event
	delivered uint64 // stored on one of the devices
	dirty     bool   // the row has to be written

	// arrivals are the messages received after event known that are not delivered, oldest first. About those up to
	// known the database has to be asked.
	known    uint64
	arrivals []arrival
}

// arrival is an undelivered message.
type arrival struct {
	seq    uint64
	sender uint32
	sseq   uint64 // its number in the sender's log
	flags  uint32
	gid    uint32 // 0 for one-to-one
}

// arrived notes a message just appended.
func (h *head) arrived(a arrival) {
	if len(h.arrivals) >= maxArrivals {
		h.forget()
		return
	}
	h.arrivals = append(h.arrivals, a)
}

// forget makes the database the only source again.
func (h *head) forget() {
	h.arrivals, h.known = nil, h.last
}

// take removes and returns the arrivals up to an event.
func (h *head) take(upTo uint64) []arrival {
	n := 0
	for n < len(h.arrivals) && h.arrivals[n].seq <= upTo {
		n++
	}
	taken := h.arrivals[:n:n]
	h.arrivals = h.arrivals[n:]
	if len(h.arrivals) == 0 {
		h.arrivals = nil
	}
	return taken
}
