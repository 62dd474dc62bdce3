package format

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

const (
	// Empty stands for the size of a file without content.
	Empty = "Empty"
	// Offline stands for the progress of a file that does not move because there is no connection.
	Offline = "Waiting for network"
)

// unit is the unit that a number of bytes is best written in.
func unit(bytes int64) (name string, size float64) {
	for _, u := range []struct {
		name string
		size float64
	}{{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}} {
		name, size = u.name, u.size
		if float64(bytes) < 999.5*u.size {
			break
		}
	}
	return name, size
}

// number writes a size with at least two digits, where there are two.
func number(bytes int64, unit float64) string {
	n := float64(bytes) / unit
	if unit == 1 || n >= 9.95 {
		return strconv.FormatFloat(math.Floor(n+0.5), 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Floor(n*10+0.5)/10, 'f', -1, 64)
}

// Size is how large a file is, such as 3.2 MB; empty for 0.
func Size(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	name, size := unit(bytes)
	return number(bytes, size) + " " + name
}

// Part is how much of a file was transferred, such as 3.2 of 24 MB: with enough digits to see it move.
func Part(done, total int64) string {
	name, size := unit(total)
	digits := 0
	switch whole := float64(total) / size; {
	case done <= 0 || size == 1:
	case size >= 1e9 && whole < 10:
		digits = 2
	case whole < 100:
		digits = 1
	}
	scale := math.Pow10(digits)
	part := strconv.FormatFloat(math.Floor(float64(done)/size*scale)/scale, 'f', digits, 64)
	return part + " of " + number(total, size) + " " + name
}

// TimeLeft is how long something still takes.
func TimeLeft(d time.Duration) string {
	switch s := int64(math.Ceil(d.Seconds())); {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	case s < 48*3600:
		return fmt.Sprintf("%d h", (s+1800)/3600)
	default:
		return fmt.Sprintf("%d days", s/86400)
	}
}

// Transferred is how many bytes of a file were transferred, as far as that is known.
func Transferred(f *mesibo.FileInfo) int64 {
	if f.Transferred > 0 {
		return min(f.Transferred, f.Size)
	}
	return int64(float64(f.Size) * float64(min(max(f.Progress, 0), 100)) / 100)
}
