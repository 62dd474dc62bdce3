package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// settings opens a page of the settings.
func (f *fixture) settings(page string) {
	f.t.Helper()
	f.Keys(ctrl, fyne.KeyComma)
	f.Press(page)
	f.queue.WorkAll(f.t.Context())
}

// tabTo moves the keyboard to the next widget until it is where want says.
func (f *fixture) tabTo(what string, want func(o fyne.Focusable) bool) {
	f.t.Helper()
	for range 40 {
		test.FocusNext(f.Canvas())
		f.queue.Drain()
		if o := f.Canvas().Focused(); o != nil && want(o) {
			return
		}
	}
	f.t.Fatalf("%s: not reached with Tab", what)
}

func TestSettings_keys(t *testing.T) {
	f := startWithAlice(t, 2)
	f.Keys(ctrl, fyne.KeyComma)
	f.Wants("Settings", "Your address")
	for _, page := range []string{
		"Do not disturb", "Accent", "Photos", "Who sees when I was here", "Connection", "No other device", "All keys",
	} {
		f.Key(fyne.KeyDown)
		f.queue.WorkAll(t.Context())
		if page == "All keys" {
			page = "New chat"
		}
		f.Wants(page)
	}
	f.Key(fyne.KeyDown)
	f.Wants("Licences")
	f.Key(fyne.KeyHome)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn) // to the first switch of Notifications
	f.Key(fyne.KeySpace)
	if !f.fyne.Preferences().Bool("notify.off") {
		t.Error("Space on the first switch has not turned notifications off")
	}
	f.Key(fyne.KeyEscape)
	f.WantsNot("Settings")
	f.Type("still here")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; !slices.Contains(got, "still here") {
		t.Errorf("after the settings: sent %q, want what was typed", got)
	}
}

// In a narrow window the settings show the list or a page.
func TestSettings_narrow(t *testing.T) {
	f := prepare(t).start()
	f.Resize(fyne.NewSize(400, 480))
	f.Keys(ctrl, fyne.KeyComma)
	f.Wants("Settings", "Appearance")
	f.WantsNot("Your address")
	f.Press("Appearance")
	f.Wants("Theme", "Accent")
	f.WantsNot("Chats and storage")
	f.Key(fyne.KeyEscape)
	f.Wants("Chats and storage")
	f.Key(fyne.KeyReturn)
	f.Wants("Theme")
	f.icon(assets.IconBack)
	f.Wants("Chats and storage")
	f.Resize(fyne.NewSize(1000, 700))
	f.Wants("Chats and storage", "Theme")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Settings")
}

func TestSettings_account(t *testing.T) {
	f := prepare(t).start()
	f.settings("Account")
	f.Wants("Me Myself", "chat.example.org", apptest.Self)
	f.Press("A line about you")
	f.Type("Rivers")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Own.Status; got != "Rivers" {
		t.Errorf("about: got %q, want Rivers", got)
	}
	f.Press("Your address")
	if got := f.fyne.Clipboard().Content(); got != apptest.Self {
		t.Errorf("copied: got %q, want %q", got, apptest.Self)
	}
}

func TestSettings_privacy(t *testing.T) {
	f := prepare(t).start()
	f.settings("Privacy")
	f.Wants("Who sees when I was here", "Everybody")
	f.Press("Everybody")
	f.Press("Nobody")
	if got := f.backend.Visible; got != mesibo.VisibilityNone {
		t.Errorf("visibility: got %v, want nobody", got)
	}
	f.Wants("Nobody")
	f.Wants("Who may add me to groups")
	f.Press("Everybody")
	f.Press("People I write to")
	if got := f.backend.Adds; got != mesibo.VisibilityContact {
		t.Errorf("who may add to groups: got %v, want contacts", got)
	}
	f.Press("Send read receipts")
	if !f.backend.NoReceipts {
		t.Error("read receipts are still on")
	}
	f.backend.NoReceipts = false
	f.launch()
	if !f.backend.NoReceipts {
		t.Error("read receipts are on after another start")
	}
}

