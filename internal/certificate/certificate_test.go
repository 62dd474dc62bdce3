package certificate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/certificate"
	"github.com/parley-chat/parley/internal/wire"
)

// TestRotate: the next certificate takes the place of the first, and is announced before and after.
func TestRotate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before, err := certificate.Pins(dir)
	if err != nil || len(before) != 2*wire.PinSize {
		t.Fatalf("got %x, %v", before, err)
	}
	if _, err := certificate.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	after, err := certificate.Pins(dir)
	if err != nil || !bytes.Equal(after[:wire.PinSize], before[wire.PinSize:]) {
		t.Fatalf("got %x, %v after %x", after, err, before)
	}
	now, err := certificate.Own(dir)
	if err != nil || !wire.HasPin(before, now.Leaf) || !wire.HasPin(after, now.Leaf) {
		t.Errorf("the certificate has no pin that was announced: %v", err)
	}
	if got := wire.RenewPins(before, after); !bytes.Equal(got, after) {
		t.Error("who knew the next one does not learn the one after it")
	}
	if got := wire.RenewPins(before[:wire.PinSize], after); !bytes.Equal(got, before[:wire.PinSize]) {
		t.Error("others are believed that have nothing in common with what is known")
	}
	if wire.RenewPins(nil, after) != nil || !bytes.Equal(wire.RenewPins(after, []byte("short")), after) {
		t.Error("pins that are none are believed, or where there is no pin")
	}
}

// TestOwn: the certificate stays the same, and one that is damaged is not replaced.
func TestOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, err := certificate.Own(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := certificate.Own(dir)
	if err != nil || !bytes.Equal(first.Certificate[0], again.Certificate[0]) {
		t.Errorf("again: %v, or another one", err)
	}
	if err := os.WriteFile(filepath.Join(dir, certificate.FileName), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.Own(dir); err == nil {
		t.Error("damaged: got no error")
	}
}
