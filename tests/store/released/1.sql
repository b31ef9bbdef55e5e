BEGIN;
CREATE TABLE message (
        key INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        rank INTEGER NOT NULL,
        id TEXT NOT NULL,
        origin_id TEXT NOT NULL,
        archive TEXT NOT NULL DEFAULT '',
        archive_id TEXT,
        author TEXT NOT NULL,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        subject TEXT NOT NULL,
        is_own INTEGER NOT NULL,
        is_delayed INTEGER NOT NULL,
        is_unread INTEGER NOT NULL,
        is_settled INTEGER NOT NULL DEFAULT 0,
        fate TEXT,
        reason TEXT NOT NULL,
        route TEXT NOT NULL,
        slot INTEGER NOT NULL,
        is_markable INTEGER NOT NULL DEFAULT 0,
        deed TEXT,
        target TEXT NOT NULL DEFAULT '',
        about INTEGER,
        emojis TEXT NOT NULL DEFAULT '',
        occupant TEXT NOT NULL DEFAULT '',
        reply_id TEXT NOT NULL DEFAULT '',
        reply_author TEXT NOT NULL DEFAULT '',
        reply_text TEXT NOT NULL DEFAULT '',
        spoiler TEXT,
        is_retracted INTEGER NOT NULL DEFAULT 0,
        is_mention INTEGER NOT NULL DEFAULT 0,
        is_unstyled INTEGER NOT NULL DEFAULT 0,
        files TEXT NOT NULL DEFAULT '',
        matter TEXT NOT NULL DEFAULT ''
    );
CREATE INDEX message_in_conversation ON message (peer, rank);
CREATE INDEX message_by_rank ON message (rank);
CREATE UNIQUE INDEX message_in_archive ON message (archive, archive_id) WHERE archive_id IS NOT NULL;
CREATE INDEX message_by_id ON message (id);
CREATE INDEX message_by_origin ON message (origin_id) WHERE origin_id NOT IN ('', id);
CREATE INDEX message_about ON message (about, deed, rank) WHERE about IS NOT NULL;
CREATE INDEX message_waiting ON message (target) WHERE deed IS NOT NULL AND about IS NULL;
CREATE INDEX message_answer ON message (reply_id) WHERE reply_id != '';
CREATE INDEX message_unread ON message (peer, rank) WHERE is_unread;
CREATE INDEX message_untold ON message (rank, key) WHERE is_unread;
CREATE INDEX message_pending ON message (slot, key) WHERE fate IN ('QUEUED', 'SENT');
CREATE INDEX message_unsettled ON message (rank) WHERE is_own AND archive_id IS NULL AND NOT is_settled;
CREATE VIRTUAL TABLE word USING fts5 (text, content = '');
CREATE TABLE conversation (
        peer TEXT PRIMARY KEY,
        is_open INTEGER NOT NULL,
        place INTEGER NOT NULL
    );
CREATE TABLE gap (
        number INTEGER PRIMARY KEY,
        archive TEXT NOT NULL DEFAULT '',
        after TEXT NOT NULL,
        before TEXT NOT NULL,
        low INTEGER NOT NULL,
        high INTEGER NOT NULL,
        is_missed INTEGER NOT NULL,
        holds_ours INTEGER NOT NULL,
        problem TEXT NOT NULL DEFAULT ''
    );
CREATE TABLE session (
        slot INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        jid TEXT NOT NULL,
        location TEXT NOT NULL,
        handled INTEGER NOT NULL,
        acknowledged INTEGER NOT NULL
    );
CREATE TABLE unacknowledged (
        number INTEGER PRIMARY KEY,
        slot INTEGER NOT NULL,
        stanza TEXT NOT NULL,
        id TEXT NOT NULL
    );
CREATE INDEX unacknowledged_of ON unacknowledged (slot, number);
CREATE TABLE contact (
        jid TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        groups TEXT NOT NULL,
        subscription TEXT NOT NULL,
        is_asked INTEGER NOT NULL,
        is_approved INTEGER NOT NULL
    );
CREATE TABLE presence (
        slot INTEGER NOT NULL,
        jid TEXT NOT NULL,
        availability TEXT NOT NULL,
        status TEXT NOT NULL,
        priority INTEGER NOT NULL,
        idle_since TEXT,
        PRIMARY KEY (slot, jid)
    ) WITHOUT ROWID;
