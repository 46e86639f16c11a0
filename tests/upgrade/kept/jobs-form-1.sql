BEGIN TRANSACTION;
PRAGMA user_version = 1;
CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs (place) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) WITHOUT ROWID;
INSERT INTO "events" VALUES(1,1,'{"seq":1,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"queued","position":0}');
INSERT INTO "events" VALUES(1,2,'{"seq":2,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"stage","stage":"collect","detail":""}');
INSERT INTO "events" VALUES(1,3,'{"seq":3,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"progress","stage":"collect","message":"looking for /home/you/guide.md","done":0,"total":0}');
INSERT INTO "events" VALUES(1,4,'{"seq":4,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"progress","stage":"collect","message":"reading /home/you/guide.md","done":0,"total":1}');
INSERT INTO "events" VALUES(1,5,'{"seq":5,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"progress","stage":"collect","message":"writing the index of /home/you/guide.md","done":0,"total":0}');
INSERT INTO "events" VALUES(1,6,'{"seq":6,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"progress","stage":"collect","message":"/home/you/guide.md is ready","done":1,"total":1}');
INSERT INTO "events" VALUES(1,7,'{"seq":7,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"stage","stage":"retrieve","detail":""}');
INSERT INTO "events" VALUES(1,8,'{"seq":8,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"generator","generator":"examples","model":"","seed":null,"templates":"","sandbox":{"available":false,"runtime":"none","isolation":"","image":"","image_ready":false,"version":"","seccomp":"","gvisor":false,"data":"off","reason":"the sandbox is turned off in the configuration","hint":"Set the sandbox runtime to auto, docker or bubblewrap."},"corpora":[{"id":"guide-md-adfa2f526047","source":{"kind":"file","uri":"/home/you/guide.md"},"title":"guide.md","kind":"file","version":"","sha256":"437f4ffc02a388f3de3dfb6e781b167e1b2c75e7a8f2fdf601e87b5632ad1f87","chunks":1,"symbols":0,"examples":1,"size_bytes":131072,"built_at":"2026-11-27T14:06:47+00:00","duration_s":1.035,"cached":false,"warnings":[]}]}');
INSERT INTO "events" VALUES(1,9,'{"seq":9,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"stage","stage":"stream","detail":""}');
INSERT INTO "events" VALUES(1,10,'{"seq":10,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_open","cell":"x4d6503d8-0","index":0,"kind":"markdown","language":"python","change":"new","target":""}');
INSERT INTO "events" VALUES(1,11,'{"seq":11,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0","text":"**No model wrote these cells.** They are examples from the documentation of guide.md that fit the task best. They use their own data: adapt them to yours."}');
INSERT INTO "events" VALUES(1,12,'{"seq":12,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_close","cell":"x4d6503d8-0","source":"**No model wrote these cells.** They are examples from the documentation of guide.md that fit the task best. They use their own data: adapt them to yours.","sources":[{"source":"guide.md","title":"Means","version":"","symbol":"","page":null,"anchor":"means","link":""}],"units":[]}');
INSERT INTO "events" VALUES(1,13,'{"seq":13,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_open","cell":"x4d6503d8-0-0","index":1,"kind":"markdown","language":"python","change":"new","target":""}');
INSERT INTO "events" VALUES(1,14,'{"seq":14,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-0","text":"### Means\n"}');
INSERT INTO "events" VALUES(1,15,'{"seq":15,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-0","text":"\n"}');
INSERT INTO "events" VALUES(1,16,'{"seq":16,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-0","text":"From guide.md.\n"}');
INSERT INTO "events" VALUES(1,17,'{"seq":17,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-0","text":"\n"}');
INSERT INTO "events" VALUES(1,18,'{"seq":18,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-0","text":"The mean of numbers"}');
INSERT INTO "events" VALUES(1,19,'{"seq":19,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_close","cell":"x4d6503d8-0-0","source":"### Means\n\nFrom guide.md.\n\nThe mean of numbers","sources":[{"source":"guide.md","title":"Means","version":"","symbol":"","page":null,"anchor":"means","link":""}],"units":[]}');
INSERT INTO "events" VALUES(1,20,'{"seq":20,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_open","cell":"x4d6503d8-0-1","index":2,"kind":"code","language":"python","change":"new","target":""}');
INSERT INTO "events" VALUES(1,21,'{"seq":21,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-1","text":"import statistics\n"}');
INSERT INTO "events" VALUES(1,22,'{"seq":22,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-1","text":"\n"}');
INSERT INTO "events" VALUES(1,23,'{"seq":23,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_delta","cell":"x4d6503d8-0-1","text":"print(statistics.mean([1, 2, 3]))"}');
INSERT INTO "events" VALUES(1,24,'{"seq":24,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"cell_close","cell":"x4d6503d8-0-1","source":"import statistics\n\nprint(statistics.mean([1, 2, 3]))","sources":[{"source":"guide.md","title":"Means","version":"","symbol":"","page":null,"anchor":"means","link":""}],"units":[]}');
INSERT INTO "events" VALUES(1,25,'{"seq":25,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"stage","stage":"check","detail":""}');
INSERT INTO "events" VALUES(1,26,'{"seq":26,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"stage","stage":"done","detail":""}');
INSERT INTO "events" VALUES(1,27,'{"seq":27,"job":"2e6b55bbec6243f38c650cd550d3fe4a","type":"done","state":"done","cells":3,"verified":0,"message":"1 code cell, not run."}');
CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT NOT NULL DEFAULT '',
    sent TEXT NOT NULL,
    digest TEXT NOT NULL,
    summary TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '',
    server TEXT NOT NULL,
    size_bytes INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "jobs" VALUES(1,'2e6b55bbec6243f38c650cd550d3fe4a','shared-token','generate','2026-11-27T14:06:46.916+00:00','2026-11-27T14:06:48.033+00:00','{"task":"mean of numbers","sources":[{"kind":"auto","uri":"/home/you/guide.md"}],"language":"python","kernel":"","generator":"examples","effort":null,"verify":false,"max_repairs":3,"limits":{"memory_bytes":null,"cpus":null,"pids":null,"disk_bytes":null,"wall_clock_s":null,"cell_timeout_s":null,"output_bytes":null,"output_messages":null,"idle_s":null,"ttl_s":null},"data":[],"context":{"path":"","cells":[],"variables":[]},"edit":null,"paper":null,"house_rules":"","source_lines":false,"max_cells":null,"seed":null}','adbed403d21c71e58390ad2e25d72554ebaea3ad7e091c36dc5914128198dd2d','{"kind":"generate","edit":null,"job":"2e6b55bbec6243f38c650cd550d3fe4a","state":"done","task":"mean of numbers","language":"python","generator":"examples","model":"","created_at":"2026-11-27T14:06:46.916+00:00","finished_at":"2026-11-27T14:06:48.033+00:00","stage":"done","cells":3,"verified":0}','','16c56ecd4dc442ab9537311bef441c25',4755);
CREATE INDEX jobs_of_owner ON jobs (owner, place);
CREATE INDEX jobs_by_key ON jobs (owner, key) WHERE key <> '';
CREATE INDEX jobs_that_run ON jobs (server) WHERE finished_at = '';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',1);
COMMIT;
