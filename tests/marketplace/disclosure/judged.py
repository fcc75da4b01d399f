"""How well texts are judged: sentences about people who do not exist, judged one by one against their records.

`python -m tests.marketplace.disclosure.judged` judges the lists that the rules were built with; with a folder as argument
it judges any other that has the same three files. Printed are precision (of the sentences that were asked about or
refused, how many reveal something) and recall (of the sentences that reveal something, how many were), then every miss.
"""

import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marketplace.disclosure.known import Record
from marketplace.disclosure.rules import Consequence, consequence_of, findings_in

BUILT_WITH, MET_LATER, *READERS = (
    Path(__file__).parent / name
    for name in (
        *("built_with", "met_later", "fresh_reader"),
        *("second_reader", "third_reader", "fourth_reader", "fifth_reader"),
    )
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence, whether it reveals something, and what the rules say of it."""

    sentence: str
    reveals: bool
    consequence: Consequence
    kinds: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return (self.consequence is not Consequence.FINE) is self.reveals


def records_in(folder: Path) -> dict[str, Record]:
    listed = tomllib.loads((folder / "records.toml").read_text("utf-8"))
    return {name: Record(**{key: as_kept(value) for key, value in known.items()}) for name, known in listed.items()}


def as_kept(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def sentences_in(file: Path) -> Iterator[tuple[str, str]]:
    """Whose record, and the sentence."""
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, sentence = line.partition(" | ")
            yield name, sentence


def judged(folder: Path = BUILT_WITH) -> list[Judged]:
    """Every sentence of both lists of a folder, judged."""
    records = records_in(folder)
    return [
        Judged(sentence, reveals, consequence_of(findings), tuple(finding.kind.value for finding in findings))
        for reveals, file in ((False, "harmless.txt"), (True, "revealing.txt"))
        for name, sentence in sentences_in(folder / file)
        for findings in (findings_in(sentence, records[name]),)
    ]


def precision_and_recall(lines: list[Judged]) -> tuple[float, float]:
    found = [line for line in lines if line.consequence is not Consequence.FINE]
    right = sum(line.reveals for line in found)
    return right / len(found), right / sum(line.reveals for line in lines)


def report(folder: Path) -> Iterator[str]:
    began = time.perf_counter()
    lines = judged(folder)
    took = (time.perf_counter() - began) * 1000 / len(lines)
    for reveals, name in ((False, "harmless"), (True, "revealing")):
        those = [line.consequence for line in lines if line.reveals is reveals]
        yield f"{len(those):4} {name}: " + ", ".join(
            f"{those.count(consequence)} {consequence}" for consequence in Consequence
        )
    precision, recall = precision_and_recall(lines)
    yield f"precision {precision:.3f}, recall {recall:.3f}, {took:.2f} ms a sentence"
    for line in lines:
        if not line.is_right:
            yield f"  {'missed' if line.reveals else 'not revealing'}: {line.sentence} {' '.join(line.kinds)}"


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT_WITH
    sys.stdout.writelines(f"{line}\n" for line in report(folder))
