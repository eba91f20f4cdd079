"""One generation of a library in PostgreSQL: what it says it has, and whether that is so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ibid.adapters.indexes.postgresql.connection import Database
from ibid.adapters.indexes.postgresql.corpus import PostgresVolume
from ibid.adapters.indexes.postgresql.tables import CONTENTS, NAMES
from ibid.adapters.indexes.postgresql.vectors import PostgresTokens, PostgresVectors
from ibid.adapters.indexes.postgresql.words import PostgresWords
from ibid.errors import IndexDamaged
from ibid.index import Corpus, Index
from ibid.storage import Manifest, damaged
from ibid.types import Mark, Problem


@dataclass(frozen=True, slots=True)
class PostgresGeneration:
    """One complete index in a schema."""

    name: str
    manifest: Manifest
    database: Database

    def verify(self, seals: Mapping[str, Mark] | None = None) -> None:  # noqa: ARG002
        """See that it says what it has. Raises IndexDamaged."""
        self.counts()

    def unsealed(self) -> Sequence[int]:
        """Return no volume: what its columns hold is of their types."""
        return ()

    def counts(self) -> dict[str, int]:
        """Return how many rows each table was given. Raises IndexDamaged."""
        counts = dict(self.database.rows("select name, rows from contents"))
        if counts.keys() != {*NAMES}:
            raise damaged("it does not say what its tables hold")
        return counts

    def problems(self) -> Iterator[Problem]:
        """Yield the tables that do not hold the rows that a build gave them."""
        records = {
            name: rest
            for name, *rest in self.database.rows("select name, rows, digest from contents")
        }
        for name in NAMES:
            try:
                ((rows, digest),) = self.database.rows(CONTENTS.format(table=name))
            except IndexDamaged as error:
                yield Problem(name, str(error))
                continue
            if [rows, digest] != records.get(name):
                had = records.get(name, [0])[0]
                fault = (
                    f"has {rows} rows, not {had}"
                    if rows != had
                    else "has other rows than it was given"
                )
                yield Problem(name, fault)

    def open(self) -> Index:
        """Return the index that it holds. Raises IndexUnusable."""
        database, counts = self.database, self.counts()
        passages, sentences = counts["vectors"], counts["sentences"]
        rows = database.rows("select to_regclass('neighbours') is not null")
        dimensions = self.manifest.embedder.dimensions
        return Index(
            name=self.name,
            embedder=self.manifest.embedder,
            corpus=Corpus(PostgresVolume(database, passages, sentences)),
            meaning=PostgresVectors(database, "vectors", passages, near=rows[0][0]),
            sentences=PostgresVectors(database, "sentences", sentences),
            tokens=PostgresTokens(database, counts["tokens"], dimensions)
            if counts["tokens"]
            else None,
            words=PostgresWords(database, passages),
            passages=self.manifest.passages,
            volumes=tuple,
        )
