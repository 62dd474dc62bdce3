//go:build !linux && !freebsd && !netbsd && !openbsd && !windows && !darwin

package desktop

import "context"

type owner struct{}

// ChooseFiles says ErrUnsupported: the toolkit's dialog is used.
func (*Desktop) ChooseFiles(context.Context, uintptr, string) ([]string, error) {
	return nil, ErrUnsupported
}

// WatchDrags says ErrUnsupported.
func (*Desktop) WatchDrags(context.Context, uintptr, func(over bool, x, y float32)) error {
	return ErrUnsupported
}

// Paste says ErrUnsupported.
func (*Desktop) Paste(context.Context) (files []string, image []byte, err error) {
	return nil, nil, ErrUnsupported
}

// CopyImage says ErrUnsupported.
func (*Desktop) CopyImage([]byte) error { return ErrUnsupported }

// Close has nothing to do.
func (*Desktop) Close() {}
