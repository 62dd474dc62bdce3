package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/picture"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// Imported is set in MessageParams of a message that ImportMessages has stored.
type Imported struct {
	// Author is the name of who wrote the message, when that is neither this user nor a user with an address.
	Author string
	// Origin is, of a copy (FlagForwarded), the name of who wrote the first one.
	Origin string
}

// ImportedMessage is a message of another program, for ImportMessages.
type ImportedMessage struct {
	// Source names the message there for good, such as "telegram:42:7".
	Source string
	// Answers is the Source of the message that this one answers, empty for none.
	Answers string
	// Own is set for a message that this user wrote.
	Own bool
	// Address is who else wrote it, empty when they have no address here; then Author is their name.
	Address, Author string
	// Origin is, with Forwarded, the name of who wrote the first one.
	Origin            string
	Forwarded, Edited bool
	Time              time.Time
	Text              string
	Location          *Location
	File              *ImportedFile
}

// ImportedFile is the file of such a message. What is zero is read from the file.
type ImportedFile struct {
	// Open opens the file, which is copied below GetFilePath. The error of a file that cannot be had wraps fs.ErrNotExist
	// or fs.ErrInvalid: then the message is stored with Missing for its text.
	Open          func() (fs.File, error)
	Missing       string
	Type          FileType
	Title         string
	MimeType      string
	Width, Height int
	Duration      time.Duration
}

// ImportResult is what a call of ImportMessages has done.
type ImportResult struct {
	Added   int   // messages that were stored
	Known   int   // messages that were here already, or were deleted here one by one
	Files   int   // files that were copied
	Missing int   // files that could not be had
	Bytes   int64 // of the files that were copied
}

// maxImport is the most messages of one call.
const maxImport = 5000

// ImportMessages stores messages of another program in the chat that p names by Peer or GroupID. They are this device's
// alone: the server gets nothing of them, nothing is unread or notified, and listeners are not called. Each stands at its
// time between the messages of the chat. Such a message is read, found, backed up and deleted like others; it cannot be
// changed, recalled, pinned, or reacted to. One that is stored already, by Source and chat, is left out, and so is one that
// was deleted by DeleteMessage: importing again is safe, and completes what was cut off. At most 5,000 messages are taken;
// they are stored all together or, on an error, not at all. Needs SetDatabase. Errors: ResultBadRequest for wrong parameters
// (ErrTooLarge among them), ResultFail with ErrDiskFull and other causes, and that of ctx.
func (m *Mesibo) ImportMessages(ctx context.Context, p MessageParams, messages []ImportedMessage) (ImportResult, error) {
	const op = "ImportMessages"
	if err := checkParams(&p); err != nil {
		return ImportResult{}, opError(op, ResultBadRequest, err)
	}
	if len(messages) > maxImport {
		return ImportResult{}, opError(op, ResultBadRequest,
			fmt.Errorf("%w: %d messages, the limit is %d", ErrTooLarge, len(messages), maxImport))
	}
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return ImportResult{}, opError(op, ResultFail, err)
	}
	if m.GetDatabasePath() == "" {
		return ImportResult{}, opError(op, ResultFail, errNoDatabase)
	}
	b := importBatch{m: m, db: db, target: target}
	m.files.stripped.hold()
	defer m.files.stripped.release()
	switch err := b.run(ctx, messages); {
	case err == nil:
		return b.done, nil
	case errors.Is(err, errImport):
		return ImportResult{}, opError(op, ResultBadRequest, err)
	case ctx.Err() != nil:
		return ImportResult{}, opError(op, ResultFail, ctx.Err())
	default:
		return ImportResult{}, fileError(op, err)
	}
}

var errImport = errors.New("the message cannot be imported")

// importBatch is one call of ImportMessages.
type importBatch struct {
	m      *Mesibo
	db     *store.Store
	target store.Target
	done   ImportResult
}

