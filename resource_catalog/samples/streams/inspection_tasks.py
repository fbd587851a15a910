"""Each year's spot-check tasks (双随机抽查年度任务, D04), with the seed by which anyone can replay the draw."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.spot_checks import inspection_tasks
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "task_id", "year", "item_code", "planned_from", "planned_to", "planned_count", "drawn_on", "draw_seed", *PROVENANCE,
)  # fmt: skip
_FORM = Sheet("spot-checks.xlsx", "年度抽查任务", title="随机抽查年度任务（示例数据，非真实）")


def _rows(city: City) -> Iterator[Row]:
    for task in inspection_tasks(city):
        # The seed is known only once the targets are drawn: the plan's row gets it in a second version.
        yield (
            task.task_id,
            task.year,
            task.item.code,
            task.planned_from,
            task.planned_to,
            task.planned_count,
            task.drawn_on,
            task.draw_seed,
            *provenance(f"RW-{task.task_id}", task.drawn_on, task.drawn_on, version=2),
        )


STREAM = Stream("inspection-tasks", _COLUMNS, _FORM, _rows)
