package server_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
)

// told returns metadata with the hash of the content.
func told(data []byte) string {
	sum := sha256.Sum256(data)
	return meta(map[string]string{"sha256": string(sum[:])})
}

// announce creates an upload with the hash of its content and returns its initial offset.
func (h *host) announce(bearer string, data []byte) (id, offset string) {
	h.t.Helper()
	a := h.do("POST", "", bearer, tus("Upload-Length", fmt.Sprint(len(data)), "Upload-Metadata", told(data)), nil)
	if a.code != http.StatusCreated {
		h.t.Fatalf("create: %v", a)
	}
	return h.idOf(a), a.head.Get("Upload-Offset")
}

// TestDeduplicate: content that a user may read need not be uploaded again; content of others is not revealed.
func TestDeduplicate(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, bob, eve := h.device("alice"), h.device("bob"), h.device("eve")
	a, b, e := alice.token.String(), bob.token.String(), eve.token.String()
	data := random(5000)
	first := h.put(a, data)

	again, offset := h.announce(a, data)
	if offset != "5000" || again == first {
		t.Errorf("her own: got offset %s of %s, want all of another than %s", offset, again, first)
	}
	h.wants(a, again, data)
	if n := len(h.stored()); n != 1 {
		t.Errorf("it is stored %d times", n)
	}

	id, offset := h.announce(b, data)
	if offset != "0" {
		t.Errorf("another user's: got offset %s", offset)
	}
	alice.sent(fileMessage("bob", h.url(first)))
	his, offset := h.announce(b, data)
	if offset != "5000" {
		t.Errorf("sent to him: got offset %s", offset)
	}
	h.wants(b, his, data)
	if got := h.patch(b, id, 0, data); got.code != http.StatusNoContent { // a normal upload
		t.Error(got)
	}
	if _, offset = h.announce(e, data); offset != "0" {
		t.Errorf("sent to others: got offset %s", offset)
	}

	longer := h.do("POST", "", a, tus("Upload-Length", "5001", "Upload-Metadata", told(data)), nil)
	if longer.code != http.StatusCreated || longer.head.Get("Upload-Offset") != "0" {
		t.Errorf("another length: %v, offset %s", longer, longer.head.Get("Upload-Offset"))
	}
	for name, hash := range map[string]string{"short": "abc", "long": string(random(33))} {
		header := tus("Upload-Length", "5000", "Upload-Metadata", meta(map[string]string{"sha256": hash}))
		if got := h.do("POST", "", a, header, nil); got.code != http.StatusBadRequest {
			t.Errorf("%s: %v", name, got)
		}
	}

	// It is an independent file: it stays when the first is removed, and is removed when unreferenced.
	bob.sent(fileMessage("alice", h.url(his)))
	now.jump(25 * time.Hour)
	h.collect()
	h.wants(a, again, nil)
	h.wants(b, his, data)
}

// TestDeduplicate_quota: deduplicated files count towards the quota.
func TestDeduplicate_quota(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Quota: 3 * (5000 + 4096)})
	a := h.token("alice").String()
	data := random(5000)
	h.put(a, data)
	h.announce(a, data)
	h.announce(a, data)
	got := h.do("POST", "", a, tus("Upload-Length", "5000", "Upload-Metadata", told(data)), nil)
	if got.code != http.StatusInsufficientStorage {
		t.Errorf("over the quota: %v", got)
	}
}

// TestDeduplicate_race: while equal content is uploaded and removed, every deduplicated upload can be downloaded.
func TestDeduplicate_race(t *testing.T) {
	t.Parallel()
	const users, rounds = 4, 25
	h := newHost(t, server.Options{FileRate: 1000})
	h.web()
	data := random(2000)
	a := h.token("alice").String()
	var wg sync.WaitGroup
	for range users {
		wg.Go(func() {
			for range rounds {
				res, err := h.try("POST", "", a, tus("Upload-Length", "2000", "Upload-Metadata", told(data)), nil)
				if err != nil || res.code != http.StatusCreated {
					t.Errorf("upload: %v, %v", res, err)
					return
				}
				id := filepath.Base(res.head.Get("Location"))
				if res.head.Get("Upload-Offset") == "0" {
					res, err = h.try("PATCH", id, a, tus("Upload-Offset", "0", "Content-Type", octets), bytes.NewReader(data))
					if err != nil || res.code != http.StatusNoContent {
						t.Errorf("upload: %v, %v", res, err)
					}
				}
				if res, err = h.try("GET", id, a, nil, nil); err != nil || !bytes.Equal(res.body, data) {
					t.Errorf("download: %v, %v", res, err)
				}
				if res, err = h.try("DELETE", id, a, tus(), nil); err != nil || res.code != http.StatusNoContent {
					t.Errorf("end: %v, %v", res, err)
				}
			}
		})
	}
	wg.Wait()
	h.emptied()
}

// TestDeduplicate_grants: an upload grant does not reveal which content its owner has.
func TestDeduplicate_grants(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	a := h.token("alice").String()
	data := random(5000)
	h.put(a, data)
	if _, offset := h.announce(h.mustGrant(a, map[string]any{"purpose": "upload"}), data); offset != "0" {
		t.Errorf("got offset %s", offset)
	}
}
