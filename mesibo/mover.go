package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	carrier "github.com/parley-chat/parley/mesibo/internal/transfer"
	"github.com/parley-chat/parley/mesibo/internal/transport"
	"github.com/parley-chat/parley/models"
)

// mover is the FileTransferHandler that is used while the application has registered none: it moves files between this device and
// its server.
type mover struct {
	m                        *Mesibo
	uploadRate, downloadRate *rate.Limiter

	mu      sync.Mutex
	enabled bool
	limits  FileTransferLimits
	run     *moving // nil while stopped
}

// moving is the mover's work from Start to Stop.
type moving struct {
	m       *Mesibo
	queue   *carrier.Queue
	client  *carrier.Client
	account int64
	address string
}

func newMover(m *Mesibo, enabled bool) *mover {
	return &mover{
		m: m, enabled: enabled, limits: FileTransferLimits{}.withDefaults(),
		uploadRate: carrier.NewLimiter(0), downloadRate: carrier.NewLimiter(0),
	}
}

// reset makes it as it was at the beginning.
func (v *mover) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.enabled, v.limits = true, FileTransferLimits{}.withDefaults()
	carrier.SetLimit(v.uploadRate, 0)
	carrier.SetLimit(v.downloadRate, 0)
}

// begin makes it ready to work. The function that it gives ends all transfers, which go on after the next Start.
func (v *mover) begin() (end func(), err error) {
	v.m.mu.Lock()
	token, bearer, dial, account := v.m.token, v.m.bearer, v.m.netDial, v.m.account
	v.m.mu.Unlock()
	base, err := url.Parse(token.URL)
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	endpoint := transport.Endpoint{URL: token.URL, Bearer: bearer, Pin: token.Pin, NetDial: dial}
	v.mu.Lock()
	defer v.mu.Unlock()
	queue := carrier.NewQueue(v.limits.Uploads, v.limits.Downloads)
	client := &carrier.Client{
		HTTP: endpoint.HTTPClient(), Elsewhere: endpoint.ForeignClient(), Base: base, Bearer: bearer, Folder: wire.FilesPath,
		UploadRate: v.uploadRate, DownloadRate: v.downloadRate, Online: queue.Online, Woken: queue.Woken,
	}
	run := &moving{m: v.m, queue: queue, client: client, account: account.ID, address: account.Address}
	v.run = run
	return func() {
		v.mu.Lock()
		v.run = nil
		v.mu.Unlock()
		queue.Close()
		for _, c := range []*http.Client{client.HTTP, client.Elsewhere} {
			c.CloseIdleConnections()
		}
	}, nil
}

func (v *mover) running() *moving {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.run
}

func (v *mover) isEnabled() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.enabled
}

// online is told whether there is a connection.
func (v *mover) online(is bool) {
	if run := v.running(); run != nil {
		run.queue.SetOnline(is)
	}
}

// wants tells whether a file is fetched unasked.
func (v *mover) wants(t FileType, size int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return size <= v.limits.AutoDownload[t] && v.limits.AutoDownload[t] > 0
}

// toFetch marks a file that will be fetched unasked, so that this is not forgotten when the process ends before.
func (m *Mesibo) toFetch(in *store.Incoming) {
	c := in.Row.Content
	if in.Own || c == nil || c.File == nil || c.File.URL == "" {
		return
	}
	if m.moves() && m.mover.wants(FileType(c.File.Type), c.File.Size) {
		c.File.State = int(FileStatusRetryLater)
	}
}

// noteAsked marks a file that somebody asked for, for the same reason.
func (r *moving) noteAsked(f *FileInfo) {
	_, asked, _ := r.m.transfers.use(f.run)
	if f.Mode != FileModeDownload || f.row == 0 || !asked && !f.UserInteraction || f.run.db == nil {
		return
	}
	if err := f.run.db.SetFile([]int64{f.row}, store.FileResult{State: int(FileStatusRetryLater)}); err != nil {
		r.m.log.Error("note file to fetch", errAttr(err))
	}
}

// OnStartFileTransfer implements FileTransferHandler: not now while stopped.
func (v *mover) OnStartFileTransfer(f *FileInfo) bool {
	run := v.running()
	if run == nil {
		return false
	}
	j := &carrier.Job{Way: carrier.Up, Key: f.run.key}
	work := run.upload
	if f.Mode == FileModeDownload {
		j.Way, work = carrier.Down, run.download
	}
	j.Run = func(ctx context.Context) error { return work(ctx, f) }
	j.End = func(err error) { run.end(f, err) }
	f.FileTransferContext = j
	run.noteAsked(f)
	return run.queue.Add(j, f.UserInteraction)
}