func TestSettings_look(t *testing.T) {
	f := startWithTwoChats(t)
	var scales []int
	f.scale = func(percent int) { scales = append(scales, percent) }
	f.launch()
	f.settings("Appearance")
	f.Press("Theme")
	f.Press("Dark")
	if !widgets.IsDark() {
		t.Error("Dark was chosen, and the theme is light")
	}
	f.Press("Theme")
	f.Key(fyne.KeyUp) // from what is checked
	f.Key(fyne.KeyReturn)
	if widgets.IsDark() {
		t.Error("Light was chosen above Dark, and the theme is dark")
	}
	f.Press("Text size")
	f.Press("150 %")
	if want := []int{100, 150}; !slices.Equal(scales, want) {
		t.Errorf("scales: got %v, want %v", scales, want)
	}
	f.tabTo("accent", func(o fyne.Focusable) bool { _, ok := o.(*widgets.InfoSwatches); return ok })
	f.Key(fyne.KeyRight)
	f.Wants("Teal")
	if got := f.fyne.Preferences().String("look.accent"); got != "teal" {
		t.Errorf("accent: got %q, want teal", got)
	}
	f.Key(fyne.KeyEscape)
	before, _ := apptest.Find(f.Canvas(), "Bob Keller")
	f.settings("Appearance")
	f.Press("Compact list of chats")
	f.Key(fyne.KeyEscape)
	if after, _ := apptest.Find(f.Canvas(), "Bob Keller"); after.At.Y >= before.At.Y-10 {
		t.Errorf("compact: the second chat is at %v, was at %v", after.At.Y, before.At.Y)
	}
	f.Keys(ctrl, fyne.KeyMinus)
	f.Keys(ctrl, fyne.Key0)
	if want := []int{100, 150, 140, 100}; !slices.Equal(scales, want) {
		t.Errorf("scales after keys: got %v, want %v", scales, want)
	}
}

// The proxy is checked before it is used, and connections are made anew with it.
func TestSettings_proxy(t *testing.T) {
	f := prepare(t)
	f.proxy = &proxy{}
	f.start()
	f.settings("Network and proxy")
	f.Wants("As the system")
	f.Press("As the system")
	f.Press("This one")
	f.Press("socks5://host:port")
	f.Type("nonsense")
	f.Key(fyne.KeyReturn)
	f.Wants("This is not the address of a proxy.")
	if len(f.proxy.set) != 1 {
		t.Errorf("set: got %q, want the stored one only", f.proxy.set)
	}
	for range "nonsense" {
		f.Key(fyne.KeyBackspace)
	}
	f.Type("good:9050")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	if want := []string{"", "http://good:9050"}; !slices.Equal(f.proxy.set, want) || f.keeper.redialled != 1 {
		t.Errorf("set %q, connected anew %d times, want %q and 1", f.proxy.set, f.keeper.redialled, want)
	}
	f.launch()
	if got := f.proxy.set[len(f.proxy.set)-1]; got != "http://good:9050" {
		t.Errorf("after another start: got %q, want the same", got)
	}
}

type proxy struct{ set []string }

var _ app.Proxy = (*proxy)(nil)

func (p *proxy) Check(setting string) (string, error) {
	if setting == "nonsense" {
		return "", errors.New("no address")
	}
	return "http://" + setting, nil
}

func (p *proxy) Set(setting string) error {
	p.set = append(p.set, setting)
	return nil
}

// Only files that the server still has are cleared.
func TestSettings_storage(t *testing.T) {
	f := prepare(t)
	f.backend.Files = t.TempDir()
	for i, name := range []string{"old.pdf", "gone.pdf", "mine.pdf"} {
		path := filepath.Join(f.backend.Files, name)
		if name == "mine.pdf" {
			path = filepath.Join(t.TempDir(), name) // sent from elsewhere
		}
		if err := os.WriteFile(path, make([]byte, 1000*(i+1)), 0o600); err != nil {
			t.Fatal(err)
		}
		file := &mesibo.FileInfo{Title: name, Path: path, URL: "/" + name, Progress: 100, Size: 1000}
		f.backend.Chats["alice"] = append(f.backend.Chats["alice"], chat.Message{
			Mid: uint64(i+1)<<32 | uint64(i+1), At: f.queue.Now().Add(-time.Hour), File: file, Status: mesibo.MsgStatusReceivedRead,
		})
	}
	f.backend.Gone = map[string]bool{"/gone.pdf": true}
	f.start()
	f.settings("Chats and storage")
	f.Key(fyne.KeyPageDown)
	f.Wants("Files by chat", "3 kB", "Clear downloaded files…")
	f.Press("Clear downloaded files…")
	f.Wants("3 kB in 2 files")
	f.Press("Cancel")
	f.queue.WorkAll(t.Context())
	f.Key(fyne.KeyPageDown)
	f.Wants("Files by chat")
	f.Press("Clear downloaded files…")
	f.Press("Clear")
	f.queue.WorkAll(t.Context())
	if want := []string{"delete old.pdf"}; !slices.Equal(f.backend.Calls, want) {
		t.Errorf("calls: got %q, want %q", f.backend.Calls, want)
	}
	f.Key(fyne.KeyPageDown)
	f.Wants("Files by chat", "2 kB")
}

