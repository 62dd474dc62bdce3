package mesibo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/parley-chat/parley/internal/private"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
)

var errNoDatabase = errors.New("no database: SetDatabase was not called")

// BackupDatabase writes the local database, as it is at one moment, into a file. path is absolute, or below
// GetBasePath. It may run at any time: messages go on coming and going meanwhile. The file is replaced only by a
// complete backup that is on the disk, and only its owner can read it. A database that several users share is in it
// with all of them; files of messages are not. The call returns when all is done. Errors: ResultFail without
// SetDatabase, or with ErrDiskFull and other causes; those of CreateFile for the path.
func (m *Mesibo) BackupDatabase(path string) error {
	const op = "BackupDatabase"
	m.mu.Lock()
	db, kept := m.db, m.dbKept
	m.mu.Unlock()
	if db == nil || !kept {
		return opError(op, ResultFail, errNoDatabase)
	}
	file, err := m.absolute(path)
	if err != nil {
		return fileError(op, err)
	}
	if own := db.Path(); sameFile(file, own) {
		return opError(op, ResultBadRequest, errors.New("the backup would replace the database itself"))
	}
	temp := file + ".part"
	err = os.Remove(temp)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = backup(db, temp, file)
	}
	if err != nil {
		return fileError(op, errors.Join(err, discard(temp)))
	}
	return nil
}

func backup(db *store.Store, temp, file string) error {
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
		return files.ErrKind
	}
	if err := private.File(temp); err != nil {
		return err
	}
	if err := db.CopyTo(context.Background(), temp); err != nil {
		return err
	}
	if err := syncFile(temp); err != nil {
		return err
	}
	return files.Replace(temp, file)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	return nil
}

// discard removes a file that was not completed.
func discard(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove temporary file: %w", err)
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// RestoreDatabase replaces the local database by a backup. Only while stopped, and after SetAccessToken and
// SetDatabase. The backup is checked and brought up to date in a copy first; the database stays until the copy
// takes its place in one step, so that the end of the process or of power leaves one or the other. The backup
// itself is not changed. What the server still knows of later messages comes again with the next Start. A message
// that waited in the backup for longer than the server remembers such (7 days) becomes MsgStatusFail instead of
// being sent twice. path is absolute, or below GetBasePath. Errors: ResultBadRequest with ErrNotBackup,
// ErrOtherUser, ErrNewerBackup or those of CreateFile; ResultReqInProgress with ErrRunning while started;
// ResultFail without token or SetDatabase, or with ErrDiskFull and other causes.
func (m *Mesibo) RestoreDatabase(path string) error {
	const op = "RestoreDatabase"
	m.mu.Lock()
	running, db, kept, token := m.run != nil, m.db, m.dbKept, m.token
	m.mu.Unlock()
	switch {
	case running:
		return opError(op, ResultReqInProgress, ErrRunning)
	case token == nil:
		return opError(op, ResultFail, errors.New("no access token is set"))
	case db == nil || !kept:
		return opError(op, ResultFail, errNoDatabase)
	}
	source, err := m.absolute(path)
	if err != nil {
		return fileError(op, err)
	}
	own := db.Path()
	if sameFile(source, own) {
		return opError(op, ResultBadRequest, errors.New("the backup is the database itself"))
	}
	temp := own + ".restored"
	err = m.prepareRestored(source, temp, token.Address)
	if err == nil {
		err = m.swapDatabase(db, temp, own)
	}
	if err != nil {
		return restoreError(op, errors.Join(err, discardDatabase(temp)))
	}
	return nil
}

func restoreError(op string, err error) error {
	for _, wrong := range []error{store.ErrNotDatabase, store.ErrOtherAccount, store.ErrNewer} {
		if errors.Is(err, wrong) {
			return opError(op, ResultBadRequest, err)
		}
	}
	if errors.Is(err, ErrRunning) {
		return opError(op, ResultReqInProgress, err)
	}
	return fileError(op, err)
}

// prepareRestored makes a copy of a backup that can take the database's place.
func (m *Mesibo) prepareRestored(source, temp, address string) error {
	if err := discardDatabase(temp); err != nil { // of an attempt that was interrupted
		return err
	}
	from, err := files.Open("", source)
	if err != nil {
		return err
	}
	to, err := files.Open("", temp)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	if err := errors.Join(to.CopyFrom(from), from.Close(), to.Close()); err != nil {
		return err
	}
	if err := store.Check(context.Background(), temp, address); err != nil {
		return err
	}
	db, err := store.Open(temp, "", m.log) // brings its tables up to date
	if err != nil {
		return err
	}
	oldest := time.Now().Add(-wire.DedupWindow).UnixMilli()
	if err := errors.Join(db.FailOld(oldest), db.Close()); err != nil {
		return err
	}
	if _, err := os.Lstat(temp + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return errors.New("the copy is in use")
	}
	return syncFile(temp)
}

func discardDatabase(path string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		errs = append(errs, discard(path+end))
	}
	return errors.Join(errs...)
}

// swapDatabase puts a prepared file in the place of the open database and opens it.
func (m *Mesibo) swapDatabase(db *store.Store, from, own string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil || m.db != db {
		return ErrRunning
	}
	if err := db.Close(); err != nil {
		return errors.Join(err, m.reopen(own))
	}
	// What is left of the old database's log would be applied to the new one.
	if _, err := os.Lstat(own + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(errors.New("another program uses the database"), m.reopen(own))
	}
	if err := files.Replace(from, own); err != nil {
		return errors.Join(err, m.reopen(own))
	}
	return m.reopen(own)
}

