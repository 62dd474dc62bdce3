package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Receipt says when one recipient got a message.
type Receipt struct {
	Key       string
	Face      Face
	Name      string
	Delivered string // as shown, such as 14:02 or Monday, 14:02; empty when it was not
	Read      string
}

// Receipts lists who has read a message, who only has it, and who has not got it.
type Receipts struct {
	widget.BaseWidget

	receipts []Receipt
}

var _ fyne.Widget = (*Receipts)(nil)

// NewReceipts returns a list for these recipients.
func NewReceipts(receipts []Receipt) *Receipts {
	r := &Receipts{receipts: receipts}
	r.ExtendBaseWidget(r)
	return r
}

// Set changes what is shown.
func (r *Receipts) Set(receipts []Receipt) { r.receipts = receipts }
