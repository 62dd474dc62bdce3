//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
	"github.com/godbus/dbus/v5/prop"

	"github.com/parley-chat/parley/app/system"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemIface   = "org.kde.StatusNotifierItem"
	itemPath    = "/StatusNotifierItem"
	menuIface   = "com.canonical.dbusmenu"
	menuPath    = "/StatusNotifierMenu"
)

// trayState is how the icon is to look. A change wakes whoever shows it.
type trayState struct {
	mu   sync.Mutex // guards what follows
	icon system.TrayIcon
	wake chan struct{}
}

// SetTray implements system.Tray.
func (d *Desktop) SetTray(i system.TrayIcon) {
	d.tray.mu.Lock()
	d.tray.icon = i
	d.tray.mu.Unlock()
	select {
	case d.tray.waker() <- struct{}{}:
	default:
	}
}

func (t *trayState) waker() chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wake == nil {
		t.wake = make(chan struct{}, 1)
	}
	return t.wake
}

func (t *trayState) now() system.TrayIcon {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.icon
}

// RunTray implements system.Tray, as a StatusNotifierItem with a menu of com.canonical.dbusmenu.
func (d *Desktop) RunTray(ctx context.Context, on system.TrayHandler) error {
	hosted := false
	tell := func(now bool) {
		if now != hosted {
			hosted = now
			on.Hosted(now)
		}
	}
	return d.onBus(ctx, func(ctx context.Context, b *bus) error {
		t := &trayItem{bus: b, on: on, hosted: tell, log: d.logger(), watcher: b.Object(watcherName, watcherPath)}
		defer tell(false)
		return t.run(ctx, &d.tray)
	})
}

// trayItem is the icon as other programs see it. D-Bus calls its methods and those of its menu on goroutines of their
// own.
type trayItem struct {
	bus     *bus
	on      system.TrayHandler
	hosted  func(bool)
	log     *slog.Logger
	watcher dbus.BusObject
	props   *prop.Properties
	menu    *trayMenu
	name    string

	mu    sync.Mutex // guards what follows
	token string     // for the next Activate
}

func (t *trayItem) run(ctx context.Context, state *trayState) error {
	icon := state.now()
	if err := t.export(icon); err != nil {
		return err
	}
	if err := t.bus.watchOwner(watcherName); err != nil {
		return err
	}
	if err := t.bus.watch(watcherName, watcherName); err != nil {
		return err
	}
	t.register(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-state.waker():
			icon = t.change(icon, state.now())
		case signal, ok := <-t.bus.signals:
			if !ok {
				return dbus.ErrClosed
			}
			t.signal(ctx, signal)
		}
	}
}

func (t *trayItem) signal(ctx context.Context, signal *dbus.Signal) {
	if owner, changed := ownerOf(signal, watcherName); changed {
		if owner == "" {
			t.hosted(false)
		} else {
			t.register(ctx)
		}
		return
	}
	switch signal.Name {
	case watcherName + ".StatusNotifierHostRegistered", watcherName + ".StatusNotifierHostUnregistered":
		t.findHost(ctx)
	}
}

// register has the icon shown, if anything does that.
func (t *trayItem) register(ctx context.Context) {
	owned := false
	err := t.bus.call(ctx, t.bus.BusObject(), busName+".NameHasOwner", []any{watcherName}, &owned)
	if err != nil || !owned {
		t.hosted(false)
		return
	}
	if err := t.bus.call(ctx, t.watcher, watcherName+".RegisterStatusNotifierItem", []any{t.name}); err != nil {
		t.log.Info("icon not shown in the tray", slog.Any("error", err))
		t.hosted(false)
		return
	}
	t.findHost(ctx)
}

func (t *trayItem) findHost(ctx context.Context) {
	there, ok := property[bool](ctx, t.bus, t.watcher, watcherName, "IsStatusNotifierHostRegistered")
	t.hosted(ok && there)
}

