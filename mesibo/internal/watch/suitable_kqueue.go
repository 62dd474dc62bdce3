//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package watch

import "os"

// mostFiles is how many files a folder may have: here each of them has to be open to be watched.
const mostFiles = 500

// unsuitable returns why a folder should not be watched, empty when nothing is wrong.
func unsuitable(path string) string {
	d, err := os.Open(path)
	if err != nil {
		return ""
	}
	names, _ := d.Readdirnames(mostFiles + 1) // a part is as good as the whole
	_ = d.Close()                             // it was only read
	if len(names) > mostFiles {
		return "it has too many files"
	}
	return ""
}
