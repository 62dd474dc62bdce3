package livekit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

const (
	frameTime    = 20 * time.Millisecond
	soundClock   = 48_000
	videoClock   = 90_000
	firstStamp   = 1 << 20 // 0 means none to the library
	silenceLevel = 127     // -dBov

	publishAgain = time.Second            // after it has failed
	permitAgain  = 200 * time.Millisecond // after which a right is looked for that is not there yet
)

// sender sends sound and video. It lives as long as the session; the tracks as long as a connection. The session's
// goroutine calls its methods but for those of tracks.
type sender struct {
	s    *session
	room *lksdk.Room // nil while there is none

	voice     *rtc.Voice // nil before it is needed, or when there is none
	stopVoice func()
	film      *film

	mu     sync.Mutex
	sound  *lksdk.LocalTrack // nil while nothing is published
	layers []*lksdk.LocalTrack

	hasSound, hasVideo       bool // published
	soundFailed, videoFailed bool // there is no codec
	did                      call.GroupSending
	again                    time.Time // when to try to publish again, zero for not at all
}

func newSender(s *session) *sender {
	d := &sender{s: s}
	d.film = newFilm(&s.options.Media, d.writeVideo, s.network.Target, s.problem, s.log)
	return d
}

// use sends through a room, nil for none.
func (d *sender) use(room *lksdk.Room) {
	d.room, d.hasSound, d.hasVideo, d.did, d.again = room, false, false, call.GroupSending{}, time.Time{}
	d.mu.Lock()
	d.sound, d.layers = nil, nil
	d.mu.Unlock()
	if room == nil {
		d.film.set(call.GroupSending{})
	}
}

// set sends what is to be sent.
func (d *sender) set(want call.GroupSending) {
	if want == d.did && (d.again.IsZero() || time.Now().Before(d.again)) {
		return
	}
	d.did, d.again = want, time.Time{}
	d.publish(want)
	if d.voice != nil {
		d.voice.SetMuted(!want.Audio)
	}
	for _, pub := range d.room.LocalParticipant.TrackPublications() { // after the library has connected again they are others
		if local, ok := pub.(*lksdk.LocalTrackPublication); ok && local.Kind() == lksdk.TrackKindAudio {
			local.SetMuted(!want.Audio)
		}
	}
	d.film.set(want)
}

// publish makes sure that what is to be sent is published.
func (d *sender) publish(want call.GroupSending) {
	sound, video := want.Audio && !d.hasSound && !d.soundFailed, want.Video != nil && !d.hasVideo && !d.videoFailed
	if !sound && !video {
		return
	}
	if !d.room.LocalParticipant.Permissions().GetCanPublish() {
		d.later(permitAgain)
		return
	}
	if sound {
		d.publishSound()
	}
	if video {
		d.publishVideo(want)
	}
}

// later tries to publish again after a while.
func (d *sender) later(after time.Duration) {
	d.again = time.Now().Add(after)
	time.AfterFunc(after, d.s.wakeUp)
}

// withdraw takes back tracks that could not be published, for which the library leaves senders behind. They are published
// again later.
func (d *sender) withdraw(tracks ...*lksdk.LocalTrack) {
	d.later(publishAgain)
	pc := d.room.LocalParticipant.GetPublisherPeerConnection()
	if pc == nil {
		return
	}
	for _, sender := range pc.GetSenders() {
		for _, track := range tracks {
			if track != nil && sender.Track() == webrtc.TrackLocal(track) {
				_ = pc.RemoveTrack(sender) // it is closed
			}
		}
	}
}

