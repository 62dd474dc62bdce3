package mesibo

import (
	"fmt"
	"io/fs"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// transferKey identifies a transfer: files with the same key share one. It is the only place that builds the keys of
// the table of unfinished transfers.
type transferKey struct {
	mode FileMode
	url  string // of a download
	// Of an upload: the file as it was at the start.
	path           string
	size, modified int64 // bytes, ns
	// db is the database of the messages when a transfer for another database has this key already: they do not share.
	db *store.Store
}

func newDownloadKey(url string) transferKey { return transferKey{mode: FileModeDownload, url: url} }

func newUploadKey(path string, source fs.FileInfo) transferKey {
	return transferKey{mode: FileModeUpload, path: path, size: source.Size(), modified: source.ModTime().UnixNano()}
}

// String names the transfer in the queue.
func (k transferKey) String() string {
	name := k.stored("")
	if k.db != nil {
		return fmt.Sprintf("%p %s", k.db, name)
	}
	return name
}

// stored returns the key under which the database keeps an unfinished transfer. Databases exist that hold such keys.
// place is where a download goes: the path that it was given, or else a folder.
func (k transferKey) stored(place string) string {
	switch {
	case k.mode == FileModeUpload:
		return fmt.Sprintf("upload %d %d %s", k.size, k.modified, k.path)
	case place != "":
		return "download " + place + " " + k.url
	}
	return "download " + k.url
}
