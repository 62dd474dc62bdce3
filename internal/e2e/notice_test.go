package e2e_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// A notice of the server is a message in a chat with the server, which has a name.
func TestNotices(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	bob := newDevice(t, srv.Token("bob"), t.TempDir())
	bob.start()
	srv.AddNotice("bob", "The server moves on Sunday.")
	bob.awaitLine("message The server moves on Sunday. RECEIVEDNEW")
	bob.await("the server's name", func() bool {
		p, ok := bob.GetProfile(mesibo.ServerAddress, 0)
		return ok && p.IsServer() && strings.HasPrefix(p.Name, "127.")
	})
}
