package models

// SendFolder is a folder whose files are sent to a chat.
type SendFolder struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	Path      string `gorm:"not null"`
	Peer      string `gorm:"not null"`
	GroupID   int64  `gorm:"not null"`
}

// TableName is the table's name.
func (SendFolder) TableName() string { return "send_folders" }

// FolderFile is a file of such a folder that was put into the outbox, or that cannot be sent.
type FolderFile struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	Path      string `gorm:"primaryKey"`
	Size      int64  `gorm:"not null"`
	Modified  int64  `gorm:"not null"` // when it was last changed, ns
	Mid       int64  `gorm:"not null"` // of its message, the low half; 0 for none
	Peer      string `gorm:"not null"` // to whom it was sent
	GroupID   int64  `gorm:"not null"`
	Refusal   string `gorm:"not null"` // why it is not sent, empty while nothing is wrong
	Target    string `gorm:"not null"` // to where it is moved after it was sent, empty before
}

// TableName is the table's name.
func (FolderFile) TableName() string { return "folder_files" }
