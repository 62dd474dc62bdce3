// Package sendfolder sends what appears in a folder: it finds the files that are complete, queues a message for each,
// and moves those that the server has to a folder in it. What a message is, and how a file is uploaded, is its Host's
// business.
package sendfolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/watch"
	"github.com/parley-chat/parley/models"
)

// Why a file is not sent, or still in the folder.
var (
	ErrEmpty     = errors.New("the file is empty")
	ErrWithdrawn = errors.New("its message was withdrawn")
	ErrNotMoved  = errors.New("it was sent, but could not be moved")
	ErrBefore    = errors.New("it was here before") // when the folder was chosen
)

// Host is what a Sender works for. Its methods are called from the goroutine of Run.
type Host interface {
	// Store returns the database and the account in it; an error when there is none.
	Store() (db *store.Store, account int64, err error)
	// Watch calls Sender.Changed from now on when something happens in a folder, in place of another; each may be
	// empty. It reports whether that works already.
	Watch(folder, before string) bool
	// Send makes the message with a file and calls queue to store it. refused is why this file cannot be sent, now or
	// later.
	Send(path string, to store.Target, queue Queue) (refused, err error)
	// Outcome returns what became of a queued message: it waits, it failed for a reason, or else the server has it.
	Outcome(row *models.Message) (waits bool, failure error)
	// Code returns what the database keeps of a reason.
	Code(reason error) string
	// Queued calls listeners with a message that was queued.
	Queued(row *models.Message)
	// Notify calls listeners with the state of a file; sent says that it was sent and moved to its target.
	Notify(f *models.FolderFile, sent bool)
	// Moved calls listeners with the files of messages, which were moved.
	Moved(ctx context.Context, rows []int64) error
}

// Queue puts a message into the outbox.
type Queue func(db *store.Store, t store.Target, row *models.Message) error

// Sender sends what appears in the folder of an account.
type Sender struct {
	host Host // immutable, as are those that follow
	log  *slog.Logger
	wake chan struct{}

	mu   sync.Mutex
	path string // of the folder, empty for none

	// What follows belongs to the goroutine of Run.
	stability  stability
	unreadable bool // the folder could not be read, which was logged
}

const (
	soon          = time.Second     // until the next look while files become stable
	often         = 5 * time.Second // while messages wait, or changes of the folder are not reported
	seldom        = time.Minute     // else: the system may not have reported a change
	never         = 1000 * time.Hour
	mostWaiting   = 100    // files of the folder that are in the outbox at a time
	mostNumbering = 10_000 // files of one name in the folder for what was sent
)

// sentFolder is the folder, in the one whose files are sent, to which they are moved.
const sentFolder = "sent"

// New makes a sender; Run starts it.
func New(host Host, log *slog.Logger) *Sender {
	return &Sender{host: host, log: log, wake: make(chan struct{}, 1), stability: stability{written: watch.Written}}
}

// Existing lists the files of a folder as those that are not sent because they were there before it was chosen.
func Existing(folder string) ([]models.FolderFile, error) {
	found, err := findFiles(folder)
	if err != nil {
		return nil, err
	}
	var rows []models.FolderFile
	for _, c := range found {
		rows = append(
			rows, models.FolderFile{Path: c.path, Size: c.size, Modified: c.modified, Refusal: ErrBefore.Error()})
	}
	return rows, nil
}

// Wake makes the sender look at the folder again, soon. It may be called from any goroutine, as may Changed.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Changed says that something happened in a folder.
func (s *Sender) Changed(folder string) {
	s.mu.Lock()
	own := s.path == folder
	s.mu.Unlock()
	if own {
		s.Wake()
	}
}

// Run works until ctx ends, and returns nil.
func (s *Sender) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-s.wake:
		}
		again, err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("send from folder", slog.Any("error", err))
			again = seldom
		}
		timer.Reset(again)
	}
}

// look deals with all files of the folder and returns when to do that again.
func (s *Sender) look(ctx context.Context) (again time.Duration, err error) {
	db, account, err := s.host.Store()
	if err != nil {
		return never, nil //nolint:nilerr // without an account there is no folder
	}
	folder, err := db.SendFolder(ctx, account)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	watched := s.watch(folder.Path)
	known, err := db.FolderFiles(ctx, account)
	if err != nil {
		return 0, err
	}
	waiting, err := s.checkQueued(ctx, db, known)
	if err != nil {
		return 0, err
	}
	again = never
	if waiting > 0 {
		again = often
	}
	if folder.Path == "" {
		return again, nil
	}
	if watched {
		again = min(again, seldom)
	} else {
		again = often
	}
	waits, sent, err := s.send(ctx, db, folder, waiting)
	switch {
	case waits:
		again = soon
	case sent:
		again = often
	}
	return again, err
}

