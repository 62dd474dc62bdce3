package mesibo_test

import (
	"fmt"

	"github.com/parley-chat/parley/mesibo"
)

// A bot that answers every call, and one who calls it. Before, both have set their devices and codecs with
// SetCallMedia.
func ExampleMesibo_Call() {
	srv, s := newServer()
	defer s.close()
	mesibo.UseTestMedia(s.signIn(srv, "bot", &mesibo.CallFuncs{
		Incoming: func(*mesibo.UserProfile, bool, bool) *mesibo.CallProperties {
			return &mesibo.CallProperties{AutoAnswer: true}
		},
	}))
	m := s.signIn(srv, "alice")
	mesibo.UseTestMedia(m)

	cp := m.CreateCallProperties(false)
	cp.User = m.CreateUserProfile("bot", 0)
	call, err := m.Call(cp)
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan struct{})
	err = call.Start(&mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) {
			switch status {
			case mesibo.CallStatusAnswer:
				fmt.Println("answered")
			case mesibo.CallStatusConnected:
				fmt.Println("connected")
				if err := call.Hangup(); err != nil {
					fmt.Println(err)
				}
			default:
			}
		},
		Hangup: func(_ *mesibo.CallProperties, reason mesibo.HangupReason) {
			fmt.Println("hung up by", reason)
			close(done)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-done
	// Output:
	// answered
	// connected
	// hung up by USER
}

// A listener that shows who calls, and lets the user answer. A program with a window calls Answer or Hangup when a
// button is pressed, instead of at once.
func ExampleCallListener() {
	srv, s := newServer()
	defer s.close()
	done := make(chan struct{})
	bob := s.signIn(srv, "bob", &mesibo.CallFuncs{
		Incoming: func(_ *mesibo.UserProfile, video, _ bool) *mesibo.CallProperties {
			return &mesibo.CallProperties{Video: mesibo.VideoProperties{Enabled: video}}
		},
		ShowUserInterface: func(call *mesibo.Call, cp *mesibo.CallProperties) bool {
			fmt.Println(cp.User.Address, "calls")
			err := call.Start(&mesibo.CallInProgressFuncs{
				Hangup: func(_ *mesibo.CallProperties, reason mesibo.HangupReason) {
					fmt.Println("hung up by", reason)
					close(done)
				},
			})
			if err == nil {
				err = call.Answer(cp.Video.Enabled)
			}
			if err != nil {
				fmt.Println(err)
			}
			return true
		},
	})
	mesibo.UseTestMedia(bob)
	alice := s.signIn(srv, "alice")
	mesibo.UseTestMedia(alice)
	cp := alice.CreateCallProperties(true)
	cp.User = alice.CreateUserProfile("bob", 0)
	call, err := alice.Call(cp)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = call.Start(&mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) {
			if status == mesibo.CallStatusConnected {
				_ = call.Hangup()
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-done
	// Output:
	// alice calls
	// hung up by REMOTE
}

// A member who joins the call of a group, sends sound, and hears whoever else does. Before, both have set their devices
// and codecs with SetCallMedia.
func ExampleMesibo_GroupCall() {
	srv, s := newServer()
	defer s.close()
	groups := make(chan uint32, 2)
	member := &mesibo.GroupFuncs{
		Created: func(p *mesibo.UserProfile, _ uint32) { groups <- p.GroupID },
		Joined:  func(p *mesibo.UserProfile) { groups <- p.GroupID },
	}
	alice, bob := s.signIn(srv, "alice", member), s.signIn(srv, "bob", member)
	if err := alice.CreateGroup(mesibo.GroupSettings{Name: "Book club"}, []string{"bob"}, alice.Random()); err != nil {
		fmt.Println(err)
		return
	}
	heard := make(chan string)
	for _, m := range []*mesibo.Mesibo{alice, bob} {
		mesibo.UseTestMedia(m)
		group, err := m.GroupCall(<-groups)
		if err != nil {
			fmt.Println(err)
			return
		}
		err = group.Join(&mesibo.GroupCallFuncs{
			Publisher: func(p *mesibo.CallParticipant, joined bool) {
				if !joined {
					return
				}
				if err := p.Call(true, false, false, false, &mesibo.GroupCallInProgressFuncs{
					Connected: func(p *mesibo.CallParticipant, connected bool) {
						heard <- fmt.Sprint(m.GetAddress(), " hears ", p.GetAddress(), ": ", connected)
					},
				}); err != nil {
					fmt.Println(err)
				}
			},
		}, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := group.CreatePublisher(0).Call(true, false, false, false, nil); err != nil {
			fmt.Println(err)
		}
		defer group.Leave()
	}
	fmt.Println(<-heard)
	fmt.Println(<-heard)
	// Unordered output:
	// alice hears bob: true
	// bob hears alice: true
}
