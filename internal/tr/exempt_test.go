package tr_test

// exempt has what looks like words for users and is none, with the reason: a text, or a whole file.
func exempt() map[string]string {
	return map[string]string{
		// whole files
		"app/licences.go":                  "names and texts of licences",
		"widgets/internal/emoji/font.go":   "names of a font's tables",
		"widgets/internal/emoji/typing.go": "names of a font's tables",

		// texts
		"Pasted picture":      "the name of a file that is sent",
		"Pasted text":         "the name of a file that is sent",
		"GIF8":                "how the content of a picture starts",
		"Ag":                  "measured, not shown",
		"Echo":                "a name",
		"join server":         "for the log",
		"start workspace":     "for the log",
		"v=%d m=%d,t=%d,p=%d": "the format of a passcode's hash",
		"Voice message":       "how the titles of recorded files start, on all devices",
	}
}

// pending has the beginnings of the names of files whose texts are not all translated yet.
func pending() []string {
	return []string{
		"app/export/",
		"app/settings/",
		"app/sheet/",
		"app/accounts.go",
		"app/app.go",
		"app/callnotifications.go",
		"app/connectionmodel.go",
		"app/desktop.go",
		"app/dialogs.go",
		"app/errors.go",
		"app/exportchat.go",
		"app/home.go",
		"app/homecalllog.go",
		"app/homecalls.go",
		"app/homeconnection.go",
		"app/homedisappear.go",
		"app/homefiles.go",
		"app/homeinfo.go",
		"app/homekeys.go",
		"app/homepoll.go",
		"app/homeshared.go",
		"app/homesheets.go",
		"app/keys.go",
		"app/later.go",
		"app/locking.go",
		"app/menu.go",
		"app/notices.go",
		"app/notifications.go",
		"app/openlink.go",
		"app/outside.go",
		"app/reopen.go",
		"app/settings.go",
		"app/settingsabout.go",
		"app/settingsaccount.go",
		"app/settingsbackup.go",
		"app/settingsdevices.go",
		"app/settingslook.go",
		"app/settingsnetwork.go",
		"app/settingsnotifications.go",
		"app/settingsstorage.go",
		"app/tray.go",
		"app/typing.go",
	}
}