// watch watches the folder, in place of the one before.
func (s *Sender) watch(path string) bool {
	s.mu.Lock()
	before := s.path
	s.path = path
	s.mu.Unlock()
	return s.host.Watch(path, before)
}

// checkQueued checks what has become of the files that were queued, and returns how many still wait.
func (s *Sender) checkQueued(ctx context.Context, db *store.Store, known []models.FolderFile) (waiting int, err error) {
	for i := range known {
		f := &known[i]
		if f.Mid == 0 || ctx.Err() != nil {
			continue
		}
		row, err := db.OwnMessage(ctx, targetOf(f), uint32(f.Mid))
		if errors.Is(err, store.ErrNotFound) {
			err = s.refuse(db, f, ErrWithdrawn)
		} else if err == nil {
			var waits bool
			if waits, err = s.check(ctx, db, f, &row); waits {
				waiting++
			}
		}
		if err != nil {
			return waiting, err
		}
	}
	return waiting, nil
}

// check checks what has become of a file whose message exists.
func (s *Sender) check(
	ctx context.Context, db *store.Store, f *models.FolderFile, row *models.Message,
) (waits bool, err error) {
	waits, failure := s.host.Outcome(row)
	switch {
	case waits && f.Refusal == "":
		return true, nil
	case waits: // it is tried again
		f.Refusal = ""
		return true, db.PutFolderFile(*f)
	case failure != nil:
		return false, s.refuse(db, f, failure)
	}
	return false, s.sent(ctx, db, f)
}

func targetOf(f *models.FolderFile) store.Target {
	return store.Target{Account: f.AccountID, Peer: f.Peer, Group: uint32(f.GroupID)}
}

// refuse notes why a file is not sent.
func (s *Sender) refuse(db *store.Store, f *models.FolderFile, why error) error {
	code := s.host.Code(why)
	if f.Refusal == code {
		return nil
	}
	f.Refusal = code
	if err := db.PutFolderFile(*f); err != nil {
		return err
	}
	s.log.Warn("a file of the folder is not sent", slog.Any("error", why))
	s.host.Notify(f, false)
	return nil
}

// sent moves a file that the server has to the folder "sent". Where to is stored first, so that a later run finds it
// there.
func (s *Sender) sent(ctx context.Context, db *store.Store, f *models.FolderFile) error {
	is := func(path string) bool {
		info, err := os.Lstat(path)
		return err == nil && info.Mode().IsRegular() && info.Size() == f.Size && info.ModTime().UnixNano() == f.Modified
	}
	moved := f.Target != "" && is(f.Target)
	if moved {
		if err := removeTwin(f.Path, f.Target); err != nil {
			return err
		}
	} else if is(f.Path) {
		if err := s.move(db, f); err != nil {
			// It is known by its size and time, and not sent again.
			if f.Refusal == "" {
				s.log.Warn("move a file that was sent", slog.Any("error", err))
			}
			return s.refuse(db, f, ErrNotMoved)
		}
		moved = true
	}
	if err := db.EndFolderFile(*f, moved); err != nil {
		return err
	}
	s.host.Notify(f, true)
	if !moved {
		return nil
	}
	places, err := db.FilesAt(ctx, f.AccountID, []string{f.Target})
	if err != nil || len(places) == 0 {
		return err
	}
	rows := make([]int64, len(places))
	for i, p := range places {
		rows[i] = p.ID
	}
	return s.host.Moved(ctx, rows)
}

// removeTwin removes the first name of a file that has got its second one, when the process ended between the two.
func removeTwin(path, target string) error {
	first, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	second, secondErr := os.Lstat(target)
	if err = errors.Join(err, secondErr); err == nil && os.SameFile(first, second) {
		err = os.Remove(path)
	}
	if err != nil {
		return fmt.Errorf("move file: %w", err)
	}
	return nil
}

