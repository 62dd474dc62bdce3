package sqlite

// formerTables are what is kept of memberships that have ended.
func formerTables() []string {
	return []string{
		`CREATE TABLE former(
			gid INTEGER NOT NULL, uid INTEGER NOT NULL, joined INTEGER NOT NULL, gone INTEGER NOT NULL,
			PRIMARY KEY(gid, uid, joined)) WITHOUT ROWID`,

		// uid was removed from gid, and comes back only when a member adds the user.
		`CREATE TABLE bans(gid INTEGER NOT NULL, uid INTEGER NOT NULL, PRIMARY KEY(gid, uid)) WITHOUT ROWID`,

		// uid sees the message mid as it was before the edit emid; versions has that.
		`CREATE TABLE frozen(
			mid INTEGER NOT NULL, uid INTEGER NOT NULL, emid INTEGER NOT NULL, PRIMARY KEY(mid, uid)) WITHOUT ROWID`,
		`CREATE TABLE versions(
			mid INTEGER NOT NULL, emid INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(mid, emid)) WITHOUT ROWID`,
	}
}
