package server

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxTransfers bounds the uploads and downloads of one user that run at the same time.
	maxTransfers = 16
	// maxFileUsers bounds the users whose rates are kept in memory.
	maxFileUsers = 10_000
	// minPiece is how many bytes have to come or go within Options.FileTimeout.
	minPiece = 4096
	// fileBurst is how many times as many requests may come at once as in a second.
	fileBurst = 10
)

// errStopped is why a transfer ends that somebody has interrupted.
var errStopped = errors.New("the transfer was interrupted")

// transfers knows what is under way.
type transfers struct {
	opts *Options // immutable

	mu      sync.Mutex
	stopped bool
	all     map[*transfer]struct{}
	uploads map[fileID]*transfer
	users   map[uint32]*fileUser
}

// fileUser is what one user has under way.
type fileUser struct {
	requests *rate.Limiter
	running  int
}

func newTransfers(opts *Options) *transfers {
	return &transfers{
		opts: opts, all: make(map[*transfer]struct{}), uploads: make(map[fileID]*transfer), users: make(map[uint32]*fileUser),
	}
}

// transfer is one upload or download. It stands still for Options.FileTimeout at most.
type transfer struct {
	of   *transfers // immutable, like all up to gone
	uid  uint32
	id   fileID // of an upload
	set  func(time.Time) error
	gone chan struct{} // closed at the end

	mu      sync.Mutex
	stopped bool
	ended   bool  // the connection serves something else now
	pieces  int64 // bytes since the deadline was moved
}

// user is called with mu.
func (t *transfers) user(uid uint32) *fileUser {
	u := t.users[uid]
	if u == nil {
		if len(t.users) >= maxFileUsers {
			for other, v := range t.users {
				if v.running == 0 {
					delete(t.users, other)
				}
			}
		}
		u = &fileUser{requests: rate.NewLimiter(rate.Limit(t.opts.FileRate), int(fileBurst*t.opts.FileRate))}
		t.users[uid] = u
	}
	return u
}

// allow tells whether a user may make another request now.
func (t *transfers) allow(uid uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.user(uid).requests.Allow()
}

// errLocked is why an upload does not begin while another request is busy with it.
var errLocked = &fileError{http.StatusLocked, "locked", "another request is busy with this upload"}

// upload begins to receive; end has to be called.
func (t *transfers) upload(uid uint32, id fileID, w http.ResponseWriter) (*transfer, error) {
	return t.begin(&transfer{uid: uid, id: id, set: http.NewResponseController(w).SetReadDeadline})
}

// download begins to send; end has to be called.
func (t *transfers) download(uid uint32, w http.ResponseWriter) (*transfer, error) {
	return t.begin(&transfer{uid: uid, set: http.NewResponseController(w).SetWriteDeadline})
}

func (t *transfers) begin(tr *transfer) (*transfer, error) {
	tr.of, tr.gone = t, make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.user(tr.uid)
	switch {
	case t.stopped:
		return nil, errStopping
	case tr.id != "" && t.uploads[tr.id] != nil:
		return nil, errLocked
	case u.running >= maxTransfers:
		return nil, &fileError{http.StatusTooManyRequests, "transfers", "too many transfers are running"}
	}
	if tr.id != "" {
		t.uploads[tr.id] = tr
	}
	u.running++
	t.all[tr] = struct{}{}
	return tr, nil
}

func (tr *transfer) end() {
	t := tr.of
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, tr)
	if tr.id != "" {
		delete(t.uploads, tr.id)
	}
	t.user(tr.uid).running--
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.ended = true
	close(tr.gone)
}

// count returns how many transfers run.
func (t *transfers) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// interrupt ends what is busy with an upload. Who asks how far it has come, or gives it up, does not send any more.
func (t *transfers) interrupt(id fileID) (gone <-chan struct{}) {
	t.mu.Lock()
	tr := t.uploads[id]
	t.mu.Unlock()
	if tr == nil {
		done := make(chan struct{})
		close(done)
		return done
	}
	tr.stop()
	return tr.gone
}

// stop ends all transfers, for ever.
func (t *transfers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	for tr := range t.all {
		tr.stop()
	}
}

func (tr *transfer) stop() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.stopped = true
	if !tr.ended {
		_ = tr.set(time.Unix(1, 0)) // who cannot is stopped by the next moved
	}
}

func (tr *transfer) isStopped() bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.stopped
}

// moved takes note of n bytes that have come or gone, and of the beginning. It allows time for the next piece.
func (tr *transfer) moved(n int64) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.stopped {
		return errStopped
	}
	if tr.pieces += n; n == 0 || tr.pieces >= minPiece {
		tr.pieces = 0
		_ = tr.set(time.Now().Add(tr.of.opts.FileTimeout)) // other servers than ours may not be able to
	}
	return nil
}

// rest takes the deadline away: the connection may serve further requests.
func (tr *transfer) rest() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !tr.stopped {
		_ = tr.set(time.Time{})
	}
}
