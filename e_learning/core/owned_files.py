"""Files belong to rows: one that its row no longer names goes, after the commit and never before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.models import FileField, Model
from django.db.models.signals import post_delete, post_save, pre_save

_BEFORE = "_files_before_saving"


def files_go_with(model: type[Model]) -> None:
    """From now on delete the files of ``model``'s rows when a save replaces them or the row is deleted.

    After the commit, so that a rollback loses nothing; and only what no other row names. Where the
    process ends between commit and deletion a file stays behind: a little space, no broken row.
    ``QuerySet.update`` passes this by, so file columns are written by ``save``.
    """
    pre_save.connect(_remember, sender=model, dispatch_uid=f"files-before-{model._meta.label}")
    post_save.connect(_forget_replaced, sender=model, dispatch_uid=f"files-after-{model._meta.label}")
    post_delete.connect(_forget_all, sender=model, dispatch_uid=f"files-gone-{model._meta.label}")


@contextmanager
def dropped_on_error(row: Model) -> Iterator[None]:
    """Delete the files that ``row`` was given inside this block when the block fails, as its row rolls back."""
    before = _names(row)
    try:
        yield
    except BaseException:
        for field, name in _names(row).items():
            if name and name != before[field]:
                _storage_of(type(row), field).delete(name)
        raise


def _file_fields(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if isinstance(field, FileField)]


def _names(row: Model) -> dict[str, str]:
    return {field: getattr(row, field).name or "" for field in _file_fields(type(row))}


def _storage_of(model: type[Model], field: str) -> Any:
    file_field: Any = model._meta.get_field(field)
    return file_field.storage


def _remember(sender: type[Model], instance: Model, update_fields: Any, using: str, raw: bool, **kwargs: Any) -> None:
    touched = [field for field in _file_fields(sender) if update_fields is None or field in update_fields]
    if raw or instance.pk is None or not touched:
        return
    kept: Any = sender._meta.base_manager
    rows = kept.using(using).filter(pk=instance.pk)
    if connections[using].in_atomic_block:
        # Of two that replace at once the second waits, and then sees the first's file as the one it replaces.
        rows = rows.select_for_update(of=("self",))
    setattr(instance, _BEFORE, rows.values(*touched).first() or {})


def _forget_replaced(sender: type[Model], instance: Model, using: str, **kwargs: Any) -> None:
    now = _names(instance)
    for field, name in instance.__dict__.pop(_BEFORE, {}).items():
        if name and name != now[field]:
            _delete_on_commit(sender, field, name, using)


def _forget_all(sender: type[Model], instance: Model, using: str, **kwargs: Any) -> None:
    for field, name in _names(instance).items():
        if name:
            _delete_on_commit(sender, field, name, using)


def _delete_on_commit(model: type[Model], field: str, name: str, using: str) -> None:
    # robust: a store that is away is logged, and hurts no writer whose work is committed.
    transaction.on_commit(lambda: _delete_unnamed(model, field, name), using=using, robust=True)


def _delete_unnamed(model: type[Model], field: str, name: str) -> None:
    if not model._meta.base_manager.filter(**{field: name}).exists():
        _storage_of(model, field).delete(name)