func (b *importBatch) run(ctx context.Context, messages []ImportedMessage) error {
	rows := make([]models.Message, len(messages))
	mids := make([]int64, len(messages))
	for i := range messages {
		row, err := b.row(&messages[i])
		if err != nil {
			return err
		}
		rows[i], mids[i] = row, row.Mid
	}
	unknown, err := b.db.Unknown(b.target.Account, mids)
	if err != nil {
		return err
	}
	fresh := rows[:0]
	for i := range rows {
		if !unknown[rows[i].Mid] {
			continue
		}
		delete(unknown, rows[i].Mid) // twice in the same batch
		if f := messages[i].File; f != nil {
			if err := b.copy(ctx, &rows[i], f); err != nil {
				return err
			}
		}
		fresh = append(fresh, rows[i])
	}
	if ctx.Err() != nil {
		return ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
	}
	if b.done.Added, err = b.db.Import(b.target, fresh); err != nil {
		return err
	}
	b.done.Known = len(messages) - b.done.Added
	return nil
}

// mid is the id of a message from elsewhere in a chat: negative in the database, and the same each time.
func (b *importBatch) mid(source string) int64 {
	if source == "" {
		return 0
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", strings.ToLower(b.target.Peer), b.target.Group, source))
	// The highest bit says that it is imported; with the next one no own message has the same key on a screen.
	const bits = 3 << 62
	return int64(binary.BigEndian.Uint64(sum[:]) | bits)
}

// row makes the row of a message, without its file.
func (b *importBatch) row(m *ImportedMessage) (models.Message, error) {
	switch {
	case m.Source == "":
		return models.Message{}, fmt.Errorf("%w: it has no source", errImport)
	case len(m.Text) > wire.MaxText, len(m.Author) > wire.MaxName, len(m.Origin) > wire.MaxName:
		return models.Message{}, fmt.Errorf("%w: %w: %s", errImport, ErrTooLarge, m.Source)
	case !utf8.ValidString(m.Text) || !utf8.ValidString(m.Author) || !utf8.ValidString(m.Origin):
		return models.Message{}, fmt.Errorf("%w: it is no text: %s", errImport, m.Source)
	}
	ts := m.Time.UnixMilli()
	if ts < 0 || ts > math.MaxInt32*1000 {
		return models.Message{}, fmt.Errorf("%w: its time is %v: %s", errImport, m.Time, m.Source)
	}
	place, err := locationRow(m.Location)
	if err != nil {
		return models.Message{}, fmt.Errorf("%w: %w: %s", errImport, err, m.Source)
	}
	row := models.Message{
		Mid: b.mid(m.Source), RefID: b.mid(m.Answers), Ts: ts, Sender: m.Address, Status: models.StatusReceivedRead,
		Data: []byte(m.Text), Content: &models.Content{Imported: &models.Imported{Author: m.Author, Origin: m.Origin}},
	}
	if m.Own {
		row.Status, row.Sender, row.Content.Imported.Author = models.StatusRead, "", ""
	}
	if m.Address != "" {
		row.Content.Imported.Author = ""
		if err := wire.ValidAddress(m.Address); err != nil {
			return models.Message{}, fmt.Errorf("%w: %w", errImport, err)
		}
	}
	if m.Forwarded {
		row.Flags |= int64(FlagForwarded)
	}
	if m.Edited {
		row.Flags |= int64(FlagModify)
	}
	if place != nil {
		row.Kind, row.Content.Location = models.KindLocation, place
	}
	return row, nil
}

// copy copies the file of a message and puts it into the row. A file that cannot be had leaves a text.
func (b *importBatch) copy(ctx context.Context, row *models.Message, f *ImportedFile) error {
	in, err := f.Open()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		b.done.Missing++
		row.Data = append([]byte(f.Missing), prefixed("\n", row.Data)...)
		return nil
	}
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	info, err := b.keep(ctx, f, in)
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	info.Message = string(row.Data)
	filled, err := fileRow(info)
	if err != nil {
		return fmt.Errorf("%w: %w", errImport, err)
	}
	file := filled.Content.File
	file.Modified = modified(info.Path)
	row.Kind, row.Content.File = models.KindFile, file
	row.Flags |= int64(FlagFileTransferred)
	b.done.Files++
	b.done.Bytes += info.Size
	return nil
}

