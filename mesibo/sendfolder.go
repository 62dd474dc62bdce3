package mesibo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// SendFolder is a folder of this device, and to whom its files are sent: a user or a group. It is an addition to the reference.
type SendFolder struct {
	Path    string
	Peer    string
	GroupID uint32
}

// FolderState is how it stands with a file of the folder whose files are sent. It is an addition to the reference.
type FolderState int

// The states of such files.
const (
	// FolderFileWaiting: its message waits in the outbox.
	FolderFileWaiting FolderState = 0
	// FolderFileSent: the server has it; it was moved to the folder "sent".
	FolderFileSent FolderState = 1
	// FolderFileRefused: it is not sent, and stays where it is until it is changed.
	FolderFileRefused FolderState = 2
)

// FolderFile is a file of the folder whose files are sent. It is an addition to the reference.
type FolderFile struct {
	Path  string
	State FolderState
	Mid   uint64 // of its message, 0 for none
	Err   error  // why it is refused
}

// SendFolderListener is told what becomes of the files of SetSendFolder. It is an addition to the reference.
type SendFolderListener interface {
	OnSendFolder(file *FolderFile)
}

// ErrFileEmpty is why a file without content is not sent from a folder.
var ErrFileEmpty = errors.New("the file is empty")

// ErrWithdrawn is why a file is not sent whose message was withdrawn.
var ErrWithdrawn = errors.New("its message was withdrawn")

// ErrNotMoved is why a file is still in the folder that was sent.
var ErrNotMoved = errors.New("it was sent, but could not be moved")

// errBefore is why files are not sent that were in the folder already.
var errBefore = errors.New("it was here before")

// sentFiles is the folder, in the one whose files are sent, to which they are moved.
const sentFiles = "sent"

// SetSendFolder has what appears in a folder from now on sent to somebody, as by SendFile, one message for each file; without a
// path nothing is sent any more. It is kept in the database, and works while started. It is an addition to the reference.
//
// A file is sent once it has not changed for three seconds and no program is writing to it, as far as the system tells. Folders in
// it, symbolic links, names that begin with a dot, and those under which programs keep what is unfinished are left out. When the
// server has the message the file is moved to the folder "sent" in it. A file is sent once, whenever the process ends: that it was
// is stored with its message. What cannot be sent stays, see GetSendFolderFiles, and is tried again when it has changed; so does a
// file whose message was withdrawn. MessageListeners get the messages by OnFile, as those from another device.
//
// Errors: ResultBadRequest when there is no such folder, it is one of this instance, or the destination is wrong; ResultFail without a
// token or when the disk fails.
func (m *Mesibo) SetSendFolder(f SendFolder) error {
	const op = "SetSendFolder"
	row := models.SendFolder{Path: f.Path, Peer: f.Peer, GroupID: int64(f.GroupID)}
	var before []models.FolderFile
	if f.Path != "" {
		p := f.params()
		if err := checkParams(&p); err != nil {
			return opError(op, ResultBadRequest, err)
		}
		var err error
		if row.Path, err = m.ownFolder(f.Path); err != nil {
			return opError(op, ResultBadRequest, err)
		}
		found, err := findFiles(row.Path)
		if err != nil {
			return opError(op, ResultBadRequest, err)
		}
		for _, c := range found {
			before = append(before, models.FolderFile{Path: c.path, Size: c.size, Modified: c.modified, Refusal: errBefore.Error()})
		}
	}
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row.AccountID = target.Account
	for i := range before {
		before[i].AccountID = target.Account
	}
	if err := db.PutSendFolder(row, before); err != nil {
		return opError(op, ResultFail, err)
	}
	m.sender.poke()
	return nil
}

// ownFolder gives a folder whose files may be sent as the system knows it.
func (m *Mesibo) ownFolder(path string) (string, error) {
	path, err := m.absolute(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("look up folder: %w", err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return "", errors.New("it is no folder")
	}
	base, err := filepath.EvalSymlinks(m.GetBasePath())
	if err != nil {
		return path, nil //nolint:nilerr // there is no folder of this instance yet
	}
	if rel, err := filepath.Rel(base, path); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", errors.New("it is a folder of this program's own files")
	}
	return path, nil
}

// params are those of the messages.
func (f SendFolder) params() MessageParams {
	p := NewMessageParams(f.Peer, FlagDefault)
	p.GroupID = f.GroupID
	return p
}

// GetSendFolder gives what SetSendFolder has set, zero for nothing. It is an addition to the reference.
func (m *Mesibo) GetSendFolder() SendFolder {
	db, target, err := m.open("", 0)
	if err != nil {
		return SendFolder{}
	}
	row, err := db.SendFolder(context.Background(), target.Account)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			m.log.Error("look up the folder whose files are sent", errAttr(err))
		}
		return SendFolder{}
	}
	return SendFolder{Path: row.Path, Peer: row.Peer, GroupID: uint32(row.GroupID)}
}

// GetSendFolderFiles lists the files of SetSendFolder that wait or are refused. It is an addition to the reference. Errors:
// ResultFail without a token or when the disk fails.
func (m *Mesibo) GetSendFolderFiles() ([]FolderFile, error) {
	const op = "GetSendFolderFiles"
	db, target, err := m.open("", 0)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	rows, err := db.FolderFiles(context.Background(), target.Account)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	var out []FolderFile
	for i := range rows {
		if rows[i].Refusal != errBefore.Error() {
			out = append(out, folderFile(&rows[i]))
		}
	}
	return out, nil
}

func folderFile(row *models.FolderFile) FolderFile {
	f := FolderFile{Path: row.Path, Mid: uint64(row.Mid), State: FolderFileWaiting}
	if row.Refusal != "" {
		f.State, f.Err = FolderFileRefused, refusalOf(row.Refusal)
	}
	return f
}

// refusal gives why a file is not sent as the database keeps it.
func refusal(err error) string {
	if name := failureName(err); name != "" {
		return name
	}
	return err.Error()
}

// refusalOf is what refusal was made of, as far as it has a name.
func refusalOf(text string) error {
	if err := failureOf(text); err != nil {
		return err
	}
	for _, err := range []error{ErrFileEmpty, ErrWithdrawn, ErrNotMoved, errBefore} {
		if text == err.Error() {
			return err
		}
	}
	return errors.New(text)
}
