package server

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
)

const (
	// minFileCharge is what a file counts at least towards its owner's quota, for its row.
	minFileCharge = 4096
	// maxOpenUploads bounds the unfinished uploads of a user.
	maxOpenUploads = 200
)

// fileChange takes something about files through the writer. run looks at the database and notes rows.
type fileChange struct {
	run  func(ctx context.Context, b *batch) error
	done func(error)
}

func (*fileChange) origin() *conn { return nil }

func (*fileChange) plan(*batch) {}

func (f *fileChange) apply(ctx context.Context, b *batch) error { return f.run(ctx, b) }

func (f *fileChange) finish(err error) { f.done(err) }

// writeFiles commits a change and waits for it.
func (s *Server) writeFiles(run func(ctx context.Context, b *batch) error) error {
	return s.commit(func(done func(error)) change { return &fileChange{run: run, done: done} })
}

// createFile makes the row of an upload, if its owner has room for it.
func (s *Server) createFile(f *fileRow) error {
	var refused error
	err := s.writeFiles(func(ctx context.Context, b *batch) error {
		var used, files, open int64
		err := b.query(ctx, `SELECT coalesce(sum(size), 0), count(*), count(*) FILTER (WHERE done = 0) FROM files WHERE uid = ?`,
			[]any{int64(f.uid)}, func(rows *sql.Rows) error {
				if err := rows.Scan(&used, &files, &open); err != nil {
					return fmt.Errorf("read quota: %w", err)
				}
				return nil
			})
		used += files*minFileCharge + b.fileBytes[f.uid]
		charge := f.size + minFileCharge
		switch {
		case err != nil:
			return err
		case open >= maxOpenUploads:
			refused = &fileError{http.StatusTooManyRequests, "uploads", fmt.Sprintf("more than %d uploads are unfinished", maxOpenUploads)}
			return nil
		case charge > s.opts.Quota-used:
			refused = &fileError{http.StatusInsufficientStorage, "quota", fmt.Sprintf(
				"your files would take more than the %d bytes that each user has; %d are left", s.opts.Quota,
				max(0, s.opts.Quota-used))}
			return nil
		}
		b.fileBytes[f.uid] += charge
		b.update(`INSERT INTO files(id, uid, size, off, meta, name, granted, with_message, created, expires)
			VALUES(?, ?, ?, 0, ?, ?, ?, ?, ?, ?)`, string(f.id), int64(f.uid), f.size, f.meta, f.name, f.granted, f.withMessage,
			f.created, f.expires)
		return nil
	})
	if err != nil {
		return err
	}
	return refused
}

// saveOffset acknowledges what is on the disk.
func (s *Server) saveOffset(id fileID, off int64, state []byte) error {
	return s.writeFiles(func(_ context.Context, b *batch) error {
		b.update(`UPDATE files SET off = ?, state = ? WHERE id = ? AND done = 0`, off, state, string(id))
		return nil
	})
}

// finished is what has become of an upload of which everything is there.
type finished int

const (
	finishedGone   finished = iota // it was ended meanwhile
	finishedStored                 // its content is new
	finishedShared                 // the server has that content already
	finishedUnread                 // its content has to be placed first
)

// finishFile makes a file of an upload. f.hash and f.mime are set; placed tells whether the content is where it stays.
func (s *Server) finishFile(f *fileRow, placed bool) (outcome finished, err error) {
	hash := string(f.hash)
	err = s.writeFiles(func(ctx context.Context, b *batch) error {
		outcome = finishedGone
		now, err := loadFile(b.reading(ctx), f.id)
		if err != nil || now == nil || now.done != 0 {
			return err
		}
		if _, doomed := b.doomedFiles[f.id]; doomed {
			return nil
		}
		key, err := blobKey(b.reading(ctx), f.hash)
		if err != nil {
			return err
		}
		_, doomed := b.doomedBlobs[hash]
		_, fresh := b.freshBlobs[hash]
		switch {
		case fresh || (key != "" && !doomed):
			outcome = finishedShared
			b.update(`INSERT OR IGNORE INTO trash(key) VALUES(?)`, string(f.id))
		case !placed:
			outcome = finishedUnread
			return nil
		default:
			outcome = finishedStored
			b.freshBlobs[hash] = struct{}{}
			// A doomed one is still there when somebody has come to refer to it since.
			b.update(`INSERT OR IGNORE INTO trash(key) SELECT ? FROM blobs WHERE hash = ?`, string(f.id), f.hash)
			b.update(`INSERT OR IGNORE INTO blobs(hash, key, mime) VALUES(?, ?, ?)`, f.hash, string(f.id), f.mime)
		}
		f.done = b.now.UnixMilli()
		b.update(`UPDATE files SET off = size, state = NULL, hash = ?, done = ? WHERE id = ?`, f.hash, f.done, string(f.id))
		return nil
	})
	return outcome, err
}

// blobKey finds content by its hash; empty when there is none.
func blobKey(read reading, hash []byte) (key string, err error) {
	err = read(`SELECT key FROM blobs WHERE hash = ?`, []any{hash}, func(rows *sql.Rows) error {
		if err := rows.Scan(&key); err != nil {
			return fmt.Errorf("look up content: %w", err)
		}
		return nil
	})
	return key, err
}

// condemned is a file to be taken away.
type condemned struct {
	ID   fileID `gorm:"column:id"`
	Hash []byte
}

// removeFiles takes files away that nothing refers to. The rows decide at the moment of the commit, so a reference that
// is made meanwhile keeps its file, whoever makes it. open also takes unfinished uploads that expire up to a moment.
func (s *Server) removeFiles(list []condemned, open int64) error {
	return s.writeFiles(func(_ context.Context, b *batch) error {
		for _, f := range list {
			b.doom(f, open)
		}
		return nil
	})
}

func (b *batch) doom(f condemned, open int64) {
	id := string(f.ID)
	b.doomedFiles[f.ID] = struct{}{}
	if f.Hash == nil {
		const unfinished = ` WHERE id = ? AND done = 0 AND expires <= ?`
		b.update(`INSERT OR IGNORE INTO trash(key) SELECT id FROM files`+unfinished, id, open)
		b.update(`DELETE FROM files`+unfinished, id, open)
		return
	}
	b.update(`DELETE FROM files WHERE id = ? AND done > 0 AND NOT EXISTS(SELECT 1 FROM refs WHERE refs.file = files.id)`, id)
	b.doomedBlobs[string(f.Hash)] = struct{}{}
	delete(b.freshBlobs, string(f.Hash))
	const orphan = ` WHERE hash = ? AND NOT EXISTS(SELECT 1 FROM files WHERE files.hash = blobs.hash)`
	b.update(`INSERT OR IGNORE INTO trash(key) SELECT key FROM blobs`+orphan, f.Hash)
	b.update(`DELETE FROM blobs`+orphan, f.Hash)
}
