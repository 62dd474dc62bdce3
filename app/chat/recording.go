package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// take is a voice message that is being recorded, or waits to be sent.
type take struct {
	run    *audio.Recording
	path   string
	paused bool // the microphone is off
}

// recorder is the recording in the open chat.
type recorder struct {
	take

	busy bool // it is starting or ending
	ends bool // it is ending
	drop bool // cancelled while it was starting
	tick func()
}

const (
	levelEvery = 150 * time.Millisecond // how often the recording is shown: each time repaints the window
	shortest   = 500 * time.Millisecond
	partName   = "voice-*.part"
)

// recording returns what is shown of the recording, nil without one.
func (m *Model) recording() *widgets.Recording {
	r := &m.recorder
	switch {
	case r.run == nil && !r.busy, r.ends:
		return nil
	case r.run == nil:
		return &widgets.Recording{Time: clockWords(0)}
	}
	return &widgets.Recording{Time: clockWords(r.run.Elapsed()), Level: float32(r.run.Level()), Paused: r.paused}
}

// canRecord reports whether there is a microphone to try.
func (m *Model) canRecord() bool { return m.cfg.Sound != nil && m.cfg.Sound.Input != nil }

// record starts a voice message, unless there is one.
func (m *Model) record() {
	r := &m.recorder
	if r.run != nil || r.busy || !m.canRecord() {
		return
	}
	if words := m.FilesRefused(); words != "" {
		m.say(words)
		return
	}
	m.pauseSound()
	r.busy, r.drop = true, false
	sound, folder := m.cfg.Sound, m.cfg.Backend.GetTempFilesPath()
	var begun take
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { begun, err = sound.start(folder) }, func() {
		r.busy = false
		switch {
		case err != nil:
			m.recordFailed(err)
		case r.drop || m.closed:
			m.discard(begun)
		default:
			r.take = begun
			m.followRecording()
		}
	})
	m.changed()
}

// start opens the microphone and a file. It removes files that earlier runs of the program left.
func (s *Sound) start(folder string) (take, error) {
	s.tidy.Do(func() {
		old, _ := filepath.Glob(filepath.Join(folder, partName)) // fails for a bad pattern only
		for _, path := range old {
			_ = os.Remove(path) // or next time
		}
	})
	enc, err := s.NewEncoder()
	if err != nil {
		return take{}, err
	}
	path := filepath.Join(folder, strings.Replace(partName, "*", rand.Text(), 1))
	run, err := audio.Record(s.Input, enc, path)
	return take{run: run, path: path}, err
}

// pauseSound pauses playback.
func (m *Model) pauseSound() {
	if m.player.run != nil || m.player.busy {
		m.player.at = m.player.position()
		m.stopSound()
	}
}

// followRecording shows time and level.
func (m *Model) followRecording() {
	r := &m.recorder
	m.changed()
	r.tick = m.cfg.Dispatcher.After(levelEvery, func() {
		r.tick = nil
		select {
		case <-r.run.Done():
			r.paused = true
			if r.run.Elapsed() < audio.MaxRecording {
				m.say(tr.L("The recording has ended: the microphone is gone. What was heard can be sent."))
			} else {
				m.say(tr.L("A voice message lasts an hour at most. It can be sent now."))
			}
			m.silenceRecording()
		default:
			m.followRecording()
		}
	})
}

// silenceRecording closes the microphone but keeps the recording.
func (m *Model) silenceRecording() {
	run := m.recorder.run
	m.cfg.Dispatcher.Async(func(context.Context) { run.Halt() }, func() {})
	m.changed()
}

// takeRecording returns the recording and forgets it.
func (m *Model) takeRecording() take {
	r := &m.recorder
	if r.tick != nil {
		r.tick()
	}
	t := r.take
	*r = recorder{}
	return t
}

// cancelRecording discards the recording.
func (m *Model) cancelRecording() {
	r := &m.recorder
	if r.run == nil {
		r.drop = r.busy
		return
	}
	m.discard(m.takeRecording())
	m.changed()
}

