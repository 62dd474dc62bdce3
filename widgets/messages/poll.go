package messages

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// PollOption is one answer of a poll, which is pressed to vote for it.
type PollOption struct {
	Text  string
	Votes int
	Own   bool // the user has voted for it
}

// Geometry of polls.
const (
	pollWidth = float32(320)
	pollRow   = float32(42)
	pollDisc  = float32(18)
	pollBar   = float32(4)
	pollFoot  = float32(18)
)

func pollFont() text.Font { return text.Font{Size: widgets.TextName} }

// pollLayout is the place of a poll's options below its question; H is 0 if there is none.
type pollLayout struct {
	draw.Box

	rows  []draw.Box
	texts []string // cut to fit
	total int
	words string // how many have voted
}

func (p *partLayout) placePoll(options []PollOption, set *text.Typesetter, y, room float32) float32 {
	w := min(pollWidth, room)
	l := &p.poll
	l.Box = draw.NewBox(0, y, w, float32(len(options))*pollRow+pollFoot)
	for i, o := range options {
		l.total += o.Votes
		l.rows = append(l.rows, draw.NewBox(0, y+float32(i)*pollRow, w, pollRow))
		l.texts = append(l.texts, set.Fit(text.CleanLine(o.Text), pollFont(), w-pollDisc-10-44))
	}
	l.words = tr.L("No votes yet")
	if l.total > 0 {
		l.words = tr.N("{{.N}} vote", "{{.N}} votes", l.total)
	}
	return y + l.H
}

// placeQuestion places the question of a poll, in bold.
func (p *partLayout) placeQuestion(question string, set *text.Typesetter, y, room float32) float32 {
	const most = 6
	p.asked, p.askedAt = text.CleanLine(question), y
	p.question = set.Wrap(p.asked, questionFont(), min(pollWidth, room), most)
	return y + float32(len(p.question))*draw.LineHeight + blockGap
}

func questionFont() text.Font { return text.Font{Size: widgets.TextName, Bold: true} }

// optionAt returns the option of a poll at a point of the row, from 1; 0 for none.
func (p *partLayout) optionAt(x, y float32) int {
	for i, b := range p.poll.rows {
		if b.Contains(x, y) {
			return i + 1
		}
	}
	return 0
}

// pollParts draws the options of a poll.
type pollParts struct {
	question []*draw.Text
	rows     []*optionParts
	words    *draw.Text
}

type optionParts struct {
	disc, trough, bar *canvas.Rectangle
	check             *canvas.Image
	text, share       *draw.Text
}

func (p *blockParts) drawPoll(l *rowLayout, set *text.Typesetter, objects []fyne.CanvasObject) []fyne.CanvasObject {
	if l.parts.poll.H == 0 {
		return objects
	}
	if p.poll == nil {
		p.poll = &pollParts{words: draw.NewText()}
	}
	ink, meta, link := l.inks()
	trough := widgets.ColorQuote
	if l.item.Own {
		trough = widgets.ColorQuoteOwn
	}
	for i, line := range l.parts.question {
		if i == len(p.poll.question) {
			p.poll.question = append(p.poll.question, draw.NewText())
		}
		q := p.poll.question[i]
		draw.SetLine(q, line, l.parts.asked, questionFont(), draw.ThemeColor(ink))
		draw.PlaceText(q, l.parts.poll.X, l.parts.askedAt+float32(i)*draw.LineHeight)
		objects = append(objects, q)
	}
	for i, o := range l.item.Poll {
		if i == len(p.poll.rows) {
			p.poll.rows = append(p.poll.rows, &optionParts{
				disc:   &canvas.Rectangle{CornerRadius: pollDisc / 2, StrokeWidth: 2},
				trough: &canvas.Rectangle{CornerRadius: pollBar / 2}, bar: &canvas.Rectangle{CornerRadius: pollBar / 2},
				check: draw.NewIcon(), text: draw.NewText(), share: draw.NewText(),
			})
		}
		r, b := p.poll.rows[i], l.parts.poll.rows[i]
		share := float32(0)
		if l.parts.poll.total > 0 {
			share = float32(o.Votes) / float32(l.parts.poll.total)
		}
		fill := trough
		if o.Own {
			fill = link
		}
		draw.SetFill(r.disc, draw.ThemeColor(fill))
		draw.SetStroke(r.disc, draw.ThemeColor(link))
		draw.Place(r.disc, b.X, b.Y+5, pollDisc, pollDisc)
		objects = append(objects, r.disc)
		if o.Own {
			draw.SetIcon(r.check, assets.IconCheck, widgets.ColorOnAccent)
			draw.Place(r.check, b.X+3, b.Y+8, pollDisc-6, pollDisc-6)
			objects = append(objects, r.check)
		}
		x, y := b.X+pollDisc+10, b.Y+b.H-12
		draw.SetText(r.text, l.parts.poll.texts[i], pollFont(), draw.ThemeColor(ink))
		draw.PlaceText(r.text, x, b.Y+4)
		small := text.Font{Size: widgets.TextSmall}
		percent := tr.L("{{.N}} %", "N", int(math.Round(float64(share)*100)))
		draw.SetText(r.share, percent, small, draw.ThemeColor(meta))
		draw.PlaceText(r.share, b.X+b.W-draw.CeilPx(set.LineWidth(percent, small)), b.Y+6)
		draw.SetFill(r.trough, draw.ThemeColor(trough))
		draw.Place(r.trough, x, y, b.W-(x-b.X), pollBar)
		draw.SetFill(r.bar, draw.ThemeColor(link))
		draw.Place(r.bar, x, y, max(pollBar, draw.SnapPx((b.W-(x-b.X))*share)), pollBar)
		objects = append(objects, r.text, r.share, r.trough)
		if share > 0 {
			objects = append(objects, r.bar)
		}
	}
	draw.SetText(p.poll.words, l.parts.poll.words, cardFont(), draw.ThemeColor(meta))
	draw.PlaceText(p.poll.words, l.parts.poll.X, l.parts.poll.Y+l.parts.poll.H-pollFoot+2)
	return append(objects, p.poll.words)
}