CREATE TABLE room (
        jid TEXT PRIMARY KEY,
        nick TEXT NOT NULL,
        place INTEGER NOT NULL,
        is_wanted INTEGER NOT NULL,
        was_in INTEGER NOT NULL
    );
CREATE TABLE occupancy (
        slot INTEGER NOT NULL,
        room TEXT NOT NULL,
        nick TEXT NOT NULL,
        is_in INTEGER NOT NULL,
        subject TEXT,
        namespaces TEXT NOT NULL,
        PRIMARY KEY (slot, room)
    ) WITHOUT ROWID;
CREATE TABLE occupant (
        slot INTEGER NOT NULL,
        room TEXT NOT NULL,
        nick TEXT NOT NULL,
        role TEXT NOT NULL,
        affiliation TEXT NOT NULL,
        jid TEXT NOT NULL,
        availability TEXT NOT NULL,
        status TEXT NOT NULL,
        hats TEXT NOT NULL DEFAULT '',
        since INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (slot, room, nick)
    ) WITHOUT ROWID;
CREATE TABLE fact (
        slot INTEGER NOT NULL,
        name TEXT NOT NULL,
        value,
        PRIMARY KEY (slot, name)
    ) WITHOUT ROWID;
CREATE TABLE reading (
        peer TEXT PRIMARY KEY,
        elsewhere INTEGER,
        by_peer INTEGER,
        published INTEGER,
        to_publish INTEGER,
        to_mark TEXT
    ) WITHOUT ROWID;
