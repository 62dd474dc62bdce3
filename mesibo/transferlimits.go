package mesibo

import (
	"errors"
	"maps"
)

// FileTransferLimits bound what the default handler of file transfers does.
type FileTransferLimits struct {
	// Uploads and Downloads are how many run at the same time. 0: 3 and 4.
	Uploads, Downloads int
	// UploadRate and DownloadRate bound the bytes per second of all transfers together, from 16 KiB. 0: unlimited.
	UploadRate, DownloadRate int64
	// AutoDownload is the largest file of each type that is downloaded automatically, in bytes; a type that it does not
	// have waits for StartFileTransfer. nil: pictures up to 5 MiB, sounds up to 1 MiB.
	AutoDownload map[FileType]int64
}

const (
	defaultUploads   = 3
	defaultDownloads = 4
	mostTransfers    = 32
	leastRate        = 16 << 10
	autoImage        = 5 << 20
	autoAudio        = 1 << 20
)

func (l FileTransferLimits) withDefaults() FileTransferLimits {
	if l.Uploads == 0 {
		l.Uploads = defaultUploads
	}
	if l.Downloads == 0 {
		l.Downloads = defaultDownloads
	}
	if l.AutoDownload == nil {
		l.AutoDownload = map[FileType]int64{FileTypeImage: autoImage, FileTypeAudio: autoAudio}
	}
	l.AutoDownload = maps.Clone(l.AutoDownload)
	return l
}

func (l FileTransferLimits) check() error {
	for _, n := range []int{l.Uploads, l.Downloads} {
		if n < 0 || n > mostTransfers {
			return errors.New("from 1 to 32 transfers may run at the same time")
		}
	}
	for _, rate := range []int64{l.UploadRate, l.DownloadRate} {
		if rate < 0 || rate > 0 && rate < leastRate {
			return errors.New("a limit on the bandwidth is at least 16 KiB per second")
		}
	}
	for _, size := range l.AutoDownload {
		if size < 0 {
			return errors.New("a size is negative")
		}
	}
	return nil
}

// SetFileTransferLimits sets the limits of the default handler of file transfers, also for those that run. Errors:
// ResultBadRequest for a number out of range, nothing changes then.
func (m *Mesibo) SetFileTransferLimits(l FileTransferLimits) error {
	if err := l.check(); err != nil {
		return opError("SetFileTransferLimits", ResultBadRequest, err)
	}
	m.files.handler.setLimits(l)
	return nil
}

// GetFileTransferLimits returns the limits of the default handler of file transfers, with the defaults filled in.
func (m *Mesibo) GetFileTransferLimits() FileTransferLimits { return m.files.handler.getLimits() }