func TestSettings_devices(t *testing.T) {
	f := prepare(t)
	f.backend.Devices = []mesibo.Device{
		{ID: "1", Label: "this computer", Created: f.queue.Now(), Current: true},
		{
			ID: "2", Label: "old laptop", Created: f.queue.Now().AddDate(-1, 0, 0), Seen: f.queue.Now().AddDate(0, -1, 0),
			Place: "192.0.2.0/24",
		},
	}
	f.start()
	f.settings("Devices")
	f.Wants("Last connected 16 Oct", "from 192.0.2.0/24", "Sign in on another device")
	f.Press("Name this device")
	f.Type(" at home")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("This device: this computer at home")
	f.backend.Calls = nil
	f.Wants("this computer", "Sign out “old laptop”, signed in since 16 Nov 2025")
	f.Press("Sign out “old laptop”, signed in since 16 Nov 2025")
	f.Press("Sign out")
	f.queue.WorkAll(t.Context())
	if want := []string{"sign out 2"}; !slices.Equal(f.backend.Calls, want) {
		t.Errorf("calls: got %q, want %q", f.backend.Calls, want)
	}
	f.Wants("No other device is signed in")
}

// A server on this computer has no name of its own, and knows no device but this one.
func TestSettings_local(t *testing.T) {
	f := prepare(t)
	f.local = true
	f.backend.Devices = []mesibo.Device{{ID: "1", Label: "this computer", Created: f.queue.Now(), Current: true}}
	f.start()
	f.settings("Network and proxy")
	f.Wants("Server", "the server on this computer")
	f.Press("Devices")
	f.queue.WorkAll(t.Context())
	f.Wants("This device", "No other device is signed in")
	f.WantsNot("This device: this computer")
}

// What a page shows later does not take the keyboard from where the user has moved it.
func TestSettings_keepsKeyboard(t *testing.T) {
	f := prepare(t).withShell().start()
	f.queue.WorkAll(t.Context())
	f.Keys(ctrl, fyne.KeyComma)
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyReturn)
	test.FocusNext(f.Canvas())
	f.queue.WorkAll(t.Context()) // the desktop says whether it can start the program
	f.Wants("Start with the session")
	f.Key(fyne.KeySpace)
	if !f.fyne.Preferences().Bool("notify.hidden") {
		t.Error("the second switch has lost the keyboard")
	}
}

// Before there is an account, the settings that need none are there.
func TestSettings_firstRun(t *testing.T) {
	f := prepare(t)
	f.proxy = &proxy{}
	f.launch()
	f.Wants("Welcome")
	f.icon(assets.IconSettings)
	f.Wants("Proxy", "Appearance", "Keyboard")
	f.Key(fyne.KeyEscape)
	f.Keys(ctrl, fyne.KeyComma)
	f.Wants("Do not disturb", "Appearance", "Keyboard")
	f.WantsNot("Chats and storage", "Account", "Devices")
	f.Key(fyne.KeyEscape)
	f.Wants("Welcome")
}

// Without a keyring the page about devices says where the key to the account is.
func TestDevices_tokenInFile(t *testing.T) {
	for _, inFile := range []bool{false, true} {
		f := prepare(t)
		f.keeper.session = f.session()
		f.keeper.session.TokenInFile = inFile
		f.launch()
		f.backend.Devices = []mesibo.Device{{ID: "1", Created: f.queue.Now(), Current: true}}
		f.settings("Devices")
		f.queue.WorkAll(t.Context())
		if inFile {
			f.Wants("This computer has no keyring")
		} else {
			f.WantsNot("This computer has no keyring")
		}
	}
}
