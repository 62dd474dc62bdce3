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
	"github.com/parley-chat/parley/mesibo/internal/transfer"
	"github.com/parley-chat/parley/mesibo/internal/transport"
	"github.com/parley-chat/parley/models"
)

// defaultFileHandler is the FileTransferHandler that is used while the application has registered none: it moves files
// between this device and its server.
type defaultFileHandler struct {
	ts                       *fileTransfers // immutable, as is the next line
	uploadRate, downloadRate *rate.Limiter

	mu      sync.Mutex
	enabled bool
	limits  FileTransferLimits
	service *transferService // nil while stopped
}

func newDefaultFileHandler(ts *fileTransfers, enabled bool) *defaultFileHandler {
	return &defaultFileHandler{
		ts: ts, enabled: enabled, limits: FileTransferLimits{}.withDefaults(),
		uploadRate: transfer.NewLimiter(0), downloadRate: transfer.NewLimiter(0),
	}
}

// reset restores the defaults.
func (h *defaultFileHandler) reset() {
	h.enable(true)
	h.setLimits(FileTransferLimits{})
}

func (h *defaultFileHandler) enable(enable bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.enabled = enable
}

func (h *defaultFileHandler) isEnabled() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.enabled
}

func (h *defaultFileHandler) setLimits(l FileTransferLimits) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits = l.withDefaults()
	transfer.SetLimit(h.uploadRate, l.UploadRate)
	transfer.SetLimit(h.downloadRate, l.DownloadRate)
	if h.service != nil {
		h.service.queue.SetLimits(h.limits.Uploads, h.limits.Downloads)
	}
}

func (h *defaultFileHandler) getLimits() FileTransferLimits {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.limits.withDefaults()
}

// downloads reports whether a file is downloaded automatically.
func (h *defaultFileHandler) downloads(t FileType, size int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return size <= h.limits.AutoDownload[t] && h.limits.AutoDownload[t] > 0
}

// running returns the service of the run, nil while stopped.
func (h *defaultFileHandler) running() *transferService {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.service
}

// setOnline says whether there is a connection.
func (h *defaultFileHandler) setOnline(online bool) {
	if service := h.running(); service != nil {
		service.queue.SetOnline(online)
	}
}

// open makes the handler accept transfers, until the returned service has run or another one is opened.
func (h *defaultFileHandler) open(
	endpoint transport.Endpoint, server *url.URL, account models.Account,
) *transferService {
	h.mu.Lock()
	defer h.mu.Unlock()
	queue := transfer.NewQueue(h.limits.Uploads, h.limits.Downloads)
	h.service = &transferService{
		handler: h, ts: h.ts, queue: queue, account: account.ID, address: account.Address,
		client: &transfer.Client{
			HTTP: endpoint.HTTPClient(), Elsewhere: endpoint.ForeignClient(), Base: server, Bearer: h.ts.m.getBearer,
			Folder: wire.FilesPath, UploadRate: h.uploadRate, DownloadRate: h.downloadRate,
			Online: queue.Online, Woken: queue.Woken,
		},
	}
	return h.service
}

// close ends a service, unless the next run has opened another one.
func (h *defaultFileHandler) close(s *transferService) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.service == s {
		h.service = nil
	}
}

// OnStartFileTransfer implements FileTransferHandler: not now while stopped.
func (h *defaultFileHandler) OnStartFileTransfer(f *FileInfo) bool {
	service := h.running()
	if service == nil {
		return false
	}
	j := &transfer.Job{Way: transfer.Up, Key: f.transfer.key.String()}
	work := service.upload
	if f.Mode == FileModeDownload {
		j.Way, work = transfer.Down, service.download
	}
	j.Run = func(ctx context.Context) error { return work(ctx, f) }
	j.End = func(err error) { service.end(f, err) }
	f.FileTransferContext = j
	service.markAsked(f)
	return service.queue.Add(j, f.UserInteraction)
}

// OnStopFileTransfer implements FileTransferHandler. What was moved stays, for the next time, unless the file is not
// wanted any more.
func (h *defaultFileHandler) OnStopFileTransfer(f *FileInfo) bool {
	if j, ok := f.FileTransferContext.(*transfer.Job); ok {
		j.Stop()
	}
	service, t := h.running(), f.transfer
	if service != nil && f.Mode == FileModeDownload && t.db != nil && !h.ts.demandFor(t).any {
		folder, name := service.part(f)
		row := models.Transfer{AccountID: service.account, Key: service.storedKey(f), Part: filepath.Join(folder, name)}
		service.remove(t.db, t.key, row)
	}
	return true
}

// raise makes a transfer that runs go first. Called when the user asks for it again.
func (h *defaultFileHandler) raise(t *fileTransfer) {
	h.ts.mu.Lock()
	file, running := t.handlerFile, t.running && t.handler == FileTransferHandler(h)
	h.ts.mu.Unlock()
	if !running {
		return
	}
	if j, ok := file.FileTransferContext.(*transfer.Job); ok {
		j.Raise()
	}
}

