package server

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
)

// fileIDSize is the length of a file's id in bytes.
const fileIDSize = 16

// fileID names a file: 32 hexadecimal digits, or nothing.
type fileID string

func newFileID() fileID {
	b := make([]byte, fileIDSize)
	_, _ = rand.Read(b) // never fails
	return fileIDOf(b)
}

// fileIDOf takes zeros for no file.
func fileIDOf(b []byte) fileID {
	for _, c := range b {
		if c != 0 {
			return fileID(hex.EncodeToString(b))
		}
	}
	return ""
}

func (id fileID) bytes() []byte {
	b := make([]byte, fileIDSize)
	_, _ = hex.Decode(b, []byte(id)) // only made of hexadecimal digits
	return b
}

func parseFileID(s string) (fileID, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != fileIDSize || s != strings.ToLower(s) {
		return "", false
	}
	id := fileIDOf(b)
	return id, id != ""
}

// fileRow is a file, finished or not.
type fileRow struct {
	id          fileID
	uid         uint32
	size, off   int64
	state, hash []byte
	meta, name  string
	granted     int64
	withMessage bool
	created     int64
	expires     int64
	done        int64
	key, mime   string // of the content, once it is done
}

const fileColumns = `f.id, f.uid, f.size, f.off, f.state, f.hash, f.meta, f.name, f.granted, f.with_message, f.created,
	f.expires, f.done, coalesce(b.key, ''), coalesce(b.mime, '')`

// loadFile returns nil when there is no such file.
func loadFile(read reading, id fileID) (*fileRow, error) {
	var f *fileRow
	err := read(`SELECT `+fileColumns+` FROM files f LEFT JOIN blobs b ON b.hash = f.hash WHERE f.id = ?`, []any{string(id)},
		func(rows *sql.Rows) error {
			f = &fileRow{}
			if err := rows.Scan(&f.id, &f.uid, &f.size, &f.off, &f.state, &f.hash, &f.meta, &f.name, &f.granted, &f.withMessage,
				&f.created, &f.expires, &f.done, &f.key, &f.mime); err != nil {
				return fmt.Errorf("read file: %w", err)
			}
			return nil
		})
	return f, err
}

// refKind says what refers to a file.
type refKind int

const (
	refMessage refKind = 1
	refProfile refKind = 2
	refGroup   refKind = 3
)

// mayRead tells whether a user may have the content of a finished file: its owner, who sent or got a message with it,
// everybody when it is somebody's picture, and the members of a group whose picture it is.
func mayRead(read reading, uid uint32, id fileID, now int64) (bool, error) {
	allowed := false
	err := read(`WITH me(uid, file, now) AS (VALUES(?, ?, ?)) SELECT 1 FROM me JOIN files f ON f.id = me.file
		WHERE f.done > 0 AND (f.uid = me.uid
		OR EXISTS(SELECT 1 FROM refs r WHERE r.file = f.id AND r.kind = 2)
		OR EXISTS(SELECT 1 FROM refs r JOIN groups g ON g.gid = r.owner JOIN members p ON p.gid = g.gid
			WHERE r.file = f.id AND r.kind = 3 AND g.deleted = 0 AND p.uid = me.uid)
		OR EXISTS(SELECT 1 FROM refs r JOIN msgs m ON m.mid = r.owner
			WHERE r.file = f.id AND r.kind = 1 AND (r.exp = 0 OR r.exp > me.now) AND (m.sender = me.uid
			OR (m.gid = 0 AND m.peer = me.uid)
			OR (m.gid <> 0 AND m.peer IN (0, me.uid) AND EXISTS(SELECT 1 FROM members p JOIN groups g ON g.gid = p.gid
				WHERE p.gid = m.gid AND p.uid = me.uid AND p.joined <= m.ts AND (g.flags & ? = 0 OR p.flags & ? <> 0))))))`,
		[]any{int64(uid), string(id), now, wire.GroupRecvBySelected, wire.MemberRecv},
		func(*sql.Rows) error {
			allowed = true
			return nil
		})
	return allowed, err
}

// sameFiles finds finished files of a content, those of a user first.
func sameFiles(read reading, uid uint32, hash []byte, size int64) ([]fileID, error) {
	var list []fileID
	err := read(`SELECT id FROM files WHERE hash = ? AND size = ? AND done > 0 ORDER BY uid <> ?, id LIMIT ?`,
		[]any{hash, size, int64(uid), mostSame}, func(rows *sql.Rows) error {
			var id fileID
			if err := rows.Scan(&id); err != nil {
				return fmt.Errorf("look up content: %w", err)
			}
			list = append(list, id)
			return nil
		})
	return list, err
}

// ownFile finds the file of this server that a URL names; empty when the URL is of something else. The server knows all
// addresses that it ever had.
func ownFile(read reading, text string) (fileID, error) {
	if !strings.Contains(text, wire.FilesPath) { // as nearly all
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", nil //nolint:nilerr // then it is no URL of ours
	}
	name, ok := strings.CutPrefix(u.Path, wire.FilesPath)
	if !ok {
		return "", nil
	}
	id, ok := parseFileID(name)
	if !ok {
		return "", nil
	}
	base := strings.ToLower(u.Scheme + "://" + u.Host)
	found := false
	err = read(`SELECT 1 FROM urls WHERE lower(url) = ?`, []any{base}, func(*sql.Rows) error {
		found = true
		return nil
	})
	if err != nil || !found {
		return "", err
	}
	return id, nil
}

// errNoFile is why a URL of this server's files is refused: one cannot tell whether it exists.
const errNoFile = "the file does not exist on this server, or you may not send it"

// usable finds the file that a URL names, for a user who wants to refer to it. refused says why not. uid 0 is the
// application's backend, which may use every file.
func usable(read reading, uid uint32, url string, now int64) (id fileID, refused string, err error) {
	if id, err = ownFile(read, url); err != nil || id == "" {
		return "", "", err
	}
	if uid == 0 {
		f, err := loadFile(read, id)
		if err != nil || (f != nil && f.done != 0) {
			return id, "", err
		}
		return "", errNoFile, nil
	}
	ok, err := mayRead(read, uid, id, now)
	switch {
	case err != nil:
		return "", "", err
	case !ok:
		return "", errNoFile, nil
	}
	return id, "", nil
}

// fileFor is usable for the writer: a file that this batch takes away is gone already.
func (b *batch) fileFor(ctx context.Context, uid uint32, url string) (id fileID, refused string, err error) {
	id, refused, err = usable(b.reading(ctx), uid, url, b.now.UnixMilli())
	if _, doomed := b.doomedFiles[id]; doomed && err == nil {
		return "", errNoFile, nil
	}
	return id, refused, err
}

// refer makes something refer to a file, and to no other; an empty id takes the reference away. exp is when what refers
// ends, 0 never; it counts for files that end with their message.
func (b *batch) refer(kind refKind, owner int64, id fileID, exp int64) {
	b.unrefer(kind, owner)
	b.addRef(kind, owner, id, exp)
}

// addRef is refer for an owner that is new.
func (b *batch) addRef(kind refKind, owner int64, id fileID, exp int64) {
	if id != "" {
		b.update(insertRef, string(id), int(kind), owner, exp, string(id))
	}
}

// unrefer takes an owner's reference away.
func (b *batch) unrefer(kind refKind, owner int64) { b.update(deleteRefs, int(kind), owner) }

const (
	insertRef = `INSERT INTO refs(file, kind, owner, exp) SELECT ?, ?, ?, iif(with_message, ?, 0) FROM files WHERE id = ?`

	deleteRefs = `DELETE FROM refs WHERE kind = ? AND owner = ?`
)
