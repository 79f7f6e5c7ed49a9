"""What a handler gives back: an answer, or a refusal in the form in which Kibana writes its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox import json_text

JSON = "application/json; charset=utf-8"

REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}


class Refusal(Exception):
    """The request is answered with an error: `status`, Kibana's `message`, and `attributes` where it sends some."""

    def __init__(self, status: int, message: str, attributes: JsonObject | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.attributes = attributes

    def body(self) -> JsonObject:
        """Write the error as a body, or as an entry of a bulk answer."""
        body: JsonObject = {"statusCode": self.status, "error": REASONS[self.status], "message": self.message}
        if self.attributes is not None:
            body["attributes"] = self.attributes
        return body

    def answer(self) -> Answer:
        return Answer(self.body(), self.status)


def broken() -> Refusal:
    """Say what Kibana says when a request brings it out of step."""
    return Refusal(500, "An internal server error occurred. Check Kibana server logs for details.")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `body` is JSON, or bytes that are sent as they are; without a media type there is no body."""

    body: Json = None
    status: int = 200
    media_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if self.media_type is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json_text.dump(self.body)


def nothing(status: int = 200) -> Answer:
    """Answer without a body."""
    return Answer(status=status, media_type=None)
