package eventlog

// maxArrivals is the maximum number of undelivered messages of one user kept in memory.
const maxArrivals = 64

// logState is the writer's state of one user's log.
type logState struct {
	last      uint64 // newest event
	delivered uint64 // newest event stored on a device
	dirty     bool   // the head must be written

	// arrivals are the undelivered messages after event known, oldest first. Those up to known are only in the
	// database.
	known    uint64
	arrivals []arrival

	senders  *senders          // of the undelivered events; nil: not counted
	settings map[uint32]uint64 // by group: where its last notice is, if it is about the group's settings
}

// arrival is an undelivered message.
type arrival struct {
	seq    uint64
	sender uint32
	sseq   uint64 // its number in the sender's log
	flags  uint32
	gid    uint32 // 0 in a chat with a peer
}

// arrived adds a message that was just appended.
func (s *logState) arrived(a arrival) {
	if len(s.arrivals) >= maxArrivals {
		s.arrivals, s.known = nil, s.last
		return
	}
	s.arrivals = append(s.arrivals, a)
}

// reset drops all arrivals after a change of the log; the database has them.
func (s *logState) reset() {
	s.arrivals, s.known, s.senders = nil, s.last, nil
}

// popUpTo removes and returns the arrivals up to an event.
func (s *logState) popUpTo(seq uint64) []arrival {
	n := 0
	for n < len(s.arrivals) && s.arrivals[n].seq <= seq {
		n++
	}
	popped := s.arrivals[:n:n]
	s.arrivals = s.arrivals[n:]
	if len(s.arrivals) == 0 {
		s.arrivals = nil
	}
	return popped
}
