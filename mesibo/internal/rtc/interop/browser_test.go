package interop

import (
	"bytes"
	"embed"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

//go:embed page.html
var files embed.FS

const (
	// wantVariable is set where the tests shall run, as in CI. Chromium takes more than the other tests leave it.
	wantVariable = "PARLEY_CHROMIUM"

	patience = 60 * time.Second // with everything that a busy machine may be slow with
	outputOf = 4 << 10          // bytes that are shown of what Chromium writes
)

// chromium returns where the program is, when the tests shall run.
func chromium(t *testing.T) (path string, ok bool) {
	t.Helper()
	if os.Getenv(wantVariable) == "" {
		t.Log(wantVariable + " is not set")
		return "", false
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	t.Fatal("there is no Chromium")
	return "", false
}

// browser is a running Chromium, which shows one page at a time.
type browser struct {
	pages chan *websocket.Conn
}

// startBrowser starts Chromium with a microphone that hears tone, and a camera that sees yellow. It ends
// with the test.
func startBrowser(t *testing.T, program string) *browser {
	t.Helper()
	b := &browser{pages: make(chan *websocket.Conn, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		b.pages <- conn
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		select {
		case conn := <-b.pages: // of a call that was not made
			conn.Close()
		default:
		}
	})
	run(t, program, server.URL+"/page.html")
	return b
}

// run starts Chromium in a process group of its own. It ends with the test, and when this process is killed.
func run(t *testing.T, program, address string) {
	t.Helper()
	folder := t.TempDir()
	sound, video := filepath.Join(folder, "tone.wav"), filepath.Join(folder, "yellow.y4m")
	check(t, os.WriteFile(sound, toneFile(), 0o600))
	check(t, os.WriteFile(video, yellowFile(), 0o600))
	cmd := exec.CommandContext(t.Context(), program,
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-breakpad", "--user-data-dir="+folder,
		"--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
		"--use-file-for-fake-audio-capture="+sound, "--use-file-for-fake-video-capture="+video,
		"--autoplay-policy=no-user-gesture-required",
		"--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns",
		"--remote-debugging-pipe", address)
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "XDG_CACHE_HOME="+folder,
		"XDG_RUNTIME_DIR="+folder)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output // of all its processes: Wait waits for them
	commands, theirs, err := os.Pipe()
	check(t, err)
	answers, ours, err := os.Pipe()
	check(t, err)
	cmd.ExtraFiles = []*os.File{commands, ours} // it ends when no more commands can come
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = patience
	err = cmd.Start()
	commands.Close()
	ours.Close()
	t.Cleanup(func() {
		theirs.Close()
		answers.Close()
	})
	check(t, err)
	t.Cleanup(func() {
		cmd.Wait() //nolint:errcheck // it was killed
		if t.Failed() {
			t.Logf("Chromium wrote: %s", output.Bytes()[max(0, output.Len()-outputOf):])
		}
	})
}
