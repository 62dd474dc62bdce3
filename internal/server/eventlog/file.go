package eventlog

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
)

const (
	// minFileCharge is added to the size of each file for the quota, for its row.
	minFileCharge = 4096
	// maxOpenUploads bounds the unfinished uploads of a user.
	maxOpenUploads = 200
)

// fileFor returns the file with this URL if the user may refer to it. A file that this batch removes is refused.
func (b *batch) fileFor(uid uint32, url string) (fileref.ID, error) {
	id, err := fileref.Usable(b.tx, uid, url, b.now.UnixMilli())
	if _, condemned := b.condemnedFiles[id]; condemned && err == nil {
		return "", fileref.ErrNoFile
	}
	return id, err
}

// setFileRef replaces the file that an owner refers to; an empty id removes the reference.
func (b *batch) setFileRef(kind fileref.Kind, owner int64, id fileref.ID, exp int64) {
	b.removeFileRef(kind, owner)
	b.addFileRef(kind, owner, id, exp)
}

// addFileRef is setFileRef for a new owner.
func (b *batch) addFileRef(kind fileref.Kind, owner int64, id fileref.ID, exp int64) {
	if id != "" {
		st := fileref.SetRef(kind, owner, id, exp)
		b.update(st.Text, st.Args...)
	}
}

func (b *batch) removeFileRef(kind fileref.Kind, owner int64) {
	st := fileref.RemoveRef(kind, owner)
	b.update(st.Text, st.Args...)
}

// fileChange changes rows of files.
type fileChange struct {
	Submission

	run func(b *batch) error
}

func (f *fileChange) apply(b *batch) error { return f.run(b) }

// changeFiles commits a change and waits for it. It returns the refusal or error of run unchanged.
func (l *Log) changeFiles(run func(b *batch) error) error {
	var refused error
	err := l.Commit(&fileChange{run: func(b *batch) error {
		refused = nil
		err := run(b)
		if refusal.Of(err) != nil {
			refused = err
		}
		return failureOf(err)
	}})
	if err != nil {
		return err
	}
	return refused
}

// CreateFile adds an upload, unless it exceeds the owner's quota.
func (l *Log) CreateFile(f *fileref.File, quota int64) error {
	return l.changeFiles(func(b *batch) error {
		var used, files, open int64
		const query = `SELECT coalesce(sum(size), 0), count(*), count(*) FILTER (WHERE done = 0)
			FROM files WHERE uid = ?`
		err := b.tx.Query(query, []any{int64(f.UID)}, func(row record.Row) error {
			if err := row.Scan(&used, &files, &open); err != nil {
				return fmt.Errorf("read quota: %w", err)
			}
			return nil
		})
		used += files*minFileCharge + b.fileBytes[f.UID]
		charge := f.Size + minFileCharge
		switch {
		case err != nil:
			return err
		case open >= maxOpenUploads:
			return refusal.HTTP(http.StatusTooManyRequests, "uploads",
				"you already have %d unfinished uploads", maxOpenUploads)
		case charge > quota-used:
			return refusal.HTTP(http.StatusInsufficientStorage, "quota",
				"this file would exceed your storage quota of %d bytes; %d bytes are left", quota, max(0, quota-used))
		}
		b.fileBytes[f.UID] += charge
		b.update(`INSERT INTO files(id, uid, size, off, meta, name, granted, with_message, created, expires)
			VALUES(?, ?, ?, 0, ?, ?, ?, ?, ?, ?)`, string(f.ID), int64(f.UID), f.Size, f.Meta, f.Name, f.Granted,
			f.WithMessage, f.Created, f.Expires)
		return nil
	})
}

// SaveOffset stores how much of an upload is on disk, with the state of its hash.
func (l *Log) SaveOffset(id fileref.ID, off int64, state []byte) error {
	return l.changeFiles(func(b *batch) error {
		b.update(`UPDATE files SET off = ?, state = ? WHERE id = ? AND done = 0`, off, state, string(id))
		return nil
	})
}

// Finished is the result of FinishFile.
type Finished int

// The results of FinishFile.
const (
	FinishedGone   Finished = iota // the upload no longer exists
	FinishedStored                 // the content is new
	FinishedShared                 // the server already has this content
	FinishedUnread                 // the content is new and must be placed first
)

const insertTrash = `INSERT INTO trash(key) VALUES(?) ON CONFLICT DO NOTHING`

