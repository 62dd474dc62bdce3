package app_test

import (
	"regexp"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// speaking opens the window of a user who can choose a language.
func speaking(t *testing.T) *fixture {
	t.Helper()
	t.Cleanup(func() {
		if err := tr.Use("en"); err != nil {
			t.Error(err)
		}
	})
	f := prepare(t)
	f.tongue = func(tag string) error {
		if tag == "" {
			tag = "en" // the system's
		}
		return tr.Use(tag)
	}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	return f
}

func TestLanguage(t *testing.T) {
	f := speaking(t)
	f.settings("Language")
	f.Press("As the system")
	f.backend.Listeners = nil
	f.Press("Deutsch")
	f.queue.WorkAll(t.Context())
	f.Wants("Einstellungen", "Konto", "Sprache", "Deutsch")
	f.Key(fyne.KeyEscape)
	f.Wants("Gespeichertes", "Alice Martin")
	f.WantsNot("Saved messages")
	if got := f.fyne.Preferences().String("language"); got != "de" {
		t.Errorf("stored: got %q", got)
	}
	f.write("Alice Martin", "still here")
	if got := f.backend.Sent; len(got) != 1 {
		t.Errorf("sent: got %d, want 1", len(got))
	}
}

// A call goes on in the language in which it was started.
func TestLanguage_during_a_call(t *testing.T) {
	f := speaking(t)
	if !apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		t.Fatal("no button to call")
	}
	f.progress(f.backend.Made[0], mesibo.CallStatusRinging, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.settings("Language")
	f.Press("As the system")
	f.Press("Deutsch")
	f.Wants("You are on a call. The language changes when Parley is started", "Language")
	if got := f.fyne.Preferences().String("language"); tr.Tag() != "en" || got != "de" {
		t.Errorf("got %q now, %q stored", tr.Tag(), got)
	}
}

// Nothing on the screens is left in English. Chinese shows that: every Latin letter stands out.
func TestLanguage_everywhere(t *testing.T) {
	f := speaking(t)
	f.settings("Language")
	f.Press("As the system")
	f.backend.Listeners = nil
	f.Press("中文")
	f.queue.WorkAll(t.Context())
	known := regexp.MustCompile(`Alice Martin|Bob Keller|Chiara Rossi|alice|bob|chiara|Anna|anna|Me Myself` +
		`|Echo|Telegram|Desktop|JSON|linux|amd64|Apache-2.0|BSD-3-Clause|:[a-z_]+:|Parley|chat\.example\.org` +
		`|Did you see the plan for Thursday\?|Good morning|Ctrl|Shift|Alt|Del|Esc|Space|Enter|Home|End|Page Up|Page Down`)
	word := regexp.MustCompile(`[A-Za-z]{3,}`)
	check := func(where string) {
		t.Helper()
		for _, s := range apptest.Look(f.Canvas()) {
			for _, w := range word.FindAllString(known.ReplaceAllString(s.Text, ""), -1) {
				t.Errorf("%s: %q has the word %q", where, s.Text, w)
			}
		}
	}
	for _, page := range []string{
		"语言", "账号", "通知", "外观", "聊天与存储", "隐私", "网络与代理", "设备", "键盘", "关于",
	} {
		if !apptest.Says(f.Canvas(), page) {
			t.Errorf("no page %s", page)
			continue
		}
		f.Press(page)
		f.queue.WorkAll(t.Context())
		check("page " + page)
	}
	f.Key(fyne.KeyEscape)
	check("window")
	f.Press("Alice Martin")
	check("chat")
	for what, key := range map[string]fyne.KeyName{"key list": fyne.KeySlash, "date": fyne.KeyG, "new chat": fyne.KeyN, "emoji": fyne.KeyE} {
		f.Keys(ctrl, key)
		f.queue.WorkAll(t.Context())
		check(what)
		f.Key(fyne.KeyEscape)
		f.Key(fyne.KeyEscape)
	}
	f.Keys(ctrl, fyne.KeyI)
	check("profile")
	f.Keys(ctrl, fyne.KeyI)
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyN)
	check("new group")
	f.Key(fyne.KeyEscape)
	for _, icon := range []assets.Icon{assets.IconMenu, assets.IconMore} {
		if apptest.PressIcon(f.Canvas(), icon) {
			check("menu")
			f.Key(fyne.KeyEscape)
		}
	}
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyReturn)
	check("menu of a message")
}
