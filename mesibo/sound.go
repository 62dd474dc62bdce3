package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/audio"
)

// MakeWaveform sets Duration and Waveform, 48 values, of a file that is a sound. Of WAV, Ogg Opus, MP3 (from
// 32,000 samples a second) and FLAC both; of other MP3, Ogg Vorbis, FLAC longer than ten minutes, and what lasts longer
// than two hours, the duration alone. What a file claims is believed as far as its bytes can hold it. Call it before
// SendFile, from a goroutine that may wait: it takes a part of a second, for long FLAC a few.
// Errors: ResultBadRequest for nil, with ErrSoundTooLarge or ErrSoundFormat; those of CreateFile for the path. The
// file stays as it was.
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
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Duration, f.Waveform = info.Duration, waveform
	return nil
}

// SetPlayed notes that the sound of a message was played on this device; FileInfo.Played is set from then on.
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
