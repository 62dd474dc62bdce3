package mesibo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/mesibo/internal/sendfolder"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// SendFolder is a folder of this device, and to whom its files are sent: a user or a group.
type SendFolder struct {
	Path    string
	Peer    string
	GroupID uint32
}

// FolderState is the status of a file in the folder whose files are sent.
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

// FolderFile is a file of the folder whose files are sent.
type FolderFile struct {
	Path  string
	State FolderState
	Mid   uint64 // of its message, 0 for none
	Err   error  // why it is refused
}

// SendFolderListener is called when the state of a file of SetSendFolder changes.
type SendFolderListener interface {
	OnSendFolder(file *FolderFile)
}

// SetSendFolder sends what appears in a folder from now on to a user or group, as SendFile does, one message for each
// file; without a path nothing is sent any more. It is kept in the database, and works while started.
//
// A file is sent once it has not changed for three seconds and no program is writing to it, as far as the system says.
// Folders in it, symbolic links, names that start with a dot, and those under which programs keep what is unfinished
// are left out. When the server has the message the file is moved to the folder "sent" in it. A file is sent once,
// whenever the process ends: that it was sent is stored with its message. What cannot be sent stays, see
// GetSendFolderFiles, and is tried again when it has changed; so does a file whose message was withdrawn.
// MessageListeners get the messages by OnFile, as those from another device.
//
// Errors: ResultBadRequest when there is no such folder, it is one of this instance, or the destination is wrong;
// ResultFail without a token or when the disk fails.
func (m *Mesibo) SetSendFolder(f SendFolder) error {
	const op = "SetSendFolder"
	row := models.SendFolder{Path: f.Path, Peer: f.Peer, GroupID: int64(f.GroupID)}
	var before []models.FolderFile
	if f.Path != "" {
		if f.Peer != "" && f.GroupID != 0 {
			return opError(op, ResultBadRequest, errors.New("both peer and group are given"))
		}
		p := f.params()
		if err := checkParams(&p); err != nil {
			return opError(op, ResultBadRequest, err)
		}
		var err error
		if row.Path, err = m.ownFolder(f.Path); err != nil {
			return opError(op, ResultBadRequest, err)
		}
		if before, err = sendfolder.Existing(row.Path); err != nil {
			return opError(op, ResultBadRequest, err)
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
	m.folderSender.Wake()
	return nil
}

// ownFolder returns the real path of a folder whose files may be sent.
func (m *Mesibo) ownFolder(path string) (string, error) {
	path, err := m.absolute(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("look up folder: %w", err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return "", errors.New("it is not a folder")
	}
	base, err := filepath.EvalSymlinks(m.GetBasePath())
	if err != nil {
		return path, nil //nolint:nilerr // this instance has no folder yet
	}
	rel, err := filepath.Rel(base, path)
	if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", errors.New("it is a folder of this program's own files")
	}
	return path, nil
}

// params returns those of the messages.
func (f SendFolder) params() MessageParams {
	p := NewMessageParams(f.Peer, FlagDefault)
	p.GroupID = f.GroupID
	return p
}

// GetSendFolder returns what SetSendFolder has set, zero for nothing.
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

// GetSendFolderFiles lists the files of SetSendFolder that wait or are refused. Errors: ResultFail without a token
// or when the disk fails.
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
		if rows[i].Refusal != sendfolder.ErrBefore.Error() {
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

// refusalOf is the reverse of folderHost.Code, as far as the reason has a code.
func refusalOf(text string) error {
	if err := errorFromCode(text); err != nil {
		return err
	}
	for _, err := range []error{
		ErrFolderFileEmpty, ErrFolderFileWithdrawn, ErrFolderFileNotMoved,
		sendfolder.ErrBefore,
	} {
		if text == err.Error() {
			return err
		}
	}
	return errors.New(text)
}

// folderHost is the host of the folder's sender.
type folderHost struct{ m *Mesibo }

var _ sendfolder.Host = folderHost{}

// Store implements sendfolder.Host.
func (h folderHost) Store() (*store.Store, int64, error) {
	db, target, err := h.m.open("", 0)
	return db, target.Account, err
}

// Watch implements sendfolder.Host.
func (h folderHost) Watch(folder, before string) bool {
	w := h.m.files.monitor.running()
	if w == nil {
		return false
	}
	if before != folder && before != "" {
		w.Forget(before)
	}
	if folder == "" {
		return false
	}
	w.Watch(folder, true)
	return w.Watches(folder)
}

// Send implements sendfolder.Host.
func (h folderHost) Send(path string, to store.Target, queue sendfolder.Queue) (refused, err error) {
	p := SendFolder{Peer: to.Peer, GroupID: to.Group}.params()
	err = h.m.files.send("SetSendFolder", p, h.m.Random(), &FileInfo{Path: path}, intoOutbox(queue))
	if errors.Is(err, ResultBadRequest) {
		return reasonOf(err), nil
	}
	return nil, err
}

// reasonOf returns the cause of an error without the name of the function.
func reasonOf(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Cause != nil {
		return e.Cause
	}
	return err
}

// Outcome implements sendfolder.Host.
func (h folderHost) Outcome(row *models.Message) (waits bool, failure error) {
	status := MsgStatus(row.Status)
	switch {
	case status == MsgStatusOutbox:
		return true, nil
	case !status.IsFailed():
		return false, nil
	}
	if row.Content != nil && row.Content.File != nil {
		if err := errorFromCode(row.Content.File.Failure); err != nil {
			return false, err
		}
	}
	return false, fmt.Errorf("the message was not sent: %s", status)
}

// Code implements sendfolder.Host.
func (h folderHost) Code(reason error) string { return cmp.Or(errorCode(reason), reason.Error()) }

// Queued implements sendfolder.Host.
func (h folderHost) Queued(row *models.Message) {
	h.m.listeners.post(context.Background(), func(l *snapshot) { h.m.notifyMessage(l, row) })
}

// Notify implements sendfolder.Host.
func (h folderHost) Notify(row *models.FolderFile, sent bool) {
	f := folderFile(row)
	if sent {
		f = FolderFile{Path: row.Target, State: FolderFileSent, Mid: uint64(row.Mid)}
	}
	h.m.listeners.post(context.Background(), func(l *snapshot) {
		each(l, func(l SendFolderListener) {
			own := f
			l.OnSendFolder(&own)
		})
	})
}

// Moved implements sendfolder.Host.
func (h folderHost) Moved(ctx context.Context, rows []int64) error {
	db, _, err := h.m.open("", 0)
	if err != nil {
		return err
	}
	return h.m.files.publishFiles(ctx, db, rows)
}
