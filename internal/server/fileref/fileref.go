// Package fileref reads the rows of files, the references to them, and the right to read them.
package fileref

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// IDSize is the length of a file's id in bytes.
const IDSize = 16

// ID identifies a file: 32 hexadecimal digits, or empty.
type ID string

// NewID returns a random id.
func NewID() ID {
	b := make([]byte, IDSize)
	_, _ = rand.Read(b) // never fails
	return IDOf(b)
}

// IDOf returns the id with these bytes, empty for zeros.
func IDOf(b []byte) ID {
	for _, c := range b {
		if c != 0 {
			return ID(hex.EncodeToString(b))
		}
	}
	return ""
}

// Bytes is the reverse of IDOf.
func (id ID) Bytes() []byte {
	b := make([]byte, IDSize)
	_, _ = hex.Decode(b, []byte(id)) // an ID is always hexadecimal
	return b
}

// ParseID parses an id from a URL.
func ParseID(s string) (ID, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != IDSize || s != strings.ToLower(s) {
		return "", false
	}
	id := IDOf(b)
	return id, id != ""
}

// File is a file or an unfinished upload.
type File struct {
	ID          ID
	UID         uint32 // the owner
	Size, Off   int64
	State, Hash []byte // state of the SHA-256 up to Off; the SHA-256 of the whole file once it is known
	Meta, Name  string
	Granted     int64 // number of the grant that made it, 0 none
	WithMessage bool  // removed after the messages with it have ended
	Created     int64
	Expires     int64
	Done        int64  // when the upload was complete, 0 before
	Key, MIME   string // of the content, once it is complete
}

const columns = `f.id, f.uid, f.size, f.off, f.state, f.hash, f.meta, f.name, f.granted, f.with_message, f.created,
	f.expires, f.done, coalesce(b.key, ''), coalesce(b.mime, '')`

// Load returns nil if the file does not exist.
func Load(read record.Reader, id ID) (*File, error) {
	var f *File
	err := read.Query(
		`SELECT `+columns+` FROM files f LEFT JOIN blobs b ON b.hash = f.hash WHERE f.id = ?`,
		[]any{string(id)},
		func(row record.Row) error {
			f = &File{}
			if err := row.Scan(&f.ID, &f.UID, &f.Size, &f.Off, &f.State, &f.Hash, &f.Meta, &f.Name, &f.Granted, &f.WithMessage,
				&f.Created, &f.Expires, &f.Done, &f.Key, &f.MIME); err != nil {
				return fmt.Errorf("read file: %w", err)
			}
			return nil
		},
	)
	return f, err
}

// Kind is the kind of an owner that refers to a file. The numbers are stored.
type Kind int

// The kinds of owners.
const (
	OfMessage Kind = 1
	OfProfile Kind = 2
	OfGroup   Kind = 3
)

// MayRead reports whether a user may download a finished file: its owner, the sender and the recipients of a message
// with it, all users if it is the picture of a profile, and the members of a group if it is the group's picture.
func MayRead(read record.Reader, uid uint32, id ID, now int64) (bool, error) {
	allowed := false
	err := read.Query(`SELECT 1 FROM files f CROSS JOIN (SELECT CAST(? AS BIGINT) AS uid, CAST(? AS BIGINT) AS now) me
		WHERE f.id = ? AND f.done > 0 AND (f.uid = me.uid
		OR EXISTS(SELECT 1 FROM refs r WHERE r.file = f.id AND r.kind = ?)
		OR EXISTS(SELECT 1 FROM refs r JOIN groups g ON g.gid = r.owner JOIN members p ON p.gid = g.gid
			WHERE r.file = f.id AND r.kind = ? AND NOT g.deleted AND p.uid = me.uid)
		OR EXISTS(SELECT 1 FROM refs r JOIN msgs m ON m.mid = r.owner
			WHERE r.file = f.id AND r.kind = ? AND (r.exp = 0 OR r.exp > me.now) AND (m.sender = me.uid
			OR (m.gid = 0 AND m.peer = me.uid)
			OR (m.gid <> 0 AND m.peer IN (0, me.uid) AND EXISTS(SELECT 1 FROM members p JOIN groups g ON g.gid = p.gid
				WHERE p.gid = m.gid AND p.uid = me.uid AND p.joined <= m.ts AND (g.flags & ? = 0 OR p.flags & ? <> 0))))))`,
		[]any{
			int64(uid), now, string(id), int(OfProfile), int(OfGroup), int(OfMessage), wire.GroupRecvBySelected, wire.MemberRecv,
		},
		func(record.Row) error {
			allowed = true
			return nil
		})
	return allowed, err
}

