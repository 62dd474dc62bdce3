package format

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Empty stands for the size of a file without content.
func Empty() string { return tr.X("Empty", "file") }

// Offline stands for the progress of a file that does not move because there is no connection.
func Offline() string { return tr.L("Waiting for network") }

// unit is the unit that a number of bytes is best written in.
func unit(bytes int64) (name string, size float64) {
	for _, u := range []struct {
		name string
		size float64
	}{
		{tr.X("B", "bytes"), 1}, {tr.X("kB", "bytes"), 1e3}, {tr.X("MB", "bytes"), 1e6}, {tr.X("GB", "bytes"), 1e9},
	} {
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
		return decimal(math.Floor(n+0.5), -1)
	}
	return decimal(math.Floor(n*10+0.5)/10, -1)
}

// decimal writes a number with the decimal separator of the language; -1 digits are as many as it has.
func decimal(n float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', digits, 64), ".", tr.X(".", "decimal separator"), 1)
}

// Size is how large a file is, such as 3.2 MB; empty for 0.
func Size(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	name, size := unit(bytes)
	return tr.X("{{.Number}} {{.Unit}}", "size", "Number", number(bytes, size), "Unit", name)
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
	part := decimal(math.Floor(float64(done)/size*scale)/scale, digits)
	return tr.L("{{.Part}} of {{.Total}} {{.Unit}}", "Part", part, "Total", number(total, size), "Unit", name)
}

// TimeLeft is how long something still takes.
func TimeLeft(d time.Duration) string {
	switch s := int64(math.Ceil(d.Seconds())); {
	case s < 60:
		return tr.L("{{.N}} s", "N", s)
	case s < 3600:
		return tr.L("{{.N}} min", "N", (s+30)/60)
	case s < 48*3600:
		return tr.L("{{.N}} h", "N", (s+1800)/3600)
	default:
		return tr.N("{{.N}} day", "{{.N}} days", int(s/86400))
	}
}

// Transferred is how many bytes of a file were transferred, as far as that is known.
func Transferred(f *mesibo.FileInfo) int64 {
	if f.Transferred > 0 {
		return min(f.Transferred, f.Size)
	}
	return int64(float64(f.Size) * float64(min(max(f.Progress, 0), 100)) / 100)
}
