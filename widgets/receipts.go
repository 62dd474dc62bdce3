package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Receipt is when a message was delivered to a recipient and read.
type Receipt struct {
	Key       string
	Face      Face
	Name      string
	Delivered string // as shown, such as 14:02 or Monday, 14:02; empty if it was not delivered
	Read      string
}

// Receipts lists who has read a message, to whom it was delivered, and to whom it was not.
type Receipts struct {
	widget.BaseWidget

	list *scrollingRows
}

var _ fyne.Widget = (*Receipts)(nil)

const (
	receiptsWidth = float32(300)
	receiptsHigh  = float32(440)
)

// NewReceipts returns a list of these receipts.
func NewReceipts(receipts []Receipt) *Receipts {
	r := &Receipts{list: newScrollingRows(ColorChatPane)}
	r.ExtendBaseWidget(r)
	r.Set(receipts)
	return r
}

// Set changes what is shown.
func (r *Receipts) Set(receipts []Receipt) {
	var rows []listRow
	section := func(title string, of func(Receipt) (row listRow, ok bool)) {
		at := len(rows)
		rows = append(rows, listRow{kind: rowTitle})
		for _, one := range receipts {
			if row, ok := of(one); ok {
				row.face, row.side, row.title = one.Face, AvatarMember, one.Name
				rows = append(rows, row)
			}
		}
		if n := len(rows) - at - 1; n == 0 {
			rows = rows[:at]
		} else {
			rows[at].title = title + " " + strconv.Itoa(n)
		}
	}
	section(tr.L("Read by"), func(one Receipt) (listRow, bool) {
		row := listRow{note: one.Read}
		if one.Delivered != "" {
			row.words = tr.L("Delivered {{.Time}}", "Time", one.Delivered)
		}
		return row, one.Read != ""
	})
	section(tr.L("Delivered to"), func(one Receipt) (listRow, bool) {
		return listRow{note: one.Delivered}, one.Read == "" && one.Delivered != ""
	})
	section(tr.L("Not delivered yet to"), func(one Receipt) (listRow, bool) {
		return listRow{}, one.Read == "" && one.Delivered == ""
	})
	r.list.setRows(rows, -1)
	r.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (r *Receipts) MinSize() fyne.Size {
	return fyne.NewSize(receiptsWidth, min(r.list.total(), receiptsHigh))
}

// CreateRenderer implements fyne.Widget.
func (r *Receipts) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewRenderer([]fyne.CanvasObject{r.list}, r.MinSize, func(size fyne.Size) {
		draw.Place(r.list, 0, 0, size.Width, size.Height)
	})
}