// FinishFile turns a complete upload into a file. f.Hash and f.MIME must be set; placed reports that the content is in
// its final place.
func (l *Log) FinishFile(f *fileref.File, placed bool) (outcome Finished, err error) {
	hash := string(f.Hash)
	err = l.changeFiles(func(b *batch) error {
		outcome = FinishedGone
		now, err := fileref.Load(b.tx, f.ID)
		if err != nil || now == nil || now.Done != 0 {
			return err
		}
		if _, condemned := b.condemnedFiles[f.ID]; condemned {
			return nil
		}
		key, err := BlobKey(b.tx, f.Hash)
		if err != nil {
			return err
		}
		_, condemned := b.condemnedBlobs[hash]
		_, fresh := b.freshBlobs[hash]
		switch {
		case fresh || (key != "" && !condemned):
			outcome = FinishedShared
			b.update(insertTrash, string(f.ID))
		case !placed:
			outcome = FinishedUnread
			return nil
		default:
			outcome = FinishedStored
			b.freshBlobs[hash] = struct{}{}
			// A condemned blob still exists if it has been referenced since.
			b.update(`INSERT INTO trash(key) SELECT CAST(? AS TEXT) FROM blobs WHERE hash = ? ON CONFLICT DO NOTHING`,
				string(f.ID), f.Hash)
			b.update(`INSERT INTO blobs(hash, key, mime) VALUES(?, ?, ?) ON CONFLICT DO NOTHING`,
				f.Hash, string(f.ID), f.MIME)
		}
		f.Done = b.now.UnixMilli()
		b.update(`UPDATE files SET off = size, state = NULL, hash = ?, done = ? WHERE id = ?`,
			f.Hash, f.Done, string(f.ID))
		return nil
	})
	return outcome, err
}

// BlobKey returns the key of the content with this hash, empty if there is none.
func BlobKey(read record.Reader, hash []byte) (key string, err error) {
	err = read.Query(`SELECT key FROM blobs WHERE hash = ?`, []any{hash}, func(row record.Row) error {
		if err := row.Scan(&key); err != nil {
			return fmt.Errorf("look up content: %w", err)
		}
		return nil
	})
	return key, err
}

// Condemned is a file to be removed.
type Condemned struct {
	ID   fileref.ID
	Hash []byte // nil for an unfinished upload
}

// RemoveFiles removes those files of the list that are unreferenced at the moment of the commit, and unfinished uploads
// that expire by expired, in ms.
func (l *Log) RemoveFiles(list []Condemned, expired int64) error {
	return l.changeFiles(func(b *batch) error {
		for _, f := range list {
			b.condemn(f, expired)
		}
		return nil
	})
}

func (b *batch) condemn(f Condemned, expired int64) {
	id := string(f.ID)
	b.condemnedFiles[f.ID] = struct{}{}
	if f.Hash == nil {
		const unfinished = ` WHERE id = ? AND done = 0 AND expires <= ?`
		b.update(`INSERT INTO trash(key) SELECT id FROM files`+unfinished+` ON CONFLICT DO NOTHING`, id, expired)
		b.update(`DELETE FROM files`+unfinished, id, expired)
		return
	}
	b.update(`DELETE FROM files WHERE id = ? AND done > 0
		AND NOT EXISTS(SELECT 1 FROM refs WHERE refs.file = files.id)`, id)
	b.condemnedBlobs[string(f.Hash)] = struct{}{}
	delete(b.freshBlobs, string(f.Hash))
	const orphan = ` WHERE hash = ? AND NOT EXISTS(SELECT 1 FROM files WHERE files.hash = blobs.hash)`
	b.update(`INSERT INTO trash(key) SELECT key FROM blobs`+orphan+` ON CONFLICT DO NOTHING`, f.Hash)
	b.update(`DELETE FROM blobs`+orphan, f.Hash)
}

// EndRefs removes expired references to some files. Files without another reference become removable at once.
func (l *Log) EndRefs(ids []fileref.ID, now int64) error {
	return l.changeFiles(func(b *batch) error {
		for _, id := range ids {
			b.update(`DELETE FROM refs WHERE file = ? AND exp > 0 AND exp <= ?`, string(id), now)
			b.update(`UPDATE files SET done = 1 WHERE id = ? AND done > 0
				AND NOT EXISTS(SELECT 1 FROM refs WHERE file = files.id)`, string(id))
		}
		return nil
	})
}

// EmptyTrash removes keys from the list of content to delete.
func (l *Log) EmptyTrash(keys []string) error {
	return l.changeFiles(func(b *batch) error {
		args := make([]any, len(keys))
		for i, key := range keys {
			args[i] = key
		}
		b.update(`DELETE FROM trash WHERE key IN (?`+strings.Repeat(",?", len(args)-1)+`)`, args...)
		return nil
	})
}
