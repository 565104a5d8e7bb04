"""How the product's modules are written, where no linter knows the rule."""

import ast
import re

from tests.repo.repository import PACKAGES, ROOT, modules, name, tree

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service"}
EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
WITH_REASON = re.compile(r"(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*|\[[a-z-]+(\s*,\s*[a-z-]+)*\])\s+#\s*\S+")


def test_every_module_has_a_docstring() -> None:
    """A module says in one sentence where it stands in the flow."""
    silent = [name(path) for path in modules() if len(ast.get_docstring(tree(path)) or "") < len("A sentence.")]

    assert silent == [], "say in the first line what the module gives"


def test_a_package_says_what_it_does_and_nothing_else() -> None:
    """An `__init__.py` has a docstring, perhaps `__all__`, and no code; one inside a stage may gather names."""
    busy = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if path.name == "__init__.py"
        for node in tree(path).body[1:]
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        if not (isinstance(node, ast.ImportFrom) and name(path).count("/") > 1)
    ]

    assert busy == [], "move the code into a module named for what it holds"


def test_every_folder_of_the_flow_is_a_package() -> None:
    """The file tree shows where a thing sits in the flow."""
    assert [package for package in PACKAGES if not (ROOT / package / "__init__.py").is_file()] == []


def test_modules_are_named_for_what_they_hold() -> None:
    """No module is called utils or the like: its reader would have to open it."""
    assert [name(path) for path in modules() if path.stem in EMPTY_NAMES] == [], "name it for what it holds"


def test_nothing_prints() -> None:
    """Only the command line writes, and it does so through typer or rich."""
    printing = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "pprint"}
    ]

    assert printing == [], "return a finding, or write to `commands.terminal.out`"


def test_the_engine_never_filters_on_not() -> None:
    """`filter(e)` and `filter(~e)` both lose the row where `e` is null: a person who never hears from us."""
    losing = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if name(path).startswith("engine/")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filter"
        if any(isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Invert) for part in node.args)
    ]

    assert losing == [], "say what null does: decide an outcome, or `.fill_null(...)` first"


def test_an_exception_to_a_rule_gives_its_code_and_its_reason() -> None:
    """`# noqa` and `# type: ignore` name the rule and say why, on the same line."""
    bare = [
        f"{name(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := EXCEPTION.search(line)) and not WITH_REASON.match(found["rest"])
    ]

    assert bare == [], "write `# noqa: CODE  # the reason`"
