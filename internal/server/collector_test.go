package server_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	objects "github.com/parley-chat/parley/internal/bucket"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// clock is the system clock with an offset that tests increase.
type clock struct{ ahead, real atomic.Int64 }

func (c *clock) time() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) jump(d time.Duration) { c.ahead.Add(int64(d)) }

func (h *host) collect() {
	h.t.Helper()
	if err := h.srv.CollectFiles(h.t.Context()); err != nil {
		h.t.Fatalf("collect: %v", err)
	}
}

// rows returns the number of rows of a table.
func (h *host) rows(table string) (n int) {
	h.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.opts.Dir, "parley.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(h.t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestCollect: unreferenced files are removed after a day, referenced ones stay.
func TestCollect(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time, RetractWindow: -1})
	alice := h.device("alice")
	a := alice.token.String()
	bob := h.token("bob").String()
	data := random(1000)
	used, unused, picture := h.put(a, data), h.put(a, random(1000)), h.put(a, random(1000))
	same := h.put(a, data) // unreferenced, but the content is shared
	open := h.begin(a, 10)
	if got := h.patch(a, open, 0, []byte("12345")); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	m := fileMessage("bob", h.url(used))
	m.Expiry = 30 * 24 * 3600
	mid := alice.sent(m)
	url := h.url(picture)
	alice.must(wire.ResultOK, setSelf(&wire.SetSelf{PictureUrl: &url}))
	h.collect()
	if n := h.rows("files"); n != 5 {
		t.Fatalf("%d files are left at once, want all", n)
	}
	now.jump(25 * time.Hour)
	late := h.put(a, random(1000))
	if got := h.do("HEAD", open, a, tus(), nil); got.code != http.StatusGone {
		t.Errorf("upload after its time: %v", got)
	}
	h.collect()
	h.wants(bob, used, data)
	h.wants(a, unused, nil)
	h.wants(a, same, nil)
	if got := h.get(bob, picture); got.code != http.StatusOK {
		t.Errorf("picture: %v", got)
	}
	if got := h.get(a, late); got.code != http.StatusOK {
		t.Errorf("new: %v", got)
	}
	if got := h.do("DELETE", used, a, tus(), nil); got.code != http.StatusConflict {
		t.Errorf("end what is referred to: got %v, want 409", got)
	}
	if n := len(h.stored()); n != 3 {
		t.Errorf("%d contents are left, want 3", n)
	}
	alice.must(wire.ResultOK, recall(&wire.Recall{Peer: "bob", Ids: []uint64{mid}}))
	none := ""
	alice.must(wire.ResultOK, setSelf(&wire.SetSelf{PictureUrl: &none}))
	now.jump(25 * time.Hour)
	h.collect()
	h.emptied()
	for _, table := range []string{"files", "blobs", "refs", "trash"} {
		if n := h.rows(table); n != 0 {
			t.Errorf("%s has %d rows left", table, n)
		}
	}
}

// TestCollect_with_the_message: a file is removed with its message if it was uploaded with that option.
func TestCollect_with_the_message(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, bob := h.device("alice"), h.device("bob")
	a, b := alice.token.String(), bob.token.String()
	data, other := random(1000), random(1000)
	ends := h.put(a, data, "Upload-Metadata", meta(map[string]string{"expires": "message"}))
	stays := h.put(a, other)
	for _, id := range []string{ends, stays} {
		m := fileMessage("bob", h.url(id))
		m.Expiry = 3600
		alice.sent(m)
		bob.nextMessage()
	}
	h.wants(b, ends, data)
	now.jump(time.Hour + time.Second)
	h.wants(b, ends, nil)
	h.wants(b, stays, other)
	h.collect()
	h.wants(a, ends, nil)
	h.wants(b, stays, other)
}

// TestSharedContent: equal content is stored once and stays until the last file with it is removed.
func TestSharedContent(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	a, b := h.token("alice").String(), h.token("bob").String()
	data := random(3000)
	first, second := h.put(a, data), h.put(b, data)
	h.until("the second copy to go", func() bool { return len(h.stored()) == 1 })
	h.wants(a, second, nil) // the same content, but not hers
	if got := h.do("DELETE", first, a, tus(), nil); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	h.wants(a, first, nil)
	h.collect()
	h.wants(b, second, data)
	third := h.put(a, data)
	if got := h.do("DELETE", second, b, tus(), nil); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	h.collect()
	h.wants(a, third, data)
	if got := h.do("DELETE", third, a, tus(), nil); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	h.emptied()
}

// TestSharedContent_race: while many users upload and delete the same content, every file has its content.
func TestSharedContent_race(t *testing.T) {
	t.Parallel()
	const users, rounds = 4, 25
	h := newHost(t, server.Options{FileRate: 1000})
	h.web()
	data := random(2000)
	var tokens []string
	for i := range users {
		tokens = append(tokens, h.token(fmt.Sprint("user", i)).String())
	}
	var wg sync.WaitGroup
	for _, tok := range tokens {
		wg.Go(func() {
			for range rounds {
				res, err := h.try("POST", "", tok, tus("Upload-Length", "2000", "Content-Type", octets), bytes.NewReader(data))
				if err != nil || res.code != http.StatusCreated {
					t.Errorf("upload: %v, %v", res, err)
					return
				}
				id := filepath.Base(res.head.Get("Location"))
				if res, err = h.try("GET", id, tok, nil, nil); err != nil || !bytes.Equal(res.body, data) {
					t.Errorf("download: %v, %v", res, err)
				}
				if res, err = h.try("DELETE", id, tok, tus(), nil); err != nil || res.code != http.StatusNoContent {
					t.Errorf("end: %v, %v", res, err)
				}
			}
		})
	}
	wg.Wait()
	h.emptied()
}

