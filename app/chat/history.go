package chat

import (
	"slices"

	"github.com/parley-chat/parley/mesibo"
)

const (
	pageSize   = 50
	nearEnd    = 25   // a page is fetched when the view is this close to the end of the window
	windowSize = 1000 // messages kept; others are read again when needed
)

// history is the window of the chat that is in memory, oldest message first.
type history struct {
	rows  []Message
	older bool // there are messages before the first row
	newer bool // and after the last
}

// index finds a message by its key, -1 without one. It searches from the end, where nearly everything happens.
func (h *history) index(key uint64) int {
	for n := range h.rows {
		i := len(h.rows) - 1 - n
		if h.rows[i].Key() == key { // in place: a message is large
			return i
		}
	}
	return -1
}

// indexOfMid finds a message by its id, -1 without one.
func (h *history) indexOfMid(mid uint64) int {
	for n := range h.rows {
		i := len(h.rows) - 1 - n
		if h.rows[i].Mid == mid && mid != 0 {
			return i
		}
	}
	return -1
}

func (h *history) change(mid uint64, f func(*Message)) {
	if i := h.indexOfMid(mid); i >= 0 {
		f(&h.rows[i])
	}
}

func (h *history) set(rows []Message, older, newer bool) {
	h.rows, h.older, h.newer = rows, older, newer
}

// addOlder puts a page, newest first, before the window; a page that is not full was the last.
func (h *history) addOlder(page []Message) {
	h.older = len(page) == pageSize
	fresh := h.unknown(page)
	slices.Reverse(fresh)
	h.rows = slices.Concat(fresh, h.rows)
	if over := len(h.rows) - windowSize; over > 0 {
		h.rows = slices.Delete(h.rows, windowSize, len(h.rows))
		h.newer = true
	}
}

// addNewer puts a page, oldest first, after the window.
func (h *history) addNewer(page []Message) {
	h.newer = len(page) == pageSize
	h.rows = append(h.rows, h.unknown(page)...)
	h.trimOld()
}

func (h *history) unknown(page []Message) []Message {
	return slices.DeleteFunc(slices.Clone(page), func(m Message) bool { return h.index(m.Key()) >= 0 })
}

func (h *history) trimOld() {
	if over := len(h.rows) - windowSize; over > 0 {
		h.rows = slices.Delete(h.rows, 0, over)
		h.older = true
	}
}

// arrive puts a new message at the end, before those that wait. It returns false when the message is known, or when
// the end of the chat is not in the window. Old rows are dropped only when the view follows the end. When
// it does not, one of them may be in view: the window grows, and at twice its size lets the end go instead.
func (h *history) arrive(m Message, following bool) bool {
	if h.newer || h.index(m.Key()) >= 0 {
		return false
	}
	if !following && len(h.rows) >= 2*windowSize {
		h.rows = slices.Delete(h.rows, h.firstWaiting(), len(h.rows))
		h.newer = true
		return false
	}
	at := len(h.rows)
	if !m.Waits() {
		at = h.firstWaiting()
	}
	h.rows = slices.Insert(h.rows, at, m)
	if following && len(h.rows) >= windowSize+pageSize { // a page at a time, not one by one
		h.trimOld()
	}
	return true
}

// firstWaiting is where the waiting messages at the end start.
func (h *history) firstWaiting() int {
	at := len(h.rows)
	for at > 0 && h.rows[at-1].Waits() {
		at--
	}
	return at
}

// status sets the status of an own message and reports whether it changed. A message that leaves the outbox moves
// before those that still wait.
func (h *history) status(mid uint64, status mesibo.MsgStatus) bool {
	i := h.index(Message{Mid: mid, Out: true}.Key())
	if i < 0 || !follows(h.rows[i].Status, status) {
		return false
	}
	waited := h.rows[i].Waits()
	h.rows[i].Status = status
	if mid > h.rows[i].Mid {
		h.rows[i].Mid = mid
	}
	if waited {
		m := h.rows[i]
		h.rows = slices.Delete(h.rows, i, i+1)
		h.rows = slices.Insert(h.rows, min(i, h.firstWaiting()), m)
	}
	return true
}

// requeue puts a failed message back among the waiting ones.
func (h *history) requeue(key uint64) {
	if i := h.index(key); i >= 0 {
		m := h.rows[i]
		m.Status = mesibo.MsgStatusOutbox
		if m.File != nil {
			again := *m.File
			again.Status, again.Err = mesibo.FileStatusIdle, nil
			m.File = &again
		}
		h.rows = append(slices.Delete(h.rows, i, i+1), m)
	}
}

// remove forgets a message.
func (h *history) remove(key uint64) {
	if i := h.index(key); i >= 0 {
		h.rows = slices.Delete(h.rows, i, i+1)
	}
}

// read marks the received messages up to and including row last as read. It returns how many were not.
func (h *history) read(last int) int {
	n := 0
	for i := 0; i <= last && i < len(h.rows); i++ {
		if h.rows[i].Unread() {
			h.rows[i] = h.rows[i].asRead()
			n++
		}
	}
	return n
}

// around returns the rows from one message to another, and some beyond them.
func (h *history) around(first, last uint64, beyond int) []Message {
	from, to := h.index(first), h.index(last)
	if from < 0 || to < from {
		return nil
	}
	return h.rows[max(0, from-beyond):min(len(h.rows), to+1+beyond)]
}
