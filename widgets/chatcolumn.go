package widgets

import "github.com/parley-chat/parley/widgets/internal/draw"

const (
	chatColumnFrom = float32(1000) // the width of a pane from which its content is a column
	chatColumnMost = float32(900)  // the width of the column
)

// ChatColumn returns the start and the width of the column that has the messages, and what is written, in a pane.
func ChatColumn(pane float32) (x, w float32) {
	if pane <= chatColumnFrom {
		return 0, pane
	}
	return draw.SnapPx((pane - chatColumnMost) / 2), chatColumnMost
}
