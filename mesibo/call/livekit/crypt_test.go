package livekit

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/parley-chat/parley/mesibo/call"
)

func key(n byte, index int) call.GroupKey {
	return call.GroupKey{Key: bytes.Repeat([]byte{n}, keySize), Index: index}
}

// TestKeyring: what is encrypted is the same again with the right key, and nothing with another.
func TestKeyring(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var own, same, other keyring
		index := rapid.IntRange(0, keyCount-1).Draw(t, "index")
		for r, n := range map[*keyring]byte{&own: 1, &same: 1, &other: 2} {
			if err := r.set(key(n, index)); err != nil {
				t.Fatal(err)
			}
		}
		frame := rapid.SliceOfN(rapid.Byte(), clearKey, 2000).Draw(t, "frame")
		before := bytes.Clone(frame)
		for what, f := range map[string]struct {
			encrypt func(*keyring) []byte
			decrypt func(*keyring, []byte) ([]byte, error)
		}{
			"sound": {
				func(r *keyring) []byte { return r.encrypt(frame, clearOpus) },
				func(r *keyring, b []byte) ([]byte, error) { return r.decrypt(b, clearOpus) },
			},
			"video": {
				func(r *keyring) []byte { return r.encryptVideo(frame) },
				(*keyring).decryptVideo,
			},
		} {
			sent := f.encrypt(&own)
			if got, err := f.decrypt(&same, sent); err != nil || !bytes.Equal(got, frame) || !bytes.Equal(frame, before) {
				t.Fatalf("%s: got %x, %v, want %x", what, got, err, frame)
			}
			if got, err := f.decrypt(&other, sent); err == nil {
				t.Fatalf("%s: with another key: %x", what, got)
			}
			sent[rapid.IntRange(0, len(sent)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if got, err := f.decrypt(&same, sent); err == nil && !bytes.Equal(got, frame) {
				t.Fatalf("%s: damaged: %x", what, got)
			}
		}
	})
}

// TestKeyring_garbage: whatever comes in does no harm.
func TestKeyring_garbage(t *testing.T) {
	t.Parallel()
	var r keyring
	if err := r.set(key(1, 0)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "frame")
		if got, err := r.decrypt(frame, min(clearOpus, len(frame))); err == nil {
			t.Fatalf("got %x", got)
		}
		if got, err := r.decryptVideo(frame); err == nil {
			t.Fatalf("got %x", got)
		}
	})
}

// TestKeyring_next: frames of the key before are still understood, until another takes its index.
func TestKeyring_next(t *testing.T) {
	t.Parallel()
	var r keyring
	for _, bad := range []call.GroupKey{key(1, -1), key(1, keyCount), {}, {Key: make([]byte, 32)}} {
		if err := r.set(bad); err == nil {
			t.Errorf("takes %v", bad)
		}
	}
	if err := r.set(key(1, 0)); err != nil {
		t.Fatal(err)
	}
	old := r.encrypt([]byte("old frame"), 1)
	if err := r.set(key(2, 1)); err != nil {
		t.Fatal(err)
	}
	if got, err := r.decrypt(old, 1); err != nil || string(got) != "old frame" {
		t.Errorf("got %q, %v", got, err)
	}
	if sent := r.encrypt([]byte("new frame"), 1); sent[len(sent)-1] != 1 {
		t.Errorf("encrypted with key %d", sent[len(sent)-1])
	}
	if err := r.set(key(3, 0)); err != nil {
		t.Fatal(err)
	}
	if got, err := r.decrypt(old, 1); err == nil {
		t.Errorf("got %q", got)
	}
	r.setServerFrames([]byte("SIF"))
	if got, err := r.decrypt([]byte("silenceSIF"), 1); err != nil || got != nil {
		t.Errorf("of the server: %q, %v", got, err)
	}
}

// TestKeyring_library: LiveKit's library understands it, and is understood.
func TestKeyring_library(t *testing.T) {
	t.Parallel()
	var r keyring
	k := key(5, 3)
	if err := r.set(k); err != nil {
		t.Fatal(err)
	}
	derived, err := lksdk.DeriveKeyFromBytes(k.Key)
	if err != nil {
		t.Fatal(err)
	}
	frame := []byte("a packet of Opus")
	if got, err := lksdk.DecryptGCMAudioSample(r.encrypt(frame, clearOpus), derived, nil); err != nil ||
		!bytes.Equal(got, frame) {
		t.Errorf("got %q, %v", got, err)
	}
	sent, err := lksdk.EncryptGCMAudioSample(frame, derived, 3)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.decrypt(sent, clearOpus); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("got %q, %v", got, err)
	}
}
