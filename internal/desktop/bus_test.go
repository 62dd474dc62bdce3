//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/parley-chat/parley/app/system"
)

// testBus is a session bus of its own, run by dbus-daemon.
type testBus struct {
	t       *testing.T
	address string
	daemon  *exec.Cmd
}

// busConfig is that of a session bus that starts no services of this machine, such as its notification daemon.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

func newTestBus(t *testing.T) *testBus {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv("PARLEY_NEED_LIBS") != "" {
			t.Fatal("dbus-daemon is not installed")
		}
		t.Skip("dbus-daemon is not installed")
	}
	b := &testBus{t: t, address: "unix:path=" + filepath.Join(t.TempDir(), "bus")}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *testBus) start() {
	b.t.Helper()
	config := filepath.Join(b.t.TempDir(), "bus.conf")
	if err := os.WriteFile(config, []byte(busConfig), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.daemon = exec.CommandContext(b.t.Context(), "dbus-daemon", "--config-file="+config, "--nofork", "--nosyslog",
		"--address="+b.address, "--print-address=1")
	out, err := b.daemon.StdoutPipe()
	if err == nil {
		err = b.daemon.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *testBus) stop() {
	_ = b.daemon.Process.Kill()
	_ = b.daemon.Wait()
	_ = os.Remove(strings.TrimPrefix(b.address, "unix:path="))
}

func (b *testBus) connect() *dbus.Conn {
	b.t.Helper()
	conn, err := dbus.Connect(b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// own lets a connection own a name.
func own(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", name, reply, err)
	}
}

// soon returns what comes on a channel; the test ends when nothing does.
func soon[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("never: %s", what)
		panic("unreachable")
	}
}

// background runs something until the test ends, and expects no error of it.
func background(t *testing.T, run func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := soon(t, "the end", ended); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestWithoutBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	d := New(Options{})
	d.Notify(system.Notification{Key: "a"})
	d.SetTray(system.TrayIcon{})
	if err := d.RunNotifications(t.Context(), system.NotificationHandler{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("notifications: got %v", err)
	}
	if err := d.RunTray(t.Context(), system.TrayHandler{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("tray: got %v", err)
	}
}
