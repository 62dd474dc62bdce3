package mesibo

import "github.com/parley-chat/parley/mesibo/call"

// UseTestMedia gives an instance media that connect at once, and no devices.
func UseTestMedia(m *Mesibo) {
	m.calls.engine = func(_ callMediaOptions, h callMediaHandler) (callMedia, error) { return exampleMedia{h}, nil }
	m.SetCallMedia(call.Media{Microphone: deaf{}})
}

// deaf is a microphone that hears nothing.
type deaf struct{}

func (deaf) Record(int, func([]float32), func()) (func(), error) { return func() {}, nil }

// exampleMedia stand for media that connect when they have both descriptions.
type exampleMedia struct{ h callMediaHandler }

func (exampleMedia) Offer() (string, error)   { return "offer", nil }
func (exampleMedia) Restart() (string, error) { return "offer", nil }

func (e exampleMedia) Answer(string) (string, error) {
	e.h.OnConnected()
	return "answer", nil
}

func (e exampleMedia) Accept(string) error {
	e.h.OnConnected()
	return nil
}

func (exampleMedia) AddCandidate(string) error                          { return nil }
func (exampleMedia) SetMuted(bool, bool)                                {}
func (exampleMedia) SetHold(bool)                                       {}
func (exampleMedia) SetVideoSource(VideoSource, call.VideoSource) error { return nil }
func (exampleMedia) SetVideoSink(call.VideoSink, bool)                  {}
func (exampleMedia) Stats() CallStats                                   { return CallStats{} }
func (exampleMedia) Close()                                             {}
