// Package audio plays and records sound, and reads sound files from untrusted senders within bounds.
//
// It reads WAV, Ogg Opus, MP3 and FLAC; of Ogg Vorbis it only reports the duration. No file is read completely into
// memory: a Stream decodes as it is read. Sizes and counts in a file are checked against the number of its bytes.
//
// Devices are not part of it: Output and Input stand for them, and package device has those of this machine.
package audio
