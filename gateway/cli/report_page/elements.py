"""HTML and SVG elements, built as a tree: what is text stays text, as the standard library writes the tree out.

No part of the page is put together from strings, so that no name that a visitor or a site has chosen can become markup.
"""

from collections.abc import Iterable
from typing import TypeAlias, Union
from xml.etree.ElementTree import Element, tostring

Child: TypeAlias = Union["Element", str, int, Iterable["Child"], None]
Value: TypeAlias = str | float | bool | None


def element(tag: str, *children: Child, **attributes: Value) -> Element:
    """Return an element.

    Of attributes' names a `_` at the end is left out, and others are written as hyphens: `class_`, `aria_label`. An
    attribute that is True has no value; one that is None or False is left out, as is a child that is None.
    """
    made = Element(tag, {_name(name): _value(value) for name, value in attributes.items() if _is_there(value)})
    for child in children:
        _add(made, child)
    return made


def written(root: Element) -> str:
    """Return the document of this `html` element."""
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}\n"


def _add(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, Element):
        parent.append(child)
    elif isinstance(child, str | int):
        _add_text(parent, str(child))
    else:
        for one in child:
            _add(parent, one)


def _add_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _is_there(value: Value) -> bool:
    return value is not None and value is not False


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: Value) -> str:
    if value is True:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
