package accounts

// UserRow is a row of the table users.
type UserRow struct {
	UID      uint32 `gorm:"column:uid;primaryKey"`
	Address  string
	Folded   string
	Name     string
	Disabled bool
	Created  int64
	Rev      uint64
	Admin    bool

	Suspended int64 // until when, in ms; 0: not suspended
	Banned    bool  // disabled for ever
	Reason    string
}

// TableName implements schema.Tabler of GORM.
func (UserRow) TableName() string { return "users" }

type tokenRow struct {
	Hash    []byte `gorm:"primaryKey"`
	ID      string `gorm:"column:id"`
	UID     uint32 `gorm:"column:uid"`
	App     string
	Label   string
	Created int64
	Expires int64
	Revoked bool
	Seen    int64
	Place   string
}

func (tokenRow) TableName() string { return "tokens" }
