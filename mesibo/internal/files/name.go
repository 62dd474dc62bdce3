package files

import "strings"

// Base gives the last element of a path of any system: what follows the last / or \.
func Base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }
