// Package sheet shows the cards that lie over the window for a question or a few settings, and the toast at its lower
// edge. It knows none of the screens that use it.
package sheet
