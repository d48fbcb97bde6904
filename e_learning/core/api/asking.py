"""How views read what they are sent: lists their query, writes their body."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


def asked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the validated query; an empty value asks nothing. 400 for a value that can't be."""
    query = serializer(data={name: value for name, value in request.query_params.items() if value})
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def sent(serializer: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the validated body, of which ``partial`` asks no field; 400 for one that can't be."""
    body = serializer(data=request.data, partial=partial)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