// OnStopFileTransfer implements FileTransferHandler. What was moved stays, for the next time, unless nobody wants the file any more.
func (v *mover) OnStopFileTransfer(f *FileInfo) bool {
	if j, ok := f.FileTransferContext.(*carrier.Job); ok {
		j.Stop()
	}
	run := v.running()
	if wanted, _, _ := v.m.transfers.use(f.run); run != nil && !wanted && f.Mode == FileModeDownload && f.run.db != nil {
		folder, name := run.part(f)
		run.tidy(f.run.db, f.run.key, models.Transfer{AccountID: run.account, Key: run.key(f), Part: filepath.Join(folder, name)})
	}
	return true
}

// tidy removes what is left of a download, once it has ended. When the process ends before, the next Start does it.
func (r *moving) tidy(db *store.Store, key string, row models.Transfer) {
	r.queue.Add(&carrier.Job{
		Way: carrier.Tidy, Key: key,
		Run: func(context.Context) error { return forget(db, row) },
		End: func(err error) {
			if err != nil && !errors.Is(err, carrier.ErrLater) {
				r.m.log.Error("remove an unfinished download", errAttr(err))
			}
		},
	}, false)
}

// tidyLoose removes what is left of downloads for messages that are not there any more.
func (r *moving) tidyLoose(db *store.Store) {
	rows, err := db.LooseTransfers(context.Background(), r.account)
	if err != nil {
		r.m.log.Error("remove unfinished downloads", errAttr(err))
	}
	for _, row := range rows {
		r.tidy(db, "download "+row.URL, row)
	}
}

// reportEvery is how often listeners are told of bytes; of each percent they are told.
const reportEvery = 100 * time.Millisecond

// report gives what notes how far a transfer is: 100 percent only at its end.
func (r *moving) report(f *FileInfo) func(done, total int64) {
	const all, most = 100, 99
	var told time.Time
	return func(done, total int64) {
		percent := 0
		if total > 0 {
			percent = min(int(float64(done)/float64(total)*all), most)
		}
		now := time.Now()
		if percent <= f.GetProgress() && now.Sub(told) < reportEvery {
			return
		}
		told = now
		f.settle(step{max(percent, f.GetProgress()), done}, FileStatusInProgress, nil)
		r.tell(f)
	}
}

func (r *moving) tell(f *FileInfo) {
	if err := r.m.UpdateFileTransferProgress(f); err != nil && !errors.Is(err, ErrTransferEnded) {
		r.m.log.Error("report file transfer", errAttr(err))
	}
}

// end reports the end of a transfer.
func (r *moving) end(f *FileInfo, err error) {
	const all = 100
	switch {
	case err == nil:
		f.SetProgress(all, FileStatusInProgress)
	case errors.Is(err, carrier.ErrLater), errors.Is(err, carrier.ErrStopped):
		f.SetProgress(0, FileStatusRetryLater)
	default:
		f.fail(f.run.cause(err))
	}
	r.tell(f)
	if f.GetStatus() == FileStatusRetryLater {
		return
	}
	if db := f.run.db; db != nil {
		if err := db.DeleteTransfer(r.account, r.key(f)); err != nil {
			r.m.log.Error("end file transfer", errAttr(err))
		}
	}
}

// cause gives an error of a transfer as this package names it.
func (t *transfer) cause(err error) error {
	switch {
	case errors.Is(err, carrier.ErrDiskFull):
		return fmt.Errorf("%w: the file needs more room", ErrDiskFull)
	case t.mode == FileModeUpload && errors.Is(err, ErrFileChanged) && errors.Is(t.changed(), ErrFileMissing):
		return ErrFileMissing
	}
	return err
}

// key names a transfer among those that are kept.
func (r *moving) key(f *FileInfo) string {
	if f.Mode == FileModeDownload {
		return "download " + r.place(f) + " " + f.URL
	}
	return fmt.Sprintf("upload %d %d %s", f.run.source.Size(), f.run.source.ModTime().UnixNano(), f.run.path)
}

// kept gives where an earlier run has got to.
func (r *moving) kept(ctx context.Context, f *FileInfo) (models.Transfer, error) {
	fresh := models.Transfer{AccountID: r.account, Key: r.key(f), Ts: time.Now().UnixMilli()}
	if f.run.db == nil {
		return fresh, nil
	}
	row, err := f.run.db.Transfer(ctx, r.account, fresh.Key)
	if errors.Is(err, store.ErrNotFound) {
		return fresh, nil
	}
	return row, err
}

func (r *moving) keep(f *FileInfo, row models.Transfer) error {
	if f.run.db == nil {
		return nil
	}
	err := f.run.db.PutTransfer(row)
	if errors.Is(err, ErrDiskFull) {
		err = fmt.Errorf("%w: %w", carrier.ErrDiskFull, err)
	}
	return err
}

func (r *moving) upload(ctx context.Context, f *FileInfo) error {
	if err := f.run.changed(); err != nil { // it has waited for its turn
		return err
	}
	ctx, release := r.m.guard(ctx, f.run)
	defer release()
	row, err := r.kept(ctx, f)
	if err != nil {
		return err
	}
	at, err := r.client.Upload(ctx, carrier.Upload{
		Path: f.run.path, Name: f.Title, MIME: f.MimeType, Tell: r.perhapsKnown(ctx, f), Earlier: carrier.Place{URL: row.URL, Trace: row.Trace},
		Save: func(p carrier.Place) error {
			row.URL, row.Trace = p.URL, p.Trace
			return r.keep(f, row)
		},
		Progress: r.report(f),
	})
	if err == nil {
		f.SetURL(at)
	}
	return err
}

