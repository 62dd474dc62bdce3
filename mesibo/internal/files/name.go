package files

import "strings"

// Base returns the last element of a path of any system: what follows the last / or \.
func Base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }
