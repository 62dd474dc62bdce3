package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/wire"
)

// Exported is what a server has of one user, beside messages and files. It is written to user.json.
type Exported struct {
	Address  string          `json:"address"`
	Name     string          `json:"name"`
	Status   string          `json:"status,omitempty"`
	Created  time.Time       `json:"created"`
	Disabled bool            `json:"disabled,omitempty"`
	Seen     *time.Time      `json:"last_seen,omitempty"`
	Devices  []ExportedToken `json:"devices"`
	Groups   []ExportedGroup `json:"groups"`
	Contacts []string        `json:"written_to"`
	Blocked  []string        `json:"blocked"`
	Files    []ExportedFile  `json:"files"`
	Messages int             `json:"messages"`
}

// ExportedToken is an access token, without its secret.
type ExportedToken struct {
	Label   string    `json:"label"`
	App     string    `json:"app,omitempty"`
	Created time.Time `json:"created"`
	Revoked bool      `json:"revoked,omitempty"`
}

// ExportedGroup is a membership.
type ExportedGroup struct {
	ID     uint32    `json:"id"`
	Name   string    `json:"name"`
	Joined time.Time `json:"joined"`
}

// ExportedFile is a file that the user has uploaded. Its content is in the folder files, unless Missing is true.
type ExportedFile struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	Created time.Time `json:"created"`
	Missing bool      `json:"missing,omitempty"`
	key     string
}

// exportedEvent is a line of messages.jsonl.
type exportedEvent struct {
	Number uint64          `json:"number"`
	Text   string          `json:"text,omitempty"`
	Event  json.RawMessage `json:"event"` // as in wire.proto
}

// ExportUser writes what a server has of a user into a new folder: user.json, messages.jsonl with the user's log, and the
// files that the user has uploaded. A server may go on using the data folder.
func ExportUser(ctx context.Context, dir, address, to string) (x *Exported, err error) {
	if to, err = filepath.Abs(to); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, fmt.Errorf("export to %s: %w", to, ErrExists)
	}
	part := to + partial
	if err := errors.Join(os.RemoveAll(part), os.MkdirAll(part, dirMode)); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fullError(err, to), os.RemoveAll(part))
		}
	}()
	x = new(Exported)
	err = sqlite.Read(ctx, dir, func(read record.Reader) error {
		e := &exporter{read: read, to: part, out: x}
		return e.run(address)
	})
	if err != nil {
		return nil, err
	}
	for i := range x.Files {
		f := &x.Files[i]
		_, err := linkOrCopy(ctx, filepath.Join(dir, filesDir, f.key[:shardDigits], f.key), filepath.Join(part, filesDir, f.ID))
		if f.Missing = errors.Is(err, fs.ErrNotExist); err != nil && !f.Missing {
			return nil, err
		}
	}
	b, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := os.WriteFile(filepath.Join(part, "user.json"), append(b, '\n'), fileMode); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := os.Rename(part, to); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return x, nil
}

type exporter struct {
	read record.Reader // immutable, like all
	to   string
	out  *Exported
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func (e *exporter) run(address string) error {
	var uid uint32
	err := e.read.Query(`SELECT u.uid, u.address, u.name, u.disabled, u.created, coalesce(p.status, ''), p.picture,
		coalesce(l.seen, 0) FROM users u LEFT JOIN profiles p ON p.uid = u.uid LEFT JOIN last_seen l ON l.uid = u.uid
		WHERE u.folded = ?`, []any{accounts.Fold(address)}, func(row record.Row) error {
		var (
			created, seen int64
			picture       []byte
		)
		err := row.Scan(&uid, &e.out.Address, &e.out.Name, &e.out.Disabled, &created, &e.out.Status, &picture, &seen)
		if err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		e.out.Created = at(created)
		if seen != 0 {
			last := at(seen)
			e.out.Seen = &last
		}
		if len(picture) > 0 {
			if err := os.WriteFile(filepath.Join(e.to, "picture"), picture, fileMode); err != nil {
				return fmt.Errorf("export: %w", err)
			}
		}
		return nil
	})
	if err == nil && uid == 0 {
		err = fmt.Errorf("%q: %w", address, accounts.ErrNoUser)
	}
	if err != nil {
		return err
	}
	return errors.Join(e.lists(uid), e.messages(uid))
}

// lists reads what belongs to the user in lists.
func (e *exporter) lists(uid uint32) error {
	scan := func(text string, each func(record.Row) error) error {
		return e.read.Query(text, []any{int64(uid)}, func(row record.Row) error {
			if err := each(row); err != nil {
				return fmt.Errorf("read user: %w", err)
			}
			return nil
		})
	}
	address := func(list *[]string) func(record.Row) error {
		return func(row record.Row) error {
			var a string
			err := row.Scan(&a)
			*list = append(*list, a)
			return err
		}
	}
	return errors.Join(
		scan(`SELECT label, app, created, revoked FROM tokens WHERE uid = ? ORDER BY created`, func(row record.Row) error {
			var (
				t       ExportedToken
				created int64
			)
			err := row.Scan(&t.Label, &t.App, &created, &t.Revoked)
			t.Created = at(created)
			e.out.Devices = append(e.out.Devices, t)
			return err
		}),
		scan(`SELECT g.gid, g.name, m.joined FROM members m JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND NOT g.deleted
			ORDER BY m.joined`, func(row record.Row) error {
			var (
				g      ExportedGroup
				joined int64
			)
			err := row.Scan(&g.ID, &g.Name, &joined)
			g.Joined = at(joined)
			e.out.Groups = append(e.out.Groups, g)
			return err
		}),
		scan(`SELECT u.address FROM contacts c JOIN users u ON u.uid = c.peer WHERE c.uid = ? ORDER BY u.folded`,
			address(&e.out.Contacts)),
		scan(`SELECT u.address FROM blocks b JOIN users u ON u.uid = b.blocked WHERE b.uid = ? ORDER BY u.folded`,
			address(&e.out.Blocked)),
		scan(`SELECT f.id, f.name, f.size, f.created, b.key FROM files f JOIN blobs b ON b.hash = f.hash
			WHERE f.uid = ? AND f.done > 0 AND length(b.key) > 2 ORDER BY f.created`, func(row record.Row) error {
			var (
				f       ExportedFile
				created int64
			)
			err := row.Scan(&f.ID, &f.Name, &f.Size, &created, &f.key)
			f.Created = at(created)
			e.out.Files = append(e.out.Files, f)
			return err
		}),
	)
}

// messages writes the user's log.
func (e *exporter) messages(uid uint32) (err error) {
	f, err := os.OpenFile(filepath.Join(e.to, "messages.jsonl"), os.O_CREATE|os.O_WRONLY|os.O_EXCL, fileMode)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	out := bufio.NewWriter(f)
	const query = `SELECT e.id, m.body FROM events e JOIN msgs m ON m.mid = e.mid WHERE e.id > ? AND e.id <= ? ORDER BY e.id`
	err = e.read.Query(query, []any{record.EventKey(uid, 0), record.EventKey(uid, record.MaxSeq)}, func(row record.Row) error {
		var (
			id   int64
			body []byte
			w    wire.Event
		)
		if err := row.Scan(&id, &body); err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		if err := proto.Unmarshal(body, &w); err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		line := exportedEvent{Text: string(w.GetMessage().GetContent().GetData())}
		_, line.Number = record.SplitKey(id)
		if line.Event, err = protojson.Marshal(&w); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		b, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		e.out.Messages++
		_, err = out.Write(append(b, '\n'))
		return err //nolint:wrapcheck // wrapped below
	})
	if err := errors.Join(err, out.Flush(), f.Close()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
