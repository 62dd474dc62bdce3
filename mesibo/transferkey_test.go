package mesibo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// TestTransferKey_stored holds the keys of databases that exist.
func TestTransferKey_stored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b")
	if err := os.WriteFile(path, []byte("four"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Unix(5, 7)); err != nil {
		t.Fatal(err)
	}
	source, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key         transferKey
		place, want string
	}{
		{newUploadKey("/home/a b", source), "", "upload 4 5000000007 /home/a b"},
		{newDownloadKey("http://server/files/x"), "", "download http://server/files/x"},
		{newDownloadKey("http://server/files/x"), "/home/my files", "download /home/my files http://server/files/x"},
		{newDownloadKey("not a URL"), "/home/my files", "download /home/my files not a URL"},
	} {
		if got := tt.key.stored(tt.place); got != tt.want {
			t.Errorf("stored %q, want %q", got, tt.want)
		}
	}
}

func TestTransferKey_of_another_database(t *testing.T) {
	key := newDownloadKey("u")
	other := key
	other.db = new(store.Store)
	if name := other.String(); name == key.String() || !strings.HasSuffix(name, key.String()) {
		t.Errorf("named %q beside %q", name, key)
	}
	if other.stored("/a") != key.stored("/a") {
		t.Errorf("stored as %q", other.stored("/a"))
	}
}