// transferService moves the files of the default handler from Start to Stop.
type transferService struct {
	handler *defaultFileHandler
	ts      *fileTransfers
	queue   *transfer.Queue
	client  *transfer.Client
	account int64
	address string
}

// Run works until ctx ends. It returns nil when all transfers have ended, which the next Start resumes.
func (s *transferService) Run(ctx context.Context) error {
	<-ctx.Done()
	s.handler.close(s)
	s.queue.Close()
	for _, c := range []*http.Client{s.client.HTTP, s.client.Elsewhere} {
		c.CloseIdleConnections()
	}
	return nil
}

// markAsked marks the file of a message that the user asked for, so that this is not forgotten when the process ends
// before.
func (s *transferService) markAsked(f *FileInfo) {
	asked := f.UserInteraction || s.ts.demandFor(f.transfer).asked
	if f.Mode != FileModeDownload || f.row == 0 || !asked || f.transfer.db == nil {
		return
	}
	if err := f.transfer.db.SetFile([]int64{f.row}, store.FileResult{State: int(FileStatusRetryLater)}); err != nil {
		s.ts.log.Error("note file to download", errAttr(err))
	}
}

// remove removes what is left of a download, once it has ended. When the process ends before, the next Start does it.
func (s *transferService) remove(db *store.Store, key transferKey, row models.Transfer) {
	s.queue.Add(&transfer.Job{
		Way: transfer.Tidy, Key: key.String(),
		Run: func(context.Context) error { return removeTransfer(db, row) },
		End: func(err error) {
			if err != nil && !errors.Is(err, transfer.ErrLater) {
				s.ts.log.Error("remove an unfinished download", errAttr(err))
			}
		},
	}, false)
}

// removeLoose removes what is left of downloads for messages that do not exist any more.
func (s *transferService) removeLoose(db *store.Store) {
	rows, err := db.LooseTransfers(context.Background(), s.account)
	if err != nil {
		s.ts.log.Error("remove unfinished downloads", errAttr(err))
	}
	for _, row := range rows {
		s.remove(db, newDownloadKey(row.URL), row)
	}
}

// reportEvery is how often listeners are called with bytes; they are called with each percent.
const reportEvery = 100 * time.Millisecond

// report returns a function that reports how far a transfer is: 100 percent only at its end.
func (s *transferService) report(f *FileInfo) func(done, total int64) {
	const all, most = 100, 99
	var reported time.Time
	return func(done, total int64) {
		percent := 0
		if total > 0 {
			percent = min(int(float64(done)/float64(total)*all), most)
		}
		now := time.Now()
		if percent <= f.GetProgress() && now.Sub(reported) < reportEvery {
			return
		}
		reported = now
		f.setState(progress{max(percent, f.GetProgress()), done}, FileStatusInProgress, nil)
		s.update(f)
	}
}

func (s *transferService) update(f *FileInfo) {
	if err := s.ts.report(f); err != nil && !errors.Is(err, ErrTransferEnded) {
		s.ts.log.Error("report file transfer", errAttr(err))
	}
}

// end reports the end of a transfer.
func (s *transferService) end(f *FileInfo, err error) {
	const all = 100
	switch {
	case err == nil:
		f.SetProgress(all, FileStatusInProgress)
	case errors.Is(err, transfer.ErrLater), errors.Is(err, transfer.ErrStopped):
		f.SetProgress(0, FileStatusRetryLater)
	default:
		f.setState(progress{percent: -1}, FileStatusFailed, f.transfer.cause(err))
	}
	s.update(f)
	if f.GetStatus() == FileStatusRetryLater {
		return
	}
	if db := f.transfer.db; db != nil {
		if err := db.DeleteTransfer(s.account, s.storedKey(f)); err != nil {
			s.ts.log.Error("end file transfer", errAttr(err))
		}
	}
}

// cause returns the error of a transfer as this package names it.
func (t *fileTransfer) cause(err error) error {
	switch {
	case errors.Is(err, transfer.ErrDiskFull):
		return fmt.Errorf("%w: the file needs more room", ErrDiskFull)
	case t.mode == FileModeUpload && errors.Is(err, ErrFileChanged) && errors.Is(t.checkSource(), ErrFileMissing):
		return ErrFileMissing
	}
	return err
}

// storedKey is the key of a transfer in the database.
func (s *transferService) storedKey(f *FileInfo) string { return f.transfer.key.stored(s.place(f)) }

