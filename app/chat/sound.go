package chat

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets/messages"
)

// Sound plays and records; all chats share it.
type Sound struct {
	Output     audio.Output
	Input      audio.Input
	NewEncoder func() (audio.Encoder, error)

	tidy  sync.Once       // old recordings are removed
	speed float64         // 0 for 1
	kept  map[string]take // recordings of chats that were left, by soundKey
}

// player is the sound that is played, or was played last.
type player struct {
	key   uint64 // of the message, 0 for none
	run   *audio.Playback
	at    time.Duration // where it resumes, while it does not play
	asked int           // counts requests: late answers to earlier ones are dropped
	busy  bool          // it is being opened
	tick  func()
}

const soundEvery = 100 * time.Millisecond // how often progress is shown

// nextSpeed is the speed that the button changes to.
func nextSpeed(speed float64) float64 {
	switch speed {
	case 1.5:
		return 2
	case 2:
		return 1
	default:
		return 1.5
	}
}

func (s *Sound) factor() float64 {
	if s.speed == 0 {
		return 1
	}
	return s.speed
}

// Sounds reports whether the file of a message is shown as a sound that can be played.
func (m Message) Sounds() bool {
	return m.File != nil && !m.Deleted && m.File.Type == mesibo.FileTypeAudio &&
		len(m.File.Waveform) > 0 && m.File.Duration > 0
}

func (m Message) duration() time.Duration { return m.File.Duration }

// voiceTitle is how the titles of voice messages start.
const voiceTitle = "Voice message"

func isVoiceNote(f *mesibo.FileInfo) bool { return strings.HasPrefix(f.Title, voiceTitle) }

// voice is what is shown of a sound, nil for other messages.
func (m *Model) voice(msg Message) *messages.Voice {
	if !msg.Sounds() {
		return nil
	}
	f, p := msg.File, &m.player
	v := &messages.Voice{Time: clockWords(msg.duration())}
	for i := range v.Bars {
		v.Bars[i] = f.Waveform[i*len(f.Waveform)/len(v.Bars)]
	}
	if !isVoiceNote(f) {
		v.Title = orElse(f.Title, tr.X("Sound", "file"))
	}
	v.New = !msg.Out && !f.Played
	if fileState(msg) != messages.FileLocal || m.cfg.Sound == nil {
		return v
	}
	v.Speed = strconv.FormatFloat(m.cfg.Sound.factor(), 'f', -1, 64) + "×"
	if p.key != msg.Key() {
		return v
	}
	v.Playing = p.run != nil || p.busy
	if at := p.position(); at > 0 || v.Playing {
		v.Part = float32(min(1, float64(at)/float64(msg.duration())))
		v.Time = clockWords(at) + " / " + v.Time
	}
	return v
}

func (p *player) position() time.Duration {
	if p.run != nil {
		return p.run.Position()
	}
	return p.at
}

// clockWords formats a duration as 0:42 or 1:02:03.
func clockWords(d time.Duration) string {
	s := int(d / time.Second)
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	if s < 3600 {
		return strconv.Itoa(s/60) + ":" + two(s%60)
	}
	return strconv.Itoa(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
}

// pressSound plays the sound of a message, or pauses it.
func (m *Model) pressSound(key uint64) {
	p := &m.player
	if p.key != key {
		m.playSound(key, 0)
		return
	}
	if p.run == nil && !p.busy {
		m.playSound(key, p.at)
		return
	}
	p.at = p.position()
	m.stopSound()
	m.changed()
}

// seekSound plays the sound of a message from a position from 0 to 1.
func (m *Model) seekSound(key uint64, part float64) {
	if msg, ok := m.Message(key); ok && msg.Sounds() {
		m.playSound(key, time.Duration(part*float64(msg.duration())))
	}
}

// speedSound changes the playback speed: 1, 1.5 or 2 times.
func (m *Model) speedSound(uint64) {
	if m.cfg.Sound == nil {
		return
	}
	m.cfg.Sound.speed = nextSpeed(m.cfg.Sound.factor())
	if p := &m.player; p.run != nil || p.busy {
		m.playSound(p.key, p.position())
	}
	m.changed()
}

// playSound plays a sound instead of the one before.
func (m *Model) playSound(key uint64, from time.Duration) {
	msg, ok := m.Message(key)
	path, here := msg.HasFile()
	if !ok || !msg.Sounds() || !here || m.cfg.Sound == nil || m.cfg.Sound.Output == nil {
		return
	}
	if m.recorder.run != nil && !m.recorder.paused || m.recorder.busy {
		m.say(tr.L("Finish the recording first, or it would be heard in it."))
		return
	}
	m.stopSound()
	p := &m.player
	p.key, p.at, p.busy = key, from, true
	asked, out, speed := p.asked, m.cfg.Sound.Output, m.cfg.Sound.factor()
	var run *audio.Playback
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { run, err = audio.Play(out, path, from, speed) }, func() {
		switch {
		case asked != p.asked || m.closed:
			m.silence(run)
		case err != nil:
			p.busy = false
			m.soundFailed(err)
		default:
			p.run, p.busy = run, false
			m.markPlayed(key)
			m.followSound()
		}
	})
	m.changed()
}

