"""Attributes as timelines: sources by precedence, or the facts of related subjects."""

from collections.abc import Sequence

from profiles.answering import Knowledge
from profiles.catalogue import Attribute
from profiles.outcomes import outcome_timeline
from profiles.precedence import prefer, settle
from profiles.relation_timelines import related_timelines
from profiles.resource_timelines import Drawn, source_timelines
from profiles.stored_values import value_when_absent
from profiles.timeline import Timeline
from profiles.universe import Universe


def attribute_timelines(knowledge: Knowledge, codes: Sequence[str], universe: Universe) -> dict[str, Timeline]:
    """Return the timelines of attributes over `knowledge.days`, by code.

    Nulls: a null value means unknown.
    """
    attributes = [knowledge.catalogue.attributes[code] for code in codes]
    said = {code: prefer(each) for code, each in source_timelines_of(knowledge, attributes, universe).items()}
    said |= {
        each.code: outcome_timeline(knowledge.outcomes, each, universe, knowledge.days)
        for each in attributes
        if each.outcome_of is not None
    }
    said |= _from_relations(knowledge, [each for each in attributes if each.via], universe)
    return {each.code: settle(said[each.code], value_when_absent(each)) for each in attributes}


def source_timelines_of(
    knowledge: Knowledge, attributes: Sequence[Attribute], universe: Universe
) -> dict[str, list[Timeline]]:
    """Return what each source of attributes says, in order of precedence; resources are read one at a time."""
    said: dict[str, dict[int, Timeline]] = {attribute.code: {} for attribute in attributes if attribute.sources}
    for name in sorted({source.resource for attribute in attributes for source in attribute.sources}):
        here = [
            (number, Drawn(attribute, source))
            for attribute in attributes
            for number, source in enumerate(attribute.sources)
            if source.resource == name
        ]
        resource = knowledge.catalogue.resources[name]
        timelines = source_timelines(knowledge, resource, [each for _, each in here], universe)
        for (number, each), timeline in zip(here, timelines, strict=True):
            said[each.attribute.code][number] = timeline
    return {code: [each[number] for number in sorted(each)] for code, each in said.items()}


def _from_relations(knowledge: Knowledge, attributes: Sequence[Attribute], universe: Universe) -> dict[str, Timeline]:
    """Return what attributes say that are drawn from related subjects; each relation is read once."""
    said: dict[str, Timeline] = {}
    for name in sorted({each.via.relation for each in attributes if each.via}):
        through = [each for each in attributes if each.via and each.via.relation == name]
        said |= related_timelines(knowledge, through, universe, attribute_timelines)
    return said
