package mesibo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/watch"
	"github.com/parley-chat/parley/models"
)

// sender sends what appears in the folder of SetSendFolder.
type sender struct {
	m    *Mesibo
	wake chan struct{}

	mu   sync.Mutex
	path string // of the folder, empty for none

	// What follows belongs to the goroutine.
	settling settling
	lost     bool // the folder could not be read, which was logged
}

const (
	folderSoon    = time.Second     // until the next look while files settle
	folderOften   = 5 * time.Second // while files are under way, or nobody tells of changes
	folderSeldom  = time.Minute     // else: the system may have kept a change to itself
	mostUnderWay  = 100             // files of the folder that are in the outbox at a time
	mostNumbering = 10_000          // files of one name in the folder "sent"
)

func newSender(m *Mesibo) *sender {
	return &sender{m: m, wake: make(chan struct{}, 1), settling: settling{written: watch.Written}}
}

// begin works until the function that it gives is called.
func (s *sender) begin() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { // end waits for it
		defer close(done)
		s.run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// poke has it look again, soon.
func (s *sender) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// changed is told that something happened in a folder.
func (s *sender) changed(folder string) {
	s.mu.Lock()
	own := s.path == folder
	s.mu.Unlock()
	if own {
		s.poke()
	}
}

func (s *sender) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		again, err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			s.m.log.Error("send from folder", errAttr(err))
			again = folderSeldom
		}
		timer.Reset(again)
	}
}

// look deals with all files of the folder, and says when to do that again.
func (s *sender) look(ctx context.Context) (again time.Duration, err error) {
	const never = 1000 * time.Hour
	db, target, err := s.m.open("", 0)
	if err != nil {
		return never, nil //nolint:nilerr // without an account there is no folder
	}
	folder, err := db.SendFolder(ctx, target.Account)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	s.attend(folder.Path)
	known, err := db.FolderFiles(ctx, target.Account)
	if err != nil {
		return 0, err
	}
	under, err := s.settle(ctx, db, known)
	if err != nil {
		return 0, err
	}
	again = never
	if under > 0 {
		again = folderOften
	}
	if folder.Path == "" {
		return again, nil
	}
	if w := s.m.lookout.watcher(); w == nil || !w.Watches(folder.Path) {
		again = folderOften
	} else {
		again = min(again, folderSeldom)
	}
	waits, sent, err := s.send(ctx, db, folder, under)
	switch {
	case waits:
		again = folderSoon
	case sent:
		again = folderOften
	}
	return again, err
}

// attend watches the folder, in place of another.
func (s *sender) attend(path string) {
	s.mu.Lock()
	before := s.path
	s.path = path
	s.mu.Unlock()
	w := s.m.lookout.watcher()
	if w == nil {
		return
	}
	if before != path && before != "" {
		w.Forget(before)
	}
	if path != "" {
		w.Watch(path, true)
	}
}

// settle looks what has become of the files that were queued, and tells how many are under way.
func (s *sender) settle(ctx context.Context, db *store.Store, known []models.FolderFile) (under int, err error) {
	for i := range known {
		f := &known[i]
		if f.Mid == 0 || ctx.Err() != nil {
			continue
		}
		t := store.Target{Account: f.AccountID, Peer: f.Peer, Group: uint32(f.GroupID)}
		row, err := db.OwnMessage(ctx, t, uint32(f.Mid))
		switch status := MsgStatus(row.Status); {
		case errors.Is(err, store.ErrNotFound):
			err = s.refuse(db, f, ErrWithdrawn)
		case err != nil:
		case status == MsgStatusOutbox && f.Refusal == "":
			under++
		case status == MsgStatusOutbox: // somebody tries it again
			under++
			f.Refusal = ""
			err = db.PutFolderFile(*f)
		case status.IsFailed():
			err = s.refuse(db, f, failureOfRow(&row))
		default:
			err = s.sent(ctx, db, f)
		}
		if err != nil {
			return under, err
		}
	}
	return under, nil
}

// failureOfRow gives why a message with a file failed.
func failureOfRow(row *models.Message) error {
	if row.Content != nil && row.Content.File != nil {
		if err := failureOf(row.Content.File.Failure); err != nil {
			return err
		}
	}
	return fmt.Errorf("the message was not sent: %s", MsgStatus(row.Status))
}

// refuse notes why a file is not sent, and tells it.
func (s *sender) refuse(db *store.Store, f *models.FolderFile, why error) error {
	if f.Refusal == refusal(why) {
		return nil
	}
	f.Refusal = refusal(why)
	if err := db.PutFolderFile(*f); err != nil {
		return err
	}
	s.m.log.Warn("a file of the folder is not sent", errAttr(why))
	s.tell(folderFile(f))
	return nil
}

func (s *sender) tell(f FolderFile) {
	s.m.calls.post(context.Background(), func(l *listeners) {
		each(l, func(l SendFolderListener) {
			own := f
			l.OnSendFolder(&own)
		})
	})
}

