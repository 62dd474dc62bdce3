package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// fileKind is a kind of files that can be fetched unasked.
type fileKind struct {
	kind    mesibo.FileType
	name    string // in the preferences
	label   string
	largest int64 // bytes, at first
}

func fileKinds() []fileKind {
	const mega = 1 << 20
	return []fileKind{
		{mesibo.FileTypeImage, "image", "Photos", 5 * mega},
		{mesibo.FileTypeAudio, "audio", "Voice and music", mega},
		{mesibo.FileTypeVideo, "video", "Videos", 0},
		{mesibo.FileTypeOther, "other", "Other files", 0},
	}
}

// choice is an entry of a list to choose from.
type choice struct {
	label string
	value int64
}

func sizeChoices() []choice {
	const mega, most = 1 << 20, 1 << 50
	return []choice{
		{"Never", 0}, {"Up to 1 MB", mega}, {"Up to 5 MB", 5 * mega}, {"Up to 20 MB", 20 * mega}, {"Up to 100 MB", 100 * mega}, {"Any size", most},
	}
}

func rateChoices() []choice {
	list := []choice{{"As fast as possible", 0}}
	for _, rate := range []int64{100e3, 500e3, 1e6, 5e6, 10e6} {
		list = append(list, choice{chat.SizeWords(rate) + "/s", rate})
	}
	return list
}

// fileLimits are what the user has set for file transfers.
func (p preferences) fileLimits() mesibo.FileTransferLimits {
	l := mesibo.FileTransferLimits{
		UploadRate: p.rate("files.upload"), DownloadRate: p.rate("files.download"), AutoDownload: map[mesibo.FileType]int64{},
	}
	for _, k := range fileKinds() {
		if size := p.largest(k); size > 0 && !p.lowData() {
			l.AutoDownload[k.kind] = size
		}
	}
	return l
}

// rate is a limit on the bandwidth; what is no choice is none.
func (p preferences) rate(name string) int64 {
	rate := int64(p.kept.Float(name))
	if !slices.ContainsFunc(rateChoices(), func(c choice) bool { return c.value == rate }) {
		return 0
	}
	return rate
}

func (p preferences) keepRate(name string, rate int64) { p.kept.SetFloat(name, float64(rate)) }

// largest is the largest file of a kind that is fetched unasked, 0 for none.
func (p preferences) largest(k fileKind) int64 {
	size := int64(p.kept.FloatWithFallback("files.auto."+k.name, float64(k.largest)))
	if !slices.ContainsFunc(sizeChoices(), func(c choice) bool { return c.value == size }) {
		return k.largest
	}
	return size
}

func (p preferences) keepLargest(k fileKind, size int64) {
	p.kept.SetFloat("files.auto."+k.name, float64(size))
}

// lowData says that nothing is fetched unasked.
func (p preferences) lowData() bool { return p.kept.Bool("files.low") }

func (p preferences) keepLowData(low bool) { p.kept.SetBool("files.low", low) }

// limitFiles tells the SDK what the user has set.
func (h *home) limitFiles() {
	if err := h.session.Client.SetFileTransferLimits(h.app.prefs.fileLimits()); err != nil {
		h.app.cfg.Logger.Warn("limits of file transfers not set", errorAttr(err))
	}
}

// showFileSettings lets the user say what is fetched unasked, and how fast. What is chosen counts at once.
func (h *home) showFileSettings() {
	p := h.app.prefs
	var unasked []*widget.Select
	rows := []fyne.CanvasObject{sectionTitle("Download without asking")}
	for _, k := range fileKinds() {
		s := newSelect(sizeChoices(), p.largest(k), func(size int64) {
			p.keepLargest(k, size)
			h.limitFiles()
		})
		unasked = append(unasked, s)
		rows = append(rows, labelled(k.label, s))
	}
	enable := func(low bool) {
		for _, s := range unasked {
			if low {
				s.Disable()
			} else {
				s.Enable()
			}
		}
	}
	low := widget.NewCheck("Low data: download nothing without asking", nil)
	low.Checked = p.lowData()
	low.OnChanged = func(on bool) {
		p.keepLowData(on)
		enable(on)
		h.limitFiles()
	}
	enable(low.Checked)
	rows = append(rows, widgets.NewCheckBox(low), sectionTitle("Speed"))
	for _, r := range []struct{ label, name string }{{"Sending", "files.upload"}, {"Downloading", "files.download"}} {
		rows = append(rows, labelled(r.label, newSelect(rateChoices(), p.rate(r.name), func(rate int64) {
			p.keepRate(r.name, rate)
			h.limitFiles()
		})))
	}
	rows = append(rows, sectionTitle("Automatic sending"), h.folderRow())
	h.app.showSheet(sheetContent{title: "Files", content: container.New(layout.NewCustomPaddedVBoxLayout(6), rows...)})
}

func sectionTitle(words string) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), newText(words, theme.SizeNameCaptionText, widgets.ColorSecondary, true))
}

// labelled puts a field to the right of what it is called.
func labelled(label string, field fyne.CanvasObject) fyne.CanvasObject {
	words := container.NewVBox(layout.NewSpacer(), newText(label, theme.SizeNameText, widgets.ColorText, false), layout.NewSpacer())
	return container.NewGridWithColumns(2, words, field)
}

// newSelect is a list to choose from.
func newSelect(choices []choice, now int64, chosen func(value int64)) *widget.Select {
	labels := make([]string, len(choices))
	current := ""
	for i, c := range choices {
		labels[i] = c.label
		if c.value == now {
			current = c.label
		}
	}
	s := widget.NewSelect(labels, nil)
	s.Selected = current
	s.OnChanged = func(label string) {
		if i := slices.Index(labels, label); i >= 0 {
			chosen(choices[i].value)
		}
	}
	return s
}