// silence stops a device, which takes a moment.
func (m *Model) silence(run *audio.Playback) {
	if run != nil {
		m.cfg.Dispatcher.Async(func(context.Context) { run.Stop() }, func() {})
	}
}

// stopSound stops playback. It can resume at player.at.
func (m *Model) stopSound() {
	p := &m.player
	p.asked++
	m.silence(p.run)
	p.run, p.busy = nil, false
	if p.tick != nil {
		p.tick()
		p.tick = nil
	}
}

// followSound shows progress until the end.
func (m *Model) followSound() {
	p := &m.player
	m.changed()
	p.tick = m.cfg.Dispatcher.After(soundEvery, func() {
		p.tick = nil
		select {
		case <-p.run.Done():
			m.soundEnded()
		default:
			m.followSound()
		}
	})
}

func (m *Model) soundEnded() {
	p := &m.player
	err, key := p.run.Err(), p.key
	p.at = p.position()
	m.stopSound()
	if err != nil {
		m.soundFailed(err)
		return
	}
	p.at = 0
	if next := m.nextVoice(key); next != 0 {
		m.playSound(next, 0)
	}
	m.changed()
}

// nextVoice is the voice message that is played after another: the next one of the same sender, if it is on this
// device.
func (m *Model) nextVoice(key uint64) uint64 {
	i := m.hist.index(key)
	if i < 0 || !isVoiceNote(m.hist.rows[i].File) {
		return 0
	}
	from := m.hist.rows[i]
	for _, msg := range m.hist.rows[i+1:] {
		if !msg.Sounds() || !isVoiceNote(msg.File) || msg.Out != from.Out || !same(msg.Sender, from.Sender) {
			continue
		}
		if _, here := msg.HasFile(); here {
			return msg.Key()
		}
		return 0
	}
	return 0
}

// markPlayed marks a voice message as played.
func (m *Model) markPlayed(key uint64) {
	i := m.hist.index(key)
	if i < 0 || m.hist.rows[i].Out || m.hist.rows[i].File.Played {
		return
	}
	f := *m.hist.rows[i].File
	f.Played = true
	m.hist.rows[i].File = &f
	mid := m.hist.rows[i].Mid
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { err = m.cfg.Backend.SetPlayed(mid) }, func() {
		if err != nil {
			m.fail("note what was played", err)
		}
	})
}

func (m *Model) soundFailed(err error) {
	switch {
	case errors.Is(err, audio.ErrNoDevice):
		words := tr.L("No speakers or headphones were found. The file can be opened with another program.")
		m.report("play sound", words, err)
	case errors.Is(err, audio.ErrNoDecoder):
		words := tr.L("This kind of sound can't be played here. The file can be opened with another program.")
		m.report("play sound", words, err)
	case errors.Is(err, audio.ErrFormat) || errors.Is(err, audio.ErrTooLarge):
		m.report("play sound", tr.L("This sound is damaged and can't be played."), err)
	case errors.Is(err, fs.ErrNotExist):
		m.report("play sound", tr.L("The file is not where it was any more."), err)
	default:
		m.fail("play sound", err)
	}
}
