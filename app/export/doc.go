// Package export writes a chat into a folder for people and programs: pages in HTML, in the user's language, the same in
// JSON, and the files beside them. It takes plain values and knows neither the window nor the SDK. docs/export.md
// describes what it writes.
package export