func prefixed(prefix string, data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	return append([]byte(prefix), data...)
}

// importedFolder is the folder of copies, in that of the files of a type.
const importedFolder = "imported"

// keep copies a file under a name made of its own and of its content, so that the same one is here once, and describes it.
func (b *importBatch) keep(ctx context.Context, f *ImportedFile, in fs.File) (*FileInfo, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("look up file: %w", err)
	}
	seeker, ok := in.(io.ReadSeeker)
	if !ok || !info.Mode().IsRegular() {
		return nil, files.ErrKind
	}
	hash := sha256.New()
	size, err := io.Copy(hash, cancellable{ctx, seeker})
	if err == nil {
		_, err = seeker.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	out := &FileInfo{
		Type: f.Type, Title: f.Title, MimeType: f.MimeType, Width: f.Width, Height: f.Height, Duration: f.Duration, Size: size,
	}
	if out.Title == "" {
		out.Title = info.Name()
	}
	out.Title = shortened(safeName(out.Title), wire.MaxName)
	if out.Type == FileTypeAuto {
		out.Type = fileTypeOf(out.Title)
	}
	folder := filepath.Join(b.m.GetFilePath(out.Type), importedFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err //nolint:wrapcheck // by the caller
	}
	place, err := files.In("", folder, importedName(out.Title, hash.Sum(nil)))
	if err != nil {
		return nil, err
	}
	out.Path = place.Path()
	temp := files.TempName()
	err = b.db.NoteCopies([]string{out.Path, filepath.Join(filepath.Dir(out.Path), temp)})
	if err == nil {
		err = place.WriteFrom(cancellable{ctx, seeker}, temp)
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err := errors.Join(err, place.Close()); err != nil {
		return nil, err
	}
	b.describe(out)
	return out, nil
}

// importedName is the name of a copy: the beginning of its own, and what its content comes to.
func importedName(title string, sum []byte) string {
	const sumBytes, stemBytes, endingBytes = 12, 60, 12
	ending := filepath.Ext(title)
	if len(ending) > endingBytes {
		ending = ""
	}
	stem := shortened(strings.TrimSuffix(title, ending), stemBytes)
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*/\`, r) || r < ' ' { // Windows takes none of them
			return '_'
		}
		return r
	}, stem+"-"+hex.EncodeToString(sum[:sumBytes])+strings.ToLower(ending))
}

// shortened is the beginning of a text.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// describe fills in what the export does not say of a file.
func (b *importBatch) describe(f *FileInfo) {
	if f.MimeType == "" {
		f.MimeType = mimeType(f.Path)
	}
	f.MimeType = safeMIME(f.MimeType)
	if f.Type == FileTypeAudio {
		describeSound(f, b.m.log)
	}
	if f.Type == FileTypeImage {
		if data, err := picture.ReadFile(f.Path); err == nil {
			describePicture(f, data, b.m.log)
		}
		if len(f.Thumbnail) == 0 {
			f.Type = FileTypeOther // it cannot be shown
		}
	}
	if !fits(f.Width, f.Height, int(f.Duration.Milliseconds())) || f.Duration < 0 {
		f.Width, f.Height, f.Duration = 0, 0, 0
	}
}

// cancellable is a reader that ends with its context.
type cancellable struct {
	ctx context.Context //nolint:containedctx // of the one piece of work
	in  io.Reader
}

func (r cancellable) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	return r.in.Read(p) //nolint:wrapcheck // by the caller
}
