"""studio demo: the main job from start to end, with scripted replies."""

from __future__ import annotations

from studio.app import demo as sample
from studio.app.projects import DEMO_TEMPLATE
from studio.app.studio import Studio
from studio.cli import output, review, session
from studio.cli.follow import follow, say_model
from studio.cli.options import Json
from studio.domain.models import ModelRef
from studio.domain.tools import ApprovalMode


def demo(json: Json = False) -> None:
    """Watch a scripted engineer fix a failing test in a sandbox, and merge it. Needs no key and no model."""

    async def verb(studio: Studio) -> int:
        say_model(ModelRef.parse(sample.script_model()))
        await studio.images.ensure(output.note)
        folder = sample.free_folder(studio.paths.home)
        project = await studio.projects.new(folder, DEMO_TEMPLATE)
        output.note(f"Sample project: {folder}\nYou: {sample.MESSAGE}")
        sent = await studio.chats.send(
            project.id, sample.MESSAGE, model=sample.script_model(), approval=ApprovalMode.AUTO
        )

        async def bring_home() -> None:
            changes = await studio.review.diff(sent.run)
            merged = await studio.review.merge(sent.run)
            if json:
                output.line({"kind": "diff", "run": sent.run, **output.of_diff(changes)})
                output.line({"kind": "merged", "into": merged.into, "commit": merged.commit})
            else:
                review.show(changes)
                output.say(f"Merged into {merged.into} of {folder}.")

        return await follow(studio, sent, project.name, json=json, then=bring_home)

    session.follow(verb, json=json)
