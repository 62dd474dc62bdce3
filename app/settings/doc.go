// Package settings is the sheet with the program's settings: a list of pages, and the page that is chosen. In a narrow
// window it shows one of the two. It does not know what is on the pages.
package settings
