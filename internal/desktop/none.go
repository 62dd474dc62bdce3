//go:build !linux && !freebsd && !netbsd && !openbsd && !windows && !darwin

package desktop

import "context"

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

// WatchDrags returns ErrUnsupported.
func (*Desktop) WatchDrags(context.Context, uintptr, func(over bool, x, y float32)) error {
	return ErrUnsupported
}

// Paste returns ErrUnsupported.
func (*Desktop) Paste(context.Context) (files []string, image []byte, err error) {
	return nil, nil, ErrUnsupported
}

// CopyImage returns ErrUnsupported.
func (*Desktop) CopyImage([]byte) error { return ErrUnsupported }

// Close does nothing.
func (*Desktop) Close() {}
