package rtc

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/mesibo/call"
)

func TestVoice(t *testing.T) {
	t.Parallel()
	for name, setups := range map[string][]setup{"PCMU": nil, "Opus": {withOpus}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "Opus" && !hasOpus(t) {
				return
			}
			caller, callee := pair(t, setups...)
			connect(t, caller, callee)
			check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
			check(t, callee.set.Speaker.Hear(within(t, patience), 440))
			if f := callee.set.Speaker.Frequency(); f != 440 {
				t.Errorf("heard %v Hz", f)
			}
			for _, s := range []*side{caller, callee} {
				if got := s.sound.mimeType(); got != "audio/"+map[string]string{"PCMU": "PCMU", "Opus": "opus"}[name] {
					t.Errorf("it was %s", got)
				}
			}
		})
	}
}

// deaf is an encoder that notes which loss it is told.
type deaf struct {
	call.AudioEncoder

	losses chan int
}

func (d *deaf) SetLoss(percent int) error {
	d.losses <- percent
	return d.AudioEncoder.SetLoss(percent)
}

// The encoder learns how much is lost, and speech is heard nevertheless.
func TestVoice_loss(t *testing.T) {
	t.Parallel()
	if !hasOpus(t) {
		return
	}
	ours, _, network := through(t, 10*time.Millisecond)
	losses := make(chan int, 100)
	caller, callee := pair(t, withOpus, network, func(caller bool, c *Config, _ *options) {
		if !caller {
			return
		}
		c.Media.AudioEncoder = func(bitrate int) (call.AudioEncoder, error) {
			e, err := libopus.NewForCall(bitrate)
			return &deaf{e, losses}, err
		}
	})
	ours.Loss.Store(200)
	connect(t, caller, callee)
	timeout := time.After(10 * time.Second)
	for loss := 0; loss <= lossFloor; {
		select {
		case loss = <-losses:
		case <-timeout:
			t.Fatal("the encoder was not told")
		}
	}
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
}
