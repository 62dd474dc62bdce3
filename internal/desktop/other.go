//go:build windows || darwin

package desktop

import (
	"context"
	"errors"
	"fmt"

	"golang.design/x/clipboard"
)

// owner has nothing to keep: the system keeps what was copied.
type owner struct{}

// ChooseFiles says ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChooseFiles(context.Context, uintptr, string) ([]string, error) {
	return nil, ErrUnsupported
}

// WatchDrags says ErrUnsupported: the toolkit's window is told of the drop alone here.
func (*Desktop) WatchDrags(context.Context, uintptr, func(over bool, x, y float32)) error {
	return ErrUnsupported
}

// Paste takes a picture from the clipboard, as PNG; nothing when there is none.
func (*Desktop) Paste(context.Context) (files []string, image []byte, err error) {
	if err := clipboard.Init(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	image = clipboard.Read(clipboard.FmtImage)
	if len(image) > maxPaste {
		return nil, nil, errors.New("what was copied is too large")
	}
	return nil, image, nil
}

// CopyImage puts a PNG on the clipboard, in place of what was there.
func (*Desktop) CopyImage(png []byte) error {
	if err := clipboard.Init(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	clipboard.Write(clipboard.FmtImage, png)
	return nil
}

// Close has nothing to do.
func (*Desktop) Close() {}
