package e2e_test

import (
	"os"
	"testing"

	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// TestRestore_of_a_copied_folder: the server's folder is put back from a copy, with everything in it, and its logs grow
// past what the devices have. Each device finds out by itself; what it had received stays, and what is new arrives.
func TestRestore_of_a_copied_folder(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bob := online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 1, "before")
	bob.awaitLine("message before RECEIVEDNEW")
	bob.send("alice", 1, "answer")
	alice.awaitLine("message answer RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED")
	bob.awaitLine("status 1 DELIVERED")
	srv.Stop()
	kept := t.TempDir()
	alice.must(os.CopyFS(kept, os.DirFS(srv.Dir())))
	srv.Start()
	alice.send("bob", 2, "lost by the server")
	bob.awaitLine("message lost by the server RECEIVEDNEW")
	alice.awaitLine("status 2 DELIVERED")
	srv.Stop()
	alice.Stop()
	bob.Stop()
	alice.send("bob", 3, "waits")
	alice.must(os.RemoveAll(srv.Dir()))
	alice.must(os.CopyFS(srv.Dir(), os.DirFS(kept)))
	srv.Start()
	carol.send("bob", 11, "after 1")
	carol.send("bob", 12, "after 2")
	carol.send("bob", 13, "after 3")
	carol.await("all sent", func() bool { return carol.OutboxCount() == 0 })
	bob.start()
	bob.awaitLine("message after 3 RECEIVEDNEW")
	alice.start()
	bob.awaitLine("message waits RECEIVEDNEW")
	alice.awaitLine("status 3 DELIVERED")
	bob.wantHistory("carol", "after 1 RECEIVEDNEW", "after 2 RECEIVEDNEW", "after 3 RECEIVEDNEW")
	bob.wantHistory("alice", "before RECEIVEDNEW", "answer DELIVERED", "lost by the server RECEIVEDNEW", "waits RECEIVEDNEW")
	alice.wantHistory("bob", "before DELIVERED", "answer RECEIVEDNEW", "lost by the server DELIVERED", "waits DELIVERED")
	bob.wantLines("message", "message before RECEIVEDNEW", "message lost by the server RECEIVEDNEW",
		"message after 1 RECEIVEDNEW", "message after 2 RECEIVEDNEW", "message after 3 RECEIVEDNEW",
		"message waits RECEIVEDNEW")
}
