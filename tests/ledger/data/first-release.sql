-- A ledger as the first release wrote it (schema 1), with two commits, two proposals and their people.
BEGIN TRANSACTION;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    display TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('reader', 'analyst', 'steward', 'publisher', 'admin')),
    password TEXT,
    issuer TEXT,
    subject TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created TEXT NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;
INSERT INTO "accounts" VALUES('aoi','aoi','publisher',NULL,NULL,NULL,1,'2026-11-24T11:35:58.400Z');
INSERT INTO "accounts" VALUES('sato','sato','steward',NULL,NULL,NULL,1,'2026-11-24T11:35:58.408Z');
CREATE TABLE attempts (key TEXT NOT NULL, time REAL NOT NULL) STRICT;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO "audit" VALUES(1,'2026-11-24T11:35:58.400Z','aoi','account-added','account/aoi','publisher');
INSERT INTO "audit" VALUES(2,'2026-11-24T11:35:58.408Z','sato','account-added','account/sato','steward');
INSERT INTO "audit" VALUES(3,'2026-11-24T11:35:58.421Z','sato','propose','proposal/1','An alias');
INSERT INTO "audit" VALUES(4,'2026-11-24T11:35:58.456Z','aoi','approve','proposal/1','fine');
INSERT INTO "audit" VALUES(5,'2026-11-24T11:35:58.457Z','aoi','comment','proposal/1','');
INSERT INTO "audit" VALUES(6,'2026-11-24T11:35:58.464Z','aoi','publish','commit/1','An alias');
INSERT INTO "audit" VALUES(7,'2026-11-24T11:35:58.511Z','sato','propose','proposal/2','In work');
INSERT INTO "audit" VALUES(8,'2026-11-24T11:35:58.513Z','aoi','publish','commit/2','Undo it');
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    proposal INTEGER NOT NULL REFERENCES proposals (id),
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
INSERT INTO "comments" VALUES(1,1,'aoi','2026-11-24T11:35:58.457Z','A note');
CREATE TABLE commits (
    revision INTEGER PRIMARY KEY CHECK (revision > 0),
    parent INTEGER REFERENCES commits (revision),
    patch TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    message TEXT NOT NULL,
    reason TEXT NOT NULL,
    report TEXT NOT NULL,
    proposal INTEGER UNIQUE REFERENCES proposals (id),
    digest TEXT NOT NULL
) STRICT;
INSERT INTO "commits" VALUES(1,NULL,'A <https://w3id.org/kizuna/id/agreement/a> <http://www.w3.org/2004/02/skos/core#altLabel> "別名"@ja <https://w3id.org/kizuna/graph/data/facts> .
','aoi','2026-11-24T11:35:58.460Z','An alias','','{}',1,'337ed87ffb4980aaccc2091e36a41349f7843262700f4c9a00954e2878c181e6');
INSERT INTO "commits" VALUES(2,1,'D <https://w3id.org/kizuna/id/agreement/a> <http://www.w3.org/2004/02/skos/core#altLabel> "別名"@ja <https://w3id.org/kizuna/graph/data/facts> .
','aoi','2026-11-24T11:35:58.513Z','Undo it','','{}',NULL,'f5f4bddae884d78f68a80a881d4f58ae2c9003bc4f0cb3222e0efa5337f8433f');
CREATE TABLE mentions (
    revision INTEGER NOT NULL REFERENCES commits (revision),
    thing TEXT NOT NULL,
    PRIMARY KEY (thing, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO "mentions" VALUES(1,'https://w3id.org/kizuna/id/agreement/a');
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'published', 'rejected', 'withdrawn')),
    way TEXT NOT NULL,
    base INTEGER NOT NULL CHECK (base >= 0),
    patch TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL DEFAULT '',
    report TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;
INSERT INTO "proposals" VALUES(1,'An alias','sato','published','document',0,'A <https://w3id.org/kizuna/id/agreement/a> <http://www.w3.org/2004/02/skos/core#altLabel> "別名"@ja <https://w3id.org/kizuna/graph/data/facts> .
',1,'','','2026-11-24T11:35:58.421Z','2026-11-24T11:35:58.460Z');
INSERT INTO "proposals" VALUES(2,'In work','sato','draft','form',1,'A <https://w3id.org/kizuna/id/agreement/a> <http://www.w3.org/2004/02/skos/core#altLabel> "other"@ja <https://w3id.org/kizuna/graph/data/facts> .
',1,'','','2026-11-24T11:35:58.511Z','2026-11-24T11:35:58.511Z');
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    proposal INTEGER NOT NULL REFERENCES proposals (id),
    version INTEGER NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'change')),
    text TEXT NOT NULL
) STRICT;
INSERT INTO "reviews" VALUES(1,1,1,'aoi','2026-11-24T11:35:58.456Z','approve','fine');
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name),
    created REAL NOT NULL,
    expires REAL NOT NULL
) STRICT;
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('origin', 'files')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    content BLOB NOT NULL,
    digest TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;
INSERT INTO "snapshots" VALUES(1,'origin',0,X'789C6DCC410E82301445D1B9AB68706C5F959921DDCB937EDA4640D27ED2C4D51B74EAFCDC3B24D5ADDE81D6E7605F25E299DFFB4AE400C622B2C8AAA037C3010FD79A6DFD57DE9C73705794305DEA9864E179E643666F3A76BFE0DF39166E09814A4C1CB57A634F1F29882D33','a96aa4a54ce3adea7e3c559b8dba5e5241a8ffd71950a3aee7a674c29189dccb','2026-11-24T11:35:58.421Z');
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (name),
    label TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'propose', 'publish')),
    created TEXT NOT NULL,
    expires REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT;
CREATE INDEX proposals_by_state ON proposals (state, changed);
CREATE INDEX comments_by_proposal ON comments (proposal);
CREATE INDEX reviews_by_proposal ON reviews (proposal);
CREATE INDEX attempts_by_key ON attempts (key, time);
CREATE TRIGGER commits_stay BEFORE UPDATE ON commits BEGIN SELECT RAISE(ABORT, 'commits are never changed'); END;
CREATE TRIGGER commits_remain BEFORE DELETE ON commits BEGIN SELECT RAISE(ABORT, 'commits are never removed'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('proposals',2);
COMMIT;
PRAGMA user_version = 1;
