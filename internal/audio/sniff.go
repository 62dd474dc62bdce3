package audio

import "bytes"

// The MIME types that Sniff returns.
const (
	MIMEWave = "audio/wave"
	MIMEOgg  = "audio/ogg"
	MIMEMP3  = "audio/mpeg"
	MIMEFlac = "audio/flac"
	MIMEMP4  = "audio/mp4"
)

// Sniff returns the MIME type of a sound from the first bytes of its file, of which 64 are enough; empty when the
// format is unknown. An Ogg file is a sound when its first stream is Opus, Vorbis, Speex or FLAC.
func Sniff(head []byte) string {
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE":
		return MIMEWave
	case bytes.HasPrefix(head, []byte("OggS")):
		if len(head) < 28 {
			return ""
		}
		body := head[min(len(head), 27+int(head[26])):]
		for _, magic := range []string{"OpusHead", "\x01vorbis", "Speex   ", "\x7fFLAC"} {
			if bytes.HasPrefix(body, []byte(magic)) {
				return MIMEOgg
			}
		}
	case bytes.HasPrefix(head, []byte("fLaC")):
		return MIMEFlac
	case bytes.HasPrefix(head, []byte("ID3")), mp3Header(head):
		return MIMEMP3
	case len(head) >= 12 && string(head[4:8]) == "ftyp" && (string(head[8:11]) == "M4A" || string(head[8:11]) == "M4B"):
		return MIMEMP4
	}
	return ""
}

// mp3Header reports whether b starts with the header of an MPEG audio frame of layer 3.
func mp3Header(b []byte) bool {
	return len(b) >= 4 && b[0] == 0xff && b[1]&0xe0 == 0xe0 && // sync
		b[1]&0x18 != 0x08 && b[1]&0x06 == 0x02 && // version, layer
		b[2]>>4 != 0 && b[2]>>4 != 15 && b[2]>>2&3 != 3 // bit rate, sample rate
}
