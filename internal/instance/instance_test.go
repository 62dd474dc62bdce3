package instance_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/instance"
)

// folders are a data folder and a runtime folder with short paths, as sockets need them.
func folders(t *testing.T) (data, runtime string) {
	t.Helper()
	base, err := os.MkdirTemp("", "i") //nolint:usetesting // t.TempDir has too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	data, runtime = filepath.Join(base, "data"), filepath.Join(base, "run")
	for _, dir := range []string{data, runtime} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return data, runtime
}

func listen(t *testing.T, folder string) <-chan instance.Request {
	t.Helper()
	got := make(chan instance.Request, 10)
	stop, err := instance.Listen(folder, func(r instance.Request) { got <- r })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return got
}

func TestSend(t *testing.T) {
	data, runtime := folders(t)
	for name, dir := range map[string]string{"in the runtime folder": runtime, "in the data folder": ""} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", dir)
			got := listen(t, data)
			want := instance.Request{Link: "parley:chat/bob", Token: "t", Hidden: true}
			if err := instance.Send(t.Context(), data, want); err != nil {
				t.Fatal(err)
			}
			if r := <-got; r != want {
				t.Errorf("got %+v, want %+v", r, want)
			}
		})
	}
}

// TestListen_after_kill: the socket of a program that was killed is in no one's way.
func TestListen_after_kill(t *testing.T) {
	data, runtime := folders(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	if _, err := instance.Listen(data, func(instance.Request) {}); err != nil {
		t.Fatal(err)
	}
	got := listen(t, data)
	if err := instance.Send(t.Context(), data, instance.Request{Link: "x"}); err != nil {
		t.Fatal(err)
	}
	<-got
}

// TestSend_first_is_just_starting waits for it.
func TestSend_first_is_just_starting(t *testing.T) {
	data, runtime := folders(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	sent := make(chan error, 1)
	go func() { sent <- instance.Send(t.Context(), data, instance.Request{}) }()
	got := listen(t, data)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	<-got
}

func TestSend_nobody_listens(t *testing.T) {
	data, runtime := folders(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	if err := instance.Send(t.Context(), data, instance.Request{}); err == nil {
		t.Error("got no error")
	}
}

// TestListen_folder_of_others: a socket is not made where others could put one.
func TestListen_folder_of_others(t *testing.T) {
	data, runtime := folders(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	if err := os.Chmod(runtime, 0o777); err != nil {
		t.Fatal(err)
	}
	listen(t, data)
	if found, _ := filepath.Glob(filepath.Join(runtime, "*")); len(found) > 0 {
		t.Errorf("got %q", found)
	}
	if found, _ := filepath.Glob(filepath.Join(data, "*.sock")); len(found) != 1 {
		t.Errorf("got %q", found)
	}
}

func TestListen_nonsense(t *testing.T) {
	data, runtime := folders(t)
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	got := listen(t, data)
	found, err := filepath.Glob(filepath.Join(runtime, "*.sock"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %q, %v", found, err)
	}
	for _, text := range []string{"", "hello\n", `{"link":`, "[]\n", strings.Repeat("x", 1<<20)} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "unix", found[0])
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = conn.Write([]byte(text)) // it may be closed before all was written
		if c, ok := conn.(*net.UnixConn); ok {
			_ = c.CloseWrite()
		}
		if n, err := conn.Read(make([]byte, 1)); n > 0 {
			t.Errorf("%.10q: got an answer, %v", text, err)
		}
		_ = conn.Close()
	}
	if err := instance.Send(t.Context(), data, instance.Request{Link: "after"}); err != nil {
		t.Fatal(err)
	}
	if r := <-got; r.Link != "after" {
		t.Errorf("got %+v", r)
	}
}
