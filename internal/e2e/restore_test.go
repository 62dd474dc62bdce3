package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server/backup"
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

// TestRestore_under_way runs a server and two users who write to each other as fast as they can, in three processes. A
// backup is made meanwhile, more is written, the server is killed, and the backup is put back. What one of them had
// received stays, once; what was accepted since arrives once; what the server has lost is still with both who had it.
func TestRestore_under_way(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t) // creates the users and finds a port
	aliceToken, bobToken := srv.Token("alice"), srv.Token("bob")
	srv.Stop()
	aliceDir, bobDir, saved := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	srvProcess := &process{t: t, part: "server", args: []string{srv.Dir(), srv.Addr()}}
	alice := &process{t: t, part: "chatter", args: []string{aliceToken, aliceDir, "bob"}}
	bob := &process{t: t, part: "chatter", args: []string{bobToken, bobDir, "alice"}}
	for _, p := range []*process{srvProcess, alice, bob} {
		p.start()
	}
	reach := func(n int) {
		for _, p := range []*process{alice, bob} {
			for p.number() < n {
				<-time.After(time.Millisecond)
			}
		}
	}
	reach(100)
	if _, err := backup.Create(t.Context(), srv.Dir(), saved, time.Now()); err != nil {
		t.Fatal(err)
	}
	reach(alice.number() + 100)
	srvProcess.kill()
	if _, _, err := backup.Restore(t.Context(), saved, srv.Dir(), time.Now()); err != nil {
		t.Fatal(err)
	}
	srvProcess.start()
	reach(alice.number() + 100)
	alice.finish()
	bob.finish()

	aliceDevice, bobDevice := newDevice(t, aliceToken, aliceDir), newDevice(t, bobToken, bobDir)
	aliceDevice.start()
	bobDevice.start()
	checkOnce(t, aliceDevice, bobDevice, alice.number())
	checkOnce(t, bobDevice, aliceDevice, bob.number())
	srvProcess.kill()
}

// checkOnce waits until the receiver has the last number of the sender, and checks that it has each number once and in
// order, and the sender all. What the server had accepted in its last moment, and not delivered, only the sender has.
func checkOnce(t *testing.T, from, to *device, accepted int) {
	t.Helper()
	sent := numbers(from, to.GetAddress(), "")
	if len(sent) < accepted {
		t.Errorf("%s: %d accepted, %d in the sender's database", from.GetAddress(), accepted, len(sent))
	}
	last := sent[len(sent)-1]
	to.await("the last number", func() bool { return slices.Contains(numbers(to, from.GetAddress(), "RECEIVED"), last) })
	got := numbers(to, from.GetAddress(), "RECEIVED")
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%s: not once and in order: %v", to.GetAddress(), got)
	}
	missing := 0
	for _, n := range sent {
		if _, found := slices.BinarySearch(got, n); !found {
			missing++
		}
	}
	t.Logf("%s: %d of %d messages, each once and in order; %d were lost with the server", to.GetAddress(), len(got), len(sent),
		missing)
}
