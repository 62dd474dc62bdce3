package desktop

import "math"

// inDisc returns how much of a pixel is inside of a circle, from 0 to 1.
func inDisc(x, y int, middleX, middleY, radius float64) float64 {
	away := math.Hypot(float64(x)+0.5-middleX, float64(y)+0.5-middleY)
	return max(0, min(1, radius-away+0.5))
}
