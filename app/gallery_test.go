package app

import (
	"errors"
	"testing"

	"github.com/parley-chat/parley/app/apptest"
)

func TestDecodePortrait(t *testing.T) {
	_, small := apptest.Picture(192, 100)
	_, wide := apptest.Picture(portraitMost+1, 2)
	if img, err := decodePortrait(small); err != nil || img.Bounds().Dx() != 192 {
		t.Errorf("small: got %v, %v", img, err)
	}
	if _, err := decodePortrait(wide); !errors.Is(err, errPortraitLarge) {
		t.Errorf("too wide: got %v", err)
	}
	for _, damaged := range [][]byte{nil, []byte("no picture"), small[:len(small)/2]} {
		if _, err := decodePortrait(damaged); err == nil {
			t.Errorf("%d bytes of a picture: got no error", len(damaged))
		}
	}
}
