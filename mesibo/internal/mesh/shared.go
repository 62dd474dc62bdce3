package mesh

import (
	"slices"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

// shared is a device that runs while anything uses it.
type shared struct {
	use  sync.Mutex // held while the device starts or stops
	stop func()     // nil while it does not run; under use

	mu    sync.Mutex
	users []user
	gone  bool // it was disconnected while it ran
	last  int
}

// user is what uses a device.
type user struct {
	number int
	lost   func()
}

// add adds what uses the device, and starts it for the first. begin makes the callbacks of the user effective, under
// mu.
func (s *shared) add(lost func(), begin func(), start func() (stop func(), err error)) (number int, err error) {
	s.use.Lock()
	defer s.use.Unlock()
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return 0, call.ErrNoDevice
	}
	s.last++
	number = s.last
	s.users = append(s.users, user{number, lost})
	begin()
	s.mu.Unlock()
	if s.stop != nil {
		return number, nil
	}
	if s.stop, err = start(); err != nil {
		s.stop = nil
		s.mu.Lock()
		s.users = nil // there was one
		s.mu.Unlock()
	}
	return number, err
}

// remove ends the use of the device, and stops it after the last. end makes the callbacks of the user ineffective,
// under mu.
func (s *shared) remove(number int, end func()) {
	s.use.Lock()
	defer s.use.Unlock()
	s.mu.Lock()
	s.users = slices.DeleteFunc(s.users, func(u user) bool { return u.number == number })
	left := len(s.users)
	end()
	s.mu.Unlock()
	if left > 0 || s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = false
}

// lost is called by the device when it was disconnected.
func (s *shared) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	for _, u := range s.users {
		u.lost()
	}
}
