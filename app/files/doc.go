// Package files sends files and shows how they move: the sheet with files to send, pasting, the panel with transfers,
// and the settings for files and for the folder whose files are sent.
package files
