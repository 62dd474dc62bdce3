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

	Lifetime int64 // in ms, 0: the token is not renewed
}

func (tokenRow) TableName() string { return "tokens" }

type renewalRow struct {
	Hash     []byte `gorm:"primaryKey"`
	Device   string // the id of the token
	Made     int64
	Expires  int64
	Lifetime int64
}

func (renewalRow) TableName() string { return "renewals" }
