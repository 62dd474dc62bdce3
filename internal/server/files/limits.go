package files

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/refusal"
)

const (
	// maxTransfers is the maximum number of running uploads and downloads of one user.
	maxTransfers = 16
	// maxFileUsers is the maximum number of users whose rates are kept in memory.
	maxFileUsers = 10_000
	// minProgress is how many bytes must be transferred within Config.FileTimeout.
	minProgress = 4096
	// fileBurst is the burst of requests as a multiple of the rate.
	fileBurst = 10
)

// errStopped is the error of an interrupted transfer.
var errStopped = errors.New("the transfer was interrupted")

// transfers tracks the running transfers.
type transfers struct {
	c *Config // immutable

	mu      sync.Mutex
	stopped bool
	all     map[*transfer]struct{}
	uploads map[fileref.ID]*transfer
	users   map[uint32]*fileUser
}

// fileUser is the rate and the number of transfers of one user.
type fileUser struct {
	requests *rate.Limiter
	running  int
}

func newTransfers(c *Config) *transfers {
	return &transfers{
		c: c, all: make(map[*transfer]struct{}), uploads: make(map[fileref.ID]*transfer), users: make(map[uint32]*fileUser),
	}
}

// transfer is a running upload or download. It may stall for at most Config.FileTimeout.
type transfer struct {
	of   *transfers // immutable, like all up to gone
	uid  uint32
	id   fileref.ID // of an upload
	set  func(time.Time) error
	gone chan struct{} // closed at the end

	mu       sync.Mutex
	stopped  bool
	ended    bool  // the connection serves something else now
	progress int64 // bytes since the deadline was moved
}

// user returns the state of a user. The caller holds mu.
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
		u = &fileUser{requests: rate.NewLimiter(rate.Limit(t.c.FileRate), int(fileBurst*t.c.FileRate))}
		t.users[uid] = u
	}
	return u
}

// allow counts a request and reports whether the user's rate allows it.
func (t *transfers) allow(uid uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.user(uid).requests.Allow()
}

var errLocked = refusal.HTTP(http.StatusLocked, "locked", "another request is using this upload")

// upload starts a transfer to the server; the caller must call end.
func (t *transfers) upload(uid uint32, id fileref.ID, w http.ResponseWriter) (*transfer, error) {
	return t.begin(&transfer{uid: uid, id: id, set: http.NewResponseController(w).SetReadDeadline})
}

// download starts a transfer to the client; the caller must call end.
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
		return nil, refusal.HTTP(http.StatusTooManyRequests, "transfers", "too many transfers are running")
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

// count returns the number of running transfers.
func (t *transfers) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// interrupt stops the running transfer of an upload, because its client has lost the connection or cancels it. gone is
// closed when the transfer has ended.
func (t *transfers) interrupt(id fileref.ID) (gone <-chan struct{}) {
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

// stop stops all transfers and refuses new ones.
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

// moved records n transferred bytes, or the start, and extends the deadline after enough progress.
func (tr *transfer) moved(n int64) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.stopped {
		return errStopped
	}
	if tr.progress += n; n == 0 || tr.progress >= minProgress {
		tr.progress = 0
		_ = tr.set(time.Now().Add(tr.of.c.FileTimeout)) // other servers than ours may not be able to
	}
	return nil
}

// clearDeadline removes the deadline, so that the connection can serve further requests.
func (tr *transfer) clearDeadline() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !tr.stopped {
		_ = tr.set(time.Time{})
	}
}
