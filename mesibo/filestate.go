package mesibo

// IsTransferRequired reports whether the file has still to be uploaded or downloaded and nothing does it now: its
// transfer was not started, was stopped, or failed.
func (f *FileInfo) IsTransferRequired() bool { return !f.IsTransferred() && !f.IsTransferInProgress() }

// IsTransferInProgress reports whether the transfer runs or waits for its turn.
func (f *FileInfo) IsTransferInProgress() bool { return f.GetStatus() == FileStatusInProgress }

// IsTransferFailed reports whether the transfer failed; StartFileTransfer tries again.
func (f *FileInfo) IsTransferFailed() bool { return f.GetStatus() == FileStatusFailed }

// ToggleFileTransfer stops the transfer of a file that is in progress, and starts any other: StopFileTransfer or
// StartFileTransfer, with their errors.
func (m *Mesibo) ToggleFileTransfer(f *FileInfo) error {
	if f != nil && f.IsTransferInProgress() {
		return m.StopFileTransfer(f)
	}
	return m.StartFileTransfer(f)
}
