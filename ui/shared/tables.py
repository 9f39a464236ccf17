"""One builder for the HTML tables of all pages."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from ui.shared.parts import joined

Cell = object | tuple[object, str]
"""Text or Markup, or that and a CSS style of its own."""


def table(css: str, rows: Iterable[Sequence[Cell]], head: Sequence[object] = ()) -> Markup:
    """A table of a CSS class, whose rows begin with what they are about.

    What is not Markup is escaped. A row of one cell is a heading over all columns, of the class
    "part"; `head` names the columns, the first one included.
    """
    columns = joined(Markup('<th scope="col">{}</th>').format(name) for name in head[1:])
    return Markup('<table class="{}">{}<tbody>{}</tbody></table>').format(
        css,
        Markup("<thead><tr><td>{}</td>{}</tr></thead>").format(head[0], columns) if head else "",
        joined(_row(row, len(head)) for row in rows),
    )


def _row(row: Sequence[Cell], width: int) -> Markup:
    name, *cells = row
    if not cells:
        return Markup('<tr class="part"><th colspan="{}" scope="rowgroup">{}</th></tr>').format(
            width, name
        )
    columns = (
        Markup('<td style="{1}">{0}</td>').format(*cell)
        if isinstance(cell, tuple)
        else Markup("<td>{}</td>").format(cell)
        for cell in cells
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, joined(columns))
