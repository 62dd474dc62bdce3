package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/audio"
)

// What a sound may be refused for.
var (
	// ErrSoundTooLarge: a sound has more than 512 MiB, or lasts longer than a day.
	ErrSoundTooLarge = audio.ErrTooLarge
	// ErrSoundFormat: a file is no WAV, Ogg, MP3 or FLAC, or a damaged one.
	ErrSoundFormat = audio.ErrFormat
)

// MakeWaveform gives a file that is a sound its Duration, and its Waveform: 48 values. Of WAV, Ogg Opus, MP3 (from 32,000 samples a
// second) and FLAC both; of other MP3, Ogg Vorbis, FLAC longer than ten minutes, and what lasts longer than two hours, the duration
// alone. What a file claims is believed as far as its bytes can hold it. Call it before SendFile, from a goroutine that may wait: it
// takes a part of a second, for long FLAC a few.
// It is an addition to the reference.
// Errors: ResultBadRequest for nil, with ErrSoundTooLarge or ErrSoundFormat; those of CreateFile for the path. The file stays as it
// was.
func (m *Mesibo) MakeWaveform(f *FileInfo) error {
	const op = "MakeWaveform"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	path, err := m.absolute(f.GetPath())
	if err != nil {
		return fileError(op, err)
	}
	info, waveform, err := audio.Describe(path)
	switch {
	case errors.Is(err, audio.ErrTooLarge) || errors.Is(err, audio.ErrFormat):
		return opError(op, ResultBadRequest, err)
	case err != nil:
		return fileError(op, err)
	}
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Duration, f.Waveform = int(info.Duration.Milliseconds()), waveform
	return nil
}

// listen fills in how long a sound is and how it looks. What cannot be read is sent without.
func (m *Mesibo) listen(c *FileInfo) {
	info, waveform, err := audio.Describe(c.Path)
	if err != nil {
		m.log.Debug("no waveform", errAttr(err))
		return
	}
	c.Waveform = waveform
	if c.Duration == 0 {
		c.Duration = int(info.Duration.Milliseconds())
	}
}

// SetPlayed notes that the sound of a message was played on this device; FileInfo.Played tells it from then on. It is an addition
// to the reference.
// Errors: ErrNotFound with ResultBadRequest when there is no such message, or it has no file.
func (m *Mesibo) SetPlayed(mid uint64) error {
	const op = "SetPlayed"
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.Message(context.Background(), target.Account, mid)
	if err != nil {
		return storeError(op, err)
	}
	if err := db.SetPlayed(row.ID); err != nil {
		return storeError(op, err)
	}
	return nil
}
