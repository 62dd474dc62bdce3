package chat

import (
	"math"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets/messages"
)

func TestPace(t *testing.T) {
	const kilo = 1000
	begin := time.Unix(1_700_000_000, 0)
	tests := map[string]struct {
		samples map[time.Duration]int64
		now     time.Duration
		want    float64
	}{
		"nothing":        {nil, time.Second, 0},
		"one":            {map[time.Duration]int64{0: kilo}, time.Second, 0},
		"a moment apart": {map[time.Duration]int64{0: 0, time.Microsecond: 337 * kilo}, time.Microsecond, 0},
		"under a second": {map[time.Duration]int64{0: 0, 900 * time.Millisecond: kilo}, 900 * time.Millisecond, 0},
		"a second":       {map[time.Duration]int64{0: 0, time.Second: 3 * kilo}, time.Second, 3 * kilo},
		"gone on":        {map[time.Duration]int64{0: 900 * kilo, 2 * time.Second: 902 * kilo}, 2 * time.Second, kilo},
		"it slows down":  {map[time.Duration]int64{0: 0, time.Second: 4 * kilo}, 4 * time.Second, kilo},
		"it stands":      {map[time.Duration]int64{0: 0, time.Second: 4 * kilo}, 12 * time.Second, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var p pace
			for _, after := range []time.Duration{0, time.Microsecond, 900 * time.Millisecond, time.Second, 2 * time.Second} {
				if n, ok := tc.samples[after]; ok {
					p.add(begin.Add(after), n)
				}
			}
			if got := p.speed(begin.Add(tc.now)); math.Abs(got-tc.want) > 0.01 {
				t.Errorf("speed: got %v, want %v", got, tc.want)
			}
		})
	}
}

// An upload is over when its message has gone out, whatever was reported last.
func TestFileState_upload(t *testing.T) {
	tests := map[string]struct {
		status mesibo.MsgStatus
		url    string
		file   mesibo.FileStatus
		want   messages.FileState
	}{
		"begins":           {mesibo.MsgStatusOutbox, "", mesibo.FileStatusIdle, messages.FileRunning},
		"runs":             {mesibo.MsgStatusOutbox, "", mesibo.FileStatusInProgress, messages.FileRunning},
		"interrupted":      {mesibo.MsgStatusOutbox, "", mesibo.FileStatusRetryLater, messages.FileFailed},
		"uploaded":         {mesibo.MsgStatusOutbox, "u", mesibo.FileStatusIdle, messages.FileLocal},
		"failed":           {mesibo.MsgStatusFail, "", mesibo.FileStatusFailed, messages.FileFailed},
		"sent, told late":  {mesibo.MsgStatusSent, "", mesibo.FileStatusInProgress, messages.FileLocal},
		"delivered, never": {mesibo.MsgStatusDelivered, "", mesibo.FileStatusIdle, messages.FileLocal},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			msg := Message{Mid: 7, Out: true, Status: tc.status, File: &mesibo.FileInfo{
				Mode: mesibo.FileModeUpload, URL: tc.url, Status: tc.file, Size: 11_000,
			}}
			if got := fileState(msg); got != tc.want {
				t.Errorf("state: got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestPixels(t *testing.T) {
	small := smallPNG(t, 32, 16)
	tests := map[string]struct {
		file          mesibo.FileInfo
		width, height int
	}{
		"said":                   {mesibo.FileInfo{Width: 1000, Height: 500, Thumbnail: small}, 1000, 500},
		"not said":               {mesibo.FileInfo{Thumbnail: small}, 32, 16},
		"nobody knows":           {mesibo.FileInfo{}, 0, 0},
		"half":                   {mesibo.FileInfo{Width: 100}, 0, 0},
		"absurd":                 {mesibo.FileInfo{Width: math.MaxInt32, Height: math.MaxInt32}, 0, 0},
		"absurd, with thumbnail": {mesibo.FileInfo{Width: math.MaxInt32, Height: math.MaxInt32, Thumbnail: small}, 32, 16},
		"absurdly wide":          {mesibo.FileInfo{Width: math.MaxInt32, Height: 1}, 0, 0},
		"absurd area":            {mesibo.FileInfo{Width: 60_000, Height: 60_000}, 0, 0},
		"a large camera":         {mesibo.FileInfo{Width: 20_000, Height: 15_000}, 20_000, 15_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if w, h := pixels(&tc.file); w != tc.width || h != tc.height {
				t.Errorf("got %d×%d, want %d×%d", w, h, tc.width, tc.height)
			}
		})
	}
}

func TestFileSize(t *testing.T) {
	for size, words := range map[int64]string{0: "Empty", 1: "1 B", 24_000_000: "24 MB"} {
		if got := fileSize(&mesibo.FileInfo{Size: size}); got != words {
			t.Errorf("%d bytes: got %q, want %q", size, got, words)
		}
	}
}

func TestVideoCard(t *testing.T) {
	f := &mesibo.FileInfo{Type: mesibo.FileTypeVideo, Duration: 83 * time.Second}
	card := &messages.FileCard{Size: "12 MB"}
	videoCard(card, f)
	if card.Size != "1:23 · 12 MB" || card.State != "Opens in your video player" || card.Play {
		t.Errorf("without a thumbnail: got %+v", card)
	}
	f.Thumbnail, f.Width, f.Height = []byte{1}, 160, 90
	card = &messages.FileCard{Size: "12 MB"}
	videoCard(card, f)
	if !card.Play || card.Width != 160 || card.Height != 90 || card.State != "" {
		t.Errorf("with a thumbnail: got %+v", card)
	}
}
