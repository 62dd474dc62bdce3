package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
)

// strippedPictures are the copies without metadata that are sent in place of the originals. They are deleted with the
// last message that has them.
type strippedPictures struct {
	m *Mesibo // immutable

	mu        sync.Mutex
	sending   int  // files on their way into the outbox, whose messages do not exist yet
	postponed bool // remove was called while sending
}

// strippedFolder is the folder of the copies, in the one of pictures.
const strippedFolder = "sent"

func (sp *strippedPictures) folder() string {
	return filepath.Join(sp.m.GetFilePath(FileTypeImage), strippedFolder)
}

// put stores a copy under a name made of its content: the same picture sent again is the same file.
func (sp *strippedPictures) put(data []byte, ext string) (path string, err error) {
	folder := sp.folder()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err //nolint:wrapcheck // by the caller
	}
	sum := sha256.Sum256(data)
	place, err := files.In("", folder, hex.EncodeToString(sum[:12])+strings.ToLower(ext))
	if err != nil {
		return "", err
	}
	if db, _, err := sp.m.open("", 0); err == nil { // or there is no message either
		if err := db.NoteCopy(place.Path()); err != nil {
			return "", errors.Join(err, place.Close())
		}
	}
	err = place.Write(data, false)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return place.Path(), errors.Join(err, place.Close())
}

// hold keeps copies from being removed until release.
func (sp *strippedPictures) hold() {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.sending++
}

func (sp *strippedPictures) release() {
	sp.mu.Lock()
	sp.sending--
	again := sp.sending == 0 && sp.postponed
	sp.mu.Unlock()
	if !again {
		return
	}
	if db, _, err := sp.m.open("", 0); err == nil {
		sp.removeUnused(db)
	}
}

// removeUnused removes the copies that no message has any more.
func (sp *strippedPictures) removeUnused(db *store.Store) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if sp.sending > 0 {
		sp.postponed = true
		return
	}
	sp.postponed = false
	loose, err := db.LooseCopies(context.Background())
	if err != nil {
		sp.m.log.Error("remove pictures that were sent", errAttr(err))
	}
	if len(loose) == 0 {
		return
	}
	var used, gone []string
	for _, c := range loose {
		if c.Used {
			used = append(used, c.Path)
			continue
		}
		if err := os.Remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			sp.m.log.Warn("remove a picture that was sent", errAttr(err))
			continue
		}
		gone = append(gone, c.Path)
	}
	if err := db.EndCopies(used, gone); err != nil {
		sp.m.log.Error("remove pictures that were sent", errAttr(err))
	}
}