// reopen opens the database's file again after it was closed. Under mu.
func (m *Mesibo) reopen(file string) error {
	m.db, m.dbKept = nil, false
	db, err := store.Open(file, "", m.log)
	if err != nil {
		return err
	}
	if err := m.openDatabase(db, 0); err != nil {
		return errors.Join(err, db.Close())
	}
	m.dbKept = true
	return nil
}

// GetFilePaths returns where the files of all messages are on this device; some may have been deleted since. With
// BackupDatabase it is what a complete backup is made of. Errors: ResultFail without SetDatabase, or when the disk
// fails.
func (m *Mesibo) GetFilePaths() ([]string, error) {
	const op = "GetFilePaths"
	m.mu.Lock()
	db := m.db
	m.mu.Unlock()
	if db == nil {
		return nil, opError(op, ResultFail, errNoDatabase)
	}
	paths, err := db.FilePaths(context.Background())
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	return paths, nil
}

// MoveFiles notes where the files of messages are now, as after a backup was restored into another folder: moved is
// called with each path as it is stored, and returns the one to store. The files themselves are not touched.
// Transfers that were under way begin anew. Only while stopped. Errors: ResultReqInProgress with ErrRunning while
// started, ResultFail without SetDatabase or when the disk fails.
func (m *Mesibo) MoveFiles(moved func(path string) string) error {
	const op = "MoveFiles"
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.run != nil:
		return opError(op, ResultReqInProgress, ErrRunning)
	case m.db == nil:
		return opError(op, ResultFail, errNoDatabase)
	}
	m.files.monitor.forget()
	if err := m.db.MoveFiles(moved); err != nil {
		return fileError(op, err)
	}
	return nil
}

// CheckDatabase looks through the whole local database, which takes a second for some hundred megabytes; messages go on
// coming and going meanwhile. Options.DatabaseDamaged is called without it, when what is damaged is needed. Errors:
// ResultFail with ErrDatabaseDamaged, without SetDatabase, or for other causes, ctx among them.
func (m *Mesibo) CheckDatabase(ctx context.Context) error {
	const op = "CheckDatabase"
	m.mu.Lock()
	db := m.db
	m.mu.Unlock()
	if db == nil {
		return opError(op, ResultFail, errNoDatabase)
	}
	if err := db.Examine(ctx); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

// RescueOutbox puts the messages of this user that wait in another database, which may be damaged, into the outbox, and
// returns how many. What cannot be read there, or is here already, is left out. Only while stopped. path is absolute,
// or below GetBasePath. Errors: ResultReqInProgress with ErrRunning while started; ResultFail without token or
// SetDatabase, or when the disk fails; ResultBadRequest with ErrDatabaseDamaged when nothing can be read.
func (m *Mesibo) RescueOutbox(path string) (int, error) {
	const op = "RescueOutbox"
	file, err := m.absolute(path)
	if err != nil {
		return 0, fileError(op, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.run != nil:
		return 0, opError(op, ResultReqInProgress, ErrRunning)
	case m.token == nil:
		return 0, opError(op, ResultFail, errors.New("no access token is set"))
	case m.db == nil:
		return 0, opError(op, ResultFail, errNoDatabase)
	}
	n, err := m.db.Rescue(context.Background(), file, m.token.Address)
	if err == nil {
		account, aerr := m.db.Account(m.token.Address)
		if err = aerr; err == nil {
			err = m.adopt(account)
		}
	}
	if errors.Is(err, store.ErrDamaged) {
		return n, opError(op, ResultBadRequest, err)
	}
	return n, fileError(op, err)
}

// DatabaseAge returns how long ago the local database last changed. Errors: ResultFail without SetDatabase.
func (m *Mesibo) DatabaseAge() (time.Duration, error) {
	const op = "DatabaseAge"
	file := m.GetDatabasePath()
	if file == "" {
		return 0, opError(op, ResultFail, errNoDatabase)
	}
	age, err := ageOf(file)
	if newer, walErr := ageOf(file + "-wal"); walErr == nil {
		age = min(age, newer)
	}
	return age, fileError(op, err)
}

// BackupAge returns how long ago a backup was made. path is absolute, or below GetBasePath.
// Errors: ResultBadRequest with fs.ErrNotExist when there is none; those of CreateFile.
func (m *Mesibo) BackupAge(path string) (time.Duration, error) {
	const op = "BackupAge"
	file, err := m.absolute(path)
	if err != nil {
		return 0, fileError(op, err)
	}
	age, err := ageOf(file)
	return age, fileError(op, err)
}

func ageOf(file string) (time.Duration, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("look up file: %w", err)
	}
	return max(0, time.Since(info.ModTime())), nil
}

// ResetDatabase empties tables of the local database, for all users that share it. What the server sent before does
// not come again. Only while stopped. Errors: ResultReqInProgress with ErrRunning while started, ResultBadRequest
// for unknown tables, ResultFail without SetDatabase or when the disk fails.
func (m *Mesibo) ResetDatabase(tables DBTable) error {
	const op = "ResetDatabase"
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.run != nil:
		return opError(op, ResultReqInProgress, ErrRunning)
	case tables&^DBTableAll != 0:
		return opError(op, ResultBadRequest, fmt.Errorf("unknown tables 0x%x", int(tables&^DBTableAll)))
	case m.db == nil:
		return opError(op, ResultFail, errNoDatabase)
	}
	err := m.db.Empty(store.Tables{
		Messages: tables&DBTableMessages != 0, Profiles: tables&DBTableProfiles != 0, Keys: tables&DBTableKeys != 0,
	})
	if err == nil && m.token != nil {
		account, aerr := m.db.Account(m.token.Address)
		if err = aerr; err == nil {
			err = m.adopt(account)
		}
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}
