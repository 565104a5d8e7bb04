"""What an agent bank sends back for a payment file of the shipped text profile: return files and statements."""

from collections.abc import Sequence
from pathlib import Path

ENCODING = "gb18030"


def lines_of(path: Path) -> list[list[str]]:
    """Return the payments of a file, field by field."""
    return [line.split("|") for line in path.read_text(ENCODING).splitlines() if line.startswith("D|")]


def write_returns(folder: Path, sent: Path, results: Sequence[str], name: str = "returns.txt") -> Path:
    """Write what the bank says of the payments of a file, one result for each."""
    lines = lines_of(sent)
    said = [
        f"D|{row[1]}|{row[2]}|{row[3]}|{row[4]}|{row[6]}|{result}||20250116"
        for row, result in zip(lines, results, strict=True)
    ]
    fens = [int(row[6]) for row in lines]
    paid = [fen for fen, result in zip(fens, results, strict=True) if result == "00"]
    failed = [fen for fen, result in zip(fens, results, strict=True) if result not in {"00", "90"}]
    totals = (len(fens), sum(fens), len(paid), sum(paid), len(failed), sum(failed))
    text = ["H|x|" + sent.name + "|20250116", *said, "T|" + "|".join(map(str, totals))]
    path = folder / name
    path.write_bytes("".join(f"{line}\r\n" for line in text).encode(ENCODING))
    return path


def write_statement(folder: Path, sent: Path) -> Path:
    """Write the account's statement of the day on which every payment of a file was booked."""
    lines = lines_of(sent)
    said = [f"D|20250116|{row[2]}|{row[3]}|{row[4]}|{row[6]}|借|" for row in lines]
    total = sum(int(row[6]) for row in lines)
    path = folder / "statement.txt"
    text = ["S|st-1|20250116", *said, f"E|{len(lines)}|{len(lines)}|{total}|0|0"]
    path.write_bytes("".join(f"{line}\r\n" for line in text).encode(ENCODING))
    return path
