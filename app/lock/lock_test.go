package lock_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/lock"
)

func TestHash(t *testing.T) {
	hash := lock.Hash("1234 äß")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "1234") {
		t.Errorf("hash: got %q", hash)
	}
	if again := lock.Hash("1234 äß"); again == hash {
		t.Error("two hashes of one passcode are the same")
	}
	for passcode, want := range map[string]bool{"1234 äß": true, "1234": false, "": false, "1234 äß ": false} {
		if got, err := lock.Matches(hash, passcode); got != want || err != nil {
			t.Errorf("Matches(%q): got %v, %v, want %v", passcode, got, err, want)
		}
	}
}

func TestMatches_damaged(t *testing.T) {
	for _, hash := range []string{
		"", "$", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=19456,t=2,p=1$YWJj$YWJj",
		"$argon2id$v=18$m=19456,t=2,p=1$YWJj$YWJj", "$argon2id$v=19$m=4000000000,t=2,p=1$YWJj$YWJj",
		"$argon2id$v=19$m=19456,t=0,p=1$YWJj$YWJj", "$argon2id$v=19$m=19456,t=2,p=1$?$YWJj",
	} {
		if ok, err := lock.Matches(hash, "x"); ok || !errors.Is(err, lock.ErrHash) {
			t.Errorf("Matches(%q): got %v, %v, want ErrHash", hash, ok, err)
		}
	}
}

// After some wrong passcodes there is a pause, longer each time.
func TestModel(t *testing.T) {
	q, unlocked := apptest.NewQueue(), 0
	m := lock.NewModel(q, lock.Hash("right"), func() {}, func() { unlocked++ })
	try := func(passcode string, want bool) {
		t.Helper()
		if got := m.Try(passcode); got != want {
			t.Errorf("Try(%q): got %v, want %v", passcode, got, want)
		}
		q.WorkAll(t.Context())
	}
	try("", false)
	for range 5 {
		try("wrong", true)
	}
	if want := "This is not the passcode. Try again in 10 s."; m.Problem() != want {
		t.Errorf("problem: got %q, want %q", m.Problem(), want)
	}
	try("right", false)
	q.Advance(9 * time.Second)
	if want := "This is not the passcode. Try again in 1 s."; m.Problem() != want {
		t.Errorf("problem: got %q, want %q", m.Problem(), want)
	}
	q.Advance(time.Second)
	if m.Problem() != "" {
		t.Errorf("problem after the pause: got %q, want none", m.Problem())
	}
	try("wrong", true)
	q.Advance(19 * time.Second)
	try("right", false)
	q.Advance(time.Second)
	try("right", true)
	if unlocked != 1 {
		t.Errorf("unlocked %d times, want 1", unlocked)
	}
	m.Close()
}
