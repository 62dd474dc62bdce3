package server_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/wire"
)

// layouts returns what each version of the database adds to the one before.
func layouts(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("record", "sqlite", "testdata", "layouts.sql"))
	if err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(string(text), "\n-- version ")[1:]
	for i := range steps {
		_, steps[i], _ = strings.Cut(steps[i], "\n")
	}
	return steps
}

// oldData is a data folder with the layout of an earlier version, and rows in it.
type oldData struct {
	t       *testing.T
	db      *sql.DB
	version int
	now     int64 // ms
	dir     string

	alice, bob wire.Token
	backend    string // an application token
	file       string
	content    []byte
	nonce      []byte
	first      uint64 // from bob to alice; the next one is from alice to bob
	old        []byte // what alice saw of the first one before an edit
}

const oldGroup = 5

func newOldData(t *testing.T, version int) *oldData {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	now := time.Now()
	d := &oldData{
		t: t, db: db, version: version, now: now.UnixMilli(), dir: dir,
		alice:   wire.NewToken("http://127.0.0.1:1", "alice", nil),
		bob:     wire.NewToken("http://127.0.0.1:1", "bob", nil),
		backend: "parleyapp_" + strings.Repeat("x", 43), file: "0123456789abcdef0123456789abcdef", content: []byte("the content of a file"),
		nonce: random(wire.NonceSize), first: wire.MessageID(now.Add(-time.Minute), 77),
	}
	for i, step := range layouts(t)[:version] {
		d.exec(step)
		d.exec(fmt.Sprintf(`PRAGMA user_version = %d`, i+1))
	}
	for i, fill := range []func(){
		d.fill1, d.fill2, d.fill3, d.fill4, d.fill5, d.fill6, d.fill7, d.fill8, d.fill9, d.fill10, d.fill11, d.fill12, d.fill13,
		d.fill14, d.fill15, d.fill16, d.fill17, d.fill18,
		d.fill19, d.fill20,
	} {
		if i < version {
			fill()
		}
	}
	return d
}

func (d *oldData) exec(text string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), text, args...); err != nil {
		d.t.Fatalf("version %d: %s: %v", d.version, text, err)
	}
}

func (d *oldData) event(e *wire.Event) []byte {
	d.t.Helper()
	raw, err := proto.Marshal(e)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

func (d *oldData) body(mid uint64, from, to, text string) []byte {
	d.t.Helper()
	return d.event(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: mid, From: from, Peer: to, Time: uint64(d.now), Content: &wire.Content{Data: []byte(text)},
	}}})
}

// fill1 is a message each way, the one to bob undelivered, and a status between them.
func (d *oldData) fill1() {
	d.exec(`INSERT INTO users(uid, address, folded, name, disabled, created, rev) VALUES
		(1, 'alice', 'alice', 'Alice', 0, 5, 1), (2, 'bob', 'bob', 'Bob', 0, 5, 2), (3, 'carol', 'carol', 'Carol', 1, 5, 3)`)
	a, b := d.alice.Hash(), d.bob.Hash()
	d.exec(`INSERT INTO tokens(hash, id, uid, app, label, created, expires, revoked) VALUES
		(?, 'a', 1, 'test', 'phone', 5, 0, 0), (?, 'b', 2, '', '', 5, 0, 0)`, a[:], b[:])
	d.exec(`INSERT INTO heads(uid, last, floor, delivered) VALUES(1, 3, 0, 3), (2, 2, 0, 1)`)
	second := int64(d.first) + 1
	d.exec(`INSERT INTO msgs(mid, sender, sseq, peer, gid, ts, exp, flags, body) VALUES
		(?, 2, 1, 1, 0, ?, 0, 3, ?), (?, 1, 3, 2, 0, ?, 0, 3, ?)`,
		int64(d.first), d.now, d.body(d.first, "bob", "alice", "one"),
		second, d.now, d.body(uint64(second), "alice", "bob", "two"))
	status := d.event(&wire.Event{Body: &wire.Event_Status{Status: &wire.Status{
		Peer: "bob", Status: wire.StatusDelivered, UpTo: 1, Time: uint64(d.now),
	}}})
	d.exec(`INSERT INTO events(id, ts, exp, kind, mid, body) VALUES(?, ?, 0, ?, ?, NULL), (?, ?, 0, ?, NULL, ?),
		(?, ?, 0, ?, ?, NULL), (?, ?, 0, ?, ?, NULL), (?, ?, 0, ?, ?, NULL)`,
		record.EventKey(1, 1), d.now, int(record.KindMessage), int64(d.first),
		record.EventKey(1, 2), d.now, int(record.KindStatus), status,
		record.EventKey(1, 3), d.now, int(record.KindOwn), second,
		record.EventKey(2, 1), d.now, int(record.KindOwn), int64(d.first),
		record.EventKey(2, 2), d.now, int(record.KindMessage), second)
	d.exec(`INSERT INTO dedups(uid, nonce, mid, seq, ts) VALUES(1, ?, ?, 3, ?)`, d.nonce, second, d.now)
	d.exec(`INSERT INTO reads(uid, peer, gid, up_to) VALUES(1, 2, 0, 1)`)
}

