// Package archive writes and reads a backup: one encrypted file with the database, the files and the preferences of an
// account. It is a tar stream in the age format, under a passphrase, so that it can be opened without this program:
//
//	age --decrypt backup.parley | tar --extract
//
// The first entry is parley.json, which says what the others are.
package archive

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// Ending is the ending of the names of backups.
const Ending = ".parley"

const (
	format       = 1
	manifestName = "parley.json"
	manifestMax  = 64 << 20 // it names files
	hardest      = 22       // what a file may ask for
)

// Errors of Read.
var (
	// ErrPassphrase: the passphrase is another one.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrNotBackup: the file is no backup of this program.
	ErrNotBackup = errors.New("not a backup")
	// ErrDamaged: the file is cut off, or has been changed.
	ErrDamaged = errors.New("the backup is damaged or incomplete")
	// ErrNewer: a later version of the program has written the file.
	ErrNewer = errors.New("the backup is from a newer version")
)

// Account says whose backup it is.
type Account struct {
	Local   bool   `json:"local,omitempty"` // its server is in the backup, too
	Address string `json:"address"`
	Name    string `json:"name"`
	Server  string `json:"server,omitempty"`
	Echo    bool   `json:"echo,omitempty"`
	Token   string `json:"token"`
	Second  string `json:"second_token,omitempty"` // of Echo
}

// Manifest is the first entry.
type Manifest struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Account Account   `json:"account"`
	// Base is the folder of the data when the backup was made: the database names files by their whole path.
	Base string `json:"base"`
	// Preferences are the program's, as it has written them.
	Preferences json.RawMessage `json:"preferences,omitempty"`
	// Elsewhere are the paths of files that were outside of Base, by the names of their entries.
	Elsewhere map[string]string `json:"elsewhere,omitempty"`
}

// File is a file for a backup. One that is missing is left out.
type File struct {
	Name string // of the entry, with slashes
	Path string
}

// Progress is called with what is done of a whole, in bytes.
type Progress func(done, all int64)

// WorkFactor is that of a [Key] for what is to be safe: about a second for each passphrase that is tried.
const WorkFactor = 18

// Key is a passphrase, and the logarithm of the rounds of scrypt that trying another one takes.
type Key struct {
	Passphrase string
	WorkFactor int
}

// Write writes a backup. The file has its name when it is complete and on the disk; until then, and when ctx ends,
// what was there before stays. Nothing but encrypted bytes are written.
func Write(ctx context.Context, file string, k Key, m Manifest, files []File, progress Progress) (err error) {
	out, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	temp := out.Name()
	defer func() {
		if err != nil {
			err = fmt.Errorf("write backup: %w", errors.Join(err, os.Remove(temp)))
		}
	}()
	err = encrypt(ctx, out, k, m, files, progress)
	if err = errors.Join(err, ctx.Err()); err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, file); err != nil {
		return err //nolint:wrapcheck // wrapped above
	}
	return syncFolder(filepath.Dir(file))
}

