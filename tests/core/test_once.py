from dataclasses import dataclass, field

import pytest

from core.once import once


@dataclass(frozen=True)
class Sum:
    """Counts how often it is worked out."""

    parts: list[int]
    asked: list[int] = field(default_factory=list)

    @once
    def total(self) -> int:
        """Return the sum."""
        self.asked.append(1)
        return sum(self.parts)


def test_it_is_worked_out_when_somebody_reads_it_and_then_never_again() -> None:
    """Also of what is frozen, each object by itself; what its parts become later changes nothing."""
    one, other = Sum([1, 2]), Sum([5])
    assert one.asked == []

    assert (one.total, other.total) == (3, 5)
    one.parts.append(9)
    assert one.total == 3
    assert (one.asked, other.asked) == ([1], [1])


def test_a_fault_is_not_kept() -> None:
    """Whoever asks again has it worked out again."""
    one = Sum(["a"])  # type: ignore[list-item]  # what cannot be added
    for _ in range(2):
        with pytest.raises(TypeError):
            _ = one.total
    assert len(one.asked) == 2


def test_of_the_class_it_is_itself() -> None:
    """With the words of what it was made of."""
    assert Sum.total.__doc__ == "Return the sum."