// maxSame is the maximum number of files returned by Same.
const maxSame = 50

// Same returns finished files with the same content, those of user uid first.
func Same(read record.Reader, uid uint32, hash []byte, size int64) ([]ID, error) {
	var list []ID
	err := read.Query(
		`SELECT id FROM files WHERE hash = ? AND size = ? AND done > 0
			ORDER BY CASE WHEN uid = ? THEN 0 ELSE 1 END, id LIMIT ?`,
		[]any{hash, size, int64(uid), maxSame},
		func(row record.Row) error {
			var id ID
			if err := row.Scan(&id); err != nil {
				return fmt.Errorf("look up content: %w", err)
			}
			list = append(list, id)
			return nil
		},
	)
	return list, err
}

// ownFile returns the file of this server with a URL, empty for other URLs. It accepts all public URLs that the server
// has had.
func ownFile(read record.Reader, text string) (ID, error) {
	if !strings.Contains(text, wire.FilesPath) || !record.ValidText(text) { // most URLs
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", nil //nolint:nilerr // not a URL of this server
	}
	name, ok := strings.CutPrefix(u.Path, wire.FilesPath)
	if !ok {
		return "", nil
	}
	id, ok := ParseID(name)
	if !ok {
		return "", nil
	}
	base := strings.ToLower(u.Scheme + "://" + u.Host)
	found := false
	err = read.Query(`SELECT 1 FROM urls WHERE lower(url) = ?`, []any{base}, func(record.Row) error {
		found = true
		return nil
	})
	if err != nil || !found {
		return "", err
	}
	return id, nil
}

// ErrNoFile refuses a URL of this server's files, without saying whether the file exists.
var ErrNoFile = refusal.Bad("the file does not exist on this server, or you may not send it")

// Usable returns the file with a URL if the user may refer to it. It returns ErrNoFile if not, and an empty id for
// other URLs. uid 0 is the application's backend, which may use every file.
func Usable(read record.Reader, uid uint32, url string, now int64) (ID, error) {
	id, err := ownFile(read, url)
	if err != nil || id == "" {
		return "", err
	}
	ok := false
	if uid == 0 {
		var f *File
		f, err = Load(read, id)
		ok = f != nil && f.Done != 0
	} else {
		ok, err = MayRead(read, uid, id, now)
	}
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", ErrNoFile
	}
	return id, nil
}

// Statement is an SQL statement with its arguments.
type Statement struct {
	Text string
	Args []any
}

// SetRef adds a reference of an owner to a file. exp is when the reference ends, 0 never; it only matters for files
// with WithMessage.
func SetRef(kind Kind, owner int64, id ID, exp int64) Statement {
	return Statement{
		`INSERT INTO refs(file, kind, owner, exp)
		SELECT id, ?, ?, CASE WHEN with_message THEN ? ELSE 0 END FROM files WHERE id = ?`,
		[]any{int(kind), owner, exp, string(id)},
	}
}

// RemoveRef removes an owner's reference.
func RemoveRef(kind Kind, owner int64) Statement {
	return Statement{`DELETE FROM refs WHERE kind = ? AND owner = ?`, []any{int(kind), owner}}
}
