package widgets

import (
	"fmt"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// someBars look like words.
func someBars() (bars [VoiceBars]byte) {
	for i := range bars {
		bars[i] = byte(60 + 190*math.Abs(math.Sin(float64(i)*0.9)*math.Sin(float64(i)*0.23+0.4)))
	}
	bars[0], bars[VoiceBars-1] = 0, 0
	return bars
}

// voices are sounds in all their states.
func voices() map[string]FileCard {
	voice := func(change func(*FileCard, *Voice)) FileCard {
		v := Voice{Bars: someBars(), Time: "0:42", Speed: "1×"}
		f := FileCard{Name: "Voice message.ogg", Size: "126 kB", Voice: &v}
		change(&f, &v)
		return f
	}
	return map[string]FileCard{
		"new":     voice(func(_ *FileCard, v *Voice) { v.New = true }),
		"played":  voice(func(*FileCard, *Voice) {}),
		"playing": voice(func(_ *FileCard, v *Voice) { v.Playing, v.Part, v.Time, v.Speed = true, 0.4, "0:17 / 0:42", "1.5×" }),
		"paused":  voice(func(_ *FileCard, v *Voice) { v.Part, v.Time = 0.75, "0:31 / 0:42" }),
		"remote":  voice(func(f *FileCard, v *Voice) { f.Ring, v.Speed, v.New = FileRemote, "", true }),
		"running": voice(func(f *FileCard, v *Voice) {
			f.Ring, f.Part, f.Size, v.Speed = FileRunning, 0.3, "38 of 126 kB", ""
		}),
		"failed": voice(func(f *FileCard, v *Voice) {
			f.Ring, f.State, f.Alarm, v.Speed = FileBroken, "Not downloaded", true, ""
			f.Reason = "The file is not on the server any more. Ask for it again."
		}),
		"song": voice(func(_ *FileCard, v *Voice) {
			v.Title, v.Time = "A song about the longest table in the library.mp3", "3:05"
		}),
	}
}

func voiceStates() map[string]golden {
	all := map[string]golden{}
	for name, f := range voices() {
		shown := func(it MessageItem) golden {
			return golden{420, 160, func() fyne.CanvasObject {
				l := NewMessageList()
				it.Key, it.Time, it.File = 1, "14:02", &f
				l.SetItems([]MessageItem{it})
				return l
			}}
		}
		if name == "playing" || name == "running" {
			all["voice_own_"+name] = shown(MessageItem{Own: true, State: StateRead})
		} else {
			all["voice_"+name] = shown(MessageItem{})
		}
	}
	f := voices()["playing"]
	all["voice_narrow"] = golden{300, 160, func() fyne.CanvasObject {
		l := NewMessageList()
		l.SetItems([]MessageItem{{Key: 1, Time: "14:02", File: &f}})
		return l
	}}
	return all
}

func TestVoice_tapped(t *testing.T) {
	got := ""
	l := NewMessageList()
	l.OnSoundTapped = func(key int64) { got += fmt.Sprintf("play %d;", key) }
	l.OnSoundSeek = func(key int64, part float32) { got += fmt.Sprintf("seek %d %.2f;", key, part) }
	l.OnSoundSpeed = func(key int64) { got += fmt.Sprintf("speed %d;", key) }
	l.OnRingTapped = func(key int64) { got += fmt.Sprintf("ring %d;", key) }
	l.OnFileTapped = func(key int64) { got += fmt.Sprintf("file %d;", key) }
	useTheme(t, VariantLight)
	w := inWindow(t, l, 420, 200)
	show := func(name string) {
		f := voices()[name]
		l.SetItems([]MessageItem{{Key: 7, Time: "14:02", File: &f}})
	}
	press := func(of func(*voiceLayout) box) {
		test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) box { return of(r.parts.voice) }))
	}
	disc := func(v *voiceLayout) box { return v.disc }
	quarter := func(v *voiceLayout) box { return box{v.bars.x + v.bars.w/4, v.bars.y, 0, v.bars.h} }
	show("played")
	press(disc)
	press(quarter)
	press(func(v *voiceLayout) box { return box{v.bars.x + v.bars.w + 1, v.bars.y, 0, v.bars.h} })
	press(func(v *voiceLayout) box { return v.speed })
	press(func(v *voiceLayout) box { return box{v.bars.x, v.bars.y + v.bars.h, 10, 10} })
	if want := "play 7;seek 7 0.25;seek 7 1.00;speed 7;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = ""
	show("remote")
	press(disc)
	press(quarter)
	if got != "ring 7;" {
		t.Errorf("of one that is not here: %q", got)
	}
	at := middle(l, func(r *rowLayout) box { return r.parts.voice.disc })
	l.MouseMoved(pointerAt(at.X, at.Y))
	if l.Cursor() != desktop.PointerCursor {
		t.Error("the cursor does not say that it can be pressed")
	}
}

// The bubble keeps its width while a sound plays, or nothing beneath the pointer would stay where it is.
func TestVoice_width(t *testing.T) {
	set := newTypesetter()
	width := func(v Voice) float32 {
		f := FileCard{Voice: &v}
		return measureRow(set, &MessageItem{Key: 1, Time: "14:02", File: &f}, rowContext{width: 420}).bubble.w
	}
	idle := width(Voice{Time: "12:42", Speed: "1×", New: true})
	for _, v := range []Voice{
		{Time: "0:00 / 12:42", Speed: "1×", Playing: true}, {Time: "12:42 / 12:42", Speed: "1.5×", Part: 1}, {Time: "12:42"},
	} {
		if got := width(v); got != idle {
			t.Errorf("%+v: %v wide, want %v", v.Time, got, idle)
		}
	}
}

func TestSameFile(t *testing.T) {
	a, b := voices()["playing"], voices()["playing"]
	if !sameFile(&a, &b) || sameFile(&a, nil) || !sameFile(nil, nil) {
		t.Error("the same sound differs")
	}
	b.Voice.Part = 0.5
	if sameFile(&a, &b) {
		t.Error("another place in the sound is the same")
	}
	b.Voice = nil
	if sameFile(&a, &b) {
		t.Error("a sound and none are the same")
	}
}

// recorded is a composer in which somebody has been speaking.
func recorded(paused bool) *Composer {
	c := NewComposer("Message Alice…")
	c.OnAttach, c.OnRecord, c.OnEmoji = func() {}, func() {}, func(fyne.Position) {}
	for i := range 60 {
		c.SetRecording(&Recording{Time: "0:06", Level: float32(someBars()[i%VoiceBars]) / 255})
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
	w := inWindow(t, c, 400, 52)
	corner := fyne.NewPos(375, 26)
	test.TapCanvas(w.Canvas(), corner)
	c.SetText("hello")
	test.TapCanvas(w.Canvas(), corner)
	c.SetText("")
	c.SetRecording(&Recording{Time: "0:00"})
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
	if w.Canvas().Focused() != c.entry || !c.entry.Visible() {
		t.Error("the keyboard did not come back to the field")
	}
	c.SetStrip(&Strip{Title: "Edit", Save: true})
	if c.records() {
		t.Error("a microphone while a message is edited")
	}
}
