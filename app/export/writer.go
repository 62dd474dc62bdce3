package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
)

const (
	perPage     = 5000 // messages
	filesFolder = "files"
	jsonName    = "messages.json"
	unfinished  = ".part"
	quoteLength = 120 // characters
	formatNow   = 1
)

// Writer writes one export, in a folder that gets its name when it is complete.
type Writer struct {
	folder, part string
	chat         Chat
	html         *output
	json         *output
	page         int
	onPage       int
	count        int
	day          string
	names        map[string]bool   // of files, in lower case
	quotes       map[string]string // the beginnings of messages on the page
}

// output is a file that is being written.
type output struct {
	file *os.File
	*bufio.Writer
}

func create(path string) (*output, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &output{f, bufio.NewWriter(f)}, nil
}

func (o *output) Close() error {
	err := o.Flush()
	if err == nil {
		err = o.file.Sync()
	}
	if err := errors.Join(err, o.file.Close()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Create starts an export into a folder that does not exist yet.
func Create(folder string, c Chat) (*Writer, error) {
	w := &Writer{folder: folder, part: folder + unfinished, chat: c, names: map[string]bool{}}
	if err := os.Mkdir(w.part, 0o700); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	err := w.begin()
	if err != nil {
		return nil, errors.Join(err, w.Discard())
	}
	return w, nil
}

func (w *Writer) begin() (err error) {
	if w.json, err = create(filepath.Join(w.part, jsonName)); err != nil {
		return err
	}
	head, err := json.Marshal(struct {
		Format int  `json:"format"`
		Chat   Chat `json:"chat"`
	}{formatNow, w.chat})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	// The list of messages becomes the last member of the object.
	if _, err := fmt.Fprintf(w.json, "%s,\n\"messages\": [", strings.TrimSuffix(string(head), "}")); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return w.turn()
}

// turn begins a new page.
func (w *Writer) turn() (err error) {
	if w.html != nil {
		if err := w.endPage(pageName(w.page + 1)); err != nil {
			return err
		}
	}
	w.page++
	w.onPage, w.day, w.quotes = 0, "", map[string]string{}
	if w.html, err = create(filepath.Join(w.part, pageName(w.page))); err != nil {
		return err
	}
	data := headData{Chat: w.chat, Page: w.page}
	if w.page > 1 {
		data.Before = pageName(w.page - 1)
	}
	return execute(w.html, "head", data)
}

func (w *Writer) endPage(after string) error {
	html := w.html
	w.html = nil
	return errors.Join(execute(html, "foot", headData{After: after}), html.Close())
}

func execute(out io.Writer, name string, data any) error {
	if err := pages.ExecuteTemplate(out, name, data); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Count is how many messages were added.
func (w *Writer) Count() int { return w.count }

// Add adds messages, oldest first.
func (w *Writer) Add(ctx context.Context, list []Message) error {
	for _, m := range list {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // cancellation is returned unchanged
		}
		if err := w.add(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) add(ctx context.Context, m Message) error {
	if w.onPage == perPage {
		if err := w.turn(); err != nil {
			return err
		}
	}
	if m.File != nil && m.File.Source != "" {
		file := *m.File
		var err error
		if file.Path, err = w.copyFile(ctx, file); err != nil {
			return err
		}
		m.File = &file
	}
	if err := w.addJSON(m); err != nil {
		return err
	}
	if day := m.Time.Format(time.DateOnly); day != w.day {
		w.day = day
		if err := execute(w.html, "day", format.LongDay(m.Time)); err != nil {
			return err
		}
	}
	m.quoted = w.quotes[m.RefID]
	w.quotes[m.ID] = quote(m)
	name := "message"
	if m.Kind != KindMessage {
		name = "notice"
	}
	w.onPage++
	w.count++
	return execute(w.html, name, m)
}

func (w *Writer) addJSON(m Message) error {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	between := ",\n"
	if w.count == 0 {
		between = "\n"
	}
	if _, err := fmt.Fprintf(w.json, "%s%s", between, bytes.TrimSuffix(data.Bytes(), []byte("\n"))); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// quote is the beginning of a message, with its author.
func quote(m Message) string {
	text := m.Text
	switch {
	case m.Deleted:
		text = tr.X("deleted message", "quoted")
	case m.Poll != nil:
		text = m.Poll.Question
	case text == "" && m.File != nil:
		text = m.File.Name
	case text == "" && m.Place != nil:
		text = tr.X("a place", "quoted")
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > quoteLength {
		text = string([]rune(text)[:quoteLength]) + "…"
	}
	return m.From.Name + ": " + text
}

// copyFile copies the file of a message and returns its path in the folder; empty when it is not there any more.
func (w *Writer) copyFile(ctx context.Context, f File) (string, error) {
	in, err := os.Open(f.Source)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	defer func() { _ = in.Close() }() // nothing was written
	if err := os.MkdirAll(filepath.Join(w.part, filesFolder), 0o700); err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	name := w.free(fileName(f.Name))
	out, err := create(filepath.Join(w.part, filesFolder, name))
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(out, reader{ctx, in}); err != nil {
		return "", errors.Join(fmt.Errorf("export %s: %w", name, err), out.Close())
	}
	if err := out.Close(); err != nil {
		return "", err
	}
	return filesFolder + "/" + name, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context //nolint:containedctx // of the one call that reads
	io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	return r.Reader.Read(p) //nolint:wrapcheck // the caller names the file
}

// fileName is a name that every system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' || r == utf8.RuneError {
			return '-'
		}
		return r
	}, name)
	if name = strings.Trim(name, ". "); name == "" {
		return "file"
	}
	return name
}

// free returns a name that no file has; the case of letters does not count everywhere.
func (w *Writer) free(name string) string {
	ending := filepath.Ext(name)
	try := name
	for n := 2; w.names[strings.ToLower(try)]; n++ {
		try = strings.TrimSuffix(name, ending) + " (" + strconv.Itoa(n) + ")" + ending
	}
	w.names[strings.ToLower(try)] = true
	return try
}

// Close completes the export.
func (w *Writer) Close() error {
	_, err := w.json.WriteString("\n]}\n")
	if err == nil {
		err = w.endPage("")
	}
	if err == nil {
		json := w.json
		w.json = nil
		err = json.Close()
	}
	if err == nil {
		err = os.Rename(w.part, w.folder)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Discard removes what was written.
func (w *Writer) Discard() error {
	var errs []error
	for _, o := range []*output{w.html, w.json} {
		if o != nil {
			errs = append(errs, o.file.Close())
		}
	}
	if err := errors.Join(append(errs, os.RemoveAll(w.part))...); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
