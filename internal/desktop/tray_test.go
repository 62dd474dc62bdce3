//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/parley-chat/parley/app/system"
)

// watcher stands for a desktop with a tray, such as KDE's: it has org.kde.StatusNotifierWatcher, and is the host that
// shows the icons.
type watcher struct {
	conn       *dbus.Conn
	hosts      atomic.Bool
	registered chan string
}

func newWatcher(t *testing.T, b *testBus, hosts bool) *watcher {
	t.Helper()
	w := &watcher{conn: b.connect(), registered: make(chan string, 10)}
	w.hosts.Store(hosts)
	if err := w.conn.Export(w, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	if err := w.conn.Export(watcherProps{w}, watcherPath, busProperties); err != nil {
		t.Fatal(err)
	}
	own(t, w.conn, watcherName)
	return w
}

func (w *watcher) RegisterStatusNotifierItem(name string) *dbus.Error {
	w.registered <- name
	return nil
}

type watcherProps struct{ *watcher }

func (p watcherProps) Get(_, name string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(name == "IsStatusNotifierHostRegistered" && p.hosts.Load()), nil
}

type trayHeard struct {
	hosted    chan bool
	activated chan string
	chosen    chan string
}

func showingTray(t *testing.T, b *testBus, icon system.TrayIcon) (*Desktop, trayHeard) {
	t.Helper()
	d := New(Options{Bus: b.address})
	d.SetTray(icon)
	h := trayHeard{make(chan bool, 10), make(chan string, 10), make(chan string, 10)}
	background(t, func(ctx context.Context) error {
		return d.RunTray(ctx, system.TrayHandler{
			Hosted:    func(hosted bool) { h.hosted <- hosted },
			Activated: func(token string) { h.activated <- token },
			Chosen:    func(id string) { h.chosen <- id },
		})
	})
	return d, h
}

func iconOf(c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func trayMenuItems() []system.MenuItem {
	return []system.MenuItem{
		{ID: "open", Label: "Open"},
		{Label: "Do not disturb", Items: []system.MenuItem{{ID: "hour", Label: "For 1 hour", Checked: true}}},
		{},
		{ID: "quit", Label: "Quit"},
	}
}

// menuOf flattens a layout, as "id label" in order.
func menuOf(t *testing.T, item dbus.BusObject) (ids map[string]int32, labels []string) {
	t.Helper()
	var revision uint32
	var root menuLayout
	if err := item.Call(menuIface+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		t.Fatal(err)
	}
	ids = map[string]int32{}
	var add func(l menuLayout)
	add = func(l menuLayout) {
		label, _ := l.Props["label"].Value().(string)
		if kind, _ := l.Props["type"].Value().(string); kind == "separator" {
			label = "-"
		}
		if l.ID != 0 {
			labels = append(labels, label)
			ids[label] = l.ID
		}
		for _, v := range l.Items {
			var below menuLayout
			if err := dbus.Store([]any{v.Value()}, &below); err != nil {
				t.Fatal(err)
			}
			add(below)
		}
	}
	add(root)
	return ids, labels
}

func TestTray(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	w := newWatcher(t, b, true)
	icon := system.TrayIcon{Image: iconOf(color.White), Tooltip: "No unread messages", Menu: trayMenuItems()}
	d, h := showingTray(t, b, icon)
	name := soon(t, "the icon", w.registered)
	if !soon(t, "that it is seen", h.hosted) {
		t.Error("not hosted")
	}
	item := w.conn.Object(name, itemPath)
	var props map[string]dbus.Variant
	if err := item.Call(busProperties+".GetAll", 0, itemIface).Store(&props); err != nil {
		t.Fatal(err)
	}
	for property, want := range map[string]any{
		"Status": "Active", "Id": programID, "ItemIsMenu": false, "Menu": dbus.ObjectPath(menuPath),
	} {
		if got := props[property].Value(); got != want {
			t.Errorf("%s: got %v, want %v", property, got, want)
		}
	}
	var pictures []trayPicture
	if err := dbus.Store([]any{props["IconPixmap"].Value()}, &pictures); err != nil || len(pictures) != 5 {
		t.Errorf("pictures: got %d, %v", len(pictures), err)
	}

	menu := w.conn.Object(name, menuPath)
	ids, labels := menuOf(t, menu)
	if want := []string{"Open", "Do not disturb", "For 1 hour", "-", "Quit"}; !slices.Equal(labels, want) {
		t.Errorf("menu: got %q, want %q", labels, want)
	}
	click := func(id int32) error {
		return menu.Call(menuIface+".Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
	}
	if err := click(ids["For 1 hour"]); err != nil {
		t.Error(err)
	}
	if got := soon(t, "the choice", h.chosen); got != "hour" {
		t.Errorf("chosen: got %q", got)
	}
	for _, id := range []int32{-1, 99} {
		if click(id) == nil {
			t.Errorf("entry %d: got no error", id)
		}
	}
	if err := item.Call(itemIface+".ProvideXdgActivationToken", 0, "tok").Err; err != nil {
		t.Error(err)
	}
	for _, want := range []string{"tok", ""} {
		if err := item.Call(itemIface+".Activate", 0, int32(1), int32(2)).Err; err != nil {
			t.Error(err)
		}
		if got := soon(t, "the press", h.activated); got != want {
			t.Errorf("token: got %q, want %q", got, want)
		}
	}

	signals := make(chan *dbus.Signal, 20)
	if err := w.conn.AddMatchSignal(dbus.WithMatchSender(name)); err != nil {
		t.Fatal(err)
	}
	w.conn.Signal(signals)
	icon.Dot, icon.Tooltip = true, "3 unread in 2 chats"
	icon.Menu = append(trayMenuItems(), system.MenuItem{ID: "more", Label: "More"})
	d.SetTray(icon)
	missing := []string{itemIface + ".NewIcon", itemIface + ".NewToolTip", menuIface + ".LayoutUpdated"}
	for len(missing) > 0 {
		got := soon(t, "a change", signals)
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == got.Name })
	}
	v, err := item.GetProperty(itemIface + ".ToolTip")
	var tip trayTip
	if err == nil {
		err = dbus.Store([]any{v.Value()}, &tip)
	}
	if err != nil || tip.Text != "3 unread in 2 chats" {
		t.Errorf("tooltip: got %+v, %v", tip, err)
	}
	if _, labels := menuOf(t, menu); !slices.Contains(labels, "More") {
		t.Errorf("menu: got %q", labels)
	}
}

// TestTray_host_comes_and_goes: also with the bus.
func TestTray_host_comes_and_goes(t *testing.T) {
	t.Parallel()
	b := newTestBus(t)
	_, h := showingTray(t, b, system.TrayIcon{})
	w := newWatcher(t, b, false)
	soon(t, "the icon", w.registered)
	w.hosts.Store(true)
	if err := w.conn.Emit(watcherPath, watcherName+".StatusNotifierHostRegistered"); err != nil {
		t.Fatal(err)
	}
	if !soon(t, "a host", h.hosted) {
		t.Error("not hosted")
	}
	if _, err := w.conn.ReleaseName(watcherName); err != nil {
		t.Fatal(err)
	}
	if soon(t, "no host", h.hosted) {
		t.Error("hosted by none")
	}
	w = newWatcher(t, b, true)
	soon(t, "the icon again", w.registered)
	if !soon(t, "another host", h.hosted) {
		t.Error("not hosted")
	}
	b.stop()
	if soon(t, "no bus", h.hosted) {
		t.Error("hosted without a bus")
	}
	b.start()
	w = newWatcher(t, b, true)
	soon(t, "the icon on another bus", w.registered)
	if !soon(t, "its host", h.hosted) {
		t.Error("not hosted")
	}
}

func TestTrayImage(t *testing.T) {
	t.Parallel()
	white := iconOf(color.White)
	for _, side := range []int{16, 22, 24, 32, 48} {
		plain, dotted := trayImage(white, side, false), trayImage(white, side, true)
		middle := side - int(float64(side)*0.27)
		if c := dotted.NRGBAAt(middle, middle); c.R < 0xC0 || c.G > 0x60 || c.A != 0xFF {
			t.Errorf("%d: the dot is %v", side, c)
		}
		if a, b := plain.NRGBAAt(1, 1), dotted.NRGBAAt(1, 1); a != b {
			t.Errorf("%d: the icon is %v with a dot, %v without", side, b, a)
		}
		if p := trayPictureOf(plain); int(p.Width) != side || len(p.Pixels) != 4*side*side {
			t.Errorf("%d: got %d by %d, %d bytes", side, p.Width, p.Height, len(p.Pixels))
		}
	}
	red := trayPictureOf(trayImage(iconOf(color.NRGBA{0xFF, 0x80, 0x10, 0xFF}), 16, false))
	if got := red.Pixels[:4]; !slices.Equal(got, []byte{0xFF, 0xFF, 0x80, 0x10}) {
		t.Errorf("alpha, red, green, blue: got %x", got)
	}
}