func (s *Sender) move(db *store.Store, f *models.FolderFile) error {
	folder := filepath.Join(filepath.Dir(f.Path), sentFolder)
	err := os.MkdirAll(folder, 0o755) //nolint:gosec // beside the user's own files, as they would make it
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	from, err := files.Open("", f.Path)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // what was moved is on the disk
	name := filepath.Base(f.Path)
	for n := 1; n < mostNumbering; n++ {
		f.Target = filepath.Join(folder, numberedName(name, n))
		if _, err := os.Lstat(f.Target); err == nil {
			continue
		}
		if err := db.PutFolderFile(*f); err != nil {
			return err
		}
		to, err := files.Open("", f.Target)
		if err != nil {
			return err
		}
		err = errors.Join(to.MoveFrom(from, false), to.Close())
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return fs.ErrExist
}

// numberedName returns the n-th name to try for a file, from 1.
func numberedName(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s (%d)%s", name[:len(name)-len(ext)], n, ext)
}

// send sends the files that are stable. waits reports whether some become stable or wait for their turn, sent whether
// one was queued. waiting is how many are in the outbox.
func (s *Sender) send(
	ctx context.Context, db *store.Store, folder models.SendFolder, waiting int,
) (waits, sent bool, err error) {
	found, err := findFiles(folder.Path)
	if err != nil {
		if !s.unreadable {
			s.log.Warn("the folder whose files are sent cannot be read", slog.Any("error", err))
		}
		s.unreadable = true
		return false, false, nil
	}
	s.unreadable = false
	fresh, err := s.fresh(ctx, db, folder, found)
	if err != nil {
		return false, false, err
	}
	now := time.Now()
	for _, c := range s.stability.keep(found, fresh) {
		switch {
		case ctx.Err() != nil:
			return waits, sent, ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
		case waiting >= mostWaiting || !s.stability.ready(c, now):
			waits = true
			continue
		}
		queued, err := s.sendOne(db, folder, c)
		if err != nil {
			return waits, sent, err
		}
		if queued {
			sent = true
			waiting++
		}
	}
	return waits, sent, nil
}

// fresh returns the files that are not known yet, or were changed after they were refused, and forgets those that are
// gone.
func (s *Sender) fresh(
	ctx context.Context, db *store.Store, folder models.SendFolder, found []foundFile,
) (fresh map[string]foundFile, err error) {
	known, err := db.FolderFiles(ctx, folder.AccountID)
	if err != nil {
		return nil, err
	}
	fresh = make(map[string]foundFile, len(found))
	for _, c := range found {
		fresh[c.path] = c
	}
	for i := range known {
		f := &known[i]
		c, exists := fresh[f.Path]
		switch {
		case !exists && f.Refusal != "" && filepath.Dir(f.Path) == folder.Path:
			if err := db.EndFolderFile(*f, false); err != nil {
				return nil, err
			}
		case exists && (f.Refusal == "" || c.size == f.Size && c.modified == f.Modified):
			delete(fresh, f.Path) // its message waits, or the file has not changed
		}
	}
	return fresh, nil
}

// sendOne puts the message with a file into the outbox.
func (s *Sender) sendOne(db *store.Store, folder models.SendFolder, c foundFile) (sent bool, err error) {
	record := models.FolderFile{
		AccountID: folder.AccountID, Path: c.path, Size: c.size, Modified: c.modified,
		Peer: folder.Peer, GroupID: folder.GroupID,
	}
	if c.size == 0 {
		return false, s.refuse(db, &record, ErrEmpty)
	}
	queued := false
	queue := func(db *store.Store, t store.Target, row *models.Message) error {
		if now, err := lookAt(c.path); err != nil || now != c {
			return errUnstable
		}
		record.Mid = row.Mid
		queued = true
		return db.QueueFolderFile(t, row, record)
	}
	refused, err := s.host.Send(c.path, targetOf(&record), queue)
	switch {
	case errors.Is(err, errUnstable), errors.Is(err, fs.ErrNotExist), errors.Is(refused, fs.ErrNotExist):
		s.stability.forget(c.path)
		return false, nil
	case refused != nil:
		record.Mid = 0
		return false, s.refuse(db, &record, refused)
	case err != nil:
		return false, err
	case !queued:
		return false, s.refuse(db, &record, errors.New("a message filter dropped it"))
	}
	row, err := db.OwnMessage(context.Background(), targetOf(&record), uint32(record.Mid))
	if err != nil {
		s.log.Error("look up a message from the folder", slog.Any("error", err))
	} else {
		s.host.Queued(&row)
	}
	s.host.Notify(&record, false)
	return true, nil
}

var errUnstable = errors.New("the file changes just now")
