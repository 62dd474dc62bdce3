// Package browser drives Chromium for tests of calls with a program that is not ours. What is needed of a page comes and
// goes over a WebSocket of the test's own.
package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	// wantVariable is set where the tests shall run, as in CI. Chromium takes more than the other tests leave it.
	wantVariable = "PARLEY_CHROMIUM"

	endMost  = 60 * time.Second // after which the output of processes that go on is not waited for
	outputOf = 4 << 10          // bytes that are shown of what Chromium writes
)

// Find returns where Chromium is, when the tests with it shall run.
func Find(t *testing.T) (path string, ok bool) {
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

// Start starts Chromium with a page. It has a microphone that hears Tone and a camera that sees Yellow. It ends with the
// test, and when this process is killed: it has a process group of its own.
func Start(t *testing.T, program, address string) {
	t.Helper()
	folder := t.TempDir()
	sound, video := filepath.Join(folder, "tone.wav"), filepath.Join(folder, "yellow.y4m")
	check(t, os.WriteFile(sound, toneFile(), 0o600))
	check(t, os.WriteFile(video, yellowFile(), 0o600))
	cmd := exec.CommandContext(t.Context(), program, //nolint:gosec // it was found in PATH
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
	cmd.WaitDelay = endMost
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

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