// resumed returns the stored progress of an interrupted transfer.
func (s *transferService) resumed(ctx context.Context, f *FileInfo) (models.Transfer, error) {
	fresh := models.Transfer{AccountID: s.account, Key: s.storedKey(f), Ts: time.Now().UnixMilli()}
	if f.transfer.db == nil {
		return fresh, nil
	}
	row, err := f.transfer.db.Transfer(ctx, s.account, fresh.Key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fresh, nil
	case err != nil && ctx.Err() != nil:
		return row, context.Cause(ctx) //nolint:wrapcheck // why the transfer ends
	}
	return row, err
}

func (s *transferService) save(f *FileInfo, row models.Transfer) error {
	if f.transfer.db == nil {
		return nil
	}
	err := f.transfer.db.PutTransfer(row)
	if errors.Is(err, ErrDiskFull) {
		err = fmt.Errorf("%w: %w", transfer.ErrDiskFull, err)
	}
	return err
}

func (s *transferService) upload(ctx context.Context, f *FileInfo) error {
	if err := f.transfer.checkSource(); err != nil { // it has waited for its turn
		return err
	}
	return s.ts.whileUnchanged(ctx, f.transfer, func(ctx context.Context) error {
		row, err := s.resumed(ctx, f)
		if err != nil {
			return err
		}
		at, err := s.client.Upload(ctx, transfer.Upload{
			Path: f.transfer.path, Name: f.Title, MIME: f.MimeType, Tell: s.perhapsKnown(ctx, f),
			Earlier: transfer.Place{URL: row.URL, Trace: row.Trace},
			Save: func(p transfer.Place) error {
				row.URL, row.Trace = p.URL, p.Trace
				return s.save(f, row)
			},
			Progress: s.report(f),
		})
		if err == nil {
			f.SetURL(at)
		}
		return err
	})
}

// offerAlways is the size up to which the server always gets a file's hash before the file.
const offerAlways = 16 << 20

// perhapsKnown reports whether to offer the file's hash before uploading, so that the server can skip the upload. For
// small files it costs nothing; the server may know a larger one when a message with it was sent or received before.
func (s *transferService) perhapsKnown(ctx context.Context, f *FileInfo) bool {
	size := f.transfer.source.Size()
	if size <= offerAlways {
		return true
	}
	if f.transfer.db == nil {
		return false
	}
	places, err := f.transfer.db.FilesAt(ctx, s.account, []string{f.transfer.path})
	if err != nil {
		s.ts.log.Warn("look up earlier uploads", errAttr(err))
	}
	return slices.ContainsFunc(places, func(p store.FilePlace) bool { return p.Size == size })
}

// place returns the path that a download was given, or else the folder into which it goes.
func (s *transferService) place(f *FileInfo) string {
	if given := f.transfer.path; given != "" {
		return given
	}
	return s.ts.m.GetFilePath(f.Type)
}

// part returns where an unfinished download is.
func (s *transferService) part(f *FileInfo) (folder, name string) {
	folder = s.place(f)
	if f.transfer.path != "" {
		folder = filepath.Dir(f.transfer.path)
	}
	sum := sha256.Sum256([]byte(s.address + " " + s.storedKey(f)))
	return folder, "." + hex.EncodeToString(sum[:12]) + ".part"
}

func (s *transferService) download(ctx context.Context, f *FileInfo) error {
	row, err := s.resumed(ctx, f)
	if err != nil {
		return err
	}
	demand := s.ts.demandFor(f.transfer)
	row.URL, row.Message = f.URL, demand.messages
	d := transfer.Download{
		URL: f.URL, Path: f.transfer.path, Title: f.Title, ETag: row.ETag, Asked: f.UserInteraction || demand.asked,
		Save: func(etag string) error {
			row.ETag = etag
			return s.save(f, row)
		},
		Progress: s.report(f),
	}
	d.Folder, d.Part = s.part(f)
	if !d.Asked {
		d.MaxSize = s.handler.getLimits().AutoDownload[f.Type]
	}
	row.Part = filepath.Join(d.Folder, d.Part)
	path, err := s.client.Download(ctx, d)
	if err == nil {
		f.SetPath(path)
	}
	return err
}

// keepUnfinished is how long an unfinished transfer is kept that is not resumed.
const keepUnfinished = 30 * 24 * time.Hour

// removeOld removes transfers that were not resumed for long.
func (s *transferService) removeOld(db *store.Store) {
	rows, err := db.OldTransfers(context.Background(), s.account, time.Now().Add(-keepUnfinished).UnixMilli())
	for _, row := range rows {
		err = errors.Join(err, removeTransfer(db, row))
	}
	if err != nil {
		s.ts.log.Error("forget old file transfers", errAttr(err))
	}
}

// removeTransfer removes an unfinished file and the row of its transfer.
func removeTransfer(db *store.Store, row models.Transfer) error {
	if row.Part != "" {
		if err := os.Remove(row.Part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err //nolint:wrapcheck // the callers say what for
		}
	}
	return db.DeleteTransfer(row.AccountID, row.Key)
}
