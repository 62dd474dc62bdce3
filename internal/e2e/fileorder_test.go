package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests the order in which messages with files are sent.

// names returns the texts and titles that a device has received, in order.
func (d *device) names() []string {
	var out []string
	for _, r := range d.messages() {
		out = append(out, r.text)
	}
	return out
}

// fileTitles reads the files of a chat from the database, oldest first.
func (d *device) fileTitles(peer string) []string {
	d.t.Helper()
	var out []string
	s := d.NewReadDbSession(peer, 0, "", &mesibo.ListenerFuncs{File: func(_ *mesibo.MessageParams, f *mesibo.FileInfo) {
		out = append(out, f.Title)
	}})
	defer s.Stop()
	s.EnableFifo(true)
	_, err := s.Read(100)
	d.must(err)
	return out
}

// TestFileOrder_as_given checks that files of different sizes, uploaded three at a time, arrive in the order of
// SendFile, also with a restart in between and when some cannot be sent. One that changed too late to be noticed may
// arrive too.
func TestFileOrder_as_given(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	token, dir := srv.Token("alice"), t.TempDir()
	alice := carried(t, token, dir, &cables{})
	bob := carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	folder := t.TempDir()
	var want []string
	const files = 24
	for i := range files {
		name := fmt.Sprintf("%02d.txt", i)
		path := filepath.Join(folder, name)
		alice.must(os.WriteFile(path, noise(2+(i+1)%2*400_000+i), 0o600))
		alice.sendFile(uint32(i+1), &mesibo.FileInfo{Path: path})
		if i%7 == 3 {
			alice.must(os.WriteFile(path, noise(3), 0o600)) // the content is not what was to be sent
			continue
		}
		want = append(want, name)
		if i == files/2 {
			alice.end()
			alice = carried(t, token, dir, &cables{})
		}
	}
	alice.await("the outbox is empty", func() bool { return alice.OutboxCount() == 0 })
	bob.await("all", func() bool {
		got := bob.names()
		return !slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(got, name) })
	})
	if got := bob.names(); !slices.IsSorted(got) {
		t.Errorf("arrived: %v", got)
	}
	var sent []string
	for _, name := range alice.fileTitles("bob") {
		if slices.Contains(want, name) {
			sent = append(sent, name)
		}
	}
	if !slices.Equal(sent, want) {
		t.Errorf("the sender shows %v", sent)
	}
}

// held sends files and returns the jobs of their uploads.
func (c *courier) held(names ...string) []*mesibo.FileInfo {
	c.d.t.Helper()
	t, ok := c.d.t.(*testing.T)
	if !ok {
		c.d.t.Fatal("not in a test")
	}
	var jobs []*mesibo.FileInfo
	for i, name := range names {
		c.d.sendFile(uint32(i+1), &mesibo.FileInfo{Path: writeFile(t, name, name)})
		jobs = append(jobs, c.job())
	}
	return jobs
}

// TestFileOrder_who_blocks checks that an uploaded file waits for an earlier one only while that one is being uploaded.
func TestFileOrder_who_blocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(alice *device, up *courier, first *mesibo.FileInfo)
		sent []string
	}{
		{
			"uploaded", func(_ *device, up *courier, first *mesibo.FileInfo) { up.uploaded(first, "u1") },
			[]string{"a", "b", "c"},
		},
		{
			"failed", func(_ *device, up *courier, first *mesibo.FileInfo) { up.report(first, 0, mesibo.FileStatusFailed) },
			[]string{"b", "c"},
		},
		{"later", func(_ *device, up *courier, first *mesibo.FileInfo) {
			up.report(first, 0, mesibo.FileStatusRetryLater)
		}, []string{"b", "c"}},
		{
			"cancelled", func(alice *device, _ *courier, _ *mesibo.FileInfo) { alice.must(alice.Cancel(toBob(), 1)) },
			[]string{"b", "c"},
		},
		{"deleted", func(alice *device, _ *courier, _ *mesibo.FileInfo) {
			alice.must(alice.DeleteMessage(1, mesibo.DeleteLocal))
		}, []string{"b", "c"}},
		{
			"stopped", func(alice *device, _ *courier, first *mesibo.FileInfo) { alice.must(alice.StopFileTransfer(first)) },
			[]string{"b", "c"},
		},
		{"stopped and started again", func(alice *device, up *courier, first *mesibo.FileInfo) {
			own := alice.GetFileInstance(mesibo.FileTypeAuto, "", first.Path)
			up.onStart(func(*mesibo.FileInfo) bool { return false })
			alice.must(alice.StopFileTransfer(own))
			if err := alice.StartFileTransfer(own); err == nil {
				alice.t.Error("it began")
			}
			up.onStart(nil)
			alice.must(alice.StartFileTransfer(own))
			up.uploaded(up.job(), "u1")
		}, []string{"b", "c", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, alice, bob := pair(t)
			up := withCourier(alice)
			withCourier(bob)
			jobs := up.held("a", "b", "c")
			up.uploaded(jobs[2], "u3")
			up.uploaded(jobs[1], "u2")
			alice.send("bob", 9, "text")
			alice.awaitSent(9)
			if lines := append(alice.entries("status 2 "), alice.entries("status 3 ")...); len(lines) > 0 {
				t.Errorf("the text waited, or they have overtaken: %q", lines)
			}
			tt.do(alice, up, jobs[0])
			want := append([]string{"text"}, tt.sent...)
			bob.await("all", func() bool { return len(bob.names()) == len(want) })
			if got := bob.names(); !slices.Equal(got, want) {
				t.Errorf("arrived: %v, want %v", got, want)
			}
		})
	}
}

// TestFileOrder_survives_a_restart checks that an uploaded file still waits for the earlier one after a restart, and
// is not uploaded again.
func TestFileOrder_survives_a_restart(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	bob := online(t, srv.Token("bob"))
	withCourier(bob)
	token, dir := srv.Token("alice"), t.TempDir()
	alice, up := courierDevice(t, token, dir)
	jobs := up.held("a", "b", "c", "d")
	up.uploaded(jobs[1], "u2")
	alice.must(alice.StopFileTransfer(jobs[2]))
	alice.end()

	alice, up = courierDevice(t, token, dir)
	var again []*mesibo.FileInfo
	for _, name := range []string{"a", "c", "d"} {
		job := up.job()
		if again = append(again, job); job.Title != name {
			t.Errorf("started again: %s, want %s", job.Title, name)
		}
	}
	for i := range again {
		up.uploaded(again[len(again)-1-i], fmt.Sprint("again", i))
	}
	want := []string{"a", "b", "c", "d"}
	bob.await("all", func() bool { return len(bob.names()) == len(want) })
	if got := bob.names(); !slices.Equal(got, want) {
		t.Errorf("arrived: %v", got)
	}
	if got := alice.fileTitles("bob"); !slices.Equal(got, want) {
		t.Errorf("the sender shows %v", got)
	}
}
