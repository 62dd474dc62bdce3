package wire_test

import (
	"bytes"
	"encoding/hex"
	"maps"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// goldenTime is the time of everything in the golden frames: 2026-01-02 03:04:05.678 UTC.
const goldenTime = 1767323045678

func request(r *wire.Request) *wire.ClientFrame {
	return &wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: r}}
}

func response(r *wire.Response) *wire.ServerFrame {
	return &wire.ServerFrame{Body: &wire.ServerFrame_Response{Response: r}}
}

func goldenNonce() []byte { return []byte("0123456789abcdef") }

func goldenMessage() *wire.Message {
	return &wire.Message{
		Id: 0x0b4a_2525_0000_002a, From: "alice", Peer: "bob", Flags: 3, Time: goldenTime,
		Expires: goldenTime + 3600_000, Content: &wire.Content{Data: []byte("hello")}, Nonce: goldenNonce(),
	}
}

// goldenFrames are one frame of each kind. Their bytes are in testdata/golden.txt, and docs/protocol.md shows some.
func goldenFrames() map[string]proto.Message {
	return map[string]proto.Message{
		"hello": request(&wire.Request{Id: 1, Op: &wire.Request_Hello{Hello: &wire.Hello{
			Version: 1, App: "parley", Client: "parley/0.1 linux", Epoch: 77, Cursor: proto.Uint64(5),
		}}}),
		"hello_new_device": request(&wire.Request{Id: 1, Op: &wire.Request_Hello{Hello: &wire.Hello{
			Version: 1, App: "parley", Client: "parley/0.1 linux", Cursor: proto.Uint64(0),
		}}}),
		"send": request(&wire.Request{Id: 2, Op: &wire.Request_Send{Send: &wire.Send{
			Nonce: goldenNonce(), Id: 42, Peer: "bob", Flags: 3, Expiry: 3600, Content: &wire.Content{Data: []byte("hello")},
		}}}),
		"send_default_expiry": request(&wire.Request{Id: 2, Op: &wire.Request_Send{Send: &wire.Send{
			Nonce: goldenNonce(), Id: 42, GroupId: 9, Flags: 1, Expiry: -1, Type: 65535, RefId: 7,
		}}}),
		"mark_read": request(&wire.Request{Id: 3, Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{
			Peer: "alice",
			UpTo: 6,
		}}}),
		"profile_sync": request(
			&wire.Request{Id: 4, Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: 300}}}),
		"ack": &wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: 6}}},

		"hello_reply": response(&wire.Response{Id: 1, Payload: &wire.Response_Hello{Hello: &wire.HelloReply{
			Uid: 12, Address: "alice", Name: "Alice Martin", Epoch: 77, Start: 5, Head: 9, Time: goldenTime,
			MaxInFlight: 64, MaxUnacked: 512, MaxText: 65536, ProfileRevision: 300,
		}}}),
		"send_reply": response(&wire.Response{Id: 2, Payload: &wire.Response_Send{Send: &wire.SendReply{
			Status: 1, Id: 0x0b4a_2525_0000_002a, Time: goldenTime, Seq: 10,
		}}}),
		"send_reply_refused": response(&wire.Response{Id: 2, Payload: &wire.Response_Send{Send: &wire.SendReply{
			Status: 0x83, Id: 0x0b4a_2525_0000_002a, Time: goldenTime,
		}}}),
		"mark_read_reply": response(&wire.Response{Id: 3, Payload: &wire.Response_MarkRead{MarkRead: &wire.MarkReadReply{}}}),
		"profile_sync_reply": response(&wire.Response{
			Id: 4,
			Payload: &wire.Response_ProfileSync{ProfileSync: &wire.ProfileSyncReply{
				Revision: 302, More: true, Profiles: []*wire.Profile{{Address: "bob", Name: "Bob"}, {Address: "eve", Deleted: true}},
			}},
		}),
		"bad_request": response(&wire.Response{Id: 5, Result: 0x85, Reason: "the message id is 0"}),
		"events": &wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: &wire.Events{Events: []*wire.Event{
			{Seq: 6, Body: &wire.Event_Message{Message: goldenMessage()}},
			{Seq: 7, Body: &wire.Event_Status{Status: &wire.Status{Peer: "bob", Status: 2, UpTo: 4, Time: goldenTime}}},
			{Seq: 8, Body: &wire.Event_Status{Status: &wire.Status{Peer: "bob", Status: 0x84, Id: 5, Time: goldenTime}}},
			{Seq: 9, Body: &wire.Event_Read{Read: &wire.ReadMark{Peer: "bob", UpTo: 3, Time: goldenTime}}},
			{Seq: 10, Body: &wire.Event_Gone{Gone: &wire.Gone{}}},
		}}}},
		"signal_message": &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{
			Body: &wire.Signal_Message{Message: &wire.Message{
				Id: 0x0b4a_2525_0000_002a, From: "alice", Peer: "bob", Flags: 4, Time: goldenTime,
				Content: &wire.Content{Data: []byte("hello")}, Nonce: goldenNonce(),
			}},
		}}},
		"signal_profile": &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{
			Body: &wire.Signal_Profile{Profile: &wire.ProfileChange{Revision: 303}},
		}}},
		"goodbye": &wire.ServerFrame{Body: &wire.ServerFrame_Goodbye{Goodbye: &wire.Goodbye{
			Status: 22, Reason: "the server is shutting down",
		}}},
	}
}