func (d *oldData) fill2() {
	d.exec(`INSERT INTO groups(gid, creator, nonce, name, status, flags, expiry, picture, picture_url, created, changed, deleted, rev)
		VALUES(5, 1, ?, 'Team', 'at work', 0, -1, NULL, '', ?, ?, 0, 4)`, random(wire.NonceSize), d.now, d.now)
	d.exec(`INSERT INTO members(gid, uid, flags, admin, joined, place) VALUES(5, 1, 255, 255, ?, 1), (5, 2, 255, 0, ?, 2)`, d.now, d.now)
	d.exec(`INSERT INTO pins(code, gid, nonce, flags, admin, expires, uses) VALUES('code', 5, ?, 255, 0, 0, 3)`, random(wire.NonceSize))
	d.exec(`INSERT INTO reactions(mid, uid, emoji) VALUES(?, 1, '👍')`, int64(d.first))
	d.exec(`INSERT INTO profiles(uid, status, picture, picture_url, visibility, changed) VALUES(2, 'busy', x'01', '', 1, ?)`, d.now)
	d.exec(`INSERT INTO blocks(uid, blocked) VALUES(2, 3)`)
	d.exec(`INSERT INTO chat_settings(uid, peer, gid, pinned, archived, muted_until) VALUES(1, 2, 0, 1, 0, 0)`)
	d.exec(`INSERT INTO last_seen(uid, seen) VALUES(2, ?)`, d.now)
	d.exec(`INSERT OR IGNORE INTO contacts(uid, peer) VALUES(1, 2), (2, 1)`)
	hash := sha256.Sum256([]byte(d.backend))
	d.exec(`INSERT INTO app_tokens(hash, id, label, created) VALUES(?, 'shop', 'shop', 5)`, hash[:])
	d.exec(`UPDATE meta SET v = 4 WHERE k = 'profile_rev'`)
}

func (d *oldData) fill3() {
	name := filepath.Join(d.dir, "files", d.file[:2], d.file)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, d.content, 0o600)); err != nil {
		d.t.Fatal(err)
	}
	hash := sha256.Sum256(d.content)
	d.exec(`INSERT INTO files(id, uid, size, off, state, hash, meta, name, granted, with_message, created, expires, done)
		VALUES(?, 2, ?, ?, NULL, ?, '', 'a.txt', 0, 1, ?, ?, ?)`, d.file, len(d.content), len(d.content), hash[:], d.now, d.now, d.now)
	d.exec(`INSERT INTO blobs(hash, key, mime) VALUES(?, ?, 'text/plain')`, hash[:], d.file)
	d.exec(`INSERT INTO refs(file, kind, owner, exp) VALUES(?, 1, ?, 0)`, d.file, int64(d.first))
}

func (d *oldData) fill4() {
	d.exec(`INSERT INTO calls(id, nonce, caller, callee, caller_device, callee_device, video, offer, answer, answer_video, started,
		answered) VALUES(9, ?, 2, 1, 'b', '', 0, 'offer', '', 0, ?, 0)`, random(wire.NonceSize), d.now-int64(24*time.Hour/time.Millisecond))
}

func (d *oldData) fill5() { d.exec(`UPDATE chat_settings SET unread = 1`) }

func (d *oldData) fill6() {
	d.exec(`INSERT INTO fading(mid, at) VALUES(?, ?)`, int64(d.first), d.now+int64(time.Hour/time.Millisecond))
}

