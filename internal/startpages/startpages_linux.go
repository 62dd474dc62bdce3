package startpages

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Release unmaps the pages of the running program's file, of which none has been written to. The next access to one
// maps it again. It returns how many bytes of the address space that were.
func Release() (bytes uint64, err error) {
	program, err := filepath.EvalSymlinks("/proc/self/exe")
	if err != nil {
		return 0, fmt.Errorf("find the program: %w", err)
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0, fmt.Errorf("read the mappings: %w", err)
	}
	defer func() { _ = file.Close() }() // it is only read
	list, err := unwritten(file, program)
	if err != nil {
		return 0, fmt.Errorf("read the mappings: %w", err)
	}
	for _, m := range list {
		if _, _, failed := unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED); failed != 0 {
			return bytes, fmt.Errorf("unmap pages of the program: %w", failed)
		}
		bytes += uint64(m.end - m.start)
	}
	return bytes, nil
}

// mapping is a part of the address space.
type mapping struct{ start, end uintptr }

// unwritten returns the mappings of a file, from the text of /proc/PID/smaps, that cannot be written to and of which no
// page differs from the file: a page that the linker has relocated would be lost.
func unwritten(smaps io.Reader, path string) (list []mapping, err error) {
	var last *mapping
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0:
		case !strings.HasSuffix(fields[0], ":"): // 00400000-02a5c000 r-xp 00000000 08:01 1234 /usr/bin/parley
			last = nil
			if m, ok := parse(fields, path); ok {
				last = &m
			}
		case fields[0] == "Anonymous:" && last != nil && len(fields) > 1 && fields[1] == "0":
			list = append(list, *last)
		}
	}
	return list, lines.Err() //nolint:wrapcheck // wrapped by Release
}

// parse returns the mapping of a first line of smaps, and reports whether it is of the file and read only.
func parse(fields []string, path string) (m mapping, ok bool) {
	const names = 6 // fields of the line of a file
	if len(fields) < names || strings.Join(fields[names-1:], " ") != path || strings.Contains(fields[1], "w") {
		return m, false
	}
	from, to, _ := strings.Cut(fields[0], "-")
	start, errStart := strconv.ParseUint(from, 16, strconv.IntSize)
	end, errEnd := strconv.ParseUint(to, 16, strconv.IntSize)
	return mapping{uintptr(start), uintptr(end)}, errStart == nil && errEnd == nil && start < end
}
