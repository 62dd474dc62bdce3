//go:build !windows && !darwin

package files

// MarkForeign does nothing: only Windows and macOS have such a mark. Elsewhere a file runs when it is executable, which
// a received one is not.
func MarkForeign(string) error { return nil }
