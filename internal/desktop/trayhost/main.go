//go:build display && (linux || freebsd || netbsd || openbsd)

// Trayhost stands for the panel of a desktop in tools/e2e.sh: it shows the icons of programs (StatusNotifierItem) by
// printing what they are, and presses them as its standard input says, one command a line:
//
//	icon FILE    writes the icon, and prints its tooltip and its menu
//	press        presses the icon
//	choose LABEL chooses an entry of its menu that begins so
package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	watcher   = "org.kde.StatusNotifierWatcher"
	item      = "org.kde.StatusNotifierItem"
	menu      = "com.canonical.dbusmenu"
	itemPath  = "/StatusNotifierItem"
	watchPath = "/StatusNotifierWatcher"
)

// panel is the watcher and the host.
type panel struct {
	conn *dbus.Conn

	mu   sync.Mutex // guards what follows
	name string     // of the last icon
}

// RegisterStatusNotifierItem is called by a program with an icon.
func (p *panel) RegisterStatusNotifierItem(name string) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = name
	fmt.Println("registered", name)
	return nil
}

// Get has the properties of the watcher.
func (*panel) Get(_, name string) (dbus.Variant, *dbus.Error) { //nolint:unparam // D-Bus wants an error
	return dbus.MakeVariant(name == "IsStatusNotifierHostRegistered"), nil
}

func (p *panel) object(path dbus.ObjectPath) dbus.BusObject { //nolint:ireturn // theirs
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn.Object(p.name, path)
}

type picture struct {
	Width, Height int32
	Pixels        []byte
}

type tip struct {
	Icon        string
	Pictures    []picture
	Title, Text string
}

type layout struct {
	ID    int32
	Props map[string]dbus.Variant
	Items []dbus.Variant
}

func property(o dbus.BusObject, name string, to any) error {
	v, err := o.GetProperty(item + "." + name)
	if err != nil {
		return err
	}
	return dbus.Store([]any{v.Value()}, to)
}

// icon writes the largest picture of the icon to a file, and prints the rest.
func (p *panel) icon(file string) error {
	var pictures []picture
	var t tip
	o := p.object(itemPath)
	if err := errors.Join(property(o, "IconPixmap", &pictures), property(o, "ToolTip", &t)); err != nil {
		return err
	}
	if len(pictures) == 0 {
		return errors.New("the icon has no picture")
	}
	last := pictures[len(pictures)-1]
	img := image.NewNRGBA(image.Rect(0, 0, int(last.Width), int(last.Height)))
	for i := range int(last.Width * last.Height) {
		px := last.Pixels[4*i:]
		img.SetNRGBA(i%int(last.Width), i/int(last.Width), color.NRGBA{px[1], px[2], px[3], px[0]})
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	fmt.Println("tooltip", t.Text)
	return errors.Join(png.Encode(f, img), f.Close(), p.walk(func(_ int32, label string) bool {
		fmt.Println("entry", label)
		return true
	}))
}

// walk calls f with the entries of the menu until it returns false.
func (p *panel) walk(f func(id int32, label string) bool) error {
	var revision uint32
	var root layout
	o := p.object("/StatusNotifierMenu")
	if err := o.Call(menu+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return err
	}
	list := []layout{root}
	for len(list) > 0 {
		l := list[0]
		list = list[1:]
		if label, ok := l.Props["label"].Value().(string); ok && !f(l.ID, label) {
			return nil
		}
		for _, v := range l.Items {
			var below layout
			if err := dbus.Store([]any{v.Value()}, &below); err != nil {
				return err
			}
			list = append(list, below)
		}
	}
	return nil
}

func (p *panel) choose(label string) error {
	chosen := int32(-1)
	err := p.walk(func(id int32, text string) bool {
		if strings.HasPrefix(text, label) {
			chosen = id
		}
		return chosen < 0
	})
	if err == nil && chosen < 0 {
		err = fmt.Errorf("no entry %q", label)
	}
	if err != nil {
		return err
	}
	o := p.object("/StatusNotifierMenu")
	return o.Call(menu+".Event", 0, chosen, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
}

func (p *panel) do(command, rest string) error {
	switch command {
	case "icon":
		return p.icon(rest)
	case "press":
		return p.object(itemPath).Call(item+".Activate", 0, int32(0), int32(0)).Err
	case "choose":
		return p.choose(rest)
	}
	return fmt.Errorf("no command %q", command)
}

func run() error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	p := &panel{conn: conn}
	if err := errors.Join(conn.Export(p, watchPath, watcher),
		conn.Export(p, watchPath, "org.freedesktop.DBus.Properties")); err != nil {
		return err
	}
	reply, err := conn.RequestName(watcher, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		return fmt.Errorf("there is a panel already: %v, %w", reply, err)
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		if err := p.do(command, rest); err != nil {
			fmt.Println("failed:", err)
			continue
		}
		fmt.Println("done", command)
	}
	return conn.Close()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "trayhost:", err)
		os.Exit(1)
	}
}
