package wire_test

import (
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// callFrames are golden frames of calls.
func callFrames() map[string]proto.Message {
	const id = 0x0123_4567_89ab_cdef
	const started uint64 = goldenTime
	signal := func(id uint64, m *wire.CallSignal) proto.Message {
		m.CallId, m.Seq = 0x0123_4567_89ab_cdef, uint32(id)
		return request(&wire.Request{Id: id, Op: &wire.Request_CallSignal{CallSignal: m}})
	}
	signalled := func(s *wire.CallSignalled) proto.Message {
		s.CallId, s.Started = id, started
		return &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{Body: &wire.Signal_Call{Call: s}}}}
	}
	record := func(seq uint64, from, to string, r *wire.CallRecord) *wire.Event {
		r.CallId, r.Started = id, started
		return &wire.Event{Seq: seq, Body: &wire.Event_Message{Message: &wire.Message{
			Id: 0x0b4a_2525_0000_002a, From: from, Peer: to, Time: goldenTime, Nonce: goldenNonce(),
			Content: &wire.Content{Call: r},
		}}}
	}
	reply := func(r *wire.CallReply) proto.Message {
		return response(&wire.Response{Id: 14, Payload: &wire.Response_Call{Call: r}})
	}
	roster := &wire.CallRoster{Revision: 3, Participants: []*wire.CallParticipant{
		{Number: 1, Address: "alice", Publishes: true, Video: true, Mute: wire.MuteAudio, Sid: 1},
		{Number: 3, Address: "bob", Listens: true},
	}}
	return map[string]proto.Message{
		"call_start": request(&wire.Request{Id: 14, Op: &wire.Request_CallStart{CallStart: &wire.CallStart{
			Nonce: goldenNonce(), Peer: "bob", Video: true, Sdp: "v=0 offer",
		}}}),
		"call_answer": signal(15, &wire.CallSignal{
			Change: &wire.CallChange{Status: wire.CallAnswer, Sdp: "v=0 answer", Video: true},
		}),
		"call_sdp": signal(16, &wire.CallSignal{
			Change: &wire.CallChange{Status: wire.CallSDP, Candidates: []string{"one", "two"}},
		}),
		"call_mute":    signal(17, &wire.CallSignal{Change: &wire.CallChange{Status: wire.CallMute, Mute: wire.MuteAll}}),
		"call_digit":   signal(18, &wire.CallSignal{Change: &wire.CallChange{Status: wire.CallDTMF, Digit: '5'}}),
		"call_servers": request(&wire.Request{Id: 19, Op: &wire.Request_CallServers{CallServers: &wire.CallServers{}}}),
		"call_servers_reply": response(&wire.Response{
			Id: 19, Payload: &wire.Response_CallServers{CallServers: &wire.CallServersReply{
				Ttl: 3600, Servers: []*wire.ICEServer{
					{Urls: []string{"stun:192.0.2.1:3478"}},
					{
						Urls:     []string{"turn:192.0.2.1:3478?transport=udp", "turn:192.0.2.1:3478?transport=tcp"},
						Username: "1764000000:7", Credential: "c2VjcmV0",
					},
				},
			}},
		}),
		"call_reply": reply(&wire.CallReply{CallId: id, Status: wire.CallInProgress}),
		"call_reply_incoming": reply(&wire.CallReply{
			CallId: id, Status: wire.CallIncoming, Sdp: "v=0 offer",
		}),
		"call_reply_refused": reply(&wire.CallReply{Status: wire.CallInvalidDest}),
		"signal_call": signalled(&wire.CallSignalled{
			Peer: "alice", Video: true,
			Change: &wire.CallChange{Status: wire.CallIncoming, Sdp: "v=0 offer", Video: true},
		}),
		"signal_call_device": signalled(&wire.CallSignalled{
			Device: "0123456789ab", Seq: 1, Peer: "bob", Change: &wire.CallChange{Status: wire.CallBusy, Declined: true},
		}),
		"call_join": request(&wire.Request{Id: 20, Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{
			GroupId: 7, Video: true, Ring: true,
		}}}),
		"call_ticket": response(&wire.Response{Id: 20, Payload: &wire.Response_Ticket{Ticket: &wire.CallTicketReply{
			CallId: id, Status: wire.CallInProgress, Number: 3, Roster: roster, Started: started, Video: true,
			Controls: true, Removes: true,
		}}}),
		"call_ticket_refused": response(&wire.Response{Id: 20, Payload: &wire.Response_Ticket{
			Ticket: &wire.CallTicketReply{Status: wire.CallBusy},
		}}),
		"call_join_sfu": request(&wire.Request{Id: 20, Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{
			GroupId: 7, Sfu: true,
		}}}),
		"call_ticket_sfu": response(&wire.Response{Id: 20, Payload: &wire.Response_Ticket{Ticket: &wire.CallTicketReply{
			CallId: id, Status: wire.CallInProgress, Number: 3, Roster: roster, Started: started,
			Sfu: &wire.CallSFU{Url: "wss://sfu.example.org", Token: "e30.e30.c2ln", Key: &wire.CallKey{
				Key: []byte("0123456789abcdef"), Index: 1,
			}},
		}}}),
		"call_group_sdp": signal(21, &wire.CallSignal{
			GroupId: 7, To: 1, Change: &wire.CallChange{Status: wire.CallSDP, Sdp: "v=0 offer"},
		}),
		"call_group_publish": signal(22, &wire.CallSignal{GroupId: 7, Change: &wire.CallChange{
			Status: wire.CallPublish, Publishes: true, Video: true, Mute: wire.MuteAudio, Sid: 1,
		}}),
		"signal_call_group": signalled(&wire.CallSignalled{
			GroupId: 7, From: 3, Video: true, Roster: roster, Change: &wire.CallChange{Status: wire.CallIncoming},
		}),
		"signal_call_group_device": signalled(&wire.CallSignalled{
			Device: "0123456789ab", Seq: 2, GroupId: 7, From: 3, To: 1, Video: true,
			Change: &wire.CallChange{Status: wire.CallUpdate, Mute: wire.MuteVideo},
		}),
		"signal_call_group_key": signalled(&wire.CallSignalled{
			Device: "0123456789ab", Seq: 3, GroupId: 7, To: 1, Change: &wire.CallChange{
				Status: wire.CallUpdate, Key: &wire.CallKey{Key: []byte("fedcba9876543210"), Index: 2},
			},
		}),
		"call_record_group": &wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: &wire.Events{Events: []*wire.Event{
			{Seq: 17, Body: &wire.Event_Message{Message: &wire.Message{
				Id: 0x0b4a_2525_0000_002b, From: "alice", GroupId: 7, Time: goldenTime, Nonce: goldenNonce(),
				Content: &wire.Content{Call: &wire.CallRecord{
					CallId: id, Status: wire.CallComplete, Started: started, Answered: started + 1, Ended: started + 720_000,
					People: 3,
				}},
			}}},
		}}}},
		"call_records": &wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: &wire.Events{Events: []*wire.Event{
			record(15, "alice", "bob", &wire.CallRecord{
				Video: true, Status: wire.CallComplete, Answered: started + 2_000, Ended: started + 65_000,
			}),
			record(16, "bob", "alice", &wire.CallRecord{Status: wire.CallBusy, Ended: started + 1_000, Declined: true}),
		}}}},
	}
}
