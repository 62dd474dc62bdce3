//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
	// portalWithin bounds the time until the dialog has been requested.
	portalWithin = 3 * time.Second
)

// The methods of the portal.
const (
	openFile = "OpenFile"
	saveFile = "SaveFile"
)

// ChooseFiles lets the user choose files in the desktop's dialog (XDG portal), over the window with this id on the
// display. It returns none when the user cancels. It waits for the user, as long as ctx lasts.
func (*Desktop) ChooseFiles(ctx context.Context, window uintptr, title string) (paths []string, err error) {
	return choose(ctx, openFile, window, title, map[string]dbus.Variant{"multiple": dbus.MakeVariant(true)})
}

// ChoosePicture is ChooseFiles for one PNG or JPEG; the path is empty when the user cancels.
func (*Desktop) ChoosePicture(ctx context.Context, window uintptr, title string) (path string, err error) {
	return chooseOne(ctx, openFile, window, title, map[string]dbus.Variant{"filters": dbus.MakeVariant(pictureFilters())})
}

// ChooseFolder is ChoosePicture for a folder.
func (*Desktop) ChooseFolder(ctx context.Context, window uintptr, title string) (path string, err error) {
	return chooseOne(ctx, openFile, window, title, map[string]dbus.Variant{"directory": dbus.MakeVariant(true)})
}

// ChooseSave is ChoosePicture for a file to be written, whose name is suggested.
func (*Desktop) ChooseSave(ctx context.Context, window uintptr, title, name string) (path string, err error) {
	return chooseOne(ctx, saveFile, window, title, map[string]dbus.Variant{"current_name": dbus.MakeVariant(name)})
}

// chooseOne shows the dialog for one path, which is empty when the user cancels.
func chooseOne(
	ctx context.Context, method string, window uintptr, title string, options map[string]dbus.Variant,
) (path string, err error) {
	paths, err := choose(ctx, method, window, title, options)
	if len(paths) > 0 {
		path = paths[0]
	}
	return path, err
}

// fileFilter is an entry of the list in the dialog, of D-Bus type (sa(us)).
type fileFilter struct {
	Name  string
	Rules []filterRule
}

// filterRule is a pattern of file names, or a type of content.
type filterRule struct {
	Kind    uint32
	Pattern string
}

func pictureFilters() []fileFilter {
	const mimeType = 1
	return []fileFilter{{Name: "Pictures", Rules: []filterRule{{mimeType, "image/png"}, {mimeType, "image/jpeg"}}}}
}

// choose shows the dialog of a method with these options.
func choose(
	ctx context.Context, method string, window uintptr, title string, options map[string]dbus.Variant,
) (paths []string, err error) {
	if !hasSessionBus() {
		return nil, ErrUnsupported
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	defer func() { _ = bus.Close() }() // it is not used any more
	names := bus.Names()
	if len(names) == 0 {
		return nil, ErrUnsupported
	}
	token := "parley" + rand.Text()
	sender := strings.ReplaceAll(strings.TrimPrefix(names[0], ":"), ".", "_")
	request := dbus.ObjectPath(portalPath + "/request/" + sender + "/" + token)
	err = bus.AddMatchSignal(dbus.WithMatchObjectPath(request), dbus.WithMatchInterface("org.freedesktop.portal.Request"))
	if err != nil {
		return nil, fmt.Errorf("wait for the dialog: %w", err)
	}
	answers := make(chan *dbus.Signal, 1)
	bus.Signal(answers)
	options["handle_token"], options["modal"] = dbus.MakeVariant(token), dbus.MakeVariant(true)
	soon, cancel := context.WithTimeout(ctx, portalWithin)
	defer cancel()
	call := bus.Object(portalName, portalPath).CallWithContext(soon, "org.freedesktop.portal.FileChooser."+method, 0,
		fmt.Sprintf("x11:%x", window), title, options)
	if call.Err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, call.Err)
	}
	select {
	case answer, ok := <-answers:
		if !ok {
			return nil, errors.New("the dialog has gone")
		}
		return chosen(answer.Body)
	case <-ctx.Done():
		return nil, context.Cause(ctx) //nolint:wrapcheck // cancellation is not wrapped
	}
}

// chosen reads the answer of the dialog: the result, and then the chosen files.
func chosen(body []any) ([]string, error) {
	const accepted, cancelled, closed = 0, 1, 2 // closed: with Esc or ✕, says GTK's portal
	var status uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &status, &results); err != nil {
		return nil, fmt.Errorf("read what was chosen: %w", err)
	}
	switch status {
	case accepted:
	case cancelled, closed:
		return nil, nil
	default:
		return nil, fmt.Errorf("the dialog ended with status %d", status)
	}
	uris, ok := results["uris"].Value().([]string)
	if !ok {
		return nil, errors.New("the dialog does not say what was chosen")
	}
	return filesOf(strings.Join(uris, "\n")), nil
}
