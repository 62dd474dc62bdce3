package rtc

import "sync"

// events calls functions in order, on a goroutine of its own, so that whoever has something to say never waits.
type events struct {
	mu     sync.Mutex
	queue  []func()
	more   chan struct{} // has room for one
	closed chan struct{}
	ended  chan struct{}
}

func newEvents() *events {
	e := &events{more: make(chan struct{}, 1), closed: make(chan struct{}), ended: make(chan struct{})}
	go e.run()
	return e
}

func (e *events) run() {
	defer close(e.ended)
	for {
		select {
		case <-e.more:
		case <-e.closed:
			return
		}
		for _, f := range e.take() {
			select {
			case <-e.closed:
				return
			default:
				f()
			}
		}
	}
}

func (e *events) take() []func() {
	e.mu.Lock()
	defer e.mu.Unlock()
	queue := e.queue
	e.queue = nil
	return queue
}

func (e *events) post(f func()) {
	e.mu.Lock()
	e.queue = append(e.queue, f)
	e.mu.Unlock()
	select {
	case e.more <- struct{}{}:
	default:
	}
}

// close waits for the function that is running; those after it are not called.
func (e *events) close() {
	close(e.closed)
	<-e.ended
}
