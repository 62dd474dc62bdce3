package app

import (
	"context"
	"runtime"
	"runtime/debug"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// aboutPage has versions, figures and licences.
func (a *App) aboutPage(set setParts) {
	set(a.aboutParts(nil)...)
	if a.home == nil {
		return
	}
	h := a.home
	var u usage
	var err error
	a.cfg.UI.Async(func(ctx context.Context) { u, err = measureUsage(ctx, h.session.Client) }, func() {
		if err != nil {
			a.cfg.Logger.Warn("storage not measured", errorAttr(err))
			return
		}
		set(a.aboutParts(&u)...)
	})
}

func (a *App) aboutParts(u *usage) []fyne.CanvasObject {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	parts := []fyne.CanvasObject{
		widgets.NewInfoPair(productName, a.cfg.Version),
		widgets.NewInfoPair(tr.L("System"), runtime.GOOS+" "+runtime.GOARCH),
		widgets.NewInfoText(tr.L("The connection to a remote server is encrypted; the server itself can read your messages.")),
		widgets.NewInfoSection(tr.X("Figures", "numbers")),
		widgets.NewInfoPair(tr.L("Memory in use"), format.Size(int64(m.Sys-m.HeapReleased))),
	}
	if u != nil {
		parts = append(parts, widgets.NewInfoPair(tr.L("Messages on the disk"), sizeWords(u.messages)),
			widgets.NewInfoPair(tr.L("Files on the disk"), sizeWords(u.files)))
	}
	parts = append(parts, widgets.NewInfoSection(tr.L("Licences")))
	for _, l := range append(always(), linked()...) {
		parts = append(parts, widgets.NewInfoPair(l.name, l.licence))
	}
	return parts
}

type library struct{ name, licence string }

// linked are the modules in this program, with version and licence.
func linked() []library {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	known := licences()
	var list []library
	for _, module := range build.Deps {
		if licence := known[module.Path]; licence != "" {
			list = append(list, library{module.Path + " " + module.Version, licence})
		}
	}
	return list
}
