package mesibo_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

func TestClock(t *testing.T) {
	before := uint64(time.Now().UnixMilli())
	m, _ := instance(t)
	after := uint64(time.Now().UnixMilli())
	if up := m.GetUpTime(); up < before || up > after {
		t.Errorf("GetUpTime: got %d, want between %d and %d", up, before, after)
	}
	if ts := m.GetTimestamp(); ts < after {
		t.Errorf("GetTimestamp: got %d, want %d or later", ts, after)
	}
	if m.GetConnectedTime() != 0 || m.IsOnline() {
		t.Error("never connected, and yet")
	}
	today := time.Now()
	noon := time.Date(today.Year(), today.Month(), today.Day(), 12, 0, 0, 0, time.Local)
	for _, days := range []int{-1, 0, 1, 7, 400} {
		if got := m.DaysElapsed(uint64(noon.AddDate(0, 0, -days).UnixMilli())); got != days {
			t.Errorf("%d days ago: got %d", days, got)
		}
	}
}

func TestDevice(t *testing.T) {
	m, _ := instance(t)
	if m.Version() == "" || m.GetDeviceType() == mesibo.DeviceTypeOther {
		t.Errorf("got %q, %d", m.Version(), m.GetDeviceType())
	}
	switch c := m.GetNetworkConnectivity(); c {
	case mesibo.ConnectivityUnknown, mesibo.ConnectivityWifi, mesibo.ConnectivityDisconnected:
	default:
		t.Errorf("connectivity %d", c)
	}
}

func TestIsUiThread(t *testing.T) {
	m, _ := instance(t)
	if m.IsUiThread() {
		t.Error("true without anybody who knows")
	}
	m.SetUIThread(func() bool { return true })
	if !m.IsUiThread() {
		t.Error("false in spite of the function")
	}
	m.SetUIThread(nil)
	if m.IsUiThread() {
		t.Error("true after the function was taken away")
	}
	other, err := mesibo.New(mesibo.Options{IsUIThread: func() bool { return true }})
	if err != nil || !other.IsUiThread() {
		t.Errorf("not by Options: %v", err)
	}
}

func TestLoadImage(t *testing.T) {
	m, base := instance(t)
	var data bytes.Buffer
	must(t, png.Encode(&data, image.NewGray(image.Rect(0, 0, 1000, 500))))
	path := filepath.Join(base, "a.png")
	must(t, os.WriteFile(path, data.Bytes(), 0o600))
	img, err := m.LoadImage(path, 640)
	if err != nil || img.Bounds().Size() != image.Pt(640, 320) {
		t.Fatalf("got %v", err)
	}
	if small := m.GetThumbnailBitmap(img); small.Bounds().Size() != image.Pt(320, 160) {
		t.Errorf("thumbnail: got %v", small.Bounds())
	}
	if m.GetThumbnailBitmap(nil) != nil {
		t.Error("thumbnail of nothing")
	}
	f := &mesibo.FileInfo{Path: "a.png"}
	must(t, m.MakeThumbnail(f))
	if small, err := jpeg.Decode(bytes.NewReader(f.Thumbnail)); err != nil || small.Bounds().
		Size() != image.Pt(320, 160) || f.Width != 1000 || f.Height != 500 {
		t.Errorf("thumbnail of a file: %d by %d, %v", f.Width, f.Height, err)
	}
	must(t, m.CreateFile("", "no.png", []byte("no picture"), true))
	if !errors.Is(m.MakeThumbnail(nil), mesibo.ResultBadRequest) ||
		!errors.Is(m.MakeThumbnail(&mesibo.FileInfo{Path: "no.png"}), mesibo.ErrImageFormat) {
		t.Error("a thumbnail of nothing")
	}
	for path, want := range map[string]error{
		"no.png":                       mesibo.ErrImageFormat,
		os.DevNull:                     mesibo.ErrImageFormat,
		filepath.Join(base, "missing"): os.ErrNotExist,
		"a\x00":                        mesibo.ErrFileName,
		"":                             mesibo.ErrFileName,
		"../a.png":                     mesibo.ErrFileName,
	} {
		if _, err := m.LoadImage(path, 0); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", path, err, want)
		}
	}
}
