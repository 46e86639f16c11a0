"""The tables of an index."""

from __future__ import annotations

_WORDS = "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\""

# Ids follow the order of the pages, with room after each: a page that changes keeps its place.
SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
  tokens INTEGER NOT NULL, symbols TEXT NOT NULL, place TEXT NOT NULL,
  name_terms TEXT NOT NULL, path_terms TEXT NOT NULL, text_terms TEXT NOT NULL);
CREATE VIRTUAL TABLE chunk_names USING fts5(name, path, content='', {_WORDS});
CREATE VIRTUAL TABLE chunk_texts USING fts5(text, content='', {_WORDS});
CREATE TABLE chunk_counts (
  term TEXT PRIMARY KEY, names INTEGER NOT NULL, texts INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chunk_aliases (
  name TEXT NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY (name, chunk)) WITHOUT ROWID;
CREATE TABLE owners (
  owner TEXT PRIMARY KEY, members INTEGER NOT NULL, is_class INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE packages (name TEXT NOT NULL);
CREATE TABLE symbols (
  qualname TEXT PRIMARY KEY, kind TEXT NOT NULL, signature TEXT NOT NULL, summary TEXT NOT NULL,
  chunk INTEGER);
CREATE TABLE names (name TEXT NOT NULL, last TEXT NOT NULL, qualname TEXT NOT NULL);
CREATE TABLE examples (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, summary TEXT NOT NULL, code TEXT NOT NULL,
  language TEXT NOT NULL, imports TEXT NOT NULL, symbols TEXT NOT NULL, place TEXT NOT NULL,
  worth REAL NOT NULL,
  name_terms TEXT NOT NULL, summary_terms TEXT NOT NULL,
  code_terms TEXT NOT NULL, literal_terms TEXT NOT NULL);
CREATE TABLE api_terms (term TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE example_terms USING fts5(name, summary, code, literal, content='', {_WORDS});
CREATE VIRTUAL TABLE example_counts USING fts5vocab('example_terms', 'row');
CREATE TABLE files (
  path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL, media TEXT NOT NULL, link TEXT NOT NULL,
  symbol_at INTEGER NOT NULL, narrative_at INTEGER NOT NULL, example_at INTEGER NOT NULL,
  kinds BLOB NOT NULL, asked BLOB NOT NULL, warnings TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE outside (kinds BLOB NOT NULL);
"""
INDEXES = """
CREATE INDEX names_name ON names (name, qualname);
CREATE INDEX names_last ON names (last, name, qualname);
CREATE INDEX chunks_title ON chunks (title);
"""
# What follows from the names of all objects together.
OWNERS = """
DELETE FROM owners;
DELETE FROM packages;
INSERT INTO owners
  SELECT substr(n.name, 1, length(n.name) - length(n.last) - 1) AS owner,
    count(*), max(s.kind = 'method') FROM names n JOIN symbols s USING (qualname)
  WHERE instr(n.name, '.') GROUP BY owner;
INSERT INTO packages SELECT DISTINCT substr(owner, 1, instr(owner || '.', '.') - 1) FROM owners;
"""
LINK = """
UPDATE symbols SET chunk = coalesce(
  (SELECT min(id) FROM chunks WHERE title = symbols.qualname AND kind = 'symbol'),
  (SELECT min(chunk) FROM chunk_aliases WHERE name = symbols.qualname))
"""
OPTIMIZE = """
INSERT INTO chunk_names(chunk_names) VALUES ('optimize');
INSERT INTO chunk_texts(chunk_texts) VALUES ('optimize');
INSERT INTO example_terms(example_terms) VALUES ('optimize');
"""