// export makes the icon and its menu visible to other programs.
func (t *trayItem) export(icon system.TrayIcon) error {
	t.menu = newTrayMenu(t.bus.Conn, t.on.Chosen, icon.Menu)
	var err error
	if t.props, err = prop.Export(t.bus.Conn, itemPath, prop.Map{itemIface: itemProps(icon)}); err != nil {
		return fmt.Errorf("export the icon of the tray: %w", err)
	}
	node := introspect.Node{Name: itemPath, Interfaces: []introspect.Interface{
		introspect.IntrospectData, prop.IntrospectData,
		{
			Name: itemIface, Methods: introspect.Methods(t), Properties: t.props.Introspection(itemIface),
			Signals: []introspect.Signal{{Name: "NewIcon"}, {Name: "NewToolTip"}},
		},
	}}
	for _, e := range []struct {
		object any
		iface  string
	}{{t, itemIface}, {introspect.NewIntrospectable(&node), "org.freedesktop.DBus.Introspectable"}} {
		if err := t.bus.Export(e.object, itemPath, e.iface); err != nil {
			return fmt.Errorf("export the icon of the tray: %w", err)
		}
	}
	if err := t.menu.export(); err != nil {
		return err
	}
	t.name = fmt.Sprintf("%s-%d-1", itemIface, os.Getpid())
	reply, err := t.bus.RequestName(t.name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.name = t.bus.Names()[0] // a sandbox does not let the usual name be owned
	}
	return nil
}

// trayTip is the tooltip as the interface has it.
type trayTip struct {
	Icon        string
	Pictures    []trayPicture
	Title, Text string
}

func itemProps(icon system.TrayIcon) map[string]*prop.Prop {
	props := map[string]*prop.Prop{}
	for name, value := range map[string]any{
		"Category": "Communications", "Id": programID, "Title": programName, "Status": "Active", "WindowId": int32(0),
		"IconName": "", "IconThemePath": "", "IconPixmap": trayPictures(icon.Image, icon.Dot),
		"OverlayIconName": "", "OverlayIconPixmap": []trayPicture{},
		"AttentionIconName": "", "AttentionIconPixmap": []trayPicture{}, "AttentionMovieName": "",
		"ToolTip": tipOf(icon), "ItemIsMenu": false, "Menu": dbus.ObjectPath(menuPath),
	} {
		props[name] = &prop.Prop{Value: value, Emit: prop.EmitTrue}
	}
	return props
}

func tipOf(icon system.TrayIcon) trayTip {
	return trayTip{Pictures: []trayPicture{}, Title: programName, Text: escape(icon.Tooltip)}
}

// change shows what differs from before.
func (t *trayItem) change(before, icon system.TrayIcon) system.TrayIcon {
	if icon.Dot != before.Dot || icon.Image != before.Image {
		t.props.SetMust(itemIface, "IconPixmap", trayPictures(icon.Image, icon.Dot))
		t.emit("NewIcon")
	}
	if icon.Tooltip != before.Tooltip {
		t.props.SetMust(itemIface, "ToolTip", tipOf(icon))
		t.emit("NewToolTip")
	}
	if !slices.EqualFunc(icon.Menu, before.Menu, sameItem) {
		t.menu.set(icon.Menu)
	}
	return icon
}

func sameItem(a, b system.MenuItem) bool {
	return a.ID == b.ID && a.Label == b.Label && a.Checked == b.Checked && slices.EqualFunc(a.Items, b.Items, sameItem)
}

func (t *trayItem) emit(signal string) {
	if err := t.bus.Emit(itemPath, itemIface+"."+signal); err != nil {
		t.log.Debug("icon of the tray not changed", slog.Any("error", err)) // the connection ends
	}
}

// ProvideXdgActivationToken is called before Activate by desktops that need a token for a window to be raised.
func (t *trayItem) ProvideXdgActivationToken(token string) *dbus.Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token = token
	return nil
}

// Activate is called when the icon was pressed.
func (t *trayItem) Activate(_, _ int32) *dbus.Error {
	t.mu.Lock()
	token := t.token
	t.token = ""
	t.mu.Unlock()
	t.on.Activated(token)
	return nil
}

// SecondaryActivate is called when the icon was pressed with the middle button.
func (t *trayItem) SecondaryActivate(x, y int32) *dbus.Error { return t.Activate(x, y) }

// ContextMenu is called by desktops that let the program show the menu, which this one does not.
func (*trayItem) ContextMenu(_, _ int32) *dbus.Error { return nil }

// Scroll does nothing.
func (*trayItem) Scroll(_ int32, _ string) *dbus.Error { return nil }
