package files

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// box makes a box of an ISO base media file.
func box(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)+8))
	return append(append(b, kind...), content...)
}

func TestVideoDuration(t *testing.T) {
	short := make([]byte, 100)
	binary.BigEndian.PutUint32(short[12:], 600)
	binary.BigEndian.PutUint32(short[16:], 600*83)
	long := make([]byte, 112)
	long[0] = 1
	binary.BigEndian.PutUint32(long[20:], 1000)
	binary.BigEndian.PutUint64(long[24:], 2500)
	brand, media := box("ftyp", []byte("isom")), box("mdat", make([]byte, 5000))
	for name, c := range map[string]struct {
		content []byte
		want    time.Duration
	}{
		"short":     {append(append(brand, media...), box("moov", box("mvhd", short))...), 83 * time.Second},
		"long":      {append(box("ftyp", nil), box("moov", append(box("free", nil), box("mvhd", long)...))...), 2500 * time.Millisecond},
		"cut":       {append(box("ftyp", nil), box("moov", box("mvhd", short))[:20]...), 0},
		"no movie":  {brand, 0},
		"no film":   {[]byte("Hello there, this is text"), 0},
		"empty":     {nil, 0},
		"no scale":  {box("moov", box("mvhd", make([]byte, 100))), 0},
		"too small": {box("moov", box("mvhd", make([]byte, 4))), 0},
	} {
		path := filepath.Join(t.TempDir(), "film.mp4")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := videoDuration(path)
		if got != c.want || (err == nil) != (c.want != 0) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
}