// sent moves a file that the server has to the folder "sent". Where to is stored first, so that a later run finds it there.
func (s *sender) sent(ctx context.Context, db *store.Store, f *models.FolderFile) error {
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
				s.m.log.Warn("move a file that was sent", errAttr(err))
			}
			return s.refuse(db, f, ErrNotMoved)
		}
		moved = true
	}
	if err := db.EndFolderFile(*f, moved); err != nil {
		return err
	}
	done := FolderFile{Path: f.Target, State: FolderFileSent, Mid: uint64(f.Mid)}
	s.tell(done)
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
	return s.m.tellFiles(ctx, db, rows)
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

func (s *sender) move(db *store.Store, f *models.FolderFile) error {
	folder := filepath.Join(filepath.Dir(f.Path), sentFiles)
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // beside the user's own files, as they would make it
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

// numberedName gives the n-th name to try for a file, from 1.
func numberedName(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s (%d)%s", name[:len(name)-len(ext)], n, ext)
}

// send sends what has settled, and tells whether something settles or waits for its turn, and whether something was sent.
func (s *sender) send(ctx context.Context, db *store.Store, folder models.SendFolder, under int) (waits, sent bool, err error) {
	found, err := findFiles(folder.Path)
	if err != nil {
		if !s.lost {
			s.m.log.Warn("the folder whose files are sent cannot be read", errAttr(err))
		}
		s.lost = true
		return false, false, nil
	}
	s.lost = false
	fresh, err := s.fresh(ctx, db, folder, found)
	if err != nil {
		return false, false, err
	}
	now := time.Now()
	for _, c := range s.settling.keep(found, fresh) {
		switch {
		case ctx.Err() != nil:
			return waits, sent, ctx.Err() //nolint:wrapcheck // cancellation is returned as it is
		case under >= mostUnderWay || !s.settling.ready(c, now):
			waits = true
			continue
		}
		queued, err := s.sendOne(db, folder, c)
		if err != nil {
			return waits, sent, err
		}
		if queued {
			sent = true
			under++
		}
	}
	return waits, sent, nil
}

// fresh gives the files that are not known yet, or were changed after they were refused, and forgets those that are gone.
func (s *sender) fresh(
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
		c, there := fresh[f.Path]
		switch {
		case !there && f.Refusal != "" && filepath.Dir(f.Path) == folder.Path:
			if err := db.EndFolderFile(*f, false); err != nil {
				return nil, err
			}
		case there && (f.Refusal == "" || c.size == f.Size && c.modified == f.Modified):
			delete(fresh, f.Path) // its message is under way, or nothing is new
		}
	}
	return fresh, nil
}

// sendOne puts the message with a file into the outbox.
func (s *sender) sendOne(db *store.Store, folder models.SendFolder, c foundFile) (sent bool, err error) {
	id := s.m.Random()
	record := models.FolderFile{
		AccountID: folder.AccountID, Path: c.path, Size: c.size, Modified: c.modified, Peer: folder.Peer, GroupID: folder.GroupID,
	}
	if c.size == 0 {
		return false, s.refuse(db, &record, ErrFileEmpty)
	}
	p := SendFolder{Peer: folder.Peer, GroupID: uint32(folder.GroupID)}.params()
	queued := false
	err = s.m.sendFile("SetSendFolder", p, id, &FileInfo{Path: c.path}, func(db *store.Store, t store.Target, row *models.Message) error {
		if now, err := lookAt(c.path); err != nil || now != c {
			return errUnsettled
		}
		record.Mid = row.Mid
		queued = true
		return db.QueueFolderFile(t, row, record)
	})
	switch {
	case errors.Is(err, errUnsettled), errors.Is(err, fs.ErrNotExist):
		s.settling.forget(c.path)
		return false, nil
	case errors.Is(err, ResultBadRequest):
		record.Mid = 0
		return false, s.refuse(db, &record, reasonOf(err))
	case err != nil:
		return false, err
	case !queued:
		return false, s.refuse(db, &record, errors.New("a message filter dropped it"))
	}
	s.hand(db, store.Target{Account: folder.AccountID, Peer: folder.Peer, Group: uint32(folder.GroupID)}, id)
	s.tell(folderFile(&record))
	return true, nil
}

var errUnsettled = errors.New("the file changes just now")

// reasonOf gives the cause of an error without the name of the function.
func reasonOf(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Cause != nil {
		return e.Cause
	}
	return err
}

// hand gives listeners a message of this user that none of them has sent.
func (s *sender) hand(db *store.Store, t store.Target, id uint32) {
	row, err := db.OwnMessage(context.Background(), t, id)
	if err != nil {
		s.m.log.Error("tell of a message from the folder", errAttr(err))
		return
	}
	s.m.calls.post(context.Background(), func(l *listeners) { s.m.hand(l, &row) })
}
