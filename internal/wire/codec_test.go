package wire_test

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

func encode(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeClient_refuses(t *testing.T) {
	send := encode(t, goldenFrames()["send"])
	badText := protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), "\xff")
	badHello := protowire.AppendBytes(protowire.AppendTag([]byte{0x08, 1}, 2, protowire.BytesType), badText)
	for name, b := range map[string][]byte{
		"nothing":            nil,
		"garbage":            []byte("\xff\xff\xff\xff"),
		"truncated":          send[:len(send)-1],
		"no body":            {0x78, 1},
		"request without id": encode(t, request(&wire.Request{Op: &wire.Request_ProfileSync{}})),
		"too long":           make([]byte, wire.MaxFrame+1),
		"not UTF-8":          protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), badHello),
	} {
		if f, err := wire.DecodeClient(b); !errors.Is(err, wire.ErrFrame) || f != nil {
			t.Errorf("%s: got %v, %v, want %v", name, f, err, wire.ErrFrame)
		}
	}
}

// TestDecode_the_future: additions of a later version are no error, and survive a round trip.
func TestDecode_the_future(t *testing.T) {
	later := protowire.AppendString(protowire.AppendTag(nil, 900, protowire.BytesType), "later")
	client := append(encode(t, goldenFrames()["ack"]), later...)
	f, err := wire.DecodeClient(client)
	if err != nil || f.GetAck().GetSeq() != 6 || len(f.ProtoReflect().GetUnknown()) != len(later) {
		t.Errorf("client: got %v, %v", f, err)
	}
	s, err := wire.DecodeServer(later)
	if err != nil || s.GetBody() != nil {
		t.Errorf("server: got %v, %v, want a frame without body", s, err)
	}
	if _, err := wire.DecodeServer([]byte{0xff}); !errors.Is(err, wire.ErrFrame) {
		t.Errorf("garbage: got %v, want %v", err, wire.ErrFrame)
	}
}

func TestMessageID(t *testing.T) {
	epoch := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		at   time.Time
		low  uint32
		want uint64
	}{
		{epoch, 1, 1},
		{epoch.Add(time.Second), 1, 1<<32 | 1},
		{epoch.Add(1999 * time.Millisecond), 0xffffffff, 1<<32 | 0xffffffff},
		{epoch.Add(-time.Hour), 5, 5}, // a wrong clock
		{epoch.AddDate(60, 0, 0).In(time.FixedZone("", 3600)), 7, 1893456000<<32 | 7},
	} {
		if got := wire.MessageID(tc.at, tc.low); got != tc.want {
			t.Errorf("%v, %d: got %#x, want %#x", tc.at, tc.low, got, tc.want)
		}
	}
}

func FuzzDecodeClient(f *testing.F) {
	for _, frames := range []map[string]proto.Message{goldenFrames(), laterFrames(), callFrames()} {
		for _, m := range frames {
			f.Add(encode(f, m))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := wire.DecodeClient(b)
		if err != nil {
			if !errors.Is(err, wire.ErrFrame) || frame != nil {
				t.Fatalf("got %v, %v, want an error that wraps %v and no frame", frame, err, wire.ErrFrame)
			}
			return
		}
		if frame.GetRequest().GetId() == 0 && frame.GetAck() == nil {
			t.Fatalf("got %v, want a request with an id or an ack", frame)
		}
		again, err := wire.DecodeClient(encode(t, frame))
		if err != nil || !proto.Equal(again, frame) {
			t.Fatalf("got %v, %v, want %v", again, err, frame)
		}
	})
}

func FuzzDecodeServer(f *testing.F) {
	for _, frames := range []map[string]proto.Message{goldenFrames(), laterFrames(), callFrames()} {
		for _, m := range frames {
			f.Add(encode(f, m))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := wire.DecodeServer(b)
		if err != nil {
			if !errors.Is(err, wire.ErrFrame) {
				t.Fatalf("got %v, want an error that wraps %v", err, wire.ErrFrame)
			}
			return
		}
		again, err := wire.DecodeServer(encode(t, frame))
		if err != nil || !proto.Equal(again, frame) {
			t.Fatalf("got %v, %v, want %v", again, err, frame)
		}
		var events []byte
		for _, e := range frame.GetEvents().GetEvents() {
			seq := e.GetSeq()
			e.Seq = 0
			events = wire.AppendEvent(events, seq, encode(t, e))
			e.Seq = seq
		}
		if frame.GetEvents() != nil && len(wire.EventsFrame(events)) <= wire.MaxFrame {
			pushed, err := wire.DecodeServer(wire.EventsFrame(events))
			if err != nil || len(pushed.GetEvents().GetEvents()) != len(frame.GetEvents().GetEvents()) {
				t.Fatalf("got %v, %v, want %v", pushed, err, frame)
			}
		}
	})
}
