package e2e_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// withComment returns a picture with a comment, so that a copy without it is sent.
func withComment(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	const comment = "\xff\xe1\x00\x10Exif\x00\x00at home."
	return append(append(bytes.Clone(b.Bytes()[:2]), comment...), b.Bytes()[2:]...)
}

// TestSentCopies_go_with_their_message checks that the copy of a picture that was sent in place of the original is
// removed with the last message that has it, at the latest by the next Start. The original stays.
func TestSentCopies_go_with_their_message(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	copies := func() int {
		found, err := filepath.Glob(filepath.Join(alice.GetFilePath(mesibo.FileTypeImage), "sent", "*"))
		alice.must(err)
		return len(found)
	}
	path := writeBytes(t, "a.jpg", withComment(t, 40))
	for id := uint32(1); id <= 3; id++ {
		alice.sendFile(id, &mesibo.FileInfo{Path: path})
		alice.awaitSent(id)
	}
	bob.await("all", func() bool { return len(bob.messages()) == 3 })
	if n := copies(); n != 1 {
		t.Fatalf("%d copies", n)
	}
	for left, how := range []mesibo.DeleteType{mesibo.DeleteRecall, mesibo.DeleteLocal} {
		alice.must(alice.DeleteMessage(bob.messages()[left].Mid, how))
		if n := copies(); n != 1 {
			t.Fatalf("%d copies while a message has it", n)
		}
	}
	alice.must(alice.DeleteMessages(toBob()))
	if n := copies(); n != 0 {
		t.Errorf("%d copies are left", n)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the original: %v", err)
	}
	if err := alice.SendFile(toBob(), 1, &mesibo.FileInfo{Path: path}); err != nil {
		t.Fatal(err)
	}
	if err := alice.SendFile(toBob(), 1, &mesibo.FileInfo{Path: writeBytes(t, "b.jpg", withComment(t, 50))}); err == nil {
		t.Error("an id was taken twice")
	}
	alice.Stop()
	alice.must(alice.Start())
	alice.await("what no message has is removed", func() bool { return copies() == 1 })
	alice.awaitSent(1)
}
