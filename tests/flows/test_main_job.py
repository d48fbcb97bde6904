"""The main job, end to end: a real course imported, found, taken and passed over the API of a real server."""

import json
from typing import Any

import pytest
from django.conf import settings

from tests.flows.platform import Platform
from tests.flows.schema_client import SchemaClient

COURSE = settings.BASE_DIR.parent / "shared" / "data" / "olx-openedx-demo" / "course"


@pytest.mark.skipif(not COURSE.exists(), reason="the Open edX demo course is not beside this checkout")
@pytest.mark.timeout(240)
def test_a_learner_finds_takes_and_passes_an_imported_course(platform: Platform) -> None:
    report = json.loads(platform.manage("import_course", str(COURSE), "--publish", "--json").splitlines()[-1])
    read = {kind: counts["read"] for kind, counts in report["blocks"].items()}
    assert {kind: read[kind] for kind in ("chapter", "sequential", "vertical", "problem", "html", "video")} == {
        "chapter": 6, "sequential": 17, "vertical": 58, "problem": 29, "html": 266, "video": 11,
    }  # fmt: skip
    for kind, counts in report["blocks"].items():
        named = [entry for entry in report["left_out"] if entry["kind"] == kind]
        assert counts["read"] == counts["imported"] + counts["left_out"]
        assert len(named) == counts["left_out"]
        assert all(entry["reason"] for entry in named)

    learner = SchemaClient(platform.address)
    joined = learner.call(
        "accounts_register",
        body={"email": "newcomer@demo.school", "password": "quite-a-long-word-7"},
        expect=201,
    )
    learner.sign_in(joined["access_token"])
    found = learner.call("courses_list", query={"search": "opne edx demo corse"})["results"]
    assert found[0]["id"] == report["course_id"]
    learner.call("courses_enroll", id=report["course_id"], expect=201)
    page = learner.call("courses_retrieve", id=report["course_id"])
    assert len(page["modules"]) == 6
    contents = [content for module in page["modules"] for content in module["contents"]]
    assert not any(content["is_locked"] for content in contents)

    readings = [content for content in contents if content["content_type"] == "text"]
    for number, content in enumerate(readings[:3], start=1):
        opened = learner.call("contents_retrieve", id=content["id"])
        assert opened["text_html"]
        standing = learner.call(
            "progress_update",
            body={"content_id": content["id"], "last_position": 0, "time_spent": 60, "is_completed": True},
        )
        assert standing["completed_contents"] == number
        assert standing["progress_percent"] == round(100 * number / len(contents) + 1e-9, 1)

    owner = SchemaClient(platform.address)
    password = platform.manage("seed_demo").split("Demo password: ")[1].split()[0]
    signed_in = owner.call("accounts_login", body={"email": "asha@demo.school", "password": password})
    owner.sign_in(signed_in["access_token"])
    quiz = next(content for content in contents if content["content_type"] == "quiz")
    opened = learner.call("contents_retrieve", id=quiz["id"])
    attempt = learner.call("quiz_attempts_start", body={"quiz_id": opened["quiz"]["id"]}, expect=201)
    assert "is_correct" not in json.dumps(attempt)
    answers = [right_answer(owner.call("questions_retrieve", id=q["id"]), q) for q in attempt["questions"]]
    result = learner.call("quiz_attempts_submit", id=attempt["id"], body={"answers": answers})
    assert result["passed"] is True
    assert result["score"] == 100.0
    after = learner.call("courses_retrieve", id=report["course_id"])
    done = {content["id"] for module in after["modules"] for content in module["contents"] if content["is_completed"]}
    assert done == {content["id"] for content in readings[:3]} | {quiz["id"]}
    assert after["my"]["progress_percent"] == result["progress_percent"]


def right_answer(key: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Answer as somebody who knows the author's key; options are matched by their text, as a person would."""
    answer: dict[str, Any] = {"question_id": asked["id"]}
    by_text = {option["option_text"]: option["id"] for option in asked.get("options", [])}
    right = [by_text[option["option_text"]] for option in key.get("options", []) if option.get("is_correct")]
    match key["question_type"]:
        case "multiple_choice" | "true_false":
            answer["selected_option_id"] = right[0]
        case "multiple_select":
            answer["selected_option_ids"] = right
        case "fill_in_blank":
            answer["text"] = key["accepted_answers"][0]
        case "numeric":
            answer["number"] = key["number"]
        case other:
            raise AssertionError(f"the import made a {other} question")
    return answer
