package messages

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// voices returns sounds in all states.
func voices() map[string]FileCard {
	voice := func(change func(*FileCard, *Voice)) FileCard {
		v := Voice{Bars: widgettest.SoundLevels(), Time: "0:42", Speed: "1×"}
		f := FileCard{Name: "Voice message.ogg", Size: "126 kB", Voice: &v}
		change(&f, &v)
		return f
	}
	return map[string]FileCard{
		"new":    voice(func(_ *FileCard, v *Voice) { v.New = true }),
		"played": voice(func(*FileCard, *Voice) {}),
		"playing": voice(func(_ *FileCard, v *Voice) {
			v.Playing, v.Part, v.Time, v.Speed = true, 0.4, "0:17 / 0:42", "1.5×"
		}),
		"paused": voice(func(_ *FileCard, v *Voice) { v.Part, v.Time = 0.75, "0:31 / 0:42" }),
		"remote": voice(func(f *FileCard, v *Voice) { f.Ring, v.Speed, v.New = FileRemote, "", true }),
		"running": voice(func(f *FileCard, v *Voice) {
			f.Ring, f.Part, f.Size, v.Speed = FileRunning, 0.3, "38 of 126 kB", ""
		}),
		"failed": voice(func(f *FileCard, v *Voice) {
			f.Ring, f.State, f.Alarm, v.Speed = FileFailed, "Not downloaded", true, ""
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
		shown := func(it Item) golden {
			return golden{420, 160, func() fyne.CanvasObject {
				l := NewList()
				it.Key, it.Time, it.File = 1, "14:02", &f
				l.SetItems([]Item{it})
				return l
			}}
		}
		if name == "playing" || name == "running" {
			all["voice_own_"+name] = shown(Item{Own: true, State: widgets.StateRead})
		} else {
			all["voice_"+name] = shown(Item{})
		}
	}
	f := voices()["playing"]
	all["voice_narrow"] = golden{300, 160, func() fyne.CanvasObject {
		l := NewList()
		l.SetItems([]Item{{Key: 1, Time: "14:02", File: &f}})
		return l
	}}
	return all
}

func TestVoice_tapped(t *testing.T) {
	got := ""
	l := NewList()
	l.OnSoundTapped = func(key int64) { got += fmt.Sprintf("play %d;", key) }
	l.OnSoundSeek = func(key int64, part float32) { got += fmt.Sprintf("seek %d %.2f;", key, part) }
	l.OnSoundSpeed = func(key int64) { got += fmt.Sprintf("speed %d;", key) }
	l.OnRingTapped = func(key int64) { got += fmt.Sprintf("ring %d;", key) }
	l.OnFileTapped = func(key int64) { got += fmt.Sprintf("file %d;", key) }
	useTheme(t, widgets.VariantLight)
	w := widgettest.InWindow(t, l, 420, 200)
	show := func(name string) {
		f := voices()[name]
		l.SetItems([]Item{{Key: 7, Time: "14:02", File: &f}})
	}
	press := func(of func(*voiceLayout) draw.Box) {
		test.TapCanvas(w.Canvas(), middle(l, func(r *rowLayout) draw.Box { return of(r.parts.voice) }))
	}
	disc := func(v *voiceLayout) draw.Box { return v.disc }
	quarter := func(v *voiceLayout) draw.Box { return draw.NewBox(v.bars.X+v.bars.W/4, v.bars.Y, 0, v.bars.H) }
	show("played")
	press(disc)
	press(quarter)
	press(func(v *voiceLayout) draw.Box { return draw.NewBox(v.bars.X+v.bars.W+1, v.bars.Y, 0, v.bars.H) })
	press(func(v *voiceLayout) draw.Box { return v.speed })
	press(func(v *voiceLayout) draw.Box { return draw.NewBox(v.bars.X, v.bars.Y+v.bars.H, 10, 10) })
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
	at := middle(l, func(r *rowLayout) draw.Box { return r.parts.voice.disc })
	l.MouseMoved(widgettest.PointerAt(at.X, at.Y))
	if l.Cursor() != desktop.PointerCursor {
		t.Error("the cursor does not say that it can be pressed")
	}
}

// The bubble keeps its width while a sound plays, so that what is under the pointer stays there.
func TestVoice_width(t *testing.T) {
	set := text.NewTypesetter()
	width := func(v Voice) float32 {
		f := FileCard{Voice: &v}
		return measureRow(set, &Item{Key: 1, Time: "14:02", File: &f}, rowContext{width: 420}).bubble.W
	}
	idle := width(Voice{Time: "12:42", Speed: "1×", New: true})
	for _, v := range []Voice{
		{Time: "0:00 / 12:42", Speed: "1×", Playing: true},
		{Time: "12:42 / 12:42", Speed: "1.5×", Part: 1},
		{Time: "12:42"},
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