// look notes which tracks the SFU has ended, because the right to send was lost. They are published again when it is
// there again.
func (d *sender) look() {
	published := make(map[lksdk.TrackKind]bool)
	for _, pub := range d.room.LocalParticipant.TrackPublications() {
		published[pub.Kind()] = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hasSound && !published[lksdk.TrackKindAudio] {
		d.hasSound, d.sound = false, nil
		d.later(permitAgain) // what the rights are now is on its way
	}
	if d.hasVideo && !published[lksdk.TrackKindVideo] {
		d.hasVideo, d.layers = false, nil
		d.later(permitAgain)
	}
}

// see says which sizes of video are received, all of them unless it is known of the track that is sent.
func (d *sender) see(s seen) {
	sizes := [layerCount]bool{true, true}
	for _, pub := range d.room.LocalParticipant.TrackPublications() {
		if pub.SID() == s.sid && pub.Kind() == lksdk.TrackKindVideo {
			sizes = s.sizes
		}
	}
	d.film.see(sizes)
}

// publishSound publishes the track of sound, and starts to listen to the microphone.
func (d *sender) publishSound() {
	if d.voice == nil {
		bitrate := d.s.options.AudioBitrate
		if bitrate == 0 {
			bitrate = rtc.Opus
		}
		voice, err := rtc.NewVoice(&d.s.options.Media, bitrate, d.writeSound, d.s.log)
		if err != nil {
			d.soundFailed = true
			d.s.problem(err)
			return
		}
		d.voice = voice
		d.stopVoice = voice.Start(d.s.options.Media.Microphone, d.s.problem)
	}
	voice := d.voice
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: soundClock, Channels: 2,
	}, lksdk.WithRTCPHandler(func(p rtcp.Packet) {
		if r, ok := p.(*rtcp.ReceiverReport); ok {
			for _, b := range r.Reports {
				voice.Reported(b.FractionLost)
			}
		}
	}))
	if err == nil {
		_, err = d.room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
			Name: "microphone", Source: livekit.TrackSource_MICROPHONE,
		})
	}
	if err != nil {
		d.s.problem(fmt.Errorf("nothing is heard of this user: %w", err))
		d.withdraw(track)
		return
	}
	d.hasSound = true
	d.mu.Lock()
	d.sound = track
	d.mu.Unlock()
}

// writeSound sends a packet. The goroutine of the voice calls it.
func (d *sender) writeSound(sound rtc.Sound) error {
	d.mu.Lock()
	track := d.sound
	d.mu.Unlock()
	if track == nil {
		return nil
	}
	loudness := levelOf(sound.Samples)
	err := track.WriteSample(media.Sample{
		Data: d.s.keys.encrypt(sound.Packet, clearOpus), Duration: frameTime, PacketTimestamp: firstStamp + sound.Stamp,
	}, &lksdk.SampleWriteOptions{AudioLevel: &loudness})
	if err != nil {
		return fmt.Errorf("send sound: %w", err)
	}
	return nil
}

// levelOf returns how much less loud than the loudest possible a frame is, in dB.
func levelOf(samples []float32) uint8 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return silenceLevel
	}
	const decibels = 10
	return uint8(min(silenceLevel, max(0, -decibels*math.Log10(sum/float64(len(samples))))))
}

// publishVideo publishes the track of video, in two sizes.
func (d *sender) publishVideo(want call.GroupSending) {
	if d.s.options.Media.VideoEncoder == nil {
		d.videoFailed = true
		d.s.problem(fmt.Errorf("no video is sent: %w", call.ErrNoCodec))
		return
	}
	sizes := sizesOf(want)
	id := fmt.Sprint("video", time.Now().UnixNano())
	tracks := make([]*lksdk.LocalTrack, 0, len(sizes))
	for i, size := range sizes {
		track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock},
			lksdk.WithSimulcast(id, &livekit.VideoLayer{
				Quality: size.quality, Width: uint32(size.width), Height: uint32(size.height), Bitrate: uint32(size.bitrate),
			}), lksdk.WithRTCPHandler(func(p rtcp.Packet) {
				switch p.(type) {
				case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
					d.film.asksKey(i)
				}
			}))
		if err != nil {
			d.s.problem(fmt.Errorf("no video is sent: %w", err))
			return
		}
		tracks = append(tracks, track)
	}
	_, err := d.room.LocalParticipant.PublishSimulcastTrack(tracks, &lksdk.TrackPublicationOptions{
		Name: "camera", Source: livekit.TrackSource_CAMERA,
	})
	if err != nil {
		d.s.problem(fmt.Errorf("no video is sent: %w", err))
		d.withdraw(tracks...)
		return
	}
	d.hasVideo = true
	d.mu.Lock()
	d.layers = tracks
	d.mu.Unlock()
}

// writeVideo sends a frame of a layer. The goroutine of the film calls it.
func (d *sender) writeVideo(layer int, at time.Time, length time.Duration, frame []byte) error {
	d.mu.Lock()
	layers := d.layers
	d.mu.Unlock()
	if layer >= len(layers) {
		return nil
	}
	err := layers[layer].WriteSample(media.Sample{
		Data: d.s.keys.encryptVideo(frame), Duration: length, Timestamp: at,
	}, nil)
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("send video: %w", err)
	}
	return nil
}

func (d *sender) close() {
	if d.stopVoice != nil {
		d.stopVoice()
		d.voice.Close()
	}
	d.film.close()
}
