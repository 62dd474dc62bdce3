package mesibo

import "context"

// Post calls f on the goroutine that calls listeners, after the callbacks that wait already, and returns at once but
// while too many wait; called by a listener it never waits. A panic in f is logged and ends nothing.
//
// It makes one goroutine of two: a listener that is registered with AddListener and given to a read session as well
// is called by Read on the goroutine that reads, and in real time on the instance's. When Read is called in Post, or
// by a listener, both are the same goroutine, and the listener needs no lock.
//
//	m.Post(func() { _, err = session.Read(20) })
func (m *Mesibo) Post(f func()) {
	m.listeners.post(context.Background(), func(l *snapshot) { l.guard(f) })
}