CREATE TABLE telling (
        peer TEXT PRIMARY KEY,
        rule TEXT,
        muted_until INTEGER,
        is_due INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE bookmark (
        room TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        is_autojoin INTEGER NOT NULL,
        nick TEXT NOT NULL,
        is_due INTEGER NOT NULL,
        is_removed INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE ability (
        number INTEGER PRIMARY KEY,
        node TEXT NOT NULL,
        verification TEXT NOT NULL,
        hash TEXT NOT NULL,
        namespaces TEXT NOT NULL,
        UNIQUE (node, verification, hash)
    );
CREATE TABLE draft (
        peer TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        cursor INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE line (
        number INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        text TEXT NOT NULL
    );
CREATE INDEX line_of ON line (peer, number);
CREATE TABLE awaited (
        number INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL
    );
CREATE INDEX awaited_of ON awaited (peer, name);
CREATE INDEX message_to_be_read ON message (peer, rank) WHERE is_own AND fate IN ('ACKNOWLEDGED', 'RECEIVED');
INSERT INTO message VALUES (1, 'carol@example.org', 4294967296, 'a', '', '', '0', 'carol@example.org', 1767355200000005, 'hello', '', 0, 0, 0, 0, NULL, '', 'live', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
INSERT INTO message VALUES (2, 'bob@example.org', 4406636445696, 'a', '', '', '1', 'bob@example.org/desk', 1767355200000005, 'hello', '', 0, 0, 1, 0, NULL, '', 'live', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
INSERT INTO message VALUES (3, 'bob@example.org', 4410931412992, 'b', '', '', '2', 'bob@example.org/desk', 1767355200000005, 'two
lines, it''s 日本 😀', 'a subject', 0, 1, 1, 0, NULL, '', 'offline', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
INSERT INTO message VALUES (4, 'bob@example.org', 4415226380288, 'read', 'read', '', NULL, 'alice@example.org/here', 1767355200000005, 'read by me', '', 1, 0, 0, 0, 'READ', '', 'written', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
INSERT INTO message VALUES (5, 'bob@example.org', 4419521347584, 'failed', 'failed', '', NULL, 'alice@example.org/here', 1767355200000005, 'failed by me', '', 1, 0, 0, 0, 'FAILED', 'no such user', 'written', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
INSERT INTO message VALUES (6, 'bob@example.org', 4423816314880, 'queued', 'queued', '', NULL, 'alice@example.org/here', 1767355200000005, 'queued by me', '', 1, 0, 0, 0, 'QUEUED', '', 'written', 0, 0, NULL, '', NULL, '', '', '', '', '', NULL, 0, 0, 0, '', '');
DELETE FROM word_data;
INSERT INTO word_data VALUES (1, X'0613');
INSERT INTO word_data VALUES (10, X'000000020102000002010101020101');
INSERT INTO word_data VALUES (137438953473, X'0000000E063068656C6C6F01020204');
INSERT INTO word_data VALUES (274877906945, X'000000860230610302020102627904020301020301020301066661696C6564050202010568656C6C6F0202020102697403020601056C696E657303020501026D650402040102040102040106717565756564060202010472656164040202010173030207020675626A656374030203010374776F0302040103E697A503020802029CAC03020904060D0B0A070A0D0B09060B0808');
DELETE FROM word_idx;
INSERT INTO word_idx VALUES (1, X'', 2);
INSERT INTO word_idx VALUES (2, X'', 2);
DELETE FROM word_docsize;
INSERT INTO word_docsize VALUES (1, X'01');
INSERT INTO word_docsize VALUES (2, X'01');
INSERT INTO word_docsize VALUES (3, X'08');
INSERT INTO word_docsize VALUES (4, X'03');
INSERT INTO word_docsize VALUES (5, X'03');
INSERT INTO word_docsize VALUES (6, X'03');
DELETE FROM word_config;
INSERT INTO word_config VALUES ('automerge', 0);
INSERT INTO word_config VALUES ('crisismerge', 1999);
INSERT INTO word_config VALUES ('version', 4);
INSERT INTO conversation VALUES ('bob@example.org', 1, 2);
INSERT INTO conversation VALUES ('carol@example.org', 0, 1);
INSERT INTO gap VALUES (1, '', '0', '', 4294967296, 4402341478400, 1, 0, 'the archive refuses');
INSERT INTO session VALUES (0, 'id', 'alice@example.org/here', '[::1]:5222', 7, 3);
INSERT INTO unacknowledged VALUES (1, 0, '<message/>', 'queued');
INSERT INTO contact VALUES ('bob@example.org', 'Bob, ''the'' builder', '["Friends", "Work"]', 'to', 0, 1);
INSERT INTO presence VALUES (0, 'bob@example.org/desk', 'dnd', 'busy', 5, '2026-01-02T12:00:00.000005+00:00');
INSERT INTO room VALUES ('club@rooms.example.org', 'alice', 1, 1, 1);
INSERT INTO occupancy VALUES (0, 'club@rooms.example.org', 'alice', 1, NULL, 'urn:c');
INSERT INTO occupant VALUES (0, 'club@rooms.example.org', 'alice', 'participant', 'none', '', 'online', 'here', '', 4294967296);
INSERT INTO fact VALUES (-1, 'floor', 4402341478400);
INSERT INTO fact VALUES (-1, 'gap floor', 4402341478400);
INSERT INTO fact VALUES (-1, 'gap number', 1);
INSERT INTO fact VALUES (-1, 'roster version', 'v1');
INSERT INTO fact VALUES (0, 'machine', '');
INSERT INTO fact VALUES (0, 'namespaces', 'urn:a urn:b');
INSERT INTO fact VALUES (0, 'server namespaces', 'urn:c');
INSERT INTO fact VALUES (0, 'token', '["HT-SHA-256-ENDP", "s3cret", "2026-01-02T12:00:00.000005+00:00"]');
INSERT INTO fact VALUES (0, 'user agent', '5f7c2bd0-3b1b-4c0f-9d53-1d5ac9f6e7a1');
INSERT INTO reading VALUES ('bob@example.org', NULL, NULL, NULL, NULL, NULL);
INSERT INTO reading VALUES ('carol@example.org', NULL, NULL, NULL, 1, NULL);
INSERT INTO telling VALUES ('club@rooms.example.org', 'none', 253402300799999999, 1);
INSERT INTO bookmark VALUES ('club@rooms.example.org', 'The Club', 1, 'queen', 1, 0);
INSERT INTO ability VALUES (1, 'urn:x', 'hash=', 'sha-1', '["urn:a", "urn:b"]');
INSERT INTO draft VALUES ('bob@example.org', 'half a
thought, 日本', 6);
INSERT INTO line VALUES (1, '', '/join club@rooms.example.org');
INSERT INTO awaited VALUES (1, 'bob@example.org', 'archive', 'not known yet');
PRAGMA user_version = 1;
COMMIT;
