package e2e_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func TestProfile_pictures(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("alice", "Alice")
	alice, bob := online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	talk(alice, bob) // strangers learn of changes when they connect
	up, down := withCourier(alice), withCourier(bob)
	var large bytes.Buffer
	alice.must(jpeg.Encode(&large, image.NewRGBA(image.Rect(0, 0, 2000, 1000)), nil))
	self := alice.GetSelfProfile()
	self.PicturePath = writeFile(t, "me.jpg", large.String())
	alice.must(alice.SetSelfProfile(self))
	job := up.job()
	if job.Source != mesibo.FileSourceProfile || job.Path == self.PicturePath {
		t.Errorf("uploaded is %+v", job)
	}
	if img, err := alice.LoadImage(job.Path, 0); err != nil || img.Bounds().Size() != image.Pt(1280, 640) {
		t.Errorf("uploaded is not a copy of bounded size: %v", err)
	}
	none := &mesibo.UserProfile{Address: "alice"}
	if err := bob.StartUserProfilePictureTransfer(none); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("without a full picture: %v", err)
	}
	up.uploaded(job, "https://files.example/me")
	var p *mesibo.UserProfile
	bob.await("picture", func() bool { p, _ = bob.GetProfile("alice", 0); return p != nil && p.PictureURL != "" })
	if len(p.Picture) == 0 {
		t.Error("no thumbnail")
	}
	path := bob.GetUserProfilePicturePath(p)
	if bob.FileExists(path) || filepath.Dir(path) != bob.GetFilePath(mesibo.FileTypeProfileImage) {
		t.Errorf("got path %s", path)
	}
	bob.must(bob.StartUserProfilePictureTransfer(p))
	in := down.job()
	if in.Source != mesibo.FileSourceProfile || in.Path != path || in.URL != "https://files.example/me" {
		t.Errorf("to be fetched: %+v", in)
	}
	bob.must(os.WriteFile(in.Path, large.Bytes(), 0o600))
	before := len(bob.entries("profile alice"))
	down.report(in, 100, mesibo.FileStatusInProgress)
	bob.await("the listener is called", func() bool { return len(bob.entries("profile alice")) > before })
	bob.must(bob.StartUserProfilePictureTransfer(p)) // the file exists
	if n := len(bob.entries("begin")); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	bob.must(bob.DeleteUserProfilePicture(p))
	bob.must(bob.DeleteUserProfilePicture(p))
	if bob.FileExists(path) {
		t.Error("the picture is still there")
	}
}