// tellAlways is up to which size the server is told what a file holds before it is sent.
const tellAlways = 16 << 20

// perhapsKnown tells whether it is worth asking whether the server has a file already: for small ones it costs nothing, larger
// ones are known when a message with them was sent or came before.
func (r *moving) perhapsKnown(ctx context.Context, f *FileInfo) bool {
	size := f.run.source.Size()
	if size <= tellAlways {
		return true
	}
	if f.run.db == nil {
		return false
	}
	places, err := f.run.db.FilesAt(ctx, r.account, []string{f.run.path})
	if err != nil {
		r.m.log.Warn("look up earlier uploads", errAttr(err))
	}
	return slices.ContainsFunc(places, func(p store.FilePlace) bool { return p.Size == size })
}

// place is the path that a download was given, or the folder into which it goes.
func (r *moving) place(f *FileInfo) string {
	if given := f.run.path; given != "" {
		return given
	}
	return r.m.GetFilePath(f.Type)
}

// part gives the place of an unfinished download.
func (r *moving) part(f *FileInfo) (folder, name string) {
	folder = r.place(f)
	if f.run.path != "" {
		folder = filepath.Dir(f.run.path)
	}
	sum := sha256.Sum256([]byte(r.address + " " + r.key(f)))
	return folder, "." + hex.EncodeToString(sum[:12]) + ".part"
}

func (r *moving) download(ctx context.Context, f *FileInfo) error {
	row, err := r.kept(ctx, f)
	if err != nil {
		return err
	}
	_, asked, messages := r.m.transfers.use(f.run)
	row.URL, row.Message = f.URL, messages
	d := carrier.Download{
		URL: f.URL, Path: f.run.path, Title: f.Title, ETag: row.ETag, Asked: f.UserInteraction || asked,
		Save: func(etag string) error {
			row.ETag = etag
			return r.keep(f, row)
		},
		Progress: r.report(f),
	}
	d.Folder, d.Part = r.part(f)
	if !d.Asked {
		d.MaxSize = r.m.GetFileTransferLimits().AutoDownload[f.Type]
	}
	row.Part = filepath.Join(d.Folder, d.Part)
	path, err := r.client.Download(ctx, d)
	if err == nil {
		f.SetPath(path)
	}
	return err
}

// forgetAfter is how long an unfinished transfer is kept that nobody goes on with.
const forgetAfter = 30 * 24 * time.Hour

// resumeDownloads begins the downloads that were not finished; called after Start, on the goroutine of the listeners.
func (v *mover) resumeDownloads() {
	run := v.running()
	if run == nil {
		return
	}
	m := v.m
	db, target, err := m.open("", 0)
	if err != nil {
		m.log.Error("resume downloads", errAttr(err))
		return
	}
	rows, err := db.FilesToFetch(context.Background(), target.Account)
	if err != nil {
		m.log.Error("resume downloads", errAttr(err))
		return
	}
	for i := range rows {
		p := params(&rows[i])
		m.profiles.attach(&p)
		f := m.fileOf(&rows[i], &p)
		if f.Mode != FileModeDownload || f.URL == "" || f.Progress == 100 {
			continue
		}
		f.UserInteraction = !v.wants(f.Type, f.Size) // then somebody has asked for it
		if err := m.start(f, attachmentOf(f), false); err != nil && !errors.Is(err, ResultRetryLater) {
			m.log.Error("resume download", errAttr(err))
		}
	}
	run.tidyLoose(db)
	run.forgetOld(db)
}

// forgetOld forgets transfers with which nobody went on.
func (r *moving) forgetOld(db *store.Store) {
	rows, err := db.OldTransfers(context.Background(), r.account, time.Now().Add(-forgetAfter).UnixMilli())
	for _, row := range rows {
		err = errors.Join(err, forget(db, row))
	}
	if err != nil {
		r.m.log.Error("forget old file transfers", errAttr(err))
	}
}

// forget removes an unfinished file, and what is known of its transfer.
func forget(db *store.Store, row models.Transfer) error {
	if row.Part != "" {
		if err := os.Remove(row.Part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err //nolint:wrapcheck // the callers say what for
		}
	}
	return db.DeleteTransfer(row.AccountID, row.Key)
}

// raise makes a transfer that runs go first. Called when somebody asks for it again.
func (v *mover) raise(t *transfer) {
	v.m.transfers.mu.Lock()
	given, running := t.given, t.running && t.handler == FileTransferHandler(v)
	v.m.transfers.mu.Unlock()
	if !running {
		return
	}
	if j, ok := given.FileTransferContext.(*carrier.Job); ok {
		j.Raise()
	}
}