func TestGoldenFrames(t *testing.T) {
	file, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden := make(map[string]string)
	for line := range strings.Lines(string(file)) {
		if name, bytes, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			golden[name] = bytes
		}
	}
	frames := goldenFrames()
	maps.Copy(frames, laterFrames())
	maps.Copy(frames, callFrames())
	for name, want := range frames {
		t.Run(name, func(t *testing.T) {
			enc, err := proto.MarshalOptions{Deterministic: true}.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(enc); got != golden[name] {
				t.Errorf("the encoding has changed:\n got %s\nwant %s", got, golden[name])
			}
			raw, err := hex.DecodeString(golden[name])
			if err != nil {
				t.Fatal(err)
			}
			var got proto.Message
			if _, ok := want.(*wire.ClientFrame); ok {
				got, err = wire.DecodeClient(raw)
			} else {
				got, err = wire.DecodeServer(raw)
			}
			if err != nil || !proto.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
	for name := range golden {
		if frames[name] == nil {
			t.Errorf("golden frame %s is nobody's", name)
		}
	}
}

// TestAppendEvent: appending without decoding produces the same bytes as an encoder.
func TestAppendEvent(t *testing.T) {
	var want, got []byte
	events := &wire.Events{}
	for i, seq := range []uint64{1, 127, 128, 1 << 20, 1<<63 + 5} {
		m := goldenMessage()
		m.Content.Data = bytes.Repeat([]byte("x"), i*100)
		raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
		if err != nil {
			t.Fatal(err)
		}
		got = wire.AppendEvent(got, seq, raw)
		events.Events = append(events.Events, &wire.Event{Seq: seq, Body: &wire.Event_Message{Message: m}})
	}
	want, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: events}})
	if err != nil {
		t.Fatal(err)
	}
	if frame := wire.EventsFrame(got); !bytes.Equal(frame, want) {
		t.Errorf("got %x, want %x", frame, want)
	}
	if f, err := wire.DecodeServer(wire.EventsFrame(nil)); err != nil || len(f.GetEvents().GetEvents()) != 0 ||
		f.GetEvents() == nil {
		t.Errorf("no events: got %v, %v", f, err)
	}
}

// TestProtocolExamples: the examples in docs/protocol.md are golden frames.
func TestProtocolExamples(t *testing.T) {
	golden, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, examples, ok := strings.Cut(string(doc), ". Examples\n")
	if !ok {
		t.Fatal("docs/protocol.md has no examples")
	}
	var shown strings.Builder // without the annotated frame, whose lines hold blanks
	for line := range strings.Lines(examples) {
		code, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if _, err := hex.DecodeString(code); ok && err == nil {
			shown.WriteString(code)
		}
	}
	rest := shown.String()
	for rest != "" {
		found := false
		for line := range strings.Lines(string(golden)) {
			if _, frame, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(rest, frame) {
				rest, found = rest[len(frame):], true
				break
			}
		}
		if !found {
			t.Fatalf("no golden frame begins %.40s", rest)
		}
	}
}
