// Package fynetest starts apps without a display, for tests only.
package fynetest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// NewApp starts an app that ends with the test, and is the current one until then. Its text fields use Fyne's font for
// emoji, whatever the theme says: reading ours, 10 MB, in each app took a third of the time of tests of the window.
func NewApp(t testing.TB) fyne.App {
	t.Helper()
	return &app{App: test.NewTempApp(t)}
}

type app struct{ fyne.App }

// Settings implements fyne.App.
func (a *app) Settings() fyne.Settings { return settings{a.App.Settings()} }

type settings struct{ fyne.Settings }

// SetTheme implements fyne.Settings.
func (s settings) SetTheme(look fyne.Theme) { s.Settings.SetTheme(plain{look}) }

type plain struct{ fyne.Theme }

// Font implements fyne.Theme.
func (plain) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }
