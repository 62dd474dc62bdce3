package transfer

import (
	"crypto/sha256"
	"hash"
)

// buffers is how many pieces of a download may wait to be summed up.
const buffers = 4

// summer sums up what comes, beside what else is done with it. Its methods are called by one goroutine.
type summer struct {
	sum  hash.Hash
	free chan []byte
	work chan []byte
}

func newSummer() *summer {
	s := &summer{sum: sha256.New(), free: make(chan []byte, buffers), work: make(chan []byte, buffers)}
	for range buffers {
		s.free <- make([]byte, piece)
	}
	go func() { // until end
		for b := range s.work {
			s.sum.Write(b)
			s.free <- b[:piece]
		}
	}()
	return s
}

// buffer returns one to be filled; add takes it back.
func (s *summer) buffer() []byte { return <-s.free }

// add takes what a buffer was filled with, from its beginning.
func (s *summer) add(b []byte) { s.work <- b }

// settle waits until everything is summed up.
func (s *summer) settle() {
	var all [buffers][]byte
	for i := range all {
		all[i] = <-s.free
	}
	for _, b := range all {
		s.free <- b
	}
}

func (s *summer) reset() {
	s.settle()
	s.sum.Reset()
}

func (s *summer) value() []byte {
	s.settle()
	return s.sum.Sum(nil)
}

func (s *summer) end() { close(s.work) }
