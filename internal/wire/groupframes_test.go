package wire_test

import (
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// laterFrames are golden frames of what the protocol got together with groups.
func laterFrames() map[string]proto.Message {
	const mid = 0x0b4a_2525_0000_002a
	team := &wire.GroupInfo{GroupId: 9, Name: "Team", Expiry: -1, Created: goldenTime, Members: 2, Changed: goldenTime}
	return map[string]proto.Message{
		"renew_token": request(&wire.Request{Id: 9, Op: &wire.Request_RenewToken{RenewToken: &wire.RenewToken{
			Hash: append(goldenNonce(), goldenNonce()...),
		}}}),
		"renew_token_reply": response(&wire.Response{Id: 9, Payload: &wire.Response_RenewToken{
			RenewToken: &wire.RenewTokenReply{Expires: goldenTime + 2_000, Renew: goldenTime + 1_000},
		}}),
		"group_create": request(&wire.Request{Id: 6, Op: &wire.Request_GroupCreate{GroupCreate: &wire.GroupCreate{
			Nonce: goldenNonce(), Name: "Team", Members: []string{"bob"},
		}}}),
		"group_edit_members": request(&wire.Request{
			Id: 7,
			Op: &wire.Request_GroupEditMembers{GroupEditMembers: &wire.GroupEditMembers{
				GroupId: 9, Addresses: []string{"bob"}, Permissions: &wire.Permissions{
					Flags:      wire.MemberAll,
					AdminFlags: wire.AdminModify,
				},
			}},
		}),
		"recall": request(&wire.Request{Id: 8, Op: &wire.Request_Recall{Recall: &wire.Recall{
			Peer: "bob",
			Ids:  []uint64{mid},
		}}}),
		"modify": request(&wire.Request{Id: 9, Op: &wire.Request_Modify{Modify: &wire.Modify{
			Peer: "bob", Id: mid, Content: &wire.Content{Data: []byte("hello!")},
		}}}),
		"react": request(&wire.Request{Id: 10, Op: &wire.Request_React{React: &wire.React{
			GroupId: 9, Id: mid,
			Emoji: "👍",
		}}}),
		"activity": request(&wire.Request{Id: 11, Op: &wire.Request_Activity{Activity: &wire.Activity{
			Peer:     "bob",
			Activity: wire.ActivityTyping,
		}}}),
		"watch": request(&wire.Request{Id: 12, Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: []string{
			"bob",
			"eve",
		}}}}),
		"history": request(&wire.Request{Id: 13, Op: &wire.Request_History{History: &wire.History{
			Peer: "bob", Before: 70,
			Count: 50,
		}}}),

		"group_reply": response(&wire.Response{Id: 6, Payload: &wire.Response_Group{Group: &wire.GroupReply{
			Group: team, Own: &wire.Permissions{
				Flags:      wire.MemberAll,
				AdminFlags: wire.AdminOwnerAll,
			}, Refused: []string{"nobody"},
		}}}),
		"group_refused": response(&wire.Response{
			Id: 7, Result: wire.ResultDenied, Reason: "no",
			Payload: &wire.Response_Group{
				Group: &wire.GroupReply{Error: wire.GroupErrorPermission},
			},
		}),
		"watch_reply": response(&wire.Response{Id: 12, Payload: &wire.Response_Watch{Watch: &wire.WatchReply{
			Presences: []*wire.Presence{{Address: "bob", Online: true, LastSeen: goldenTime}},
		}}}),
		"later_events": &wire.ServerFrame{Body: &wire.ServerFrame_Events{Events: &wire.Events{Events: []*wire.Event{
			{Seq: 11, Body: &wire.Event_Message{Message: &wire.Message{
				Id: mid, From: "alice", GroupId: 9, Time: goldenTime, Content: &wire.Content{Group: &wire.GroupChange{
					Kind: wire.GroupChange_CREATED, Group: team, Members: []*wire.Member{
						{Address: "bob", Permissions: &wire.Permissions{Flags: wire.MemberAll}},
					},
				}},
			}}},
			{Seq: 12, Body: &wire.Event_Recalled{Recalled: &wire.Recalled{
				From: "alice", Peer: "bob", Ids: []uint64{mid},
				Time: goldenTime,
			}}},
			{Seq: 13, Body: &wire.Event_Modified{Modified: &wire.Modified{
				From: "alice", Peer: "bob", Id: mid, Content: &wire.Content{Data: []byte("hello!")}, Time: goldenTime,
			}}},
			{Seq: 14, Body: &wire.Event_Reaction{Reaction: &wire.Reaction{
				From: "bob", GroupId: 9, Id: mid, Emoji: "👍",
				Time: goldenTime,
			}}},
			{Seq: 15, Body: &wire.Event_Block{Block: &wire.Block{Address: "eve", Blocked: true}}},
			{Seq: 16, Body: &wire.Event_ChatSettings{ChatSettings: &wire.ChatSettings{Peer: "bob", Pinned: true}}},
		}}}},
		"signal_activity": &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{Body: &wire.Signal_Activity{
			Activity: &wire.ActivitySignal{From: "bob", Activity: wire.ActivityTyping, Time: goldenTime},
		}}}},
		"signal_presence": &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{Body: &wire.Signal_Presence{
			Presence: &wire.Presence{Address: "bob", LastSeen: goldenTime},
		}}}},
	}
}
