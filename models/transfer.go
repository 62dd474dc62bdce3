package models

// Transfer is where an unfinished file transfer goes on.
type Transfer struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	Key       string `gorm:"primaryKey"` // what is moved
	URL       string `gorm:"not null"`   // of an upload: where the server has it; of a download: what is fetched
	Trace     string `gorm:"not null"`   // of an upload: a hash by which the file is known again
	ETag      string `gorm:"column:etag;not null"`
	Part      string `gorm:"not null"` // of a download: the path of the unfinished file
	Message   bool   `gorm:"not null"` // a download for messages, not for the application itself
	Ts        int64  `gorm:"not null"` // when it began
}

// TableName is the table's name.
func (Transfer) TableName() string { return "transfers" }
