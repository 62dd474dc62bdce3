// Package audio reads sound files that others made, within bounds, plays and records them.
//
// It reads WAV, Ogg Opus, MP3 and FLAC; of Ogg Vorbis it tells only how long it lasts. Nothing here is read whole: a Stream
// decodes as it is read. What a file claims is believed only as far as its bytes can hold it.
//
// Devices are not part of it: Output and Input stand for them, and package device has those of this machine.
package audio
