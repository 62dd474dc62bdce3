package e2e_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// A message without an expiry waits for its recipient: one of a literal, and one that answers with the parameters
// received.
func TestExpiry_zero_is_the_default(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bobToken := online(t, srv.Token("alice")), srv.Token("bob")
	bob := newDevice(t, bobToken, t.TempDir())
	bob.start()
	bob.send("alice", 1, "question")
	alice.awaitLine("message question RECEIVEDNEW")
	bob.end()
	alice.must(alice.SendMessageString(mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagDefault}, 2, "of a literal"))
	received := alice.messages()[0].MessageParams
	alice.must(alice.SendMessageString(received, 3, "of what was received"))
	alice.must(alice.SendMessageString(mesibo.MessageParams{Peer: "bob", Expiry: mesibo.ExpiryOnline}, 4, "only now"))
	alice.awaitLine("status 4 USEROFFLINE")
	alice.wantLines("status 2", "status 2 SENT")
	bob.must(bob.SetDatabase("test.db", 0))
	bob.start()
	alice.awaitLine("status 2 DELIVERED")
	alice.awaitLine("status 3 DELIVERED")
	bob.wantLines("message", "message of a literal RECEIVEDNEW", "message of what was received RECEIVEDNEW")
}
