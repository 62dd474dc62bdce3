package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// deviceRoom is how far above its button the menu is, so that there is room for the names of several devices.
const deviceRoom = 200

// deviceMenu lets the user choose the devices of calls.
func (s *Screen) deviceMenu(at fyne.Position) {
	s.model.ListDevices(func(menus []Menu) {
		if s.closed || s.window == nil {
			return
		}
		var items []*fyne.MenuItem
		for _, menu := range menus {
			items = append(items, s.deviceItem(menu))
		}
		if len(items) == 0 {
			items = []*fyne.MenuItem{{Label: "No devices were found", Disabled: true}}
		}
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), s.window, at.SubtractXY(0, deviceRoom))
	})
}

// deviceItem is the menu of the devices of one kind.
func (s *Screen) deviceItem(menu Menu) *fyne.MenuItem {
	title := map[Kind]string{Microphone: "Microphone", Speaker: "Speaker", Camera: "Camera"}[menu.Kind]
	var items []*fyne.MenuItem
	add := func(label, name string) {
		item := fyne.NewMenuItem(label, func() { s.model.Choose(menu.Kind, name) })
		item.Checked = name == menu.Chosen
		items = append(items, item)
	}
	add("As the system", "")
	for _, name := range menu.Names {
		add(name, name)
	}
	return &fyne.MenuItem{Label: title, ChildMenu: fyne.NewMenu("", items...)}
}