func (m *Model) discard(t take) {
	if t.run == nil {
		return
	}
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { err = t.run.Cancel() }, func() {
		if err != nil {
			m.cfg.Logger.Warn("recording not removed", slog.Any("error", err))
		}
	})
}

// sendRecording ends the recording and sends it.
func (m *Model) sendRecording() {
	r := &m.recorder
	if r.run == nil {
		return
	}
	if r.run.Elapsed() < shortest {
		m.cancelRecording()
		m.say(tr.L("That was too short for a voice message. Speak for a moment, then send it."))
		return
	}
	t := m.takeRecording()
	r.busy, r.ends = true, true
	now, folder, b := m.cfg.Dispatcher.Now(), m.cfg.Backend.GetFilePath(mesibo.FileTypeAudio), m.cfg.Backend
	p, id := m.params(), b.Random()
	p.RefID = m.answered()
	var f *mesibo.FileInfo
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		if f, err = t.file(folder, now); err == nil {
			given := *f
			err = b.SendFile(p, id, &given)
			f.Size = given.Size
		}
	}, func() {
		r.busy, r.ends = false, false
		switch {
		case err != nil:
			m.fail("send voice message", err)
		case !m.closed:
			m.writing.reply = 0
			m.placeVoice(p, id, f)
		}
		m.changed()
	})
	m.changed()
}

// file ends the recording and moves it to its final path.
func (t take) file(folder string, now time.Time) (*mesibo.FileInfo, error) {
	done, err := t.run.Finish()
	if err != nil {
		return nil, err
	}
	title := voiceTitle + now.Format(" 2006-01-02 15.04.05") + ".ogg"
	path := filepath.Join(folder, title)
	for n := 2; exists(path); n++ { // of the same second
		path = filepath.Join(folder, fmt.Sprintf("%s-%d.ogg", strings.TrimSuffix(title, ".ogg"), n))
	}
	if err := os.Rename(t.path, path); err != nil {
		return nil, err //nolint:wrapcheck // put into words by the caller
	}
	return &mesibo.FileInfo{
		Mode: mesibo.FileModeUpload, Type: mesibo.FileTypeAudio, Path: path, Title: title, MimeType: audio.MIMEOgg,
		Duration: done.Duration, Waveform: done.Waveform,
	}, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// placeVoice shows the message.
func (m *Model) placeVoice(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo) {
	own := p
	own.Mid, own.Status = uint64(id), mesibo.MsgStatusOutbox
	f.Mid, f.Params = uint64(id), &own
	m.placed(Message{Mid: uint64(id), RefID: p.RefID, File: f})
}

// keepRecording keeps a recording while its chat is not open, with the microphone off.
func (m *Model) keepRecording() {
	r := &m.recorder
	r.drop = r.busy
	if r.run == nil {
		return
	}
	run := r.run
	t := m.takeRecording()
	t.paused = true
	if m.cfg.Sound.kept == nil {
		m.cfg.Sound.kept = map[string]take{}
	}
	m.cfg.Sound.kept[m.soundKey()] = t
	m.cfg.Dispatcher.Async(func(context.Context) { run.Halt() }, func() {})
}

// resumeRecording shows the recording that was kept for this chat.
func (m *Model) resumeRecording() {
	if m.cfg.Sound == nil {
		return
	}
	m.recorder.take = m.cfg.Sound.kept[m.soundKey()]
	delete(m.cfg.Sound.kept, m.soundKey())
}

func (m *Model) soundKey() string { return fmt.Sprintf("%s#%d", fold(m.cfg.Peer), m.cfg.GroupID) }

func (m *Model) recordFailed(err error) {
	switch {
	case errors.Is(err, audio.ErrNoEncoder):
		m.report("record", tr.L("Voice messages need the Opus library; install libopus, then try again."), err)
	case errors.Is(err, audio.ErrNoDevice):
		m.report("record", tr.L("No microphone was found. Connect one, then try again."), err)
	default:
		m.fail("record", err)
	}
}

// report logs an error and shows words for it.
func (m *Model) report(op, words string, err error) {
	m.cfg.Logger.Warn("chat operation failed", slog.String("op", op), slog.Any("error", err))
	m.say(words)
}
