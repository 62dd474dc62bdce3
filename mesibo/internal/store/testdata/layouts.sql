-- The layouts of the database, as they were released: what each version adds to the one before. Nothing here is changed
-- later. A test compares it with the migrations, and tests upgrade from each of them.

-- version 1
CREATE TABLE accounts (
	id INTEGER PRIMARY KEY,
	address TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL DEFAULT '',
	uid INTEGER NOT NULL DEFAULT 0,
	epoch INTEGER NOT NULL DEFAULT 0,
	cursor INTEGER NOT NULL DEFAULT 0,
	base INTEGER NOT NULL DEFAULT 0,
	profile_revision INTEGER NOT NULL DEFAULT 0);
CREATE TABLE chats (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES accounts(id),
	peer TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
	group_id INTEGER NOT NULL DEFAULT 0,
	last_id INTEGER NOT NULL DEFAULT 0,
	last_position INTEGER NOT NULL DEFAULT 0,
	unread INTEGER NOT NULL DEFAULT 0,
	read_seq INTEGER NOT NULL DEFAULT 0,
	read_sent INTEGER NOT NULL DEFAULT 0,
	draft TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX chats_target ON chats(account_id, peer, group_id);
CREATE INDEX chats_recent ON chats(account_id, last_position);
CREATE TABLE messages (
	id INTEGER PRIMARY KEY,
	chat_id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	mid INTEGER NOT NULL,
	position INTEGER NOT NULL,
	seq INTEGER NOT NULL DEFAULT 0,
	sender TEXT NOT NULL DEFAULT '',
	status INTEGER NOT NULL,
	flags INTEGER NOT NULL DEFAULT 0,
	type INTEGER NOT NULL DEFAULT 0,
	expiry INTEGER NOT NULL DEFAULT 0,
	ts INTEGER NOT NULL,
	ref_id INTEGER NOT NULL DEFAULT 0,
	nonce BLOB,
	tried INTEGER NOT NULL DEFAULT 0,
	data BLOB);
CREATE INDEX messages_chat ON messages(chat_id, position);
CREATE UNIQUE INDEX messages_mid ON messages(account_id, mid) WHERE mid >= 4294967296;
CREATE UNIQUE INDEX messages_nonce ON messages(nonce) WHERE nonce IS NOT NULL;
CREATE INDEX messages_outbox ON messages(account_id, id) WHERE status = 0;
CREATE INDEX messages_sent ON messages(chat_id, seq) WHERE status = 1;
CREATE INDEX messages_delivered ON messages(chat_id, seq) WHERE status = 2;
CREATE INDEX messages_unread ON messages(chat_id, position) WHERE status = 18;
CREATE INDEX messages_own_id ON messages(account_id, mid & 4294967295) WHERE nonce IS NOT NULL;
CREATE TABLE profiles (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES accounts(id),
	address TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
	group_id INTEGER NOT NULL DEFAULT 0,
	name TEXT NOT NULL DEFAULT '',
	updated_at INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX profiles_target ON profiles(account_id, address, group_id);
CREATE TABLE key_values (
	account_id INTEGER NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (account_id, key)) WITHOUT ROWID;

-- version 2
ALTER TABLE accounts ADD COLUMN visibility INTEGER NOT NULL DEFAULT 1;
ALTER TABLE chats ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN cleared_ts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN content TEXT;
CREATE INDEX messages_kind ON messages(chat_id, kind, position) WHERE kind > 0;
CREATE INDEX messages_fetch ON messages(account_id) WHERE kind = 2 AND held = 0 AND content ->> '$.file.state' = 2;
CREATE INDEX messages_calls ON messages(chat_id, position) WHERE status BETWEEN 21 AND 23;
ALTER TABLE profiles ADD COLUMN local_name TEXT NOT NULL DEFAULT '';
ALTER TABLE profiles ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE profiles ADD COLUMN picture BLOB;
ALTER TABLE profiles ADD COLUMN picture_url TEXT NOT NULL DEFAULT '';
ALTER TABLE profiles ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE profiles ADD COLUMN last_active INTEGER NOT NULL DEFAULT 0;
CREATE TABLE groups (
	account_id INTEGER NOT NULL,
	group_id INTEGER NOT NULL,
	flags INTEGER NOT NULL DEFAULT 0,
	expiry INTEGER NOT NULL DEFAULT -1,
	members INTEGER NOT NULL DEFAULT 0,
	own_flags INTEGER NOT NULL DEFAULT 0,
	own_admin_flags INTEGER NOT NULL DEFAULT 0,
	joined INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account_id, group_id)) WITHOUT ROWID;
CREATE TABLE group_members (
	account_id INTEGER NOT NULL,
	group_id INTEGER NOT NULL,
	address TEXT NOT NULL COLLATE NOCASE,
	flags INTEGER NOT NULL DEFAULT 0,
	admin_flags INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account_id, group_id, address)) WITHOUT ROWID;
CREATE TABLE receipts (
	id INTEGER PRIMARY KEY,
	chat_id INTEGER NOT NULL,
	address TEXT NOT NULL COLLATE NOCASE,
	status INTEGER NOT NULL,
	position INTEGER NOT NULL,
	ts INTEGER NOT NULL);
