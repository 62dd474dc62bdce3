package tr_test

// exempt has what looks like words for users and is none, with the reason: a text, or a whole file.
func exempt() map[string]string {
	return map[string]string{
		// whole files
		"app/licences.go":                  "names and texts of licences",
		"app/parseday.go":                  "layouts of dates that users write",
		"widgets/internal/emoji/font.go":   "names of a font's tables",
		"widgets/internal/emoji/typing.go": "names of a font's tables",

		// texts
		"Parley":              "the program",
		"Pasted picture":      "the name of a file that is sent",
		"Pasted text":         "the name of a file that is sent",
		"this computer":       "the name of a device on the server",
		"GIF8":                "how the content of a picture starts",
		"RIFF":                "how the content of a picture starts",
		"WEBPVP8X":            "how the content of a picture starts",
		"Ag":                  "measured, not shown",
		"Echo":                "a name",
		"join server":         "for the log",
		"look at invite":      "for the log",
		"start workspace":     "for the log",
		"v=%d m=%d,t=%d,p=%d": "the format of a passcode's hash",
		"Voice message":       "how the titles of recorded files start, on all devices",
	}
}

// pending has the beginnings of the names of files whose texts are not all translated yet.
func pending() []string {
	return []string{}
}
