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
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Sound is what plays and records; all conversations share it.
type Sound struct {
	Output     audio.Output
	Input      audio.Input
	NewEncoder func() (audio.Encoder, error)

	tidy  sync.Once       // old recordings are removed
	speed float64         // 0 for 1
	kept  map[string]take // recordings of conversations that were left, by their key
}

// player is the sound of the conversation that is played, or was played last.
type player struct {
	key   uint64 // of the message, 0 for none
	run   *audio.Playback
	at    time.Duration // where it goes on, while it does not run
	asked int           // counts what was asked for: what comes late is dropped
	busy  bool          // it is being opened
	tick  func()
}

const soundEvery = 100 * time.Millisecond // how far it is is shown this often

// speeds are those the button goes through.
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

// Sounds tells whether the file of a message is shown as a sound that can be played.
func (m Message) Sounds() bool {
	return m.File != nil && !m.Deleted && m.File.Type == mesibo.FileTypeAudio && len(m.File.Waveform) > 0 && m.File.Duration > 0
}

func (m Message) duration() time.Duration { return time.Duration(m.File.Duration) * time.Millisecond }

// voiceTitle begins the names of voice notes.
const voiceTitle = "Voice message"

func isVoiceNote(f *mesibo.FileInfo) bool { return strings.HasPrefix(f.Title, voiceTitle) }

// Voice makes what is shown of a sound, nil for other messages.
func (m *Model) Voice(msg Message) *widgets.Voice {
	if !msg.Sounds() {
		return nil
	}
	f, p := msg.File, &m.player
	v := &widgets.Voice{Time: clockWords(msg.duration())}
	for i := range v.Bars {
		v.Bars[i] = f.Waveform[i*len(f.Waveform)/len(v.Bars)]
	}
	if !isVoiceNote(f) {
		v.Title = orElse(f.Title, "Sound")
	}
	v.New = !msg.Out && !f.Played
	if fileState(msg) != widgets.FileThere || m.cfg.Sound == nil {
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

// clockWords writes a time as 0:42 or 1:02:03.
func clockWords(d time.Duration) string {
	s := int(d / time.Second)
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	if s < 3600 {
		return strconv.Itoa(s/60) + ":" + two(s%60)
	}
	return strconv.Itoa(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
}

// PressSound plays the sound of a message, or pauses it.
func (m *Model) PressSound(key uint64) {
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

// SeekSound plays the sound of a message from a place on, 1 being its end.
func (m *Model) SeekSound(key uint64, part float64) {
	if msg, ok := m.Message(key); ok && msg.Sounds() {
		m.playSound(key, time.Duration(part*float64(msg.duration())))
	}
}

// SpeedSound changes how fast sounds are played: 1, 1.5 or 2 times.
func (m *Model) SpeedSound(uint64) {
	if m.cfg.Sound == nil {
		return
	}
	m.cfg.Sound.speed = nextSpeed(m.cfg.Sound.factor())
	if p := &m.player; p.run != nil || p.busy {
		m.playSound(p.key, p.position())
	}
	m.changed()
}

// playSound begins to play in place of what is played.
func (m *Model) playSound(key uint64, from time.Duration) {
	msg, ok := m.Message(key)
	path, here := msg.HasFile()
	if !ok || !msg.Sounds() || !here || m.cfg.Sound == nil || m.cfg.Sound.Output == nil {
		return
	}
	if m.recorder.run != nil && !m.recorder.paused || m.recorder.busy {
		m.say("Finish the recording first, or it would be heard in it.")
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

// stopSound stops what is played. It can go on where player.at says.
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

// followSound shows how far it is, until the end.
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

// nextVoice is the voice note that is heard after another: the next of the same sender, when it is here.
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

// markPlayed takes the dot away.
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
		m.report("play sound", "No speakers or headphones were found. The file can be opened with another program.", err)
	case errors.Is(err, audio.ErrNoDecoder):
		m.report("play sound", "This kind of sound can't be played here. The file can be opened with another program.", err)
	case errors.Is(err, audio.ErrFormat) || errors.Is(err, audio.ErrTooLarge):
		m.report("play sound", "This sound is damaged and can't be played.", err)
	case errors.Is(err, fs.ErrNotExist):
		m.report("play sound", "The file is not where it was any more.", err)
	default:
		m.fail("play sound", err)
	}
}
