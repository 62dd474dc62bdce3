package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/widgets"
)

// Initial and minimum size of the window.
const (
	windowWidth, windowHeight       = 1180, 760
	windowMinWidth, windowMinHeight = 400, 480
)

// preferences is what the window remembers between starts. Nothing in it is secret but the hash of the passcode, which
// opens no more than whoever can read it could read anyway; losing it would do no harm.
type preferences struct {
	store   fyne.Preferences
	account string // whose chats they are about, empty for the first
}

// own is the name of something that each account has.
func (p preferences) own(name string) string {
	if p.account == "" {
		return name
	}
	return p.account + "." + name
}

// lastAccount is the account that was shown last, empty for the first.
func (p preferences) lastAccount() string { return p.store.String("account.last") }

func (p preferences) setLastAccount(key string) {
	if key != p.lastAccount() {
		p.store.SetString("account.last", key)
	}
}

func (p preferences) windowSize() fyne.Size {
	size := p.store.FloatList("window.size")
	if len(size) != 2 {
		return fyne.NewSize(windowWidth, windowHeight)
	}
	return fyne.NewSize(max(windowMinWidth, float32(size[0])), max(windowMinHeight, float32(size[1])))
}

func (p preferences) setWindowSize(size fyne.Size) {
	if size != p.windowSize() {
		p.store.SetFloatList("window.size", []float64{float64(size.Width), float64(size.Height)})
	}
}

func (p preferences) listWidth() float32 {
	return float32(p.store.FloatWithFallback("window.list", float64(widgets.PanesLeft)))
}

func (p preferences) setListWidth(width float32) { p.store.SetFloat("window.list", float64(width)) }

func (p preferences) lastChat() string { return p.store.String(p.own("chat.last")) }

func (p preferences) setLastChat(key string) {
	if key != p.lastChat() {
		p.store.SetString(p.own("chat.last"), key)
	}
}

// drafts are the chats that contain only a draft: the database lists only those with messages.
func (p preferences) drafts() []string { return p.store.StringList(p.own("chat.begun")) }

func (p preferences) setDrafts(keys []string) { p.setList(p.own("chat.begun"), keys) }

// pins are the pinned chats in order.
func (p preferences) pins() []string { return p.store.StringList(p.own("chat.pins")) }

func (p preferences) setPins(keys []string) { p.setList(p.own("chat.pins"), keys) }

// recentEmoji is how many emoji are remembered.
const recentEmoji = 32

// emoji are the emoji used last, the latest first.
func (p preferences) emoji() []string { return p.store.StringList("emoji.recent") }

// useEmoji puts an emoji in front of those used before.
func (p preferences) useEmoji(emoji string) {
	list := slices.DeleteFunc(slices.Clone(p.emoji()), func(s string) bool { return s == emoji })
	list = slices.Insert(list, 0, emoji)
	p.setList("emoji.recent", list[:min(len(list), recentEmoji)])
}

// language is the tag of the language that the user has chosen, empty for the system's.
func (p preferences) language() string { return p.store.String("language") }

func (p preferences) setLanguage(tag string) { p.store.SetString("language", tag) }

// mentionsOnly are the groups of which only mentions are notified.
func (p preferences) mentionsOnly() []string { return p.store.StringList(p.own("notify.mentions")) }

func (p preferences) setMentionsOnly(keys []string) { p.setList(p.own("notify.mentions"), keys) }

// notifies reports whether there are notifications.
func (p preferences) notifies() bool { return !p.store.Bool("notify.off") }

func (p preferences) setNotifies(on bool) { p.store.SetBool("notify.off", !on) }

// hidesText reports whether notifications do not say what was written.
func (p preferences) hidesText() bool { return p.store.Bool("notify.hidden") }

func (p preferences) setHidesText(on bool) { p.store.SetBool("notify.hidden", on) }

// notifySound reports whether messages are heard.
func (p preferences) notifySound() bool { return !p.store.Bool("notify.silent") }

func (p preferences) setNotifySound(on bool) { p.store.SetBool("notify.silent", !on) }

