"""Names for expressions of the set language.

Ibis's own annotations do not know the operators of a column (`column > 3`), so that a strict checker would
refuse every line; what is meant is said by these names, and tests on every engine hold it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Table: TypeAlias = Any
"""A table expression (`ibis.expr.types.Table`)."""
Value: TypeAlias = Any
"""A column or a literal of any type."""
Truth: TypeAlias = Any
"""A nullable boolean."""
Number: TypeAlias = Any
ArrowTable: TypeAlias = Any
"""A `pyarrow.Table`; pyarrow ships no types."""
ArrowType: TypeAlias = Any
CodeValue: TypeAlias = Any
"""A number of `Code`."""
