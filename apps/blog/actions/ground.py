"""What has to be there before any page: languages, the root of the tree, who may edit what, how drafts are approved."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

AUTHORS, EDITORS, MODERATORS = "Site authors", "Site editors", "Site moderators"
GROUPS = (AUTHORS, EDITORS, MODERATORS)
# What each may do with pages. Authors change what they made, and hand it in.
PAGES = {
    AUTHORS: ("add_page",),
    EDITORS: ("add_page", "change_page", "publish_page"),
    MODERATORS: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"),
}
PICTURES = {
    AUTHORS: ("add_image", "choose_image"),
    EDITORS: ("add_image", "change_image", "choose_image"),
    MODERATORS: ("add_image", "change_image", "delete_image", "choose_image"),
}
# Beside pages: app label and model → what they may do with all of them.
OTHERS: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    EDITORS: {("blog", "author"): ("add", "change")},
    MODERATORS: {
        ("blog", "author"): ("add", "change", "delete"),
        ("wagtailredirects", "redirect"): ("add", "change", "delete"),
    },
}


def lay() -> Page:
    """Make what is missing and return the root of the tree; safe to repeat."""
    for code, _name in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    if not Collection.objects.filter(depth=1).exists():
        Collection.add_root(name="Root")
    english = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node()
    if root is None:
        root = Page.add_root(title="Root", slug="root", locale=english)
    for name in GROUPS:
        _allow(name, root)
    _approve(root)
    return root


def _allow(name: str, root: Page) -> None:
    group, _new = Group.objects.get_or_create(name=name)
    collection = Collection.get_first_root_node()
    wanted = [Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")]
    for (label, model), acts in OTHERS.get(name, {}).items():
        wanted += Permission.objects.filter(
            content_type__app_label=label, codename__in=[f"{act}_{model}" for act in acts]
        )
    group.permissions.set(wanted)
    for code in PAGES[name]:
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=_permission("page", code))
    for code in PICTURES[name]:
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=_permission("image", code)
        )


def _permission(model: str, code: str) -> Permission:
    # Wagtail asks for the rights of its own pictures, whichever model they have.
    kind = ContentType.objects.get(app_label={"page": "wagtailcore", "image": "wagtailimages"}[model], model=model)
    return Permission.objects.get(content_type=kind, codename=code)


def _approve(root: Page) -> None:
    """One step: a moderator says yes."""
    flow, new = Workflow.objects.get_or_create(name="A moderator looks at it", defaults={"active": True})
    if new:
        task = GroupApprovalTask.objects.create(name="A moderator looks at it", active=True)
        task.groups.set([Group.objects.get(name=MODERATORS)])
        WorkflowTask.objects.create(workflow=flow, task=task, sort_order=0)
    WorkflowPage.objects.get_or_create(page=root, defaults={"workflow": flow})


def hire(*, person: int, group: str) -> None:
    """Let a person edit the site as a member of one of GROUPS, and of no other of them."""
    user = get_user_model().objects.get(pk=person)
    user.groups.remove(*Group.objects.filter(name__in=GROUPS))
    user.groups.add(Group.objects.get(name=group))