func (d *oldData) fill7() { d.exec(`UPDATE heads SET epoch = 4242 WHERE uid = 2`) }

func (d *oldData) fill8() {
	d.exec(`INSERT INTO former(gid, uid, joined, gone) VALUES(5, 3, 5, 6)`)
	d.exec(`INSERT INTO bans(gid, uid) VALUES(5, 3)`)
	d.old = d.body(d.first, "bob", "alice", "before the edit")
	d.exec(`INSERT INTO versions(mid, emid, body) VALUES(?, 1, ?)`, int64(d.first), d.old)
	d.exec(`INSERT INTO frozen(mid, uid, emid) VALUES(?, 1, 1)`, int64(d.first))
}

func (d *oldData) fill9() {
	d.exec(`UPDATE profiles SET group_adds = 1`)
	d.exec(`INSERT INTO invitations(gid, uid, inviter, flags, admin, ts, declined) VALUES(5, 3, 1, 255, 0, ?, 0)`, d.now)
}

func (d *oldData) fill10() {
	d.exec(`INSERT INTO requests(uid, sender, mid) VALUES(3, 1, ?)`, int64(d.first)+1)
}

func (d *oldData) fill11() {
	d.exec(`INSERT INTO invites(hash, id, creator, address, gid, admin, created, expires, uses_left, used)
		VALUES(x'0102', 'inv', 1, '', 0, 0, ?, ?, 3, 1)`, d.now, d.now+int64(time.Hour/time.Millisecond))
	d.exec(`UPDATE users SET admin = 1 WHERE uid = 1`)
	d.exec(`UPDATE tokens SET seen = ?, place = '127.0.0.1' WHERE uid = 1`, d.now)
}

func (d *oldData) fill12() { d.exec(`INSERT INTO keeps(gid, age) VALUES(5, 86400)`) }

func (d *oldData) fill13() {
	d.exec(`INSERT INTO audits(at, actor, place, action, target) VALUES(?, 'operator', '', 'user.add', 'alice')`, d.now)
	d.exec(`UPDATE app_tokens SET scopes = 'groups messages users'`)
}

func (d *oldData) fill14() {}

func (d *oldData) fill15() { d.exec(`UPDATE users SET banned = 1, reason = 'spam' WHERE uid = 3`) }

func (d *oldData) fill16() {
	d.exec(`INSERT INTO notices(uid, text, created) VALUES(3, 'hello', ?)`, d.now)
}

func (d *oldData) fill17() {
	d.exec(`INSERT INTO reports(reporter, uid, mid, gid, reason, text, content, created) VALUES(1, 2, ?, 0, 1, 'bad', 'one', ?)`,
		int64(d.first), d.now)
}

func (d *oldData) fill18() {
	d.exec(`UPDATE contacts SET rev = 3`)
	d.exec(`UPDATE members SET rev = 4`)
}

func (d *oldData) fill19() {
	d.exec(`INSERT INTO stretches(uid, chat, stretch) VALUES(1, 2, 0), (2, 1, 0)`)
}

func (d *oldData) fill20() {
	d.exec(`INSERT INTO renewals(hash, device, made, expires, lifetime) VALUES(x'0304', 'b', ?, 0, 0)`, d.now)
}

// tables returns the names of the columns of each table.
func (d *oldData) tables() map[string]string {
	d.t.Helper()
	list := make(map[string]string)
	for _, row := range d.query(`SELECT m.name, group_concat(p.name) FROM sqlite_master m JOIN pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name`) {
		name, columns, _ := strings.Cut(row, "|")
		list[name] = columns
	}
	return list
}

// rows returns the rows of tables.
func (d *oldData) rows(tables map[string]string) map[string][]string {
	d.t.Helper()
	list := make(map[string][]string)
	for name, columns := range tables {
		quoted := make([]string, 0, 16)
		for c := range strings.SplitSeq(columns, ",") {
			quoted = append(quoted, "quote("+c+")")
		}
		list[name] = d.query(`SELECT ` + strings.Join(quoted, ",") + ` FROM ` + name)
		slices.Sort(list[name])
	}
	return list
}

