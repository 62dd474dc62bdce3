package chat

import (
	"errors"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets/messages"
)

const (
	progressEvery = 100 * time.Millisecond // progress is shown this often
	speedOver     = 10 * time.Second       // the speed is averaged over this time
	speedAfter    = time.Second            // and unknown before
)

// transfers is what is known of the transfers that run.
type transfers struct {
	paces map[uint64]*pace // by the key of the message
	timer func()           // running after progress was shown
	late  bool             // there was more progress since

	unseen map[uint64]*mesibo.FileInfo // reported while a page was read, of messages that may be on it
}

// pace measures how fast a file is transferred.
type pace struct{ samples []sample }

type sample struct {
	at    time.Time
	bytes int64
}

func (p *pace) add(at time.Time, bytes int64) {
	for len(p.samples) > 1 && at.Sub(p.samples[1].at) >= speedOver {
		p.samples = p.samples[1:]
	}
	p.samples = append(p.samples, sample{at, bytes})
}

// speed is in bytes per second, 0 when it is unknown or nothing was transferred for a while.
func (p *pace) speed(now time.Time) float64 {
	n := len(p.samples)
	if n < 2 || now.Sub(p.samples[n-1].at) > speedOver {
		return 0
	}
	first, last := p.samples[0], p.samples[n-1]
	if last.at.Sub(first.at) < speedAfter {
		return 0
	}
	return float64(last.bytes-first.bytes) / now.Sub(first.at).Seconds()
}

// FileProgress applies the progress of a message's file. While it is transferred, what is shown never goes back.
func (m *Model) FileProgress(f *mesibo.FileInfo) {
	if f.Params == nil {
		return
	}
	key := Message{Mid: f.Mid, Out: f.Params.IsOutgoing()}.Key()
	if told := m.early[key]; told != nil {
		told.file = f
		return
	}
	i := m.hist.index(key)
	if i < 0 {
		if m.loadingOlder || m.loadingNewer {
			m.transfers.unseen[key] = f
		}
		return
	}
	if m.hist.rows[i].File == nil {
		return
	}
	row := &m.hist.rows[i]
	moving := f.Status == mesibo.FileStatusInProgress
	if moving && row.File.Status == mesibo.FileStatusInProgress || f.Status == mesibo.FileStatusRetryLater {
		f.Progress, f.Transferred = max(f.Progress, row.File.Progress), max(f.Transferred, row.File.Transferred)
	}
	row.File = f
	if !moving {
		delete(m.transfers.paces, key)
		m.changed()
		return
	}
	p := m.transfers.paces[key]
	if p == nil {
		p = &pace{}
		m.transfers.paces[key] = p
	}
	p.add(m.cfg.Dispatcher.Now(), format.Transferred(f))
	m.progressed()
}

// applyUnseen applies the progress that arrived while the page was loading.
func (m *Model) applyUnseen() {
	for key, f := range m.transfers.unseen {
		if m.hist.index(key) >= 0 {
			m.FileProgress(f)
		}
	}
	if !m.loadingOlder && !m.loadingNewer {
		clear(m.transfers.unseen)
	}
}

// progressed shows progress, but not too often.
func (m *Model) progressed() {
	if m.transfers.timer != nil {
		m.transfers.late = true
		return
	}
	m.transfers.late = false
	m.transfers.timer = m.cfg.Dispatcher.After(progressEvery, func() {
		m.transfers.timer = nil
		if m.transfers.late {
			m.progressed()
		}
	})
	m.changed()
}

// part is the fraction of a file that was transferred: less than 1 until the end is confirmed.
func part(f *mesibo.FileInfo) float32 {
	const most = 0.99
	if f.Size <= 0 {
		return 0
	}
	return min(most, float32(float64(format.Transferred(f))/float64(f.Size)))
}

// fileState is the state of a message's file.
func fileState(msg Message) messages.FileState {
	f := msg.File
	switch stuck := f.Status == mesibo.FileStatusFailed || f.Status == mesibo.FileStatusRetryLater; {
	case f.Mode == mesibo.FileModeUpload && (f.URL != "" || !msg.Waits() && !msg.Failed()):
		return messages.FileLocal
	case f.Mode == mesibo.FileModeUpload && (msg.Failed() || stuck):
		return messages.FileFailed
	case f.Mode == mesibo.FileModeUpload:
		return messages.FileRunning
	case f.Progress == 100 && f.Path != "":
		return messages.FileLocal
	case f.Status == mesibo.FileStatusInProgress:
		return messages.FileRunning
	case stuck:
		return messages.FileFailed
	default:
		return messages.FileRemote
	}
}

// HasFile returns the path of a message's file, and whether it is on this device.
func (m Message) HasFile() (path string, ok bool) {
	if m.File == nil || m.Deleted {
		return "", false
	}
	here := m.File.Mode == mesibo.FileModeUpload || m.File.Progress == 100
	return m.File.Path, here && m.File.Path != ""
}

// Pictured reports whether the file of a message is shown as a picture.
func (m Message) Pictured() bool {
	return m.File != nil && !m.Deleted && m.File.Type == mesibo.FileTypeImage
}

