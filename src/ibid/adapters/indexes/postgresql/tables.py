"""The tables of a library in PostgreSQL.

    LIBRARY.library      one row: which generation answers, its manifest, the layout of the tables
    LIBRARY.generations  the names of all that are there
    LIBRARY_NAME.*       a generation: a schema that one transaction makes, and nothing changes

A generation has `articles` and `passages` as the SQLite file of an index in a folder has them; what
may hold any character is bytes, since a text of PostgreSQL takes no NUL.
"""

LAYOUT = 1
"""Version of these tables; another one is refused."""

LIBRARY = """
create schema if not exists {library};
create table if not exists {library}.library (
  one boolean primary key default true check (one),
  layout integer not null, generation text not null, manifest text not null
);
create table if not exists {library}.generations (name text primary key);
"""

TABLES = """
create table articles (
  id text collate "C" not null, title bytea not null, text bytea not null, meta text not null,
  sections text not null, digest text not null, warnings text not null, findings text not null,
  copies text not null, first_row integer not null, rows integer not null
);
create table passages (
  row integer, first_sentence integer not null, id text collate "C" not null,
  article text collate "C" not null, headings text not null, start integer not null,
  "end" integer not null, sentences text not null, stems text not null
);
create table vectors (row integer not null, vector vector({dimensions}) not null);
alter table vectors alter column vector set storage {storage};
create table sentences (row integer not null, vector halfvec({dimensions}) not null);
create table tokens (row integer not null, signs bytea not null);
alter table tokens alter column signs set storage external;
create table terms (id integer not null, term text collate "C" not null, rows integer not null);
create table postings (term integer not null, row integer not null, factor real not null);
create table contents (name text not null, rows bigint not null, digest numeric not null);
create function json_array_length(text) returns integer immutable strict parallel safe
  return json_array_length($1::json);
create function instr(text, text) returns integer immutable strict parallel safe
  return strpos($1, $2);
"""

INDEXES = """
alter table articles add primary key (id);
alter table passages add primary key (id);
create unique index on passages (row);
create index on passages (article, start);
alter table vectors add primary key (row);
alter table sentences add primary key (row);
alter table tokens add primary key (row);
alter table terms add primary key (term);
create unique index on terms (id) include (rows);
create unique index on postings (term, row) include (factor);
"""

NEIGHBOURS = """
create index neighbours on vectors using hnsw ((vector::halfvec({dimensions})) halfvec_ip_ops)"""

NAMES = ("articles", "passages", "vectors", "sentences", "tokens", "terms", "postings")
"""The tables whose rows are counted and have a digest."""

CONTENTS = """
select count(*), coalesce(sum(('x' || substr(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'),
  1, 15))::bit(60)::bigint), 0) from {table} t"""
"""How many rows a table has, and a digest of them in whatever order."""

COUNTED = "insert into contents select %s, t.* from (" + CONTENTS + ") t"  # noqa: S608

GRANTS = """
select pg_get_userbyid(grantee)
from pg_class, aclexplode(relacl)
where oid = to_regclass(%s) and privilege_type = 'SELECT' and grantee not in (0, relowner)
  and to_regnamespace(%s) is not null"""
"""Who else may read the library: the same may read a generation that is new."""