// query returns the rows of a result, with their columns separated by |.
func (d *oldData) query(text string) (list []string) {
	d.t.Helper()
	rows, err := d.db.QueryContext(d.t.Context(), text)
	if err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	for rows.Next() {
		values := make([]string, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			d.t.Fatal(err)
		}
		list = append(list, strings.Join(values, "|"))
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return list
}

// TestMigrate_from_every_layout: a database of each earlier version, and of this one, is sound, keeps every value of every
// row when it is brought to the newest layout, and serves all of it.
func TestMigrate_from_every_layout(t *testing.T) {
	t.Parallel()
	for version := 1; version <= len(layouts(t)); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			d := newOldData(t, version)
			if got := problems(t, d.dir); got != nil {
				t.Errorf("before: %q", got)
			}
			tables := d.tables()
			before := d.rows(tables)
			for name, rows := range before {
				if len(rows) == 0 && !slices.Contains([]string{"edits", "trash", "urls", "group_calls", "erasures"}, name) {
					t.Errorf("the table %s has no rows in this test", name)
				}
			}
			rec, err := sqlite.Open(d.dir, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := rec.Close(); err != nil {
				t.Fatal(err)
			}
			for name, rows := range d.rows(tables) {
				if !slices.Equal(rows, before[name]) {
					t.Errorf("%s had\n%s\nand has\n%s", name, strings.Join(before[name], "\n"), strings.Join(rows, "\n"))
				}
			}
			if err := d.db.Close(); err != nil {
				t.Fatal(err)
			}
			if got := problems(t, d.dir); got != nil {
				t.Errorf("after: %q", got)
			}
			d.serve()
		})
	}
}

// serve starts a server on the data, and reads it back as its users do.
func (d *oldData) serve() {
	d.t.Helper()
	t := d.t
	h := &host{t: t, opts: server.Options{Dir: d.dir, Logger: discard()}, address: "127.0.0.1:0"}
	h.start()
	t.Cleanup(func() { h.stop() })
	alice := &device{t: t, h: h, token: d.alice, epoch: 1, acks: true} // of another epoch: it reads the whole log
	alice.connect()
	t.Cleanup(alice.close)
	one := "one"
	if d.version >= 8 {
		one = "before the edit"
	}
	if got := text(alice.next().GetMessage()); got != one {
		t.Errorf("got message %q, want %q", got, one)
	}
	if got := alice.next().GetStatus().GetStatus(); got != wire.StatusDelivered {
		t.Errorf("got status %#x, want DELIVERED", got)
	}
	if got := text(alice.next().GetMessage()); got != "two" {
		t.Errorf("got message %q, want two", got)
	}
	page := alice.history(&wire.History{Peer: "bob", Count: 2})
	want := []string{one, "two"}
	if d.version >= 4 { // the call that had not ended
		if e := alice.next().GetMessage(); e.GetContent().GetCall() == nil {
			t.Errorf("got %v, want the record of a call", e)
		}
		want = []string{"two", ""}
		page = alice.history(&wire.History{Peer: "bob", Count: 2})
	}
	var texts []string
	for _, e := range page.GetEvents() {
		texts = append(texts, text(e.GetMessage()))
	}
	if !slices.Equal(texts, want) || page.GetRead() != 1 {
		t.Errorf("history: got %q, read %d, want %q, read 1", texts, page.GetRead(), want)
	}
	m := message("bob", "two")
	m.Nonce = d.nonce
	if got := alice.send(m); got.GetId() != d.first+1 || got.GetSeq() != 3 {
		t.Errorf("a repeated message: got %v, want the first answer", got)
	}
	bob := &device{t: t, h: h, token: d.bob, acks: true}
	if reply := bob.connect(); d.version >= 7 && reply.GetEpoch() != 4242 {
		t.Errorf("bob's epoch: got %d, want 4242", reply.GetEpoch())
	}
	t.Cleanup(bob.close)
	if got := text(bob.nextMessage()); got != "two" {
		t.Errorf("got message %q, want two", got)
	}
	if d.version >= 2 {
		if reply, _ := bob.group(getGroup(oldGroup)); reply.GetGroup().GetName() != "Team" {
			t.Errorf("group: got %v", reply)
		}
		if code, reply := h.post(d.backend, []byte(`{"op": "usersget", "count": 1}`)); code != 200 {
			t.Errorf("%s: got %d, %v", admin.Path, code, reply)
		}
	}
	if d.version >= 3 {
		h.wants(d.alice.String(), d.file, d.content)
	}
}
