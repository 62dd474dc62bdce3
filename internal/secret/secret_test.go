package secret_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/parley-chat/parley/internal/secret"
)

func TestStore(t *testing.T) {
	for name, prepare := range map[string]func(){
		"keyring":    keyring.MockInit,
		"no_keyring": func() { keyring.MockInitWithError(errors.New("no service on the bus")) },
	} {
		t.Run(name, func(t *testing.T) {
			prepare() // mocks the desktop's secret service, present or absent
			dir := filepath.Join(t.TempDir(), "data")
			s := secret.New(dir, slog.New(slog.DiscardHandler))
			for _, value := range []string{"first", "second"} {
				if err := s.Set("token", value); err != nil {
					t.Fatal(err)
				}
				if got, err := s.Get("token"); err != nil || got != value {
					t.Errorf("got %q, %v, want %q", got, err, value)
				}
			}
			if got, want := s.InFile("token"), name != "keyring"; got != want {
				t.Errorf("in a file: got %v, want %v", got, want)
			}
			if info, err := os.Stat(filepath.Join(dir, "token.secret")); err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("got mode %v, want 0600", info.Mode())
			}
			if err := s.Delete("token"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Get("token"); name == "keyring" && !errors.Is(err, secret.ErrNotFound) || err == nil {
				t.Errorf("after Delete: got %v", err)
			}
		})
	}
}