func encrypt(ctx context.Context, out io.Writer, k Key, m Manifest, files []File, progress Progress) error {
	recipient, err := age.NewScryptRecipient(k.Passphrase)
	if err != nil {
		return fmt.Errorf("passphrase: %w", err)
	}
	recipient.SetWorkFactor(k.WorkFactor)
	sealed, err := age.Encrypt(out, recipient)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	w := &writer{ctx: ctx, tar: tar.NewWriter(sealed), progress: progress}
	for _, f := range files {
		if info, err := os.Stat(f.Path); err == nil {
			w.all += info.Size()
		}
	}
	if err := w.manifest(m); err != nil {
		return err
	}
	for _, f := range files {
		if err := w.add(f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if err := errors.Join(w.tar.Close(), sealed.Close()); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	return nil
}

type writer struct {
	ctx       context.Context //nolint:containedctx // of the one call that has the writer
	tar       *tar.Writer
	progress  Progress
	done, all int64
}

func (w *writer) manifest(m Manifest) error {
	m.Format = format
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	h := &tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(data)), ModTime: m.Created, Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if _, err := w.tar.Write(data); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

func (w *writer) add(f File) error {
	in, err := os.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	err = w.copyFrom(in, f.Name)
	return errors.Join(err, in.Close())
}

func (w *writer) copyFrom(in *os.File, name string) error {
	info, err := in.Stat()
	if err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	h := &tar.Header{
		Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime(), Format: tar.FormatPAX,
	}
	if err := w.tar.WriteHeader(h); err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	_, err = io.CopyN(w, in, info.Size()) // what grows meanwhile is not of this backup
	return err                            //nolint:wrapcheck // the caller names the file
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	n, err := w.tar.Write(p)
	w.done += int64(n)
	if w.progress != nil {
		w.progress(w.done, max(w.all, w.done))
	}
	return n, err //nolint:wrapcheck // the caller names the file
}

// Entry is one file of a backup that is being read.
type Entry struct {
	Name     string // local, with slashes
	Size     int64
	Modified time.Time
	io.Reader
}

// Read reads a backup: begin is called with the manifest, then each with every entry. What they were given is only to
// be trusted when Read returns nil: a file that was cut off is noticed at its end.
func Read(
	ctx context.Context, file, passphrase string, progress Progress, begin func(Manifest) error, each func(*Entry) error,
) error {
	in, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	defer func() { _ = in.Close() }() // nothing was written
	r := &reader{ctx: ctx, in: in, progress: progress}
	if info, err := in.Stat(); err == nil {
		if !info.Mode().IsRegular() {
			return ErrNotBackup
		}
		r.all = info.Size()
	}
	open, err := decrypt(r, passphrase)
	if err != nil {
		return fmt.Errorf("read backup: %w", errors.Join(err, r.failed))
	}
	if err := r.entries(open, begin, each); err != nil {
		return fmt.Errorf("read backup: %w", errors.Join(err, r.failed))
	}
	return nil
}

func decrypt(r io.Reader, passphrase string) (io.Reader, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	identity.SetMaxWorkFactor(hardest)
	open, err := age.Decrypt(r, identity)
	switch {
	case err == nil:
		return open, nil
	case errors.Is(err, age.ErrIncorrectIdentity):
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	default:
		return nil, fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
}

// reader reads the encrypted bytes, counts them, and remembers what was wrong with the disk.
type reader struct {
	ctx       context.Context //nolint:containedctx // of the one call that has the reader
	in        *os.File
	progress  Progress
	done, all int64
	failed    error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		r.failed = err
		return 0, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	n, err := r.in.Read(p)
	r.done += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	if r.progress != nil && n > 0 {
		r.progress(r.done, max(r.all, r.done))
	}
	return n, err //nolint:wrapcheck // Read wraps it
}

// entries reads the stream to its very end, where age says whether it is whole.
func (r *reader) entries(open io.Reader, begin func(Manifest) error, each func(*Entry) error) error {
	t := tar.NewReader(open)
	for n := 0; ; n++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			_, err := io.Copy(io.Discard, open)
			return damage(err)
		}
		if err != nil {
			return damage(err)
		}
		if n == 0 {
			m, err := readManifest(h, t)
			if err == nil {
				err = begin(m)
			}
			if err != nil {
				return err
			}
			continue
		}
		name := path.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsRune(name, '\\') {
			return fmt.Errorf("%w: entry %q", ErrNotBackup, h.Name)
		}
		e := &Entry{Name: name, Size: h.Size, Modified: h.ModTime, Reader: damaged{t}}
		if err := each(e); err != nil {
			return err
		}
	}
}

func readManifest(h *tar.Header, t io.Reader) (m Manifest, err error) {
	if h.Name != manifestName || h.Size > manifestMax {
		return m, fmt.Errorf("%w: it begins with %q", ErrNotBackup, h.Name)
	}
	if err := json.NewDecoder(damaged{t}).Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	if m.Format > format {
		return m, fmt.Errorf("%w: it has format %d, this program knows %d", ErrNewer, m.Format, format)
	}
	return m, nil
}

// damaged is a reader whose errors are ErrDamaged.
type damaged struct{ io.Reader }

// Read implements io.Reader.
func (d damaged) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = damage(err)
	}
	return n, err
}

func damage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err //nolint:wrapcheck // Write wraps it
	}
	_ = d.Sync() // where folders can be synced
	if err := d.Close(); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}
