"""JSON lines (NDJSON): one object a line; the first names the columns, a key left out later is a missing cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TypeVar, cast

import pyarrow as pa
import pyarrow.json

from calcopt.data.cells import BadCellError, number_from_value, shown, text_from_value
from calcopt.data.part import MISSING_HINT, FirstText, Row, Treatment, kept
from calcopt.data.records import check_utf8
from calcopt.data.source import Source
from calcopt.errors import DataError

Value = TypeVar("Value")


class JsonLinesPart:
    """Rows of JSON objects."""

    def __init__(self, source: Source) -> None:
        self._source = source
        first = next(self._objects(), None)
        if first is None:
            raise DataError("this file is empty", source.label)
        self.columns = tuple(first[1])
        if not self.columns:
            raise DataError("the first object has no keys", source.label, line=first[0])

    @property
    def label(self) -> str:
        return self._source.label

    @property
    def path(self) -> str | None:
        return self._source.path

    def pieces(self) -> Sequence[JsonLinesPart]:
        return [self]

    def fast(self, numeric: Sequence[int], text: Sequence[int]) -> Iterator[pa.RecordBatch]:
        numbers = [self.columns[position] for position in numeric]
        texts = [self.columns[position] for position in text]
        if set(numbers) & set(texts):
            raise BadCellError("both a number and a text")
        schema = pa.schema([(name, pa.float64()) for name in numbers] + [(name, pa.string()) for name in texts])
        reader = pa.json.open_json(
            cast("IO[bytes]", self._source.open()),
            parse_options=pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
        for batch in reader:
            yield batch.select([*numbers, *texts])

    def careful(self, numeric: Sequence[int], text: Sequence[int], missing: Treatment) -> Iterator[Row | None]:
        for line, row in self._objects():
            numbers = kept([self._cell(line, row, position, number_from_value) for position in numeric], missing)
            texts = [self._cell(line, row, position, text_from_value) for position in text]
            cells = zip((*numeric, *text), (*numbers, *texts), strict=True)
            empty = next((position for position, value in cells if value is None), None)
            if empty is None:
                yield [value for value in numbers if value is not None], [value for value in texts if value is not None]
            elif missing == "skip":
                yield None
            else:
                raise DataError(f"column '{self.columns[empty]}' is missing", self.label, line=line, hint=MISSING_HINT)

    def lines_before(self) -> int:
        return 0

    def first_text(self) -> list[FirstText | None]:
        found: list[FirstText | None] = [None] * len(self.columns)
        for line, row in self._objects():
            for position, column in enumerate(self.columns):
                value = row.get(column)
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if found[position] is None and value is not None and not is_number:
                    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    found[position] = FirstText(shown(text), line)
            if all(found):
                break
        return found

    def _cell(
        self, line: int, row: dict[str, object], position: int, read: Callable[[object], Value | None]
    ) -> Value | None:
        column = self.columns[position]
        try:
            return read(row.get(column))
        except BadCellError as error:
            raise DataError(f"column '{column}' holds {error.says}", self.label, line=line, hint=error.hint) from error

    def _objects(self) -> Iterator[tuple[int, dict[str, object]]]:
        with self._source.open_text() as stream:
            for number, line in enumerate(_readable(stream, self.label), start=1):
                if not line.isascii():
                    check_utf8(line, self.label, number)
                if line.strip():
                    yield number, self._object(line, number)

    def _object(self, line: str, number: int) -> dict[str, object]:
        text = line.rstrip("\r\n")
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            if text.lstrip().startswith("["):
                raise _an_array(self.label, number) from error
            pretty = text.strip() == "{"
            hint = "one object a line is expected (jq -c . makes it so)" if pretty else None
            raise DataError(
                f"not JSON: {error.msg}", self.label, line=number, column=error.colno, line_text=text, hint=hint
            ) from error
        except BadCellError as error:
            raise DataError(error.says, self.label, line=number, line_text=text, hint=error.hint) from error
        except RecursionError as error:
            raise DataError("this JSON is nested too deeply", self.label, line=number) from error
        if isinstance(value, list):
            raise _an_array(self.label, number)
        if not isinstance(value, dict):
            raise DataError("one JSON object a line is expected", self.label, line=number, line_text=text)
        return value


def _readable(stream: Iterator[str], label: str) -> Iterator[str]:
    try:
        yield from stream
    except OSError as error:
        raise DataError(f"this file cannot be read on: {error}", label) from error


def _an_array(label: str, line: int) -> DataError:
    hint = "jq -c '.[]' turns an array into lines"
    return DataError("a JSON array, but one object a line is expected", label, line=line, hint=hint)


def _refuse_constant(word: str) -> object:
    raise BadCellError(f"{word} is not JSON and not a finite number", "write null for a missing value")
