"""What every JSON body is made of: the fields that are described, and no others."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

FIELDS = 64
"""More than any body has. To name each of a hundred thousand that are none would hold everybody up for seconds."""


class Body(BaseModel):
    """A body's model. What does not belong into it is refused; with a sentence for each field of those."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few(cls, given: object) -> object:
        if isinstance(given, Mapping) and len(cast("Mapping[Any, Any]", given)) > FIELDS:
            raise PydanticCustomError("too_many_fields", "a body has {most} fields at most", {"most": FIELDS})
        return cast("object", given)