// quietUntil is when do-not-disturb ends, in seconds since 1970: 0 when it is off, forEver until the user ends it.
func (p preferences) quietUntil() int64 { return int64(p.store.Float("notify.quiet")) }

func (p preferences) setQuietUntil(until int64) { p.store.SetFloat("notify.quiet", float64(until)) }

// closing is what the program does when its window is closed, closeKeeps or closeQuits; empty while it asks.
func (p preferences) closing() string { return p.store.String("window.close") }

func (p preferences) setClosing(choice string) { p.store.SetString("window.close", choice) }

// warnedOfTransfers reports whether the user has been asked before transfers were interrupted.
func (p preferences) warnedOfTransfers() bool { return p.store.Bool("window.warned") }

func (p preferences) setWarnedOfTransfers() { p.store.SetBool("window.warned", true) }

func (p preferences) setList(name string, keys []string) {
	if !slices.Equal(keys, p.store.StringList(name)) {
		p.store.SetStringList(name, keys)
	}
}

// device is the ID of the device of calls that was chosen, empty for the default one.
func (p preferences) device(kind call.Kind) string { return p.store.String(deviceKey(kind)) }

func (p preferences) setDevice(kind call.Kind, id string) { p.store.SetString(deviceKey(kind), id) }

func deviceKey(kind call.Kind) string {
	switch kind {
	case call.Microphone:
		return "call.microphone"
	case call.Speaker:
		return "call.speaker"
	default:
		return "call.camera"
	}
}

// look is how the program is drawn.
func (p preferences) look() widgets.Look {
	return widgets.Look{
		Variant: variantOf(p.store.String("theme")), Accent: p.store.String("look.accent"),
		Background: p.store.String("look.background"),
	}
}

func (p preferences) setAccent(id string) { p.store.SetString("look.accent", id) }

func (p preferences) setBackground(id string) { p.store.SetString("look.background", id) }

// textSize is the size of texts in percent, one of textSizes.
func (p preferences) textSize() int {
	if size := p.store.IntWithFallback("look.size", usualTextSize); slices.Contains(textSizes(), size) {
		return size
	}
	return usualTextSize
}

func (p preferences) setTextSize(percent int) { p.store.SetInt("look.size", percent) }

// compact reports whether the rows of the list of chats are low.
func (p preferences) compact() bool { return p.store.Bool("look.compact") }

func (p preferences) setCompact(on bool) { p.store.SetBool("look.compact", on) }

// readReceipts reports whether senders learn that this user has read their messages.
func (p preferences) readReceipts() bool { return !p.store.Bool(p.own("privacy.unreceipted")) }

func (p preferences) setReadReceipts(on bool) { p.store.SetBool(p.own("privacy.unreceipted"), !on) }

// linkPreviews reports whether pages are opened that this user's texts link to.
func (p preferences) linkPreviews() bool { return p.store.Bool(p.own("privacy.previews")) }

func (p preferences) setLinkPreviews(on bool) { p.store.SetBool(p.own("privacy.previews"), on) }

// passcode is the hash of the passcode of the lock, empty without one.
func (p preferences) passcode() string { return p.store.String("lock.passcode") }

func (p preferences) setPasscode(hash string) { p.store.SetString("lock.passcode", hash) }

// lockAfter is after how many minutes without the user the window is locked, 0 for never.
func (p preferences) lockAfter() int { return p.store.IntWithFallback("lock.after", lockUsual) }

func (p preferences) setLockAfter(minutes int) { p.store.SetInt("lock.after", minutes) }

// proxy is the setting of the Proxy.
func (p preferences) proxy() string { return p.store.String("network.proxy") }

func (p preferences) setProxy(setting string) { p.store.SetString("network.proxy", setting) }

func variantOf(name string) widgets.Variant {
	switch name {
	case "light":
		return widgets.VariantLight
	case "dark":
		return widgets.VariantDark
	default:
		return widgets.VariantSystem
	}
}

func (p preferences) setVariant(v widgets.Variant) {
	name := "system"
	switch v {
	case widgets.VariantLight:
		name = "light"
	case widgets.VariantDark:
		name = "dark"
	case widgets.VariantSystem:
	}
	p.store.SetString("theme", name)
}
