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

// invitationTable are the users who are asked whether they want to be members, and who may be added without being
// asked: VISIBILITY_*, -1 the server's default.
func invitationTable() []string {
	return []string{
		`ALTER TABLE profiles ADD COLUMN group_adds INTEGER NOT NULL DEFAULT -1`,

		// inviter, flags and admin are what the membership will have. declined: the user has said no, at the time ts.
		`CREATE TABLE invitations(
			gid INTEGER NOT NULL, uid INTEGER NOT NULL, inviter INTEGER NOT NULL, flags INTEGER NOT NULL,
			admin INTEGER NOT NULL, ts INTEGER NOT NULL, declined INTEGER NOT NULL, PRIMARY KEY(gid, uid)) WITHOUT ROWID`,
		`CREATE INDEX invitations_uid ON invitations(uid)`,
	}
}

// requestTable are the first messages of users to others who have not accepted them.
func requestTable() []string {
	return []string{
		`CREATE TABLE requests(
			uid INTEGER NOT NULL, sender INTEGER NOT NULL, mid INTEGER NOT NULL, PRIMARY KEY(uid, sender)) WITHOUT ROWID`,
	}
}
