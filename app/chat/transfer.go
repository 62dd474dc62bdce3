package chat

import (
	"errors"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const (
	progressEvery = 100 * time.Millisecond // progress is shown this often
	speedOver     = 10 * time.Second       // the speed is that of the last so many seconds
	speedAfter    = time.Second            // before that nobody can tell
)

// transfers is what is known of files that move just now.
type transfers struct {
	paces map[uint64]*pace // by the key of the message
	timer func()           // set for a moment after progress was shown
	late  bool             // there was more meanwhile

	unseen map[uint64]*mesibo.FileInfo // told while a page is read: of messages that may be on it
}

// pace is how fast a file moves.
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

// speed gives bytes per second, 0 when it is not known or nothing has moved for a while.
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

// FileProgress takes in how far the file of a message is. What is shown never goes back while it moves.
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
	p.add(m.cfg.Dispatcher.Now(), Transferred(f))
	m.progressed()
}

// takeUnseen takes in what was told of files while the page with them was read.
func (m *Model) takeUnseen() {
	for key, f := range m.transfers.unseen {
		if m.hist.index(key) >= 0 {
			m.FileProgress(f)
		}
	}
	if !m.loadingOlder && !m.loadingNewer {
		clear(m.transfers.unseen)
	}
}

// progressed has progress shown, but not too often.
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

// Transferred is how many bytes of a file have been moved, as far as that is known.
func Transferred(f *mesibo.FileInfo) int64 {
	if f.Transferred > 0 {
		return min(f.Transferred, f.Size)
	}
	return int64(float64(f.Size) * float64(min(max(f.Progress, 0), 100)) / 100)
}

// part is Transferred as a part of the whole: less than 1 until the end is confirmed.
func part(f *mesibo.FileInfo) float32 {
	const most = 0.99
	if f.Size <= 0 {
		return 0
	}
	return min(most, float32(float64(Transferred(f))/float64(f.Size)))
}

// fileState tells how it stands with the file of a message.
func fileState(msg Message) widgets.FileState {
	f := msg.File
	switch stuck := f.Status == mesibo.FileStatusFailed || f.Status == mesibo.FileStatusRetryLater; {
	case f.Mode == mesibo.FileModeUpload && (f.URL != "" || !msg.Waits() && !msg.Failed()): // it goes out when the file is there
		return widgets.FileThere
	case f.Mode == mesibo.FileModeUpload && (msg.Failed() || stuck):
		return widgets.FileBroken
	case f.Mode == mesibo.FileModeUpload:
		return widgets.FileRunning
	case f.Progress == 100 && f.Path != "":
		return widgets.FileThere
	case f.Status == mesibo.FileStatusInProgress:
		return widgets.FileRunning
	case stuck:
		return widgets.FileBroken
	default:
		return widgets.FileRemote
	}
}

// HasFile tells whether a message has a file that is on this device, and where.
func (m Message) HasFile() (path string, ok bool) {
	if m.File == nil || m.Deleted {
		return "", false
	}
	here := m.File.Mode == mesibo.FileModeUpload || m.File.Progress == 100
	return m.File.Path, here && m.File.Path != ""
}

// Pictured tells whether the file of a message is shown as a picture.
func (m Message) Pictured() bool {
	return m.File != nil && !m.Deleted && m.File.Type == mesibo.FileTypeImage
}

// fileCard makes what is shown of the file of a message.
func (m *Model) fileCard(msg Message) *widgets.FileCard {
	f := msg.File
	card := &widgets.FileCard{
		Name: orElse(f.Title, "File"), Size: fileSize(f), Icon: iconOf(f.Type), Ring: fileState(msg),
	}
	if msg.Pictured() {
		card.Width, card.Height = pixels(f)
	}
	card.Voice = m.Voice(msg)
	if card.Ring == widgets.FileRunning || card.Ring == widgets.FileBroken {
		card.Part = part(f)
	}
	switch {
	case card.Ring == widgets.FileRunning:
		m.runningWords(card, msg)
	case card.Ring == widgets.FileRemote && f.Err != nil:
		card.State = lostWords(f.Err)
	case card.Ring != widgets.FileBroken:
	case f.Status == mesibo.FileStatusRetryLater && !msg.Failed():
		card.State = "Interrupted"
		if !m.online() {
			card.State = WaitingWords
		}
		if done := Transferred(f); done > 0 {
			card.Size = PartWords(done, f.Size)
		}
	case f.Mode == mesibo.FileModeUpload:
		card.State, card.Alarm = "Not sent", true // the reason is under the message
	default:
		card.State, card.Alarm = "Not downloaded", true
		card.Reason, _ = FileTrouble(f.Err, false)
	}
	return card
}

// fileSize says how large the file of a message is.
func fileSize(f *mesibo.FileInfo) string { return orElse(SizeWords(f.Size), EmptyWords) }

// EmptyWords stand for the size of a file that holds nothing.
const EmptyWords = "Empty"

// lostWords say why a file that was here has to be fetched again.
func lostWords(err error) string {
	if errors.Is(err, mesibo.ErrFileChanged) {
		return "Changed on this computer"
	}
	return "Not on this computer any more"
}

// WaitingWords stand for a file that does not move because there is no connection.
const WaitingWords = "Waiting for network"

func (m *Model) runningWords(card *widgets.FileCard, msg Message) {
	done, total := Transferred(msg.File), msg.File.Size
	switch {
	case !m.online():
		card.State = WaitingWords
	case done > 0 && done >= total: // it is not there before that is confirmed
		card.State = "Finishing"
		return
	}
	if total > 0 {
		card.Size = PartWords(done, total)
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
	card.State = SizeWords(int64(speed)) + "/s"
	if left := time.Duration(float64(total-done) / speed * float64(time.Second)); total > done {
		card.State += " · " + leftWords(left)
	}
}

func (m *Model) online() bool { return m.cfg.Online == nil || m.cfg.Online() }

// PressRing does what the ring of a file stands for: it stops what runs, or begins what does not.
func (m *Model) PressRing(key uint64) {
	msg, ok := m.Message(key)
	if !ok || msg.File == nil || msg.Deleted {
		return
	}
	upload := msg.File.Mode == mesibo.FileModeUpload
	switch fileState(msg) {
	case widgets.FileThere:
	case widgets.FileRunning:
		if upload {
			m.Withdraw(key)
			return
		}
		m.tryFile("stop download", m.cfg.Backend.StopFileTransfer(own(msg.File)), upload)
	case widgets.FileRemote, widgets.FileBroken:
		if msg.Failed() {
			m.Retry(key)
			return
		}
		m.tryFile("begin file transfer", m.cfg.Backend.StartFileTransfer(own(msg.File)), upload)
	}
}

// own gives a copy to hand over: the SDK changes it while the transfer runs. The user asked for it.
func own(f *mesibo.FileInfo) *mesibo.FileInfo {
	c := *f
	c.UserInteraction = true
	return &c
}

func (m *Model) tryFile(op string, err error, upload bool) {
	if err == nil {
		return
	}
	m.cfg.Logger.Warn("file not moved", slog.String("op", op), slog.Any("error", err))
	words, ok := FileTrouble(err, upload)
	if !ok {
		words = m.cfg.Explain(err)
	}
	m.say(words)
}

// downloads tells whether the file of a message can be fetched, or fetched again.
func (m Message) downloads() bool {
	if m.File == nil || m.Deleted || m.File.Mode == mesibo.FileModeUpload {
		return false
	}
	state := fileState(m)
	return state == widgets.FileRemote || state == widgets.FileBroken
}
