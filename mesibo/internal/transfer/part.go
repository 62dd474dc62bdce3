package transfer

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/mesibo/internal/files"
)

const (
	hashSize = sha256.Size
	fileMode = 0o600
	// mostNames is how many names are tried for a file.
	mostNames = 10_000
	// syncEvery is after how many bytes what has come is brought to the disk beside what is coming, so that the end
	// does not wait long for it.
	syncEvery = 256 << 20
)

// part is an unfinished file.
type part struct {
	folder string
	name   string
	root   *os.Root
	file   *os.File // nil when closed
	size   int64
	synced int64
	sync   chan error // the end of what brings it to the disk just now, nil for none
	sum    *summer    // of what is there
}

func openPart(d *Download) (*part, error) {
	folder := d.Folder
	if d.Path != "" {
		folder = filepath.Dir(d.Path)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	p := &part{folder: folder, name: d.Part, root: root}
	if info, err := root.Lstat(p.name); err == nil && !info.Mode().IsRegular() {
		return nil, errors.Join(files.ErrKind, root.Close())
	}
	p.file, err = root.OpenFile(p.name, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write file: %w", err), root.Close())
	}
	p.sum = newSummer()
	return p, nil
}

// resume takes what is there as a beginning.
func (p *part) resume() error {
	for {
		b := p.sum.buffer()
		n, err := p.file.Read(b)
		p.sum.add(b[:n])
		p.size += int64(n)
		if errors.Is(err, io.EOF) {
			p.synced = p.size
			return nil
		}
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
	}
}

// restart empties it.
func (p *part) restart() error {
	p.sum.reset()
	p.size, p.synced = 0, 0
	if err := p.file.Truncate(0); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// write adds to the end what is in a buffer of the summer's, which goes back there.
func (p *part) write(b []byte) error {
	n, err := p.file.Write(b)
	p.sum.add(b[:n])
	p.size += int64(n)
	if err == nil && p.size-p.synced >= syncEvery {
		err = p.syncBeside()
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// syncBeside starts to bring what is there to the disk, unless that is under way still.
func (p *part) syncBeside() error {
	if p.sync != nil {
		select {
		case err := <-p.sync:
			p.sync = nil
			if err != nil {
				return err
			}
		default:
			return nil
		}
	}
	p.synced, p.sync = p.size, make(chan error, 1)
	go func(file *os.File, done chan<- error) { done <- file.Sync() }(p.file, p.sync) // settle waits for it
	return nil
}

// settle waits for what is brought to the disk just now.
func (p *part) settle() error {
	if p.sync == nil {
		return nil
	}
	err := <-p.sync
	p.sync = nil
	return err
}

func (p *part) matches(sum []byte) bool { return bytes.Equal(p.sum.value(), sum) }

// finish makes the unfinished file the finished one, on the disk, and returns its path.
func (p *part) finish(d *Download) (string, error) {
	err := errors.Join(p.settle(), p.file.Sync())
	if err = errors.Join(err, p.file.Close()); err != nil {
		p.file = nil
		return "", fmt.Errorf("write file: %w", err)
	}
	p.file = nil
	_ = files.MarkForeign(filepath.Join(p.folder, p.name)) // there may be no room for a mark, as on FAT
	if d.Path != "" {
		return d.Path, p.become(filepath.Base(d.Path), true)
	}
	name := SafeName(d.Title)
	for n := 1; n <= mostNames; n++ {
		try := numbered(name, n)
		err := p.become(try, false)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, files.ErrKind) {
			continue
		}
		return filepath.Join(p.folder, try), err
	}
	return "", fmt.Errorf("%s: %w", name, fs.ErrExist)
}

// become returns the file its final name.
func (p *part) become(name string, overwrite bool) error {
	from, err := files.In("", p.folder, p.name)
	if err != nil {
		return err
	}
	to, err := files.In("", p.folder, name)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	return errors.Join(to.MoveFrom(from, overwrite), from.Close(), to.Close())
}

// remove closes and deletes it.
func (p *part) remove() error {
	if p.file != nil {
		_ = errors.Join(p.settle(), p.file.Close()) // it is deleted
		p.file = nil
	}
	if err := p.root.Remove(p.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}

func (p *part) close() error {
	p.sum.end()
	var err error
	if p.file != nil {
		err = errors.Join(p.settle(), p.file.Close())
	}
	if err = errors.Join(err, p.root.Close()); err != nil {
		return fmt.Errorf("close file: %w", err)
	}
	return nil
}
