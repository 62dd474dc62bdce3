// Package chromium runs Chromium for tests, with a program that is not ours at the other end.
package chromium

import (
	"bytes"
	"os"
	"os/exec"
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

// Start starts Chromium with its data in a folder and further arguments, the last of which may be a page. It ends with
// the test, and when this process is killed: it has a process group of its own. The results are the ends of the pipe
// for commands of the DevTools protocol.
func Start(t *testing.T, program, folder string, args ...string) (commands, answers *os.File) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{ //nolint:gosec // it was found in PATH
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-breakpad", "--user-data-dir=" + folder,
		"--remote-debugging-pipe",
	}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "XDG_CACHE_HOME="+folder,
		"XDG_RUNTIME_DIR="+folder)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output // of all its processes: Wait waits for them
	theirCommands, commands, err := os.Pipe()
	check(t, err)
	answers, theirAnswers, err := os.Pipe()
	check(t, err)
	cmd.ExtraFiles = []*os.File{theirCommands, theirAnswers} // it ends when no more commands can come
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = endMost
	err = cmd.Start()
	theirCommands.Close()
	theirAnswers.Close()
	t.Cleanup(func() {
		commands.Close()
		answers.Close()
	})
	check(t, err)
	t.Cleanup(func() {
		cmd.Wait() //nolint:errcheck // it was killed
		if t.Failed() {
			t.Logf("Chromium wrote: %s", output.Bytes()[max(0, output.Len()-outputOf):])
		}
	})
	return commands, answers
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
