"""A finding: a history that broke a law, told as a story and written as a test that fails for as long as it does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pooltwin.protocol.bytecode_name import is_bytecode
from pooltwin.protocol.files import all_or_none, write_text
from pooltwin.protocol.import_path import ImportPathError, import_path_of, import_root
from pooltwin.protocol.revisions import Revision

from ..choice import LawLike, engine_meant, laws_at
from ..history import History
from ..law import Law


class FindingError(ValueError):
    """A finding of which no test can be written that fails. Says why."""


@dataclass(frozen=True)
class Finding:
    """A history that breaks a law."""

    law: str
    violation: str
    """In words, with both figures."""
    history: History
    seed: str
    probe_seed: str = ""
    """The seed of the probe that found it; empty for a law that needs none."""
    judged_by: str = ""
    """The release whose laws it was held to; empty for its own."""
    worth_at_least: int = 0
    """Breaks worth less (base currency, 8 decimals) did not count."""
    strict: bool = False
    """Did known deviations count?"""
    engine: Revision | str | None = None
    """What stood in for the release's engine: a record, its import path, or what names bytecode."""
    laws: tuple[LawLike, ...] = ()
    """Laws of one's own that may be needed: themselves, or import paths."""

    told: str = ""
    """Its story, told when it was shrunk."""

    def story(self) -> str:
        """Tell which law broke and what that is worth, who did what, and how things stood then."""
        if self.told:
            return self.told
        return f"{self.history.story(engine_meant(self.engine))}\n=> {self.violation}"

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the history and a pytest file that replays it. Returns both paths.

        The test is run once, in a process of its own. Raises FindingError, and then nothing is left in the folder,
        where it does not fail because of the law, for an engine or a law of one's own that no test can import, and in
        a module that such a test is importing, which would go on for ever.
        """
        if os.environ.get(PROVING):
            raise FindingError(
                "a test is written while the module is imported for another one: put what looks for findings and "
                'writes them under `if __name__ == "__main__":`'
            )
        name = re.sub(r"\W+", "_", f"{self.law}_{self.seed}").lower()
        history, test = folder / f"{name}.json", folder / f"test_{name}.py"
        engine, laws = self._engine_path(), self._law_paths()
        recorded = replace(self.history, note=self.violation, engine=engine, laws=laws)
        with all_or_none(folder, history, test):
            recorded.write(history)
            write_text(test, self._test(name, folder, engine, laws))
            _prove_red(test, f"test_{name}", self.law)
        return history, test

    def _test(self, name: str, folder: Path, engine: str, laws: tuple[str, ...]) -> str:
        options = {
            "engine": "" if is_bytecode(engine) else engine,  # the history knows where bytecode lies
            "laws": laws,
            "probe_seed": self.probe_seed,
            "judged_by": self.judged_by,
            "worth_at_least": self.worth_at_least,
            "strict": self.strict,
        }
        named = (f"{key}={_literal(value)}" for key, value in options.items() if value)
        arguments = ["history", _literal(self.law), *named]
        paths = (path for path in (engine, *laws, *self.history.setups) if path and not is_bytecode(path))
        roots = [root for root in map(import_root, paths) if root is not None]
        places = dict.fromkeys(os.path.relpath(root, folder.resolve()).replace(os.sep, "/") for root in roots)
        return _TEST.format(
            name=name,
            story=_quoted(self.story()),
            imports="import sys\n" if places else "",
            paths="".join(_PATH.format(place=place) for place in places),
            call=",\n        ".join(arguments),
        )

    def _engine_path(self) -> str:
        engine = self.engine or self.history.engine
        if isinstance(engine, str):
            return engine
        if engine.machine is not None:
            return _bytecode_name(engine)
        return _path(engine, f"the engine {engine.name!r}", "FORK")

    def _law_paths(self) -> tuple[str, ...]:
        found = []
        for each in self.laws:
            if isinstance(each, Law):
                if each.id == self.law or each.remembers:
                    found.append(_path(each, f"the law {each.id}", "MY_LAW"))
            elif ":" in each and any(law.id == self.law or law.remembers for law in laws_at(each)):
                found.append(each)
        return tuple(found)


def _bytecode_name(engine: Revision) -> str:
    """Give the string that names an engine of compiled contracts. Raises FindingError for one that has none."""
    name = repr(engine.machine)
    if not is_bytecode(name):
        raise FindingError(
            "no test of it can be written: its compiled contracts are told by no string. Name them, as in "
            "engine='bytecode:3.6:out'"
        )
    return name


def _path(thing: Revision | Law, called: str, name: str) -> str:
    try:
        return import_path_of(thing)
    except ImportPathError as error:
        raise FindingError(
            f"no test of it can be written: {called} cannot be imported: {error}. Give it a name at the top of a "
            f"module, as {name} in my_fork.py, and say 'my_fork:{name}'"
        ) from None


PROVING = "POOLTWIN_PROVES_A_TEST"
"""Variable of the environment in which a test is run to be seen failing."""
_RUN = "import runpy, sys; runpy.run_path(sys.argv[1])[sys.argv[2]]()"


def _prove_red(test: Path, function: str, law: str) -> None:
    """Run a test as its reader will, in a process that knows nothing of this one. Raises FindingError unless it fails.

    It has to fail by the law that it is about.
    """
    command = [sys.executable, "-c", _RUN, str(test), function]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, PROVING: "1"})
    said = _last_error(ran.stderr.splitlines())
    if ran.returncode == 0:
        raise FindingError(
            f"no test of it can be written: {law} does not break when its history is replayed in a process of its own. "
            "What broke it was only here: a name of the engine that was replaced, a contract, or what the campaign "
            "remembered"
        )
    if not said.startswith(f"AssertionError: {law} broken at step"):
        raise FindingError(
            f"no test of it can be written: replaying its history ended in another error: {_short_name(said)}"
        )


def _last_error(lines: Sequence[str]) -> str:
    """Find the line of a traceback that names the exception."""
    return next((line for line in reversed(lines) if re.match(r"[\w.]+(: |$)", line)), "no error was told")


def _short_name(error: str) -> str:
    """Leave out the module of an error's name."""
    return re.sub(r"^[\w.]+\.(?=\w+(: |$))", "", error)


def _literal(value: object) -> str:
    """Write a value as Python that needs no formatting."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal, value)) + ("," if len(value) == 1 else "") + ")"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _quoted(story: str) -> str:
    return story.replace("\\", "\\\\").replace('"""', "'''")


_PATH = '\nsys.path.append(str(Path(__file__).resolve().parent / "{place}"))  # the folder of the code that is tested\n'

_TEST = '''"""{story}
"""

{imports}from pathlib import Path

from pooltwin.invariants import read_history, violation_of
{paths}

def test_{name}():
    history = read_history(Path(__file__).parent / "{name}.json")
    violation = violation_of(
        {call},
    )
    assert violation is None, str(violation)
'''
