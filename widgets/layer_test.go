package widgets

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// A field below a layer blinks no more until the layer has gone, and still has the keyboard then.
func TestAddLayer(t *testing.T) {
	app := test.NewTempApp(t)
	SetLook(app, Look{})
	timer := &clock{}
	c := NewCaret(timer.later)
	c.Attach()
	defer c.Detach()
	field, composer := NewField("Name"), NewComposer("Message")
	for name, o := range map[string]struct {
		object fyne.CanvasObject
		field  fyne.Focusable
	}{"field": {field, field}, "composer": {composer, composer.entry}} {
		w := test.NewTempWindow(t, o.object)
		w.Resize(fyne.NewSize(300, 80))
		w.Canvas().Focus(o.field)
		layer := canvas.NewRectangle(color.Black)
		AddLayer(w.Canvas(), layer)
		if timer.next != nil {
			t.Errorf("%s: blinks below a layer", name)
		}
		if got := layer.Size(); got != w.Canvas().Size() {
			t.Errorf("%s: got a layer of %v", name, got)
		}
		RemoveLayer(w.Canvas(), layer)
		if timer.next == nil || w.Canvas().Focused() != o.field {
			t.Errorf("%s: got blinking %t, keyboard %T", name, timer.next != nil, w.Canvas().Focused())
		}
		w.Canvas().Unfocus()
	}
}
