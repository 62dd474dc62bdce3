package files

import (
	"crypto/md5" //nolint:gosec // the names of thumbnails
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// describeVideo sets what is known of a video without decoding it: how long it is, and the thumbnail that the desktop has
// made of it, if any.
func describeVideo(b sender, f *mesibo.FileInfo) {
	if d, err := videoDuration(f.Path); err == nil {
		f.Duration = d
	}
	if path := desktopThumbnail(f.Path); path != "" {
		t := &mesibo.FileInfo{Path: path, Type: mesibo.FileTypeImage}
		if b.MakeThumbnail(t) == nil {
			f.Thumbnail, f.Width, f.Height = t.Thumbnail, t.Width, t.Height
		}
	}
}

// desktopThumbnail is the thumbnail of a file in the desktop's cache (the Thumbnail Managing Standard), empty without one.
func desktopThumbnail(path string) string {
	cache, err := os.UserCacheDir()
	if err != nil || !filepath.IsAbs(path) {
		return ""
	}
	sum := md5.Sum([]byte((&url.URL{Scheme: "file", Path: path}).String())) //nolint:gosec // a name
	video, err := os.Stat(path)
	if err != nil {
		return ""
	}
	for _, size := range []string{"large", "x-large", "normal"} {
		made := filepath.Join(cache, "thumbnails", size, hex.EncodeToString(sum[:])+".png")
		if info, err := os.Stat(made); err == nil && !info.ModTime().Before(video.ModTime()) {
			return made
		}
	}
	return ""
}

var errNoDuration = errors.New("no duration in this file")

// videoDuration reads how long an MP4 or QuickTime film is.
func videoDuration(path string) (d time.Duration, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, errNoDuration
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, errNoDuration
	}
	movie, end, ok := findBox(f, 0, info.Size(), "moov")
	if !ok {
		return 0, errNoDuration
	}
	header, end, ok := findBox(f, movie, end, "mvhd")
	if !ok {
		return 0, errNoDuration
	}
	var b [32]byte
	if n := min(int64(len(b)), end-header); n < 20 {
		return 0, errNoDuration
	} else if _, err := f.ReadAt(b[:n], header); err != nil {
		return 0, errNoDuration
	}
	scale, length := binary.BigEndian.Uint32(b[12:]), uint64(binary.BigEndian.Uint32(b[16:]))
	if b[0] == 1 { // the long form
		scale, length = binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint64(b[24:])
	}
	const longest = 30 * 24 * 3600
	if scale == 0 || length/uint64(scale) > longest {
		return 0, errNoDuration
	}
	return time.Duration(float64(length) / float64(scale) * float64(time.Second)), nil
}

// findBox finds a box between two offsets of an ISO base media file, and returns where its content starts and ends.
func findBox(r io.ReaderAt, from, to int64, kind string) (start, end int64, ok bool) {
	const most = 1000
	for range most {
		var b [16]byte
		if to-from < 8 {
			return 0, 0, false
		}
		if _, err := r.ReadAt(b[:8], from); err != nil {
			return 0, 0, false
		}
		size, header := int64(binary.BigEndian.Uint32(b[:4])), int64(8)
		switch size {
		case 0:
			size = to - from
		case 1:
			if _, err := r.ReadAt(b[8:], from+8); err != nil {
				return 0, 0, false
			}
			size, header = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		if size < header || size > to-from {
			return 0, 0, false
		}
		if string(b[4:8]) == kind {
			return from + header, from + size, true
		}
		from += size
	}
	return 0, 0, false
}
