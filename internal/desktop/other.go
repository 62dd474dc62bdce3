//go:build windows || darwin

package desktop

import (
	"context"
	"errors"
	"fmt"

	"golang.design/x/clipboard"
)

// owner is empty: the system keeps what was copied.
type owner struct{}

// ChooseFiles returns ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChooseFiles(context.Context, uintptr, string) ([]string, error) {
	return nil, ErrUnsupported
}

// ChoosePicture returns ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChoosePicture(context.Context, uintptr, string) (string, error) {
	return "", ErrUnsupported
}

// ChooseFolder returns ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChooseFolder(context.Context, uintptr, string) (string, error) {
	return "", ErrUnsupported
}

// ChooseSave returns ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChooseSave(context.Context, uintptr, string, string) (string, error) {
	return "", ErrUnsupported
}

// WatchDrags returns ErrUnsupported: here the toolkit's window only learns of the drop.
func (*Desktop) WatchDrags(context.Context, uintptr, func(over bool, x, y float32)) error {
	return ErrUnsupported
}

// Paste returns the picture on the clipboard as PNG; nil when there is none.
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

// CopyImage puts a PNG on the clipboard.
func (*Desktop) CopyImage(png []byte) error {
	if err := clipboard.Init(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	clipboard.Write(clipboard.FmtImage, png)
	return nil
}

// Close does nothing.
func (*Desktop) Close() {}
