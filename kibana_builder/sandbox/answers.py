"""What a handler gives back: an answer, or a refusal in the form in which Kibana writes its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox import json_text

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
        """Write the body: `{"statusCode", "error", "message"}`, and `attributes` when there are some."""
        body: JsonObject = {"statusCode": self.status, "error": REASONS[self.status], "message": self.message}
        if self.attributes is not None:
            body["attributes"] = self.attributes
        return body


def not_found(kind: str, object_id: str) -> Refusal:
    """Say that a saved object is not there, in the words of Kibana."""
    return Refusal(404, f"Saved object [{kind}/{object_id}] not found")


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: `body` is JSON, or bytes that are sent as they are; `nothing` sends no body at all."""

    body: Json = None
    status: int = 200
    media_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    nothing: bool = False

    def content(self) -> bytes:
        if self.nothing:
            return b""
        return self.body if isinstance(self.body, bytes) else json_text.dump(self.body)
