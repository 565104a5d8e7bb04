"""A property that is worked out once for each object, and lies in the object from then on.

As `functools.cached_property`, whose lock up to Python 3.11 costs more than most of what a page works out; of two threads that
read it first at once both work it out, which may cost, and changes nothing.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Made = TypeVar("Made")


class once(Generic[Made]):  # noqa: N801  # it is used as `property` is
    """A property of objects that have a `__dict__`."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make, self._name = make, make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Made:
        """Work it out, and have the object answer by itself from now on."""
        if instance is None:
            return self
        made = instance.__dict__[self._name] = self._make(instance)
        return made
