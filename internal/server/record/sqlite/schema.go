package sqlite

import (
	"fmt"

	"gorm.io/gorm"
)

// migrations[i] migrates a database from version i to i+1; PRAGMA user_version is the version. A released migration is
// never changed. They are plain SQL because the server's speed depends on the layout (packed keys, tables without
// rowid, partial indexes).
func migrations() [][]string {
	return [][]string{
		firstTables(), groupTables(), fileTables(), callTables(), chatColumns(), fadingTable(),
		epochColumn(),
		formerTables(), invitationTable(),
		requestTable(),
		inviteTables(),
		keepTables(),
		auditTable(),
		contactIndex(),
		standingColumns(),
		noticeTable(),
		reportTable(),
		acquaintanceColumns(),
		stretchTable(),
		renewalTable(),
	}
}

// firstTables are users, tokens and the log.
func firstTables() []string {
	return []string{
		`CREATE TABLE meta(k TEXT PRIMARY KEY, v) WITHOUT ROWID`,
		`INSERT INTO meta(k, v) VALUES('epoch', (random() & 0x7fffffffffffffff) | 1), ('profile_rev', 0)`,

		// rev is the value of meta.profile_rev when the row last changed.
		`CREATE TABLE users(
			uid INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
			disabled INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL, rev INTEGER NOT NULL)`,
		`CREATE INDEX users_rev ON users(rev)`,

		`CREATE TABLE tokens(
			hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, uid INTEGER NOT NULL REFERENCES users(uid), app TEXT NOT NULL,
			label TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0
			) WITHOUT ROWID`,
		`CREATE INDEX tokens_uid ON tokens(uid)`,

		// last: newest event. floor: events up to it have been removed. delivered: newest event stored on a device.
		`CREATE TABLE heads(
			uid INTEGER PRIMARY KEY, last INTEGER NOT NULL, floor INTEGER NOT NULL DEFAULT 0,
		delivered INTEGER NOT NULL DEFAULT 0)`,

		// body is an encoded wire.Event without number that holds the message. sseq is its number in the sender's log.
		`CREATE TABLE msgs(
			mid INTEGER PRIMARY KEY, sender INTEGER NOT NULL, sseq INTEGER NOT NULL, peer INTEGER NOT NULL, gid INTEGER NOT NULL,
			ts INTEGER NOT NULL, exp INTEGER NOT NULL, flags INTEGER NOT NULL, body BLOB NOT NULL)`,

		// id is uid<<32|seq. Either mid points to a message or body is an encoded wire.Event without number.
		// exp is not 0 while the sweeper must check the event.
		`CREATE TABLE events(
			id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, exp INTEGER NOT NULL DEFAULT 0, kind INTEGER NOT NULL, mid INTEGER,
		body BLOB)`,
		`CREATE INDEX events_exp ON events(exp) WHERE exp > 0`,

		`CREATE TABLE dedups(
			uid INTEGER NOT NULL, nonce BLOB NOT NULL, mid INTEGER NOT NULL, seq INTEGER NOT NULL, ts INTEGER NOT NULL,
			PRIMARY KEY(uid, nonce)) WITHOUT ROWID`,

		// up_to is a number in uid's own log.
		`CREATE TABLE reads(
			uid INTEGER NOT NULL, peer INTEGER NOT NULL, gid INTEGER NOT NULL, up_to INTEGER NOT NULL,
			PRIMARY KEY(uid, peer, gid)) WITHOUT ROWID`,
	}
}

