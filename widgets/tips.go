package widgets

import (
	"time"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Tips shows the words of icon buttons while the pointer rests on them. A screen puts one over each window, and over what
// lies over that, and attaches it there.
type Tips = draw.Tips

// NewTips returns an object without words. after does something on the goroutine of the window, unless it is cancelled.
func NewTips(after func(delay time.Duration, f func()) (cancel func())) *Tips {
	return draw.NewTips(after)
}
