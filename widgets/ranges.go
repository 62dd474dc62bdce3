package widgets

import "github.com/parley-chat/parley/widgets/internal/text"

// Range is a part of a text: the bytes from Start up to End. Ranges that do not lie in their text are ignored.
type Range = text.Range

// FindRanges returns where the words of a query are in a text, ignoring case, in order and without overlap.
func FindRanges(s, query string) []Range { return text.FindWords(s, query) }