CREATE UNIQUE INDEX receipts_place ON receipts(chat_id, address, status, position);
CREATE TABLE reactions (
	account_id INTEGER NOT NULL,
	mid INTEGER NOT NULL,
	address TEXT NOT NULL COLLATE NOCASE,
	emoji TEXT NOT NULL,
	ts INTEGER NOT NULL,
	PRIMARY KEY (account_id, mid, address)) WITHOUT ROWID;
CREATE TABLE operations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL,
	kind INTEGER NOT NULL DEFAULT 0,
	message_id INTEGER NOT NULL DEFAULT 0,
	body BLOB NOT NULL,
	undo TEXT);
CREATE INDEX operations_account ON operations(account_id, id);
CREATE INDEX operations_message ON operations(message_id) WHERE message_id > 0;
CREATE TABLE transfers (
	account_id INTEGER NOT NULL,
	key TEXT NOT NULL,
	url TEXT NOT NULL DEFAULT '',
	trace TEXT NOT NULL DEFAULT '',
	etag TEXT NOT NULL DEFAULT '',
	part TEXT NOT NULL DEFAULT '',
	ts INTEGER NOT NULL,
	PRIMARY KEY (account_id, key)) WITHOUT ROWID;
CREATE TABLE removed (
	account_id INTEGER NOT NULL,
	mid INTEGER NOT NULL,
	PRIMARY KEY (account_id, mid)) WITHOUT ROWID;
CREATE VIRTUAL TABLE message_texts USING fts5(text, content='', contentless_delete=1, tokenize='trigram remove_diacritics 1');
CREATE TABLE search_state (indexed INTEGER NOT NULL);
INSERT INTO search_state VALUES (0);
CREATE TRIGGER messages_unindex AFTER DELETE ON messages
	WHEN old.id <= (SELECT indexed FROM search_state)
	BEGIN
	DELETE FROM message_texts WHERE rowid = old.id;
	-- The next message gets the number after the highest, which may be one that was indexed.
	UPDATE search_state SET indexed = (SELECT coalesce(max(id), 0) FROM messages)
		WHERE indexed > (SELECT coalesce(max(id), 0) FROM messages);
	END;
CREATE TRIGGER messages_reindex AFTER UPDATE OF id ON messages
	WHEN old.id <= (SELECT indexed FROM search_state)
	BEGIN DELETE FROM message_texts WHERE rowid = old.id; END;

-- version 3
CREATE INDEX messages_path ON messages(account_id, content ->> '$.file.path') WHERE kind = 2;
CREATE TABLE send_folders (
	account_id INTEGER PRIMARY KEY,
	path TEXT NOT NULL,
	peer TEXT NOT NULL DEFAULT '',
	group_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE folder_files (
	account_id INTEGER NOT NULL,
	path TEXT NOT NULL,
	size INTEGER NOT NULL,
	modified INTEGER NOT NULL,
	mid INTEGER NOT NULL DEFAULT 0,
	peer TEXT NOT NULL DEFAULT '',
	group_id INTEGER NOT NULL DEFAULT 0,
	refusal TEXT NOT NULL DEFAULT '',
	target TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (account_id, path)) WITHOUT ROWID;

-- version 4
CREATE INDEX messages_uploaded ON messages(chat_id, id)
	WHERE status = 0 AND held = 1 AND content ->> '$.file.url' IS NOT NULL;
CREATE INDEX messages_uploading ON messages(chat_id, id)
	WHERE status = 0 AND held = 1 AND content ->> '$.file.url' IS NULL AND content ->> '$.file.stopped' IS NULL;
ALTER TABLE transfers ADD COLUMN message INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_url ON messages(account_id, content ->> '$.file.url') WHERE kind = 2;
CREATE TABLE copies (
	path TEXT PRIMARY KEY,
	loose INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE INDEX copies_loose ON copies(path) WHERE loose = 1;
CREATE TRIGGER copies_deleted AFTER DELETE ON messages WHEN old.kind = 2
	BEGIN UPDATE copies SET loose = 1 WHERE path = old.content ->> '$.file.path'; END;
CREATE TRIGGER copies_changed AFTER UPDATE OF content ON messages
	WHEN old.kind = 2 AND old.content ->> '$.file.path' IS NOT new.content ->> '$.file.path'
	BEGIN UPDATE copies SET loose = 1 WHERE path = old.content ->> '$.file.path'; END;

-- version 5
ALTER TABLE chats ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_pins ON messages(chat_id, position) WHERE type BETWEEN 65281 AND 65282;

-- version 6
ALTER TABLE chats ADD COLUMN age INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN age INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_fading ON messages(account_id, ts + age * 1000) WHERE age > 0;

-- version 7
CREATE UNIQUE INDEX messages_imported ON messages(account_id, mid) WHERE mid < 0;

-- version 8
ALTER TABLE accounts ADD COLUMN cursor_mark INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_unnumbered ON messages(chat_id, mid & 4294967295)
	WHERE seq = 0 AND nonce IS NULL AND mid >= 4294967296;

-- version 9
ALTER TABLE accounts ADD COLUMN group_adds INTEGER NOT NULL DEFAULT 1;
CREATE TABLE invitations (
	account_id INTEGER NOT NULL,
	group_id INTEGER NOT NULL,
	inviter TEXT NOT NULL,
	name TEXT NOT NULL,
	members INTEGER NOT NULL,
	ts INTEGER NOT NULL,
	PRIMARY KEY (account_id, group_id)) WITHOUT ROWID;
