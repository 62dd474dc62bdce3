//go:build unix

package main

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/bench/rig"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// meeting measures the processor time of the call of a group in which all see all: of four at most without an SFU, of
// more through one, which is not counted. All devices are in this process.
func meeting(ctx context.Context, srv *rig.Server, tokens []wire.Token, long time.Duration) error {
	group := make(chan uint32, len(tokens))
	var parties []*party
	var names []string
	for _, token := range tokens {
		p, err := join(ctx, srv.Addr, token, func(_ *party, m *call.Media) error {
			m.Camera = newScene()
			return nil
		})
		if err != nil {
			return err
		}
		defer p.leave()
		if err := p.AddListener(&mesibo.GroupFuncs{
			Created: func(g *mesibo.UserProfile, _ uint32) { group <- g.GroupID },
			Joined:  func(g *mesibo.UserProfile) { group <- g.GroupID },
		}); err != nil {
			return err
		}
		parties, names = append(parties, p), append(names, p.GetAddress())
	}
	if err := parties[0].CreateGroup(mesibo.GroupSettings{Name: "Meeting"}, names[1:], 1); err != nil {
		return err
	}
	var id uint32
	for range parties {
		select {
		case id = <-group:
		case <-time.After(patience):
			return fmt.Errorf("there is no group")
		}
	}
	var frames, up atomic.Int64
	for _, p := range parties {
		if err := p.meet(id, &frames, &up); err != nil {
			return err
		}
		defer p.voice.talk(ctx)()
	}
	pairs := int64(len(parties) * (len(parties) - 1))
	for begin := time.Now(); up.Load() < pairs; {
		if time.Since(begin) > patience {
			return fmt.Errorf("%d of %d connections are up", up.Load(), pairs)
		}
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	if err := wait(ctx, long/2); err != nil { // until the bitrates have been found
		return err
	}
	used, begin, shown := processor(), time.Now(), frames.Load()
	if err := wait(ctx, long/2); err != nil {
		return err
	}
	took := time.Since(begin)
	fmt.Printf("call of %d with video: %.1f %% of a core and %.1f frames/s from each of the others a person\n", len(parties),
		100*(processor()-used).Seconds()/took.Seconds()/float64(len(parties)),
		float64(frames.Load()-shown)/took.Seconds()/float64(pairs))
	return nil
}

// meet takes part in the call of a group, and plays and shows everyone. up counts the connections.
func (p *party) meet(group uint32, frames, up *atomic.Int64) error {
	g, err := p.GroupCall(group)
	if err != nil {
		return err
	}
	sink := call.VideoSinkFunc(func(*image.YCbCr) { frames.Add(1) })
	events := &mesibo.GroupCallInProgressFuncs{Connected: func(_ *mesibo.CallParticipant, on bool) {
		if on {
			up.Add(1)
		} else {
			up.Add(-1)
		}
	}}
	if err := g.Join(&mesibo.GroupCallFuncs{Publisher: func(other *mesibo.CallParticipant, joined bool) {
		if joined {
			other.SetVideoView(sink)
			_ = other.Call(true, true, false, false, events) // an error: it has left
		}
	}}, false); err != nil {
		return err
	}
	return g.CreatePublisher(1).Call(true, true, false, false, nil)
}

// scene is a camera that sees something that is not easy to encode: a texture that moves, and noise.
type scene struct{ texture []byte }

const sceneSide = 1024

func newScene() *scene {
	s := &scene{make([]byte, sceneSide*sceneSide)}
	random := rand.New(rand.NewPCG(1, 2))
	for y := range sceneSide {
		for x := range sceneSide {
			s.texture[y*sceneSide+x] = byte(64 + (x/16^y/16)*8%96 + (x+y)/16%32 + random.IntN(6))
		}
	}
	return s
}

// Start implements call.VideoSource.
func (s *scene) Start(width, height, fps int, take func(*image.YCbCr), _ func()) (stop func(), err error) {
	frame := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for i := range frame.Cb {
		frame.Cb[i], frame.Cr[i] = byte(112+i%32), byte(144-i%32)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second / time.Duration(fps))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			for y := range height {
				copy(frame.Y[y*frame.YStride:][:width], s.texture[((y+n)%sceneSide)*sceneSide+n%(sceneSide-width):])
			}
			take(frame)
		}
	}()
	return func() {
		close(done)
		<-ended
	}, nil
}
