package e2e_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// isRequest waits until a user is, or is not, one who waits to be accepted.
func (d *device) isRequest(address string, want bool) {
	d.t.Helper()
	d.await("the request", func() bool {
		p, ok := d.GetProfile(address, 0)
		return ok && p.IsMessageRequest() == want
	})
}

// TestMessageRequest: the first message of a stranger is a request on all devices, until one of them accepts or answers.
func TestMessageRequest(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	s.Stop()
	s.SetMessageRequests(true)
	s.Start()
	eve, dave := online(t, s.Token("eve")), online(t, s.Token("dave"))
	bob, laptop := online(t, s.Token("bob")), online(t, s.Token("bob"))
	if got := bob.GetGroupPrivacy(); got != mesibo.VisibilityContact {
		t.Errorf("who may add to groups: got %v, want contacts", got)
	}
	eve.must(eve.SendMessageString(mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagDefault}, 1, "hello"))
	eve.must(eve.SendMessageString(mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagDefault}, 2, "hello?"))
	dave.must(dave.SendMessageString(mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagDefault}, 1, "hi"))
	eve.awaitLine("status 1 SENT")
	eve.awaitLine("status 2 NOTACCEPTED")
	for _, d := range []*device{bob, laptop} {
		d.isRequest("eve", true)
		d.isRequest("dave", true)
	}
	bob.must(bob.AcceptMessageRequest("eve"))
	laptop.must(laptop.SendMessageString(mesibo.MessageParams{Peer: "dave", Flag: mesibo.FlagDefault}, 1, "hi dave"))
	for _, d := range []*device{bob, laptop} {
		d.isRequest("eve", false)
		d.isRequest("dave", false)
	}
	eve.must(eve.Resend(mesibo.MessageParams{Peer: "bob"}, 2))
	bob.awaitLine("message hello? RECEIVEDNEW")
	phone := online(t, s.Token("bob")) // a new device, which reads the log from its start
	phone.awaitLine("message hello? RECEIVEDNEW")
	phone.isRequest("eve", false)
	phone.isRequest("dave", false)
	if err := bob.AcceptMessageRequest(""); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("no address: got %v", err)
	}
}