// groupTables are groups, profiles, and users' settings about one another.
func groupTables() []string {
	return []string{
		// rev is as in users and also changes with the members. creator is 0 for a group of the backend.
		`CREATE TABLE groups(
			gid INTEGER PRIMARY KEY, creator INTEGER NOT NULL, nonce BLOB NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
			flags INTEGER NOT NULL, expiry INTEGER NOT NULL, picture BLOB, picture_url TEXT NOT NULL, created INTEGER NOT NULL,
			changed INTEGER NOT NULL, deleted INTEGER NOT NULL, rev INTEGER NOT NULL)`,
		`CREATE UNIQUE INDEX groups_nonce ON groups(creator, nonce)`,

		// place orders the members of a group by age. Those of a deleted group stay.
		`CREATE TABLE members(
			gid INTEGER NOT NULL, uid INTEGER NOT NULL, flags INTEGER NOT NULL, admin INTEGER NOT NULL, joined INTEGER NOT NULL,
			place INTEGER NOT NULL, PRIMARY KEY(gid, uid)) WITHOUT ROWID`,
		`CREATE INDEX members_uid ON members(uid)`,

		// uses is how often the code may still be used, 0 unlimited.
		`CREATE TABLE pins(
			code TEXT PRIMARY KEY, gid INTEGER NOT NULL, nonce BLOB NOT NULL, flags INTEGER NOT NULL, admin INTEGER NOT NULL,
			expires INTEGER NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID`,
		`CREATE UNIQUE INDEX pins_nonce ON pins(gid, nonce)`,

		`CREATE TABLE reactions(
			mid INTEGER NOT NULL, uid INTEGER NOT NULL, emoji TEXT NOT NULL, PRIMARY KEY(mid, uid)) WITHOUT ROWID`,

		// emid is the body in msgs of the last Modified event about a message.
		`CREATE TABLE edits(mid INTEGER PRIMARY KEY, emid INTEGER NOT NULL)`,

		// Separate from users, so that looking up an address does not read pictures. A row is optional.
		`CREATE TABLE profiles(
			uid INTEGER PRIMARY KEY, status TEXT NOT NULL DEFAULT '', picture BLOB, picture_url TEXT NOT NULL DEFAULT '',
			visibility INTEGER NOT NULL DEFAULT 1, changed INTEGER NOT NULL)`,

		`CREATE TABLE blocks(uid INTEGER NOT NULL, blocked INTEGER NOT NULL, PRIMARY KEY(uid, blocked)) WITHOUT ROWID`,

		`CREATE TABLE chat_settings(
			uid INTEGER NOT NULL, peer INTEGER NOT NULL, gid INTEGER NOT NULL, pinned INTEGER NOT NULL,
		archived INTEGER NOT NULL,
			muted_until INTEGER NOT NULL, PRIMARY KEY(uid, peer, gid)) WITHOUT ROWID`,

		// seen is when the user was last active.
		`CREATE TABLE last_seen(uid INTEGER PRIMARY KEY, seen INTEGER NOT NULL)`,

		// uid has sent peer a message.
		`CREATE TABLE contacts(uid INTEGER NOT NULL, peer INTEGER NOT NULL, PRIMARY KEY(uid, peer)) WITHOUT ROWID`,
		`INSERT INTO contacts(uid, peer) SELECT DISTINCT sender, peer FROM msgs WHERE gid = 0 AND sender <> peer`,

		`CREATE TABLE app_tokens(
			hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, label TEXT NOT NULL, created INTEGER NOT NULL,
			revoked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
	}
}

// fileTables are files, their content and the references to them.
func fileTables() []string {
	return []string{
		// size is the announced size, off the acknowledged offset, state that of the hash up to off. done is when the
		// upload was complete, 0 before; it must be complete by expires. granted is the number of its grant, 0 none.
		`CREATE TABLE files(
			id TEXT PRIMARY KEY, uid INTEGER NOT NULL, size INTEGER NOT NULL, off INTEGER NOT NULL, state BLOB, hash BLOB,
			meta TEXT NOT NULL, name TEXT NOT NULL, granted INTEGER NOT NULL, with_message INTEGER NOT NULL,
			created INTEGER NOT NULL, expires INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
		`CREATE INDEX files_uid ON files(uid, size)`,
		`CREATE INDEX files_hash ON files(hash) WHERE hash IS NOT NULL`,
		`CREATE INDEX files_open ON files(expires) WHERE done = 0`,

		// key is the name of the content in the store: the id of the file that it was uploaded with. Keys are never
		// reused, so a late deletion cannot remove other content.
		`CREATE TABLE blobs(hash BLOB PRIMARY KEY, key TEXT NOT NULL, mime TEXT NOT NULL) WITHOUT ROWID`,

		// trash are keys of content to delete.
		`CREATE TABLE trash(key TEXT PRIMARY KEY) WITHOUT ROWID`,

		// owner is a message, a user or a group, depending on kind. exp is when the reference ends, 0 never.
		`CREATE TABLE refs(
			file TEXT NOT NULL, kind INTEGER NOT NULL, owner INTEGER NOT NULL, exp INTEGER NOT NULL DEFAULT 0,
			PRIMARY KEY(file, kind, owner)) WITHOUT ROWID`,
		`CREATE INDEX refs_owner ON refs(kind, owner)`,
		`CREATE INDEX refs_exp ON refs(exp) WHERE exp > 0`,

		// urls are all public URLs that this server has had, so that older links to files stay valid.
		`CREATE TABLE urls(url TEXT PRIMARY KEY) WITHOUT ROWID`,
		`INSERT INTO urls(url) SELECT v FROM meta WHERE k = 'url' AND v <> ''`,
	}
}

// callTables are the calls that have not ended.
func callTables() []string {
	return []string{
		// answered is 0, and callee_device and answer are empty, before the answer. Devices are the ids of tokens.
		`CREATE TABLE calls(
			id INTEGER PRIMARY KEY, nonce BLOB NOT NULL, caller INTEGER NOT NULL, callee INTEGER NOT NULL,
			caller_device TEXT NOT NULL, callee_device TEXT NOT NULL, video INTEGER NOT NULL, offer TEXT NOT NULL,
			answer TEXT NOT NULL, answer_video INTEGER NOT NULL, started INTEGER NOT NULL, answered INTEGER NOT NULL,
			UNIQUE(caller, nonce))`,

		// answered is 0 while there was no second participant. people is the most at the same time, seen when the call was
		// last known to go on.
		`CREATE TABLE group_calls(
			id INTEGER PRIMARY KEY, nonce BLOB NOT NULL, gid INTEGER NOT NULL, starter INTEGER NOT NULL, video INTEGER NOT NULL,
			started INTEGER NOT NULL, answered INTEGER NOT NULL, people INTEGER NOT NULL, seen INTEGER NOT NULL)`,
	}
}

// chatColumns are later columns of what users set about chats.
func chatColumns() []string {
	return []string{`ALTER TABLE chat_settings ADD COLUMN unread INTEGER NOT NULL DEFAULT 0`}
}

// fadingTable are the messages that disappear, and when, in ms.
func fadingTable() []string {
	return []string{
		`CREATE TABLE fading(mid INTEGER PRIMARY KEY, at INTEGER NOT NULL)`,
		`CREATE INDEX fading_at ON fading(at)`,
	}
}

// epochColumn is the epoch of a user's log, 0 for meta.epoch.
func epochColumn() []string {
	return []string{`ALTER TABLE heads ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0`}
}

// inviteTables are invites, who may make them, and what lists of devices show.
func inviteTables() []string {
	return []string{
		// creator is 0 for the operator, address empty for one that is chosen, gid 0 for none.
		`CREATE TABLE invites(
			hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, creator INTEGER NOT NULL, address TEXT NOT NULL,
			gid INTEGER NOT NULL, admin INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
			uses_left INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID`,
		`CREATE INDEX invites_creator ON invites(creator)`,
		`ALTER TABLE users ADD COLUMN admin INTEGER NOT NULL DEFAULT 0`,
		`ALTER TABLE tokens ADD COLUMN seen INTEGER NOT NULL DEFAULT 0`,
		`ALTER TABLE tokens ADD COLUMN place TEXT NOT NULL DEFAULT ''`,
	}
}

// keepTables are the ages, in seconds, after which the messages of groups are removed, and users to be erased.
func keepTables() []string {
	return []string{
		`CREATE TABLE keeps(gid INTEGER PRIMARY KEY, age INTEGER NOT NULL)`,
		`CREATE TABLE erasures(uid INTEGER PRIMARY KEY, everywhere INTEGER NOT NULL)`,
	}
}

// auditTable is what was changed by whom, and what application tokens permit.
func auditTable() []string {
	return []string{
		`CREATE TABLE audits(
			id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, place TEXT NOT NULL,
			action TEXT NOT NULL, target TEXT NOT NULL)`,
		// scopes are separated by spaces, empty for all. expires is 0 for never.
		`ALTER TABLE app_tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE app_tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0`,
	}
}

// contactIndex finds the users who have written to one.
func contactIndex() []string { return []string{`CREATE INDEX contacts_peer ON contacts(peer)`} }

// standingColumns are why a user may not connect. suspended is until when, in ms, 0 for not at all. A banned user is
// disabled as well.
func standingColumns() []string {
	return []string{
		`ALTER TABLE users ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0`,
		`ALTER TABLE users ADD COLUMN banned INTEGER NOT NULL DEFAULT 0`,
		`ALTER TABLE users ADD COLUMN reason TEXT NOT NULL DEFAULT ''`,
	}
}

// noticeTable are notices of the operator that are still to be put into the logs of users. uid is 0 for all users.
func noticeTable() []string {
	return []string{`CREATE TABLE notices(
		id INTEGER PRIMARY KEY AUTOINCREMENT, uid INTEGER NOT NULL, text TEXT NOT NULL, created INTEGER NOT NULL)`}
}

// reportTable are what users have reported to the operator. mid is 0 for a report about the user uid alone; content is
// what the message said, empty if the reporter does not have it. closed is when the operator has closed it, in ms.
func reportTable() []string {
	return []string{
		`CREATE TABLE reports(
			id INTEGER PRIMARY KEY AUTOINCREMENT, reporter INTEGER NOT NULL, uid INTEGER NOT NULL, mid INTEGER NOT NULL,
			gid INTEGER NOT NULL, reason INTEGER NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL, created INTEGER NOT NULL,
			closed INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '')`,
		`CREATE INDEX reports_reporter ON reports(reporter, created)`,
		`CREATE INDEX reports_open ON reports(id) WHERE closed = 0`,
	}
}

// acquaintanceColumns are the revisions of profiles at which users came to see one another's, where the directory is not
// for all.
func acquaintanceColumns() []string {
	return []string{
		`ALTER TABLE contacts ADD COLUMN rev INTEGER NOT NULL DEFAULT 0`,
		`ALTER TABLE members ADD COLUMN rev INTEGER NOT NULL DEFAULT 0`,
	}
}

// stretchTable finds the messages of one chat in a user's log: it has the stretches (record.Stretch) of the log in which
// there are some. An index of all events would cost as much as the events, in groups.
func stretchTable() []string {
	return []string{
		// chat is record.PeerChat or record.GroupChat.
		`CREATE TABLE stretches(
			uid INTEGER NOT NULL, chat INTEGER NOT NULL, stretch INTEGER NOT NULL, PRIMARY KEY(uid, chat, stretch)) WITHOUT ROWID`,
		`INSERT INTO stretches(uid, chat, stretch) SELECT DISTINCT e.id >> 32, CASE WHEN m.gid <> 0 THEN -m.gid
			WHEN m.sender = e.id >> 32 THEN m.peer ELSE m.sender END, (e.id & 4294967295) >> 8
			FROM events e JOIN msgs m ON m.mid = e.mid WHERE e.kind IN (1, 2)`,
	}
}

// renewalTable are what replaces the secrets of tokens from its first use on. lifetime is in ms, 0 for a token that is not
// renewed. device is the id of the token, which stays.
func renewalTable() []string {
	return []string{
		`ALTER TABLE tokens ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 0`,
		`CREATE TABLE renewals(
			hash BLOB PRIMARY KEY, device TEXT NOT NULL, made INTEGER NOT NULL, expires INTEGER NOT NULL,
			lifetime INTEGER NOT NULL) WITHOUT ROWID`,
		`CREATE INDEX renewals_device ON renewals(device)`,
	}
}

// migrate migrates the database to the newest version. It refuses a database of a newer program.
func migrate(db *gorm.DB) error {
	var version int
	if err := db.Raw(`PRAGMA user_version`).Scan(&version).Error; err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	steps := migrations()
	if version == len(steps) {
		return nil
	}
	err := db.Transaction(func(tx *gorm.DB) error {
		// Read again under the write lock: another process may have migrated it.
		if err := tx.Raw(`PRAGMA user_version`).Scan(&version).Error; err != nil {
			return fmt.Errorf("read schema version: %w", err)
		}
		if version > len(steps) {
			return fmt.Errorf("the data is of a later version (%d, this program knows %d)", version, len(steps))
		}
		for i := version; i < len(steps); i++ {
			for _, stmt := range steps[i] {
				if err := tx.Exec(stmt).Error; err != nil {
					return fmt.Errorf("to version %d: %w", i+1, err)
				}
			}
		}
		if err := tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, len(steps))).Error; err != nil {
			return fmt.Errorf("write schema version: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