// illustrated reports whether there is a picture of the file: it is one, or a video with a thumbnail.
func (m Message) illustrated() bool {
	return m.Pictured() || m.File != nil && !m.Deleted && m.File.Type == mesibo.FileTypeVideo && len(m.File.Thumbnail) > 0
}

// fileCard is what is shown of a message's file.
func (m *Model) fileCard(msg Message) *messages.FileCard {
	f := msg.File
	card := &messages.FileCard{
		Name: orElse(f.Title, tr.L("File")), Size: fileSize(f), Icon: iconOf(f.Type), Ring: fileState(msg),
	}
	switch {
	case msg.Pictured():
		card.Width, card.Height = pixels(f)
	case f.Type == mesibo.FileTypeVideo:
		videoCard(card, f)
	}
	card.Voice = m.voice(msg)
	if card.Ring == messages.FileRunning || card.Ring == messages.FileFailed {
		card.Part = part(f)
	}
	switch {
	case card.Ring == messages.FileRunning:
		m.runningWords(card, msg)
	case card.Ring == messages.FileRemote && f.Err != nil:
		card.State = lostReason(f.Err)
	case card.Ring != messages.FileFailed:
	case f.Status == mesibo.FileStatusRetryLater && !msg.Failed():
		card.State = tr.L("Interrupted")
		if !m.online() {
			card.State = format.Offline()
		}
		if done := format.Transferred(f); done > 0 {
			card.Size = format.Part(done, f.Size)
		}
	case f.Mode == mesibo.FileModeUpload:
		card.State, card.Alarm = tr.L("Not sent"), true // the reason is under the message
	default:
		card.State, card.Alarm = tr.L("Not downloaded"), true
		card.Reason, _ = format.FileError(f.Err, false)
	}
	return card
}

// videoCard says of a video how long it is, and that it is played elsewhere: nothing here decodes films.
func videoCard(card *messages.FileCard, f *mesibo.FileInfo) {
	if f.Duration > 0 {
		card.Size = clockWords(f.Duration) + " · " + card.Size
	}
	if len(f.Thumbnail) > 0 {
		card.Width, card.Height, card.Play = 16, 9, true
		if w, h := pixels(f); w > 0 && h > 0 {
			card.Width, card.Height = w, h
		}
		return
	}
	if card.Ring == messages.FileLocal {
		card.State = tr.L("Opens in your video player")
	}
}

// fileSize is the size of a message's file in words.
func fileSize(f *mesibo.FileInfo) string { return orElse(format.Size(f.Size), format.Empty()) }

// lostReason says why a file must be downloaded again.
func lostReason(err error) string {
	if errors.Is(err, mesibo.ErrFileChanged) {
		return tr.L("Changed on this computer")
	}
	return tr.L("Not on this computer any more")
}

func (m *Model) runningWords(card *messages.FileCard, msg Message) {
	done, total := format.Transferred(msg.File), msg.File.Size
	switch {
	case !m.online():
		card.State = format.Offline()
	case done > 0 && done >= total: // not complete before that is confirmed
		card.State = tr.L("Finishing")
		return
	}
	if total > 0 {
		card.Size = format.Part(done, total)
	}
	if card.State != "" {
		return
	}
	p := m.transfers.paces[msg.Key()]
	if p == nil {
		return
	}
	speed := p.speed(m.cfg.Dispatcher.Now())
	if speed < 1 {
		return
	}
	card.State = tr.L("{{.Size}}/s", "Size", format.Size(int64(speed)))
	if left := time.Duration(float64(total-done) / speed * float64(time.Second)); total > done {
		card.State += " · " + format.TimeLeft(left)
	}
}

func (m *Model) online() bool { return m.cfg.Online == nil || m.cfg.Online() }

// pressRing stops the transfer of a file, or starts it.
func (m *Model) pressRing(key uint64) {
	msg, ok := m.Message(key)
	if !ok || msg.File == nil || msg.Deleted {
		return
	}
	upload := msg.File.Mode == mesibo.FileModeUpload
	switch fileState(msg) {
	case messages.FileLocal:
	case messages.FileRunning:
		if upload {
			m.withdraw(key)
			return
		}
		m.fileFailed("stop download", m.cfg.Backend.StopFileTransfer(requested(msg.File)), upload)
	case messages.FileRemote, messages.FileFailed:
		if msg.Failed() {
			m.retry(key)
			return
		}
		m.fileFailed("begin file transfer", m.cfg.Backend.StartFileTransfer(requested(msg.File)), upload)
	}
}

// requested returns a copy to hand over, as requested by the user: the SDK changes it during the transfer.
func requested(f *mesibo.FileInfo) *mesibo.FileInfo {
	c := *f
	c.UserInteraction = true
	return &c
}

func (m *Model) fileFailed(op string, err error, upload bool) {
	if err == nil {
		return
	}
	m.cfg.Logger.Warn("file not moved", slog.String("op", op), slog.Any("error", err))
	words, ok := format.FileError(err, upload)
	if !ok {
		words = m.cfg.Explain(err)
	}
	m.say(words)
}

// downloads reports whether the file of a message can be downloaded, or downloaded again.
func (m Message) downloads() bool {
	if m.File == nil || m.Deleted || m.File.Mode == mesibo.FileModeUpload {
		return false
	}
	state := fileState(m)
	return state == messages.FileRemote || state == messages.FileFailed
}
