package files

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const megabyte = 1 << 20

// fileKind is a kind of files with an automatic download of its own.
type fileKind struct {
	kind    mesibo.FileType
	key     string // in the preferences
	label   string
	largest int64 // bytes, the default
}

func fileKinds() []fileKind {
	return []fileKind{
		{mesibo.FileTypeImage, "files.auto.image", tr.L("Photos"), 5 * megabyte},
		{mesibo.FileTypeAudio, "files.auto.audio", tr.L("Voice and music"), megabyte},
		{mesibo.FileTypeVideo, "files.auto.video", tr.L("Videos"), 0},
		{mesibo.FileTypeOther, "files.auto.other", tr.L("Other files"), 0},
	}
}

func sizeChoices() []sheet.Choice {
	const unlimited = 1 << 50
	return []sheet.Choice{
		{Label: tr.X("Never", "download"), Value: 0},
		{Label: upTo(1), Value: megabyte},
		{Label: upTo(5), Value: 5 * megabyte},
		{Label: upTo(20), Value: 20 * megabyte},
		{Label: upTo(100), Value: 100 * megabyte},
		{Label: tr.L("Any size"), Value: unlimited},
	}
}

func upTo(megabytes int) string { return tr.L("Up to {{.Size}} MB", "Size", megabytes) }

func rateChoices() []sheet.Choice {
	list := []sheet.Choice{{Label: tr.L("As fast as possible"), Value: 0}}
	for _, rate := range []int64{100e3, 500e3, 1e6, 5e6, 10e6} {
		list = append(list, sheet.Choice{Label: tr.L("{{.Size}}/s", "Size", format.Size(rate)), Value: rate})
	}
	return list
}

func offered(choices []sheet.Choice, value int64) bool {
	return slices.ContainsFunc(choices, func(c sheet.Choice) bool { return c.Value == value })
}

// Keys of the preferences.
const (
	keyUpload   = "files.upload"
	keyDownload = "files.download"
	keyLowData  = "files.low"
)

// settings are the user's settings for files, as the preferences keep them.
type settings struct{ kept Preferences }

// transferLimits are the settings as the SDK takes them.
func (s settings) transferLimits() mesibo.FileTransferLimits {
	l := mesibo.FileTransferLimits{
		UploadRate: s.rate(keyUpload), DownloadRate: s.rate(keyDownload), AutoDownload: map[mesibo.FileType]int64{},
	}
	for _, k := range fileKinds() {
		if size := s.largest(k); size > 0 && !s.lowData() {
			l.AutoDownload[k.kind] = size
		}
	}
	return l
}

// rate is a limit in bytes per second, 0 for none. A value that is not offered counts as none.
func (s settings) rate(key string) int64 {
	rate := int64(s.kept.Float(key))
	if !offered(rateChoices(), rate) {
		return 0
	}
	return rate
}

func (s settings) setRate(key string, rate int64) { s.kept.SetFloat(key, float64(rate)) }

// largest is the largest file of a kind that is downloaded automatically, 0 for none.
func (s settings) largest(k fileKind) int64 {
	size := int64(s.kept.FloatWithFallback(k.key, float64(k.largest)))
	if !offered(sizeChoices(), size) {
		return k.largest
	}
	return size
}

func (s settings) setLargest(k fileKind, size int64) { s.kept.SetFloat(k.key, float64(size)) }

// lowData reports whether nothing is downloaded automatically.
func (s settings) lowData() bool { return s.kept.Bool(keyLowData) }

func (s settings) setLowData(low bool) { s.kept.SetBool(keyLowData, low) }

// NewChoice makes a row with a menu of values.
type NewChoice func(label string, choices []sheet.Choice, now int64, chosen func(value int64)) *widgets.InfoChoice

// DownloadSettings are the rows for automatic downloads. Changes apply at once.
func (s *Screen) DownloadSettings(choice NewChoice) []fyne.CanvasObject {
	kept := s.model.limits
	var rows []fyne.CanvasObject
	var sizes []*widgets.InfoChoice
	for _, k := range fileKinds() {
		row := choice(k.label, sizeChoices(), kept.largest(k), func(size int64) {
			kept.setLargest(k, size)
			s.limitsChanged()
		})
		sizes, rows = append(sizes, row), append(rows, row)
	}
	enable := func(low bool) {
		for _, row := range sizes {
			row.SetDisabled(low)
		}
	}
	low := widgets.NewInfoSwitch("", tr.L("Low data: download nothing automatically"))
	low.Set(kept.lowData())
	low.OnChanged = func(on bool) {
		kept.setLowData(on)
		enable(on)
		s.limitsChanged()
	}
	enable(low.On())
	return append(rows, low)
}

// SpeedSettings are the rows for how fast files move. Changes apply at once.
func (s *Screen) SpeedSettings(choice NewChoice) []fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for _, r := range []struct{ label, key string }{
		{tr.L("Sending files"), keyUpload}, {tr.L("Downloading files"), keyDownload},
	} {
		rows = append(rows, choice(r.label, rateChoices(), s.model.limits.rate(r.key), func(rate int64) {
			s.model.limits.setRate(r.key, rate)
			s.limitsChanged()
		}))
	}
	return rows
}

// FolderSettings is the row that leads to the settings of the folder whose files are sent.
func (s *Screen) FolderSettings() fyne.CanvasObject {
	state := tr.X("Off", "setting")
	if now := s.cfg.Backend.GetSendFolder(); now.Path != "" {
		state = tr.L("To {{.Chat}}", "Chat", s.on.Title(now.Peer, now.GroupID))
	}
	row := widgets.NewInfoChoice("", tr.L("Send from a folder"), state)
	row.OnMenu = func(fyne.Position) { s.showFolderSettings() }
	return row
}
