package widgets

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// recorded returns a composer with a recording.
func recorded(paused bool) *Composer {
	c := NewComposer("Message Alice…")
	c.OnAttach, c.OnRecord, c.OnEmoji = func() {}, func() {}, func(fyne.Position) {}
	for i := range 60 {
		c.SetRecording(&Recording{Time: "0:06", Level: float32(widgettest.SoundLevels()[i%48]) / 255})
	}
	if paused {
		c.SetRecording(&Recording{Time: "1:06", Paused: true})
	}
	return c
}

func composerStates() map[string]golden {
	return map[string]golden{
		"composer_recording": {500, 52, func() fyne.CanvasObject { return recorded(false) }},
		"composer_recorded":  {360, 52, func() fyne.CanvasObject { return recorded(true) }},
		"composer_microphone": {500, 52, func() fyne.CanvasObject {
			c := NewComposer("Message Alice…")
			c.OnRecord = func() {}
			return c
		}},
	}
}

func TestComposer_recording(t *testing.T) {
	useTheme(t, VariantLight)
	c := NewComposer("Write")
	got := ""
	c.OnRecord = func() { got += "record;" }
	c.OnRecordEnd = func(send bool) { got += fmt.Sprintf("end %t;", send) }
	c.OnSend = func(text string) { got += "send " + text + ";" }
	w := widgettest.InWindow(t, c, 400, 52)
	corner := fyne.NewPos(375, 26)
	test.TapCanvas(w.Canvas(), corner)
	c.SetText("hello")
	test.TapCanvas(w.Canvas(), corner)
	c.SetText("")
	c.OnFocus = w.Canvas().Focus
	if !c.SetRecording(&Recording{Time: "0:00"}) || c.SetRecording(&Recording{Time: "0:01"}) {
		t.Error("a recording took the place of the field: want true once")
	}
	c.Focus()
	if w.Canvas().Focused() != c.record {
		t.Fatal("the recording does not have the keyboard")
	}
	w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	test.TapCanvas(w.Canvas(), corner)
	test.TapCanvas(w.Canvas(), c.record.Position().Add(c.record.cancel.Position()).AddXY(10, 10))
	if want := "record;send hello;end true;end false;end true;end false;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.entry.Visible() || c.MinSize().Height != 52 {
		t.Error("the field is there beside the recording, or the height has changed")
	}
	c.SetRecording(nil)
	c.Focus()
	if w.Canvas().Focused() != c.entry || !c.entry.Visible() {
		t.Error("the keyboard did not come back to the field")
	}
	c.SetStrip(&Strip{Title: "Edit", Save: true})
	if c.records() {
		t.Error("a microphone while a message is edited")
	}
}
