package mesibo

import (
	"path/filepath"
	"strings"
)

// GetFileType returns what kind of file a path names, by its extension alone: FileTypeImage, FileTypeVideo,
// FileTypeAudio, or FileTypeOther for everything else.
func (m *Mesibo) GetFileType(path string) FileType { return fileTypeOf(path) }

func fileTypeOf(path string) FileType {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".bmp",
		".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".ico":
		return FileTypeImage
	case ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".3gp", ".3g2", ".ogv", ".wmv", ".flv":
		return FileTypeVideo
	case ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wav",
		".flac", ".amr", ".wma", ".mid", ".midi", ".aif", ".aiff":
		return FileTypeAudio
	}
	return FileTypeOther
}