// TestCollect_against_send: during a collection, either a message is accepted and its file stays, or it is refused.
func TestCollect_against_send(t *testing.T) {
	t.Parallel()
	const rounds, files = 8, 8
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time, FileRate: 1000})
	alice := h.device("alice")
	a, b := alice.token.String(), h.token("bob").String()
	took, refused := 0, 0
	for round := range rounds {
		ids := make([]string, files)
		contents := make([][]byte, files)
		for i := range ids {
			contents[i] = random(500)
			ids[i] = h.put(a, contents[i])
		}
		now.jump(25 * time.Hour)
		var collecting sync.WaitGroup
		collecting.Go(func() {
			if err := h.srv.CollectFiles(t.Context()); err != nil {
				t.Errorf("collect: %v", err)
			}
		})
		if round%2 == 1 { // one request later, for the other order
			alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}})
		}
		var requests []uint64
		for _, id := range ids {
			requests = append(
				requests,
				alice.request(&wire.Request{Op: &wire.Request_Send{Send: fileMessage("bob", h.url(id))}}),
			)
		}
		for i, req := range requests {
			r := alice.answer(req)
			switch {
			case r.GetSend().GetStatus() == wire.StatusSent:
				took++
				h.wants(b, ids[i], contents[i])
			case r.GetResult() == wire.ResultBadRequest:
				refused++
			default:
				t.Errorf("got %v", r)
			}
		}
		collecting.Wait()
		for i, req := range requests {
			if alice.responses[req].GetSend().GetStatus() == wire.StatusSent {
				h.wants(b, ids[i], contents[i])
			} else {
				h.wants(a, ids[i], nil)
			}
		}
	}
	t.Logf("%d messages were taken, %d refused", took, refused)
}

// TestCollect_leftovers: files that a crash has left in the folder are removed at the next start.
func TestCollect_leftovers(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	a := h.token("alice").String()
	data := random(1000)
	kept := h.put(a, data)
	open := h.begin(a, 10)
	if got := h.patch(a, open, 0, []byte("12345")); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	h.stop()
	trash, stray, young := strings.Repeat("aa", 16), strings.Repeat("bb", 16), strings.Repeat("cc", 16)
	long := time.Now().Add(-48 * time.Hour)
	for _, id := range []string{trash, stray, young, kept, open} {
		path := filepath.Join(h.opts.Dir, "files", id[:2], id)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if id != kept && id != open {
			if err := os.WriteFile(path, []byte("left"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if id != young {
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(h.opts.Dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO trash(key) VALUES(?)`, trash); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.until("the leftovers to go", func() bool { return len(h.stored()) <= 3 })
	names := []string{kept, open, young}
	for _, path := range h.stored() {
		if !slices.Contains(names, filepath.Base(path)) {
			t.Errorf("left: %s", path)
		}
	}
	h.wants(a, kept, data)
	if got := h.patch(a, open, 5, []byte("67890")); got.code != http.StatusNoContent {
		t.Error(got)
	}
}

// keys returns the keys in a bucket.
func keys(t *testing.T, b *blob.Bucket) []string {
	t.Helper()
	var list []string
	objects, failed := b.List(nil).All(t.Context())
	for o := range objects {
		list = append(list, o.Key)
	}
	if err := failed(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestBucket: finished files are in the bucket and not in the folder.
func TestBucket(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	now := &clock{}
	h := newHost(t, server.Options{Bucket: objects.Of(bucket), Clock: now.time})
	alice := h.device("alice")
	a, b := alice.token.String(), h.token("bob").String()
	data := random(300_000)
	id := h.begin(a, int64(len(data)))
	if got := h.patch(a, id, 0, data[:100_000]); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	h.restart()
	if got := h.patch(a, id, 100_000, data[100_000:]); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	if n := len(h.stored()); n != 0 {
		t.Errorf("%d are left in the folder", n)
	}
	h.wants(a, id, data)
	if got := h.get(a, id, "Range", "bytes=100-199"); got.code != 206 || !bytes.Equal(got.body, data[100:200]) {
		t.Errorf("a part: %v", got)
	}
	h.wants(b, h.put(b, data), data)
	h.emptied()
	if list := keys(t, bucket); !slices.Equal(list, []string{id}) {
		t.Errorf("the bucket holds %v", list)
	}
	alice.connect()
	alice.sent(fileMessage("bob", h.url(id)))
	now.jump(25 * time.Hour)
	h.collect()
	h.wants(b, id, data)
}

// TestBucket_failing: while the bucket fails, the last bytes are not acknowledged and must be sent again.
func TestBucket_failing(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	h := newHost(t, server.Options{Bucket: objects.Of(bucket), Logger: discard()})
	a := h.token("alice").String()
	data := random(10_000)
	id := h.begin(a, int64(len(data)))
	if got := h.patch(a, id, 0, data[:6000]); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	if err := bucket.Close(); err != nil {
		t.Fatal(err)
	}
	if got := h.patch(a, id, 6000, data[6000:]); got.code != http.StatusServiceUnavailable {
		t.Errorf("got %v, want 503", got)
	}
	if got := h.offset(a, id); got != 6000 {
		t.Errorf("got offset %d, want 6000", got)
	}
	h.stop()
	other := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = other.Close() })
	h.opts.Bucket = objects.Of(other)
	h.start()
	if got := h.patch(a, id, 6000, data[6000:]); got.code != http.StatusNoContent {
		t.Error(got)
	}
	h.wants(a, id, data)
	h.stop() // before the bucket
}
