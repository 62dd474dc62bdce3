package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// useLanguage makes texts be in the language of the preferences, from now on.
func (a *App) useLanguage() error {
	if a.cfg.SetLanguage == nil {
		return nil
	}
	return a.cfg.SetLanguage(a.prefs.language())
}

// emojiLanguage is the language in which emoji are searched, such as de: they have names in more than the program has.
func (a *App) emojiLanguage() string {
	tag := a.prefs.language()
	if tag == "" {
		tag = lang.SystemLocale().LanguageString()
	}
	name, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(name)
}

// languagePage has the language of the program.
func (a *App) languagePage(set setParts) {
	languages := tr.Languages()
	choices := []sheet.Choice{{Label: tr.L("As the system")}}
	now := int64(0)
	for i, l := range languages {
		choices = append(choices, sheet.Choice{Label: l.Name, Value: int64(i + 1)})
		if l.Tag == a.prefs.language() {
			now = int64(i + 1)
		}
	}
	set(a.newChoice("", tr.L("Language"), choices, now, func(i int64) {
		tag := ""
		if i > 0 {
			tag = languages[i-1].Tag
		}
		a.setLanguage(tag)
	}), widgets.NewInfoText(tr.L("Your chats are opened again in the language that you choose. What was written stays as it is.")))
}

// setLanguage changes the language, and opens everything anew: what is on the screen has the words that it was made with.
func (a *App) setLanguage(tag string) {
	a.prefs.setLanguage(tag)
	if slices.ContainsFunc(a.homes(), func(h *home) bool { return h.calls.model.Lasts() }) {
		a.notify(tr.L("You are on a call. The language changes when Parley is started again."))
		return
	}
	if err := a.useLanguage(); err != nil {
		a.cfg.Logger.Error("language not used", errorAttr(err))
		a.notify(Explain(err))
		return
	}
	for a.closeTop() {
	}
	a.rail, a.outside.tray.tooltip = nil, ""
	a.toast.Hide()
	shown := a.home
	for _, h := range a.homes() {
		var done func()
		if h == shown {
			done = func() { a.showSettings(pageLanguage) }
		}
		a.reopen(h.account, nil, done)
	}
	if shown == nil && a.login != nil {
		a.showLogin(a.login.Joining())
		a.showSettings(pageLanguage)
	}
}
