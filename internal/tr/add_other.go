//go:build windows || darwin

package tr

import "fyne.io/fyne/v2/lang"

// add loads a translation and selects it: in the name of the user's locale, as the toolkit selects what is closest to
// that, and nothing else can be set. So a language that is not the system's has the system's forms of the plural.
func add(_ string, data []byte) error {
	return lang.AddTranslationsForLocale(data, lang.SystemLocale())
}
