package app

import (
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/internal/tr"
)

// risk is what opening a file with the system's program for it may do.
type risk int

const (
	riskNone    risk = iota // it is shown or played
	riskUnknown             // whatever the system has for it
	riskProgram             // it starts a program
)

// riskOf returns the risk of opening a file, by the end of its name, which is what the system goes by.
func riskOf(path string) risk {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", // pictures
		".mp3", ".ogg", ".oga", ".opus", ".wav", ".flac", ".m4a", ".aac", ".mid", // sound
		".mp4", ".m4v", ".mkv", ".webm", ".mov", ".avi", ".ogv", ".mpg", ".mpeg", ".3gp", // video
		".pdf", ".txt", ".md", ".csv", ".log", ".epub", ".vcf", ".ics", // text
		".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", // documents that cannot have macros, or ask before they run one
		".zip", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".zst", ".rar": // archives, which are shown
		return riskNone
	case ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".msi", ".msp", ".ps1", ".psm1", ".vbs", ".vbe", ".js",
		".jse", ".wsf", ".wsh", ".hta", ".cpl", ".lnk", ".url", ".reg", ".inf", ".chm", ".gadget", ".scf", ".xll",
		".application", ".jar", ".jnlp", ".msc", ".desktop", ".appimage", ".run", ".sh", ".bash", ".zsh", ".csh", ".py",
		".pl", ".rb", ".deb", ".rpm", ".flatpakref", ".app", ".command", ".terminal", ".workflow", ".pkg", ".dmg", ".iso",
		".img", ".vhd", ".vhdx", ".webloc", ".fileloc", ".library-ms", ".search-ms", ".settingcontent-ms", ".diagcab":
		return riskProgram
	default:
		return riskUnknown
	}
}

// openFile opens a file with the system's program for it. What is not known to be harmless is asked about first, and
// programs are only shown in their folder.
func (h *home) openFile(path string) {
	switch riskOf(path) {
	case riskNone:
		h.reveal(path)
	case riskUnknown:
		h.app.sheet.Confirm(tr.L("Open this file?"),
			tr.L("“{{.Name}}” may do more than show something. Open it only if you trust who sent it.",
				"Name", filepath.Base(path)),
			tr.L("Open"), func() { h.reveal(path) })
	case riskProgram:
		h.app.notify(tr.L("This file is a program. It is shown in its folder instead."))
		h.reveal(filepath.Dir(path))
	}
}
