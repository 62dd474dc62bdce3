package format

import (
	"strings"

	"github.com/parley-chat/parley/internal/tr"
)

// List is several names in one text.
func List(names []string) string { return strings.Join(names, tr.X(", ", "between names")) }
