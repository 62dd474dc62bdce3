package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// DeviceSheet lets the user choose the devices of calls, with a level for the microphone and a tone for the speaker.
type DeviceSheet struct {
	model  *Model
	host   *sheet.Host
	object *fyne.Container
	meter  *Meter
}

// NewDeviceSheet makes what is to be shown on a sheet of the devices that Model.ListDevices has found. Close must be called
// in the end.
func NewDeviceSheet(m *Model, menus []Menu, host *sheet.Host) *DeviceSheet {
	s := &DeviceSheet{model: m, host: host, object: container.New(layout.NewCustomPaddedVBoxLayout(4))}
	for kind := range kinds {
		menu := Menu{Kind: kind}
		for _, found := range menus {
			if found.Kind == kind {
				menu = found
			}
		}
		s.add(menu)
	}
	return s
}

// Object is what to put on the sheet.
func (s *DeviceSheet) Object() fyne.CanvasObject { return s.object }

// Close closes the microphone.
func (s *DeviceSheet) Close() { s.meter.Close() }

// add shows the devices of a kind.
func (s *DeviceSheet) add(menu Menu) {
	title := map[Kind]string{Microphone: tr.L("Microphone"), Speaker: tr.L("Speaker"), Camera: tr.L("Camera")}[menu.Kind]
	text := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	problem := sheet.Bare(text)
	problem.Hide()
	say := func(words string) {
		text.SetText(words)
		if shown := words != ""; shown != problem.Visible() {
			if shown {
				problem.Show()
			} else {
				problem.Hide()
			}
			s.host.Relayout()
		}
	}
	s.object.Add(sheet.NewText(title, theme.SizeNameCaptionText, widgets.ColorSecondary, true))
	s.object.Add(s.choice(menu, func() { say("") }))
	switch menu.Kind {
	case Microphone:
		bar := widgets.NewLevelBar()
		s.object.Add(container.New(layout.NewCustomPaddedLayout(4, 4, 2, 2), bar))
		s.meter = s.model.NewMeter(bar.Set, func() {
			say(tr.L("This microphone does not work. Choose another one."))
		})
	case Speaker:
		test := widgets.NewTextButton(widgets.Action{Text: tr.L("Play a test tone"), Tapped: func() {
			say("")
			s.model.TestSpeaker(func() { say(tr.L("This speaker does not work. Choose another one.")) })
		}})
		s.object.Add(widgets.NewHBox(test))
	case Camera, kinds:
	}
	s.object.Add(problem)
}

// choice is the list of devices of a kind.
func (s *DeviceSheet) choice(menu Menu, reset func()) fyne.CanvasObject {
	list := []sheet.Choice{{Label: tr.L("As the system")}}
	now := int64(0)
	for i, o := range menu.Options {
		list = append(list, sheet.Choice{Label: o.Name, Value: int64(i + 1)})
		if o.ID == menu.Chosen {
			now = int64(i + 1)
		}
	}
	return s.host.NewSelect(list, now, func(i int64) {
		reset()
		id := ""
		if i > 0 {
			id = menu.Options[i-1].ID
		}
		s.model.Choose(menu.Kind, id)
	})
}
